//! `dpmpp-2m`: the two-step method as published, order 2.
//!
//! DPM-Solver++(2M) (Lu et al. 2022, arXiv 2211.01095, Algorithm 2); "midpoint" in diffusers,
//! `sample_dpmpp_2m` in k-diffusion, UniP-2 with B = H_1. The second weight uses H_1/2 where
//! `dpmpp-2m-exact` has H_2: the same to second order.

use super::Step;
use crate::arithmetic::Field;

/// H_1 (g_0 + D_10/2), D_10 = (g_0 - g_1)/r_0, r_0 = h_prev/h.
pub fn increment<T: Field>(step: &Step<T>, r0: &T, [g0, g1]: [&T; 2]) -> T {
    let d10 = (g0.clone() - g1) / r0;
    step.h_phi(1) * &(g0.clone() + &(d10 / &r0.like(2, 1)))
}
