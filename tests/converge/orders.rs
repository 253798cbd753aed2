//! Measured slopes beside the orders that are proved.
#![cfg(feature = "oracle")]

use crate::{measured, study};
use dpm_spec::converge::{Convergence, Measure, Pattern, Refinement, Study};
use dpm_spec::order::prove;
use dpm_spec::policy::Policy;
use dpm_spec::solver::Solver;

/// Studies of all deterministic solvers.
fn all(problem: &str, pattern: Pattern) -> Vec<Study> {
    let solvers = deterministic().into_iter();
    solvers
        .map(|solver| study(solver, problem, pattern))
        .collect()
}

/// Distances of the slopes from the order that is proved on such grids.
fn deviations(result: &Convergence) -> Vec<f64> {
    let order = f64::from(proved(&result.study));
    let slopes = result.slopes().into_iter();
    slopes.map(|slope| slope.unwrap() - order).collect()
}

#[test]
fn on_the_mixture_every_slope_is_within_a_twentieth_of_the_order() {
    let studies = all("mixture", Pattern::Uniform);
    for result in measured(studies, &[640, 1280, 2560, 5120]).unwrap() {
        let solver = result.study.recipe.solver;
        let off = deviations(&result);
        assert!(off[2].abs() <= 0.05, "{solver}: {off:?}");
        assert!(off[2].abs() < off[1].abs(), "{solver}: {off:?}");
        assert!(off[1].abs() < off[0].abs(), "{solver}: {off:?}");
    }
}

/// The deviation is O(h): it halves with h, and what is left of it after that is small.
#[test]
fn on_uneven_grids_slopes_tend_to_the_order() {
    for pattern in [Pattern::Smooth, Pattern::Alternating] {
        for result in measured(all("mixture", pattern), &[640, 1280, 2560]).unwrap() {
            let solver = result.study.recipe.solver;
            let off = deviations(&result);
            let place = format!("{solver}, {}: {off:?}", pattern.name());
            assert!(off[1].abs() < off[0].abs(), "{place}");
            assert!((2.0 * off[1] - off[0]).abs() < 0.05, "{place}");
        }
    }
}

#[test]
fn one_step_from_exact_data_has_one_order_more() {
    let mut studies = all("gaussian", Pattern::Uniform);
    for solver in ["dpmpp-2m", "dpmpp-3m-exact", "dpm-3s"] {
        studies.push(study(solver, "mixture", Pattern::Uniform));
    }
    for study in &mut studies {
        study.measure = Measure::Local;
    }
    for result in measured(studies, &[80, 160, 320]).unwrap() {
        let Study {
            recipe, problem, ..
        } = &result.study;
        let off = deviations(&result);
        let left = 2.0 * off[1] - off[0] - 1.0;
        assert!(left.abs() < 0.05, "{} on {problem}: {off:?}", recipe.solver);
    }
}

/// A first step of order 1 costs the third order; the published formula has none to lose.
#[test]
fn start_up_caps_the_order_at_two() {
    let mut ramp = study("dpmpp-3m-exact", "mixture", Pattern::Uniform);
    ramp.recipe.policy = Policy::default();
    let published = study("dpmpp-3m", "mixture", Pattern::Uniform);
    let exact = study("dpmpp-3m-exact", "mixture", Pattern::Uniform);
    let found = measured(vec![ramp, published, exact], &[640, 1280]).unwrap();
    let slopes: Vec<f64> = found.iter().map(|result| result.order().unwrap()).collect();
    for (slope, order) in slopes.iter().zip([2.0, 2.0, 3.0]) {
        assert!((slope - order).abs() < 0.1, "{slopes:?}");
    }
}

/// Every solver without noise.
fn deterministic() -> Vec<&'static str> {
    let entries = Solver::ENTRIES.iter().filter(|entry| !entry.stochastic);
    entries.map(|entry| entry.id).collect()
}

/// Alternating steps are arbitrary ones.
fn proved(study: &Study) -> u32 {
    let proven = prove(&study.recipe.solver).proven;
    match study.refinement {
        Refinement::Pattern { pattern, .. } => match pattern {
            Pattern::Uniform => proven.uniform,
            Pattern::Smooth => proven.smooth,
            Pattern::Alternating => proven.arbitrary,
        },
        Refinement::Grid { .. } => proven.arbitrary,
    }
}
