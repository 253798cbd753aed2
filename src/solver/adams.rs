//! `dpmpp-4m-exact`, `dpm-4m-exact`: the exponential Adams-Bashforth method of four steps, order 4.
//!
//! Exact integral of the polynomial through any number of outputs (Hochbruck and Ostermann 2010,
//! section 2); in noise form DEIS in lambda (Zhang and Chen 2022, arXiv 2204.13902). Of one, two and
//! three outputs it is `ddim`, `dpmpp-2m-exact` and `dpmpp-3m-exact`.

use super::{Step, interpolant};
use crate::arithmetic::Field;

/// H_1 g_0 + H_2 D_10 + (2 H_3 + r_0 H_2) D_20 + ...: s^k has the integral k! H_(k+1).
/// `ratios` are h_prev/h, h_prevprev/h, ..., one less than outputs.
pub fn increment<T: Field>(step: &Step<T>, ratios: &[T], g: &[&T]) -> T {
    let mut factorial = step.h.like(1, 1);
    let moments: Vec<T> = (1..)
        .take(g.len())
        .map(|k| {
            let moment = factorial.clone() * &step.h_phi(k);
            factorial = factorial.clone() * &step.h.like(i128::from(k), 1);
            moment
        })
        .collect();
    interpolant::integral(&moments, ratios, g)
}
