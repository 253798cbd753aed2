//! Formulas of the conversions between prediction types.

use super::solver::point;
use super::{Block, Equation, symbol};
use crate::arithmetic::Symbolic;
use crate::prediction::{Conversion, Prediction, edm_input_scale, edm_weights};
use crate::schedule::Schedule;
use crate::solver::Side;

/// The data and noise prediction from the network's output F.
pub(super) fn block(name: &str) -> Option<Block> {
    let prediction = Prediction::parse(name).ok()?;
    let point = point("t");
    let output = Symbolic::vector("F");
    let state = Symbolic::vector("x");
    let sum = |weights: (Symbolic, Symbolic)| weights.0 * &state + &(weights.1 * &output);
    let mut equations = Vec::new();
    for (side, left) in [
        (Side::Data, r"x_\theta"),
        (Side::Noise, r"\varepsilon_\theta"),
    ] {
        let weights = match prediction {
            Prediction::Edm => edm_weights(side, &point.sigma, &symbol(r"\sigma_d")),
            _ => {
                let schedule = Schedule::parse(schedule_for(prediction)).ok()?;
                let Conversion { state, output } =
                    prediction.conversion(side, &point, &schedule).ok()?;
                (state, output)
            }
        };
        equations.push(Equation {
            left,
            right: sum(weights),
        });
    }
    if prediction == Prediction::Edm {
        equations.push(Equation {
            left: r"c_{\text{in}}",
            right: edm_input_scale(&point.sigma, &symbol(r"\sigma_d")),
        });
    }
    Some(Block {
        source: "src/prediction.rs".to_owned(),
        equations,
    })
}

/// A schedule on which the prediction is defined.
fn schedule_for(prediction: Prediction) -> &'static str {
    match prediction {
        Prediction::Flow => "flow",
        _ => "vp-linear",
    }
}
