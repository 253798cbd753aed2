//! `dpmpp-2s-taylor:r1=1/2`: the two-stage method with the exact second weight, order 2 for every r1.
//!
//! RES-2, ETD2RK (Cox and Matthews 2002); "heun" in diffusers' singlestep scheduler, "taylor" in
//! the DPM-Solver authors' code. The stage is a [`ddim`](super::ddim) step of length r1 h.

use super::Step;
use crate::arithmetic::Field;

/// H_1 g_0 + H_2 (g_1 - g_0)/r_1; g_0 at the start, g_1 at the stage. Outputs oldest first.
pub fn increment<T: Field>(step: &Step<T>, r1: &T, [g0, g1]: [&T; 2]) -> T {
    let slope = (g1.clone() - g0) / r1;
    step.h_phi(1) * g0 + &(step.h_phi(2) * &slope)
}
