//! Formulas of the problems with known solutions.

use super::{Block, Equation, symbol};
use crate::arithmetic::Symbolic;
use crate::problem::gaussian::{carried, denoised};

/// `gaussian/denoiser`, `gaussian/solution`.
pub(super) fn block(id: &str, part: &str) -> Option<Block> {
    let [mean, variance] = [r"\mu", "s^2"].map(symbol);
    let equation = match (id, part) {
        ("gaussian", "denoiser") => {
            let (tau, z) = (symbol(r"\tau"), Symbolic::vector("z"));
            Equation {
                left: "m",
                right: denoised(&mean, &variance, &tau, &z),
            }
        }
        ("gaussian", "solution") => {
            let [tau_s, tau_t] = [r"\tau_s", r"\tau_t"].map(symbol);
            Equation {
                left: "z_t",
                right: carried(&mean, &variance, &Symbolic::vector("z_s"), &tau_s, &tau_t),
            }
        }
        _ => return None,
    };
    Some(Block {
        source: format!("src/problem/{id}.rs"),
        equations: vec![equation],
    })
}
