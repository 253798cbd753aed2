//! `dpmpp-3m-exact`: the exponential Adams-Bashforth method of three steps, order 3.
//!
//! DEIS-3 in noise form (Zhang and Chen 2022, arXiv 2204.13902, in lambda); exact integral of the
//! quadratic interpolant.

use super::{Step, dpmpp_3m::differences};
use crate::arithmetic::Field;

/// H_1 g_0 + H_2 D_1 + 2 H_3 D_2; r_0 = h_prev/h, r_1 = h_prevprev/h.
pub fn increment<T: Field>(step: &Step<T>, r0: &T, r1: &T, g: [&T; 3]) -> T {
    let [d1, d2] = differences(r0, r1, g);
    step.h_phi(1) * g[0] + &(step.h_phi(2) * &d1) + &(r0.like(2, 1) * &step.h_phi(3) * &d2)
}
