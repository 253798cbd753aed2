//! `ipndm-2`, `ipndm-3`, `ipndm-4`: the weights of Adams-Bashforth for equal steps, whatever the steps are.
//!
//! The multistep part of PNDM (Liu et al. 2022, arXiv 2202.09778), with the start of iPNDM (Zhang and
//! Chen 2022, arXiv 2204.13902): the mean of the last noise predictions with fixed weights goes into the
//! transfer of `ddim`. Of order 2 where steps tend to equal ones in lambda, 1 where they do not.

use super::Step;
use crate::arithmetic::Field;

/// H_1 times the [`mean`].
pub fn increment<T: Field>(step: &Step<T>, g: &[&T]) -> T {
    step.h_phi(1) * &mean(g)
}

/// The sum of `WEIGHTS` times the outputs, newest first.
pub fn mean<T: Field>(g: &[&T]) -> T {
    let (weights, divisor) = WEIGHTS[g.len().clamp(1, WEIGHTS.len()) - 1];
    let terms = weights.iter().zip(g);
    let zero = g[0].like(0, 1);
    terms.fold(zero, |sum, (weight, g)| {
        sum + &(g.like(*weight, divisor) * *g)
    })
}

/// Numerators and their divisor, for one output, two, ...
const WEIGHTS: [(&[i128], i128); 4] = [
    (&[1], 1),
    (&[3, -1], 2),
    (&[23, -16, 5], 12),
    (&[55, -59, 37, -9], 24),
];
