//! Measured slopes beside the orders that the catalogue claims.
#![cfg(feature = "oracle")]

use crate::{measured, study};
use dpm_spec::converge::{Measure, Pattern};
use dpm_spec::solver::Solver;

const PATTERNS: [Pattern; 3] = [Pattern::Uniform, Pattern::Smooth, Pattern::Alternating];

#[test]
fn every_solver_shows_its_order_with_exact_start_on_every_pattern() {
    for pattern in PATTERNS {
        let studies: Vec<_> = deterministic()
            .iter()
            .map(|solver| study(solver, "mixture", pattern))
            .collect();
        for result in measured(studies, &[320, 640, 1280, 2560]).unwrap() {
            let solver = result.study.recipe.solver;
            let order = claimed(solver.entry.id);
            let off: Vec<f64> = result
                .slopes()
                .iter()
                .map(|s| (s.unwrap() - order).abs())
                .collect();
            assert!(off[2] <= 0.05, "{solver}, {}: {off:?}", pattern.name());
            assert!(
                off[2] < off[1] && off[1] < off[0],
                "{solver}, {}: {off:?}",
                pattern.name()
            );
        }
    }
}

#[test]
fn one_step_from_exact_data_has_one_order_more() {
    let studies: Vec<_> = deterministic()
        .iter()
        .map(|solver| study(solver, "mixture", Pattern::Uniform))
        .map(|mut study| {
            study.measure = Measure::Local;
            study
        })
        .collect();
    for result in measured(studies, &[80, 160, 320]).unwrap() {
        let solver = result.study.recipe.solver;
        let (slope, order) = (result.order().unwrap(), claimed(solver.entry.id) + 1.0);
        assert!((slope - order).abs() < 0.06, "{solver}: {slope}");
    }
}

/// Every solver without noise.
fn deterministic() -> Vec<&'static str> {
    let entries = Solver::ENTRIES.iter().filter(|entry| !entry.stochastic);
    entries.map(|entry| entry.id).collect()
}

/// The order that the catalogue claims for a solver's default parameters.
fn claimed(solver: &str) -> f64 {
    let solver = Solver::parse(solver).unwrap();
    let digits: String = solver.entry.order.chars().take(1).collect();
    digits.parse().unwrap()
}
