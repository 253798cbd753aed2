//! Plans: what a program means does not depend on how it is written down.

mod composing;
mod forms;
mod nodes;

use dpm_spec::arithmetic::{parse_rational, rational, rational_from_f64};
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::plan::{Call, Instruction, Operand, Plan, Request, derive};
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::{Recipe, StateSpace};
use dpm_spec::schedule::{Lambda, Schedule};
use dpm_spec::solver::{Family, Side, Solver};
use proptest::prelude::*;

const SOLVERS: [&str; 34] = [
    "ddim",
    "ddim-eta",
    "dpmpp-2m",
    "dpmpp-2m-exact",
    "dpmpp-3m",
    "dpmpp-3m-exact",
    "dpmpp-4m-exact",
    "dpmpp-2s",
    "dpmpp-2s-taylor",
    "dpmpp-3s",
    "dpmpp-3s-taylor",
    "dpm-2m",
    "dpm-2m-exact",
    "dpm-3m",
    "dpm-3m-exact",
    "dpm-4m-exact",
    "deis-rho-2",
    "deis-rho-3",
    "deis-rho-4",
    "ipndm-2",
    "ipndm-3",
    "ipndm-4",
    "dpm-2s",
    "dpm-2s-taylor",
    "dpm-3s",
    "dpm-3s-taylor",
    "sde-dpmpp-1",
    "sde-dpmpp-2m",
    "sde-dpmpp-2m-exact",
    "sde-dpmpp-3m",
    "sde-dpmpp-3m-exact",
    "sde-dpm-1",
    "sde-dpm-2m",
    "sde-dpm-2m-exact",
];

fn request(solver: &str, schedule: &str, grid: &str, steps: usize) -> Request {
    let schedule = Schedule::parse(schedule).unwrap();
    let recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    Request::new(recipe, schedule, Grid::parse(grid).unwrap(), steps)
}

fn plan(request: &Request) -> Plan<f64> {
    derive(request, &1.0)
        .unwrap_or_else(|e| panic!("{} on {}: {e}", request.recipe.solver, request.schedule))
}

/// max |a - b| over the largest entry.
#[track_caller]
fn same(what: &str, a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len(), "{what}");
    let scale = b.iter().fold(1e-300_f64, |m, x| m.max(x.abs()));
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        assert!(
            (x - y).abs() <= tolerance * scale,
            "{what}, entry {i}: {x} and {y} of {scale}"
        );
    }
}

fn last_row(plan: &Plan<f64>) -> Vec<f64> {
    let matrix = plan.transfer();
    matrix.row(matrix.nrows() - 1).iter().copied().collect()
}
