//! The weights of a whole formula: its increment at unit impulses.

use super::{
    Method, Step, ddim, dpmpp_2m, dpmpp_2m_exact, dpmpp_2s, dpmpp_2s_taylor, dpmpp_3m,
    dpmpp_3m_exact, dpmpp_3s, dpmpp_3s_taylor, unit_weights,
};
use crate::arithmetic::Field;

/// Weights on g_0 (newest), g_1, ... of a multistep method; `ratios` are h_prev/h, h_prevprev/h.
///
/// A method that needs more ratios than given falls to the formula it tends to when the missing
/// ratio grows without bound: 2m to ddim, 3m to 2m-exact.
pub fn multistep_weights<T: Field>(method: Method, step: &Step<T>, ratios: &[T]) -> Vec<T> {
    let witness = &step.h;
    match (method, ratios) {
        (Method::TwoM, [r0, ..]) => unit_weights(witness, |g| dpmpp_2m::increment(step, r0, g)),
        (Method::ThreeM, [r0, r1, ..]) => {
            unit_weights(witness, |g| dpmpp_3m::increment(step, r0, r1, g))
        }
        (Method::ThreeMExact, [r0, r1, ..]) => {
            unit_weights(witness, |g| dpmpp_3m_exact::increment(step, r0, r1, g))
        }
        (Method::TwoMExact | Method::ThreeM | Method::ThreeMExact, [r0, ..]) => {
            unit_weights(witness, |g| dpmpp_2m_exact::increment(step, r0, g))
        }
        _ => unit_weights(witness, |g| ddim::increment(step, g)),
    }
}

/// Weights on g_0 (oldest), g_1, ... of stage `stage` (1, 2) of a single-step method with stages at `r`.
pub fn stage_weights<T: Field>(step: &Step<T>, r: &[T], stage: usize) -> Vec<T> {
    let witness = &step.h;
    match (stage, r) {
        (2, [r1, r2, ..]) => unit_weights(witness, |g| dpmpp_3s::second_stage(step, r1, r2, g)),
        (_, [r1, ..]) => unit_weights(witness, |g| ddim::increment(&step.part(r1), g)),
        (_, []) => Vec::new(),
    }
}

/// Weights on g_0 (oldest), g_1, ... of the last combination of a single-step method with stages at `r`.
pub fn final_weights<T: Field>(method: Method, step: &Step<T>, r: &[T]) -> Vec<T> {
    let witness = &step.h;
    match (method, r) {
        (Method::TwoS(_), [r1]) => unit_weights(witness, |g| dpmpp_2s::increment(step, r1, g)),
        (Method::TwoSTaylor(_), [r1]) => {
            unit_weights(witness, |g| dpmpp_2s_taylor::increment(step, r1, g))
        }
        (Method::ThreeS(..), [_, r2]) => {
            unit_weights(witness, |g| dpmpp_3s::increment(step, r2, g))
        }
        (Method::ThreeSTaylor(..), [r1, r2]) => {
            unit_weights(witness, |g| dpmpp_3s_taylor::increment(step, r1, r2, g))
        }
        _ => unit_weights(witness, |g| ddim::increment(step, g)),
    }
}
