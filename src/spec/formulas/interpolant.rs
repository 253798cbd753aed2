//! Formulas of the solvers that integrate the polynomial through their outputs, in lambda or in rho.

use super::solver::{Definitions, outputs};
use super::symbol;
use crate::arithmetic::Symbolic;
use crate::solver::{Step, adams, deis_rho, interpolant, unit_weights_of};

/// The steps before in units of this one, in lambda.
const IN_LAMBDA: [&str; 3] = ["r_0", "r_1", "r_2"];

/// The steps before in units of this one, in rho.
pub(super) const RATIOS: [&str; 3] = ["R_0", "R_1", "R_2"];

/// Names of the divided differences, D_kj: k by rows.
const DIFFERENCES: [[&str; 3]; 3] = [
    ["D_{1,0}", "D_{1,1}", "D_{1,2}"],
    ["D_{2,0}", "D_{2,1}", ""],
    ["D_{3,0}", "", ""],
];

/// The differences and the increment through `points` outputs.
pub(super) fn in_lambda(
    mut d: Definitions,
    step: &Step<Symbolic>,
    points: usize,
) -> (Definitions, Symbolic) {
    let (ratios, outputs) = (IN_LAMBDA.map(symbol), outputs());
    let (ratios, outputs) = (&ratios[..points - 1], &outputs[..points]);
    let g: Vec<&Symbolic> = outputs.iter().collect();
    differences(&mut d, ratios, &g);
    (d, adams::increment(step, ratios, &g))
}

/// The ratios from the steps in lambda, the differences, and the increment through `points` outputs.
pub(super) fn in_rho(
    mut d: Definitions,
    step: &Step<Symbolic>,
    points: usize,
) -> (Definitions, Symbolic) {
    let before = IN_LAMBDA.map(|r| symbol(r) * &step.h);
    let length = deis_rho::length(&step.h);
    let written = deis_rho::ratios(&before[..points - 1], &length);
    for (name, ratio) in RATIOS.into_iter().zip(written) {
        d.define(name, ratio);
    }
    let (ratios, outputs) = (RATIOS.map(symbol), outputs());
    let (ratios, outputs) = (&ratios[..points - 1], &outputs[..points]);
    let g: Vec<&Symbolic> = outputs.iter().collect();
    differences(&mut d, ratios, &g);
    (d, deis_rho::increment(step, ratios, &g))
}

/// Defines the divided differences.
fn differences(d: &mut Definitions, ratios: &[Symbolic], g: &[&Symbolic]) {
    for (k, names) in (1..g.len()).zip(DIFFERENCES) {
        for (j, name) in names.into_iter().enumerate().take(g.len() - k) {
            let newest_first = interpolant::differences(&ratios[j..j + k], &g[j..=j + k]);
            if let Some(difference) = newest_first.into_iter().last() {
                d.define(name, difference);
            }
        }
    }
}

/// The weights with the ratios in rho given.
pub(super) fn weights_in_rho(step: &Step<Symbolic>, in_rho: &[Symbolic]) -> Vec<Symbolic> {
    let count = in_rho.len() + 1;
    unit_weights_of(count, &step.h, |g| deis_rho::increment(step, in_rho, g))
}
