//! `dpmpp-2m-exact`: the exponential Adams-Bashforth method of two steps, order 2.
//!
//! "heun" in diffusers, "taylor" in the DPM-Solver authors' code. Exact integral of the linear
//! interpolant (Hochbruck and Ostermann 2010, section 2.7).

use super::Step;
use crate::arithmetic::Field;

/// H_1 g_0 + H_2 D_10, D_10 = (g_0 - g_1)/r_0, r_0 = h_prev/h.
pub fn increment<T: Field>(step: &Step<T>, r0: &T, [g0, g1]: [&T; 2]) -> T {
    let d10 = (g0.clone() - g1) / r0;
    step.h_phi(1) * g0 + &(step.h_phi(2) * &d10)
}
