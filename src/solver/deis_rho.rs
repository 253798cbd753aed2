//! `deis-rho-2`, `deis-rho-3`, `deis-rho-4`: Adams-Bashforth in rho = sigma/alpha on the noise prediction.
//!
//! d(x/alpha)/drho = eps, so the classical method of Adams and Bashforth applies, with the steps'
//! lengths in rho: DEIS in rho (Zhang and Chen 2022, arXiv 2204.13902) and k-diffusion's `sample_lms`.
//! In the noise form rho_t H_1 = rho_t (e^h - 1) is the length of the step, so the increment is H_1
//! times the mean of the polynomial through the outputs.

use super::{Step, interpolant};
use crate::arithmetic::Field;

/// H_1 (g_0 + D_10/2 + (1/3 + R_0/2) D_20 + ...), `in_rho` being R_0, R_1, ...
pub fn increment<T: Field>(step: &Step<T>, in_rho: &[T], g: &[&T]) -> T {
    step.h_phi(1) * &mean(in_rho, g)
}

/// The mean over the step of the polynomial through g_0, g_1, ..., where R_0, R_1, ... are the steps
/// before in units of this one, in rho: the increment of a step of length 1.
pub fn mean<T: Field>(in_rho: &[T], g: &[&T]) -> T {
    let moments: Vec<T> = (1..).map(|k| g[0].like(1, k)).take(g.len()).collect();
    interpolant::integral(&moments, in_rho, g)
}

/// R_0, R_1, ... from the steps before in lambda, `length` being that of the step itself in units of
/// the rho where it begins: 1 - e^(-h), and 1 for a step to sigma = 0.
/// R_0 = (e^(h_prev) - 1)/length, R_1 = e^(h_prev) (e^(h_prevprev) - 1)/length, ...
pub fn ratios<T: Field>(before: &[T], length: &T) -> Vec<T> {
    let mut reached = length.like(1, 1);
    let ratio = |h: &T| {
        let ratio = reached.clone() * &h.exp_m1() / length;
        reached = reached.clone() * &h.exp();
        ratio
    };
    before.iter().map(ratio).collect()
}

/// 1 - e^(-h) = h phi_1(-h).
pub fn length<T: Field>(h: &T) -> T {
    h.clone() * &(-h.clone()).phi(1)
}
