//! A single-step formula as an exponential Runge-Kutta method: all its weights at once.

use super::{Method, Step, final_weights, stage_weights};
use crate::arithmetic::Field;

/// Weights on the outputs g_0 (at the start), g_1, ... of every stage and of the step itself.
///
/// Stage i lies at `ratios[i]` h: there u = e^(c r_i h) u_0 + sum over j of `stages[i][j]` g_j, and at
/// the end u = e^(c h) u_0 + sum over j of `last[j]` g_j. An explicit method: row i is no longer than
/// i + 1.
#[derive(Clone, Debug)]
pub struct Tableau<T> {
    /// Positions of the stages in the step.
    pub ratios: Vec<T>,
    /// One row a stage.
    pub stages: Vec<Vec<T>>,
    /// The last combination.
    pub last: Vec<T>,
}

impl<T: Field> Tableau<T> {
    /// The tableau of a single-step method (or of `ddim`, which has no stage) with stages at `ratios`.
    pub fn new(method: Method, step: &Step<T>, ratios: Vec<T>) -> Self {
        let stages = (1..=ratios.len())
            .map(|stage| stage_weights(step, &ratios, stage))
            .collect();
        let last = final_weights(method, step, &ratios);
        Tableau {
            ratios,
            stages,
            last,
        }
    }
}
