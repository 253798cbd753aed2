//! Elementary weights: every tree's component of one step, by a scheme and exactly.
//!
//! The universal triangular system u_tau' = c u_tau + lambda^k prod u_tau_i with u = 0 at lambda = 0
//! has one component for every tree: k its lambda-leaves, tau_i its subtrees.

use super::tree::Tree;
use crate::arithmetic::{ExponentialPolynomial, Field, Series};
use crate::solver::{Step, Tableau};

/// lambda^k prod u_tau_i.
fn right_side<T: Field>(tree: &Tree, lambda: &T, u: &[T]) -> T {
    let factors = std::iter::repeat_n(lambda, tree.leaves);
    let factors = factors.chain(tree.subtrees.iter().map(|i| &u[*i]));
    factors.fold(lambda.like(1, 1), |product, factor| product * factor)
}

/// Every component after one step of a scheme: its weights applied as a sampler applies them. In the
/// order of `trees`, a list of [`Tree::all`].
pub fn by_scheme<T: Field>(step: &Step<T>, tableau: &Tableau<T>, trees: &[Tree]) -> Vec<T> {
    let zero = step.h.like(0, 1);
    let outputs = |lambda: &T, u: &[T]| -> Vec<T> {
        trees.iter().map(|t| right_side(t, lambda, u)).collect()
    };
    let combined = |weights: &[T], outputs: &[Vec<T>]| -> Vec<T> {
        let component = |tau: usize| {
            let terms = weights.iter().zip(outputs);
            terms.fold(zero.clone(), |sum, (w, g)| sum + &(w.clone() * &g[tau]))
        };
        (0..trees.len()).map(component).collect()
    };
    let mut g = vec![outputs(&zero, &vec![zero.clone(); trees.len()])];
    for (ratio, weights) in tableau.ratios.iter().zip(&tableau.stages) {
        let u = combined(weights, &g);
        g.push(outputs(&(ratio.clone() * &step.h), &u));
    }
    combined(&tableau.last, &g)
}

/// Every component of the exact solution at h: e^(c h) times the integral of e^(-c s) g(s). In the
/// order of `trees`, a list of [`Tree::all`].
pub fn exact(step: &Step<ExponentialPolynomial>, trees: &[Tree]) -> Vec<ExponentialPolynomial> {
    let mut u: Vec<ExponentialPolynomial> = Vec::with_capacity(trees.len());
    for tree in trees {
        let g = right_side(tree, &step.h, &u);
        u.push((g * &(-step.z.clone()).exp()).integral() * &step.z.exp());
    }
    u
}

/// The power series of the same to `terms` terms, by recursion: (n + 1) u_{n+1} = c u_n + g_n.
pub fn exact_series(c: &rug::Rational, terms: usize, trees: &[Tree]) -> Vec<Series> {
    let h = Series::variable(terms);
    let mut u: Vec<Series> = Vec::with_capacity(trees.len());
    for tree in trees {
        let g = right_side(tree, &h, &u);
        let mut coefficients = vec![rug::Rational::new()];
        for n in 0..terms.saturating_sub(1) {
            let g_n = g.coefficient(n as i64).unwrap_or_default();
            let next = (c.clone() * &coefficients[n] + g_n) / (n as u64 + 1);
            coefficients.push(next);
        }
        let horner = coefficients.into_iter().rev();
        u.push(horner.fold(h.like(0, 1), |sum, a| {
            sum * &h + &Series::constant_with(a, terms)
        }));
    }
    u
}
