//! `dpmpp-3s:r1=1/3,r2=2/3`: the three-stage single-step method, order 3 only if r2 = 2/3.
//!
//! In noise form DPM-Solver-3 (Lu et al. 2022, arXiv 2206.00927, Algorithm 2). The first stage is a
//! [`ddim`](super::ddim) step of length r1 h.

use super::{Step, dpmpp_2s_taylor};
use crate::arithmetic::Field;

/// The second stage, at r_2: r_2 h phi_1(r_2 z) g_0 + (r_2/r_1) r_2 h phi_2(r_2 z) (g_1 - g_0).
pub fn second_stage<T: Field>(step: &Step<T>, r1: &T, r2: &T, g: [&T; 2]) -> T {
    dpmpp_2s_taylor::increment(&step.part(r2), &(r1.clone() / r2), g)
}

/// H_1 g_0 + H_2 (g_2 - g_0)/r_2. Outputs oldest first; g_1 enters through the second stage only.
pub fn increment<T: Field>(step: &Step<T>, r2: &T, [g0, _, g2]: [&T; 3]) -> T {
    dpmpp_2s_taylor::increment(step, r2, [g0, g2])
}
