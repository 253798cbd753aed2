//! `dpmpp-2s:r1=1/2`: the two-stage single-step method, order 2 for every r1 in (0, 1].
//!
//! DPM-Solver++(2S) (Lu et al. 2022, arXiv 2211.01095, Algorithm 1); in noise form DPM-Solver-2
//! (arXiv 2206.00927, Algorithm 1). The stage is a [`ddim`](super::ddim) step of length r1 h.

use super::Step;
use crate::arithmetic::Field;

/// H_1 (g_0 + (g_1 - g_0)/(2 r_1)); g_0 at the start, g_1 at the stage. Outputs oldest first.
pub fn increment<T: Field>(step: &Step<T>, r1: &T, [g0, g1]: [&T; 2]) -> T {
    let slope = (g1.clone() - g0) / &(r1.like(2, 1) * r1);
    step.h_phi(1) * &(g0.clone() + &slope)
}
