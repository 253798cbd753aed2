//! A node as an engine needs it: alpha, sigma, lambda, and what to tell the network.

use crate::arithmetic::Real;
use crate::error::{Code, Error, Result};
use crate::grid::Rounding;
use crate::recipe::{Recipe, StateSpace};
use crate::schedule::{Lambda, Point, Schedule};
use crate::solver::Side;

/// A node of a plan, in the plan's state space.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<T> {
    /// alpha, sigma, lambda and the schedule's time; alpha = 1 in the ve state space.
    pub point: Point<T>,
    /// The number to hand to the network: index, t, c_noise or 1000 s.
    pub label: Option<T>,
    /// What the network's input is multiplied with.
    pub input_scale: T,
}

impl<T> Node<T> {
    pub(crate) fn try_map<U>(
        &self,
        index: usize,
        replace: &mut impl FnMut(&T, &dyn Fn() -> String) -> Result<U>,
    ) -> Result<Node<U>> {
        let mut field =
            |value: &T, name: &str| replace(value, &|| format!("nodes[{index}].{name}"));
        Ok(Node {
            point: Point {
                t: self.point.t.as_ref().map(|t| field(t, "t")).transpose()?,
                alpha: field(&self.point.alpha, "alpha")?,
                sigma: field(&self.point.sigma, "sigma")?,
                lambda: match &self.point.lambda {
                    Lambda::Finite(lambda) => Lambda::Finite(field(lambda, "lambda")?),
                    Lambda::NoSignal => Lambda::NoSignal,
                    Lambda::NoNoise => Lambda::NoNoise,
                },
            },
            label: self
                .label
                .as_ref()
                .map(|label| field(label, "label"))
                .transpose()?,
            input_scale: field(&self.input_scale, "input_scale")?,
        })
    }
}

/// A node and the weights that convert the network's output there.
pub(crate) struct Prepared<T> {
    pub(crate) node: Node<T>,
    pub(crate) state_weight: T,
    pub(crate) output_weight: T,
}

/// Turns a point in the schedule's own coordinates into a node of the plan.
pub(crate) fn prepare<T: Real>(
    point: Point<T>,
    schedule: &Schedule,
    recipe: &Recipe,
    rounding: Rounding,
) -> Result<Prepared<T>> {
    let one = point.alpha.like(1, 1);
    let label = label(&point, schedule, rounding)?;
    let network_scale = recipe.prediction.input_scale(&point, schedule);
    let ended = matches!(point.lambda, Lambda::NoNoise);
    let (state_weight, output_weight) = if ended {
        (one.clone(), one.clone())
    } else {
        let side = recipe.form().side;
        let conversion = recipe.prediction.conversion(side, &point, schedule)?;
        (conversion.state, conversion.output)
    };
    let moved =
        recipe.state_space == StateSpace::Ve && StateSpace::native(schedule) != StateSpace::Ve;
    if !moved {
        let input_scale = network_scale.unwrap_or(one);
        return Ok(Prepared {
            node: Node {
                point,
                label,
                input_scale,
            },
            state_weight,
            output_weight,
        });
    }
    if matches!(point.lambda, Lambda::NoSignal) {
        return Err(Error::new(
            Code::PolicyZero,
            "x/alpha is infinite where alpha = 0",
            "state space ve",
            "start where alpha > 0, or keep the schedule's own state space",
        ));
    }
    let scale = point.alpha;
    let sigma = point.sigma / &scale;
    let state_weight = state_weight * &scale;
    let point = Point {
        t: point.t,
        alpha: one,
        sigma,
        lambda: point.lambda,
    };
    let node = Node {
        point,
        label,
        input_scale: scale,
    };
    Ok(Prepared {
        node,
        state_weight,
        output_weight,
    })
}

/// Index for discrete schedules, t for the continuous vp ones, ln(sigma)/4 for edm, 1000 s for flow.
fn label<T: Real>(point: &Point<T>, schedule: &Schedule, rounding: Rounding) -> Result<Option<T>> {
    if matches!(point.lambda, Lambda::NoNoise) {
        return Ok(None);
    }
    let label = match schedule {
        Schedule::Edm(_) => Some(point.sigma.ln() / &point.sigma.like(4, 1)),
        Schedule::Flow(_) => Some(point.sigma.clone() * &point.sigma.like(1000, 1)),
        _ => point.t.clone(),
    };
    let Some(value) = label else { return Ok(None) };
    let undecided = || {
        Error::new(
            Code::GridRounding,
            "the rounded label is undecided",
            "label",
            "raise the precision or use rounding=none",
        )
    };
    let whole = match rounding {
        Rounding::None => return Ok(Some(value)),
        Rounding::Index => value.nearest_integer().ok_or_else(undecided)?,
        // For every real x, floor(x) = floor(nearest(2x - 1/2) / 2), ties to even.
        Rounding::Floor => {
            let doubled = value.like(2, 1) * &value - &value.like(1, 2);
            doubled
                .nearest_integer()
                .ok_or_else(undecided)?
                .div_euclid(2)
        }
    };
    Ok(Some(value.like(i128::from(whole), 1)))
}

/// True if the point's noise prediction cannot be formed: alpha = 0 with a noise-like network or solver.
pub(super) fn lacks_signal<T>(point: &Point<T>, recipe: &Recipe) -> bool {
    use crate::prediction::Prediction::{Edm, Noise, Score};
    matches!(point.lambda, Lambda::NoSignal)
        && (recipe.form().side == Side::Noise || matches!(recipe.prediction, Noise | Score | Edm))
}
