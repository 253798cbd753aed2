//! Numbers that are exactly zero or lie exactly between two floats are certified, and re-derived.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::rational;
use dpm_spec::golden::{certify, verify::verify};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Instruction, Operand, PlanFile, Request};
use dpm_spec::policy::Policy;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;

/// A certified plan of a request with a policy and a domain.
fn certified(
    solver: &str,
    (schedule, grid): (&str, &str),
    policy: &str,
    domain: Option<(i128, i128)>,
    steps: usize,
) -> PlanFile {
    let schedule = Schedule::parse(schedule).unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.policy = Policy::parse(policy).unwrap();
    let mut request = Request::new(recipe, schedule, Grid::parse(grid).unwrap(), steps);
    request.domain = domain.map(|(start, end)| (rational(start, 1000), rational(end, 1000)));
    certify(&request).unwrap()
}

#[test]
fn exact_zeros_and_ties_are_certified_and_re_derived() {
    // r1 = 1/2: the first output has no part in the second step.
    let lambda = ("discrete-scaled-linear", "lambda");
    let file = certified("dpmpp-2s", lambda, "blocks=progressive", None, 4);
    let Instruction::Combine { terms, .. } = &file.plan.program[3] else {
        panic!("not a combination");
    };
    assert_eq!((terms[1].0, terms[1].1.f64), (Operand::Output(0), 0.0));
    verify(&file).unwrap();

    // 999 (5/6)^2 = 693.75 lies halfway between two binary16 numbers.
    let file = certified("ddim", ("discrete-linear", "quadratic"), "", None, 6);
    let t = file.plan.nodes[1].point.t.as_ref().unwrap();
    assert_eq!((t.f64, t.f16), (693.75, 0x616c));
    verify(&file).unwrap();

    // alpha = sigma = 1/2: lambda = 0.
    let file = certified("ddim", ("flow", "time"), "", Some((750, 250)), 2);
    assert_eq!(
        file.plan.nodes[1]
            .point
            .lambda
            .finite()
            .unwrap()
            .dec
            .as_deref(),
        Some("0")
    );
    verify(&file).unwrap();
}
