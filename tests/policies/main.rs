//! Policies: which order at which step, which blocks, what happens at the two infinite ends; and
//! every combination of options gives a finite plan or a typed error.

mod ends;
mod options;
mod orders;
mod stages;

use dpm_spec::Code;
use dpm_spec::arithmetic::{parse_rational, rational};
use dpm_spec::error::Result;
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::plan::{Instruction, Operand, Plan, Request, derive, derive_on};
use dpm_spec::policy::{Blocks, Policy, Stages, Start};
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::{Curve, Lambda, Schedule};
use dpm_spec::solver::{Family, Side, Solver};
use serde_json::Value;

fn request(solver: &str, schedule: &str, grid: &str, policy: &str, steps: usize) -> Request {
    let schedule = Schedule::parse(schedule).unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.policy = Policy::parse(policy).unwrap();
    Request::new(recipe, schedule, Grid::parse(grid).unwrap(), steps)
}

fn plan(solver: &str, policy: &str, steps: usize) -> Plan<f64> {
    let request = request(solver, "vp-linear", "lambda", policy, steps);
    derive(&request, &1.0).unwrap_or_else(|e| panic!("{solver} `{policy}`, N = {steps}: {e}"))
}

/// How many model outputs each step combines.
fn orders(plan: &Plan<f64>) -> Vec<usize> {
    let outputs = |terms: &[(Operand, f64)]| {
        terms
            .iter()
            .filter(|(o, _)| matches!(o, Operand::Output(_)))
            .count()
    };
    plan.program
        .iter()
        .filter_map(|instruction| match instruction {
            Instruction::Combine { terms, .. } => Some(outputs(terms)),
            Instruction::Evaluate { .. } => None,
        })
        .collect()
}

/// DPM-Solver's Appendix D, k-diffusion's sample_dpm_fast, and the authors' code for order 2.
fn fast(order: usize, calls: usize) -> Vec<usize> {
    match (order, calls % order) {
        (3, 0) => [vec![3; calls / 3 - 1], vec![2, 1]].concat(),
        (_, 0) => vec![order; calls / order],
        (_, rest) => [vec![order; calls / order], vec![rest]].concat(),
    }
}
