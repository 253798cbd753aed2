//! `ddim`: the exponential Euler method, order 1.
//!
//! Also DPM-Solver-1 (Lu et al. 2022, arXiv 2206.00927, eq. 3.7), DPM-Solver++(1), and at
//! c = -(1+eta) the stochastic `sde-dpmpp-1`. Not to be confused with `ddim-eta`.

use super::Step;
use crate::arithmetic::Field;

/// H_1 g_0.
pub fn increment<T: Field>(step: &Step<T>, [g0]: [&T; 1]) -> T {
    step.h_phi(1) * g0
}
