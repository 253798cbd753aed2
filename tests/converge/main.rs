//! Errors against steps: every method shows its order, and what cannot be measured is said.

#[cfg(feature = "gpu")]
#[path = "../adapters/mod.rs"]
mod adapters;
mod blind;
#[cfg(feature = "cli")]
mod command;
mod devices;
mod floors;
mod orders;

use dpm_spec::Result;
use dpm_spec::arithmetic::rational;
use dpm_spec::converge::{Backend, Convergence, Measure, Pattern, Refinement, Study, sweep};
use dpm_spec::policy::{Policy, Start};
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::Problem;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};

/// A solver with exact start on lambda in [-2, 2], in the best numbers of this build.
pub(crate) fn study(solver: &str, problem: &str, pattern: Pattern) -> Study {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.prediction = match recipe.form().side {
        Side::Data => Prediction::Data,
        Side::Noise => Prediction::Noise,
    };
    if !recipe.solver.needs_no_start_up() {
        recipe.policy = Policy {
            start: Start::Exact,
            ..recipe.policy
        };
    }
    let (from, to) = (rational(-2, 1), rational(2, 1));
    Study {
        recipe,
        schedule,
        refinement: Refinement::Pattern { from, to, pattern },
        problem: Problem::parse(problem).unwrap(),
        backend: Backend::best(),
        measure: Measure::Global,
        steps: Vec::new(),
    }
}

pub(crate) fn measured(mut studies: Vec<Study>, steps: &[usize]) -> Result<Vec<Convergence>> {
    for study in &mut studies {
        study.steps = steps.to_vec();
    }
    sweep(&studies, &|| ())
}
