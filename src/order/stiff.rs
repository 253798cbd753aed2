//! Stiff order: the conditions that must hold for every c at once, decided in exponential polynomials.
//!
//! Hochbruck and Ostermann (2010), section 2.3: with the defects
//! psi_{j,i} = (r_i h)^j phi_j(r_i z) - sum over k of a_ik (r_k h)^(j-1)/(j-1)! of every stage and psi_j
//! of the whole step, order 1 asks for psi_1 = 0, order 2 for psi_2 = 0 and psi_{1,i} = 0, order 3 for
//! psi_3 = 0 and sum over i of b_i J psi_{2,i} = 0 with any bounded operator J between the two.

use crate::arithmetic::{ExponentialPolynomial, Field};
use crate::solver::{Step, Tableau};
use std::collections::BTreeMap;

type E = ExponentialPolynomial;

/// The largest order of the list above, 0 to 3, whose conditions hold identically.
pub(super) fn stiff_order(step: &Step<E>, tableau: &Tableau<E>) -> u32 {
    let last = |j: u32| defect(step, &tableau.ratios, &tableau.last, j);
    let stages = |j: u32| -> Vec<E> {
        let rows = tableau.ratios.iter().zip(&tableau.stages);
        rows.map(|(r, row)| defect(&step.part(r), &in_units(&tableau.ratios, r), row, j))
            .collect()
    };
    let conditions = [
        last(1).is_zero(),
        last(2).is_zero() && stages(1).iter().all(E::is_zero),
        last(3).is_zero() && vanishes(tableau.last.iter().skip(1), &stages(2)),
    ];
    conditions.iter().take_while(|holds| **holds).count() as u32
}

/// The sum of the weights less H_1, identically zero if and only if a shift of u commutes with the row.
pub(super) fn shift_defect<T: Field>(step: &Step<T>, row: &[T]) -> T {
    row.iter().fold(-step.h_phi(1), |sum, weight| sum + weight)
}

fn in_units(ratios: &[E], unit: &E) -> Vec<E> {
    ratios.iter().map(|r| r.clone() / unit).collect()
}

/// psi_j of a row of weights for a step with outputs at 0 and at `ratios` of it.
fn defect(step: &Step<E>, ratios: &[E], row: &[E], j: u32) -> E {
    let zero = step.h.like(0, 1);
    let power = |base: &E, n: u32| (0..n).fold(step.h.like(1, 1), |product, _| product * base);
    let factorial = step.h.like(1, (1..i128::from(j)).product());
    let nodes = std::iter::once(&zero).chain(ratios);
    let numeric = row
        .iter()
        .zip(nodes)
        .fold(zero.clone(), |sum, (weight, r)| {
            sum + &(power(&(r.clone() * &step.h), j - 1) * weight * &factorial)
        });
    power(&step.h, j) * &step.z.phi(j) - &numeric
}

/// sum over i of b_i J psi_i = 0 for every J: the tensor sum of b_i and psi_i has no term.
fn vanishes<'a>(weights: impl Iterator<Item = &'a E>, defects: &[E]) -> bool {
    let mut tensor = BTreeMap::new();
    for (weight, defect) in weights.zip(defects) {
        if !weight.is_known() || !defect.is_known() {
            return false;
        }
        for (a, m, q) in weight.terms() {
            for (b, n, r) in defect.terms() {
                let entry = tensor.entry((m, q.clone(), n, r.clone()));
                *entry.or_insert_with(rug::Rational::new) += rug::Rational::from(a * b);
            }
        }
    }
    tensor.values().all(|coefficient| coefficient.is_zero())
}
