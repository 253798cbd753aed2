//! Formulas of the solvers in rho.

use super::solver::{Definitions, outputs};
use super::symbol;
use crate::arithmetic::Symbolic;
use crate::solver::{Step, deis_rho, interpolant, unit_weights_of};

/// The steps before in units of this one, in rho.
pub(super) const RATIOS: [&str; 3] = ["R_0", "R_1", "R_2"];

/// Names of the divided differences, D_kj: k by rows.
const DIFFERENCES: [[&str; 3]; 3] = [
    ["D_{1,0}", "D_{1,1}", "D_{1,2}"],
    ["D_{2,0}", "D_{2,1}", ""],
    ["D_{3,0}", "", ""],
];

/// The ratios from the steps in lambda, the differences, and the increment through `points` outputs.
pub(super) fn increment(
    mut d: Definitions,
    step: &Step<Symbolic>,
    points: usize,
) -> (Definitions, Symbolic) {
    let before = ["r_0", "r_1", "r_2"].map(|r| symbol(r) * &step.h);
    let length = deis_rho::length(&step.h);
    let written = deis_rho::ratios(&before[..points - 1], &length);
    for (name, ratio) in RATIOS.into_iter().zip(written) {
        d.define(name, ratio);
    }
    let (ratios, outputs) = (RATIOS.map(symbol), outputs());
    let g: Vec<&Symbolic> = outputs[..points].iter().collect();
    let ratios = &ratios[..points - 1];
    for (k, names) in (1..points).zip(DIFFERENCES) {
        for (j, name) in names.into_iter().enumerate().take(points - k) {
            let newest_first = interpolant::differences(&ratios[j..j + k], &g[j..=j + k]);
            if let Some(difference) = newest_first.into_iter().last() {
                d.define(name, difference);
            }
        }
    }
    let increment = deis_rho::increment(step, ratios, &g);
    (d, increment)
}

/// The weights with the ratios in rho given.
pub(super) fn weights(step: &Step<Symbolic>, in_rho: &[Symbolic]) -> Vec<Symbolic> {
    let count = in_rho.len() + 1;
    unit_weights_of(count, &step.h, |g| deis_rho::increment(step, in_rho, g))
}
