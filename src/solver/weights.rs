//! The weights of a whole formula: its increment at unit impulses.

use super::{
    Method, Step, adams, ddim, deis_rho, dpmpp_2m, dpmpp_2m_exact, dpmpp_2s, dpmpp_2s_taylor,
    dpmpp_3m, dpmpp_3m_exact, dpmpp_3s, dpmpp_3s_taylor, ipndm, unit_weights, unit_weights_of,
};
use crate::arithmetic::Field;

/// Weights on g_0 (newest), g_1, ... of a multistep method; `ratios` are h_prev/h, h_prevprev/h.
///
/// A method that needs more ratios than given falls to the formula it tends to when the missing
/// ratio grows without bound: 2m to ddim, 3m to 2m-exact, 4m-exact and deis-rho to those of fewer
/// outputs. So does ipndm, whose weights are its own for each number of outputs.
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
        (Method::Adams(points), [_, ..]) => {
            let ratios = &ratios[..ratios.len().min(points - 1)];
            unit_weights_of(ratios.len() + 1, witness, |g| {
                adams::increment(step, ratios, g)
            })
        }
        (Method::DeisRho(points), [_, ..]) => {
            let before = ratios.iter().take(points - 1);
            let before: Vec<T> = before.map(|r| r.clone() * &step.h).collect();
            let in_rho = deis_rho::ratios(&before, &deis_rho::length(&step.h));
            let count = before.len() + 1;
            unit_weights_of(count, witness, |g| deis_rho::increment(step, &in_rho, g))
        }
        (Method::Ipndm(points), [_, ..]) => {
            let count = points.min(ratios.len() + 1);
            unit_weights_of(count, witness, |g| ipndm::increment(step, g))
        }
        _ => unit_weights(witness, |g| ddim::increment(step, g)),
    }
}

/// The weights of a step to sigma = 0 in units of the weight that the newest output has in a step of
/// `ddim`, from the steps before in lambda; `None` for a method without a limit there.
pub fn weights_to_no_noise<T: Field>(method: Method, before: &[T]) -> Option<Vec<T>> {
    let first = before.first()?;
    let count = before.len() + 1;
    match method {
        Method::DeisRho(_) => {
            let in_rho = deis_rho::ratios(before, &first.like(1, 1));
            Some(unit_weights_of(count, first, |g| {
                deis_rho::mean(&in_rho, g)
            }))
        }
        Method::Ipndm(_) => Some(unit_weights_of(count, first, ipndm::mean)),
        _ => None,
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
