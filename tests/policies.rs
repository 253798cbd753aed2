//! Policies: which order at which step, which blocks, what happens at the two infinite ends; and
//! every combination of options gives a finite plan or a typed error.

use dpm_spec::Code;
use dpm_spec::arithmetic::{parse_rational, rational};
use dpm_spec::error::Result;
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::plan::{Instruction, Operand, Plan, Request, derive, derive_on};
use dpm_spec::policy::{Blocks, Policy, Start};
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

/// diffusers' DPMSolverMultistepScheduler.step, condition by condition.
fn diffusers(order: usize, n: usize, lower: bool, euler: bool, zero: bool) -> Vec<usize> {
    let mut done = 0;
    (0..n)
        .map(|i| {
            let last = i + 1 == n && (euler || (lower && n < 15) || zero);
            let second = i + 2 == n && lower && n < 15;
            let now = if order == 1 || done < 1 || last {
                1
            } else if order == 2 || done < 2 || second {
                2
            } else {
                3
            };
            done = (done + 1).min(order);
            now
        })
        .collect()
}

/// The authors' multistep loop: orders 1..p at the start, then min(p, N + 1 - step) below ten steps.
fn authors(order: usize, n: usize) -> Vec<usize> {
    let start = 1..order;
    let rest = (order..=n).map(|step| {
        if n < 10 {
            order.min(n + 1 - step)
        } else {
            order
        }
    });
    start.chain(rest).collect()
}

#[test]
fn multistep_orders_are_the_libraries_for_every_number_of_steps() {
    for (solver, order) in [
        ("ddim", 1),
        ("dpmpp-2m", 2),
        ("dpmpp-2m-exact", 2),
        ("dpmpp-3m", 3),
        ("dpm-3m-exact", 3),
    ] {
        for n in 1..=20 {
            for zero in [false, true] {
                let end = if zero { ",zero=on" } else { "" };
                let table = [
                    ("final=full", false, false),
                    ("final=lower<15", true, false),
                    ("final=euler", false, true),
                ];
                for (policy, lower, euler) in table {
                    let got = orders(&plan(solver, &format!("{policy}{end}"), n));
                    assert_eq!(
                        got,
                        diffusers(order, n, lower, euler, zero),
                        "{solver} {policy}{end}, N = {n}"
                    );
                }
            }
            if n >= order {
                assert_eq!(
                    orders(&plan(solver, "final=lower<10", n)),
                    authors(order, n),
                    "{solver}, authors, N = {n}"
                );
            }
            let always: Vec<usize> = (0..n).map(|i| order.min(i + 1).min(n - i)).collect();
            assert_eq!(
                orders(&plan(solver, "final=lower", n)),
                always,
                "{solver} final=lower, N = {n}"
            );
        }
    }
}

#[test]
fn order_two_of_the_start_is_the_variant_that_the_policy_names() {
    let row = |solver: &str, policy: &str| match &plan(solver, policy, 6).program[3] {
        Instruction::Combine { terms, .. } => terms.clone(),
        Instruction::Evaluate { .. } => panic!("step 2 is the fourth instruction"),
    };
    assert_eq!(row("dpmpp-3m-exact", "start=ramp"), row("dpmpp-2m", ""));
    assert_eq!(
        row("dpmpp-3m-exact", "start=ramp-exact"),
        row("dpmpp-2m-exact", "")
    );
    assert_ne!(row("dpmpp-2m", ""), row("dpmpp-2m-exact", ""));
    let exact = plan("dpmpp-3m", "start=exact", 6);
    assert_eq!(
        (exact.initial.states, orders(&exact)),
        (3, vec![3, 3, 3, 3])
    );
}

/// DPM-Solver's Appendix D, k-diffusion's sample_dpm_fast, and the authors' code for order 2.
fn fast(order: usize, calls: usize) -> Vec<usize> {
    match (order, calls % order) {
        (3, 0) => [vec![3; calls / 3 - 1], vec![2, 1]].concat(),
        (_, 0) => vec![order; calls / order],
        (_, rest) => [vec![order; calls / order], vec![rest]].concat(),
    }
}

/// Model calls between outer nodes: states that a block starts from are the results of blocks.
fn block_lengths(plan: &Plan<f64>) -> Vec<usize> {
    let mut lengths = Vec::new();
    let (mut start, mut calls) = (None, 0);
    for instruction in &plan.program {
        match instruction {
            Instruction::Evaluate { .. } => calls += 1,
            Instruction::Combine { terms, .. } => {
                let from = terms
                    .iter()
                    .find_map(|(o, _)| matches!(o, Operand::State(_)).then_some(*o));
                if start.is_some() && start != from {
                    lengths.push(calls - 1);
                    calls = 1;
                }
                start = from;
            }
        }
    }
    lengths.push(calls);
    lengths
}

#[test]
fn fast_blocks_spend_exactly_the_calls_they_are_given() {
    for (solver, order) in [("dpmpp-3s", 3), ("dpm-3s-taylor", 3), ("dpmpp-2s", 2)] {
        for calls in 1..=20 {
            for outer in ["nodes", "blocks"] {
                let plan = plan(solver, &format!("blocks=fast,outer={outer}"), calls);
                assert_eq!(plan.calls(), calls, "{solver}, {outer}");
                assert_eq!(
                    block_lengths(&plan),
                    fast(order, calls),
                    "{solver}, {outer}, N = {calls}"
                );
            }
        }
    }
}

#[test]
fn fast_outer_nodes_lie_on_the_grid_that_was_named() {
    for (outer, expected) in [("nodes", [0, 3, 6, 8]), ("blocks", [0, 8, 16, 24])] {
        let plan = plan("dpmpp-3s", &format!("blocks=fast,outer={outer}"), 8);
        let lambda = |i: usize| *plan.nodes[i].point.lambda.finite().unwrap();
        let span = lambda(plan.nodes.len() - 1) - lambda(0);
        let whole = if outer == "nodes" { 8.0 } else { 24.0 };
        for (node, at) in [0, 3, 6, 8].into_iter().zip(expected) {
            let got = (lambda(node) - lambda(0)) / span * whole;
            assert!(
                (got - f64::from(at)).abs() < 1e-12,
                "{outer}: outer node {node} at {got}"
            );
        }
    }
}

#[test]
fn progressive_orders_are_diffusers_singlestep() {
    let library: Value =
        serde_json::from_str(&std::fs::read_to_string("tests/data/torch/grids.json").unwrap())
            .unwrap();
    for row in library["blocks"].as_array().unwrap() {
        let expected: Vec<usize> = serde_json::from_value(row["orders"].clone()).unwrap();
        let lower = if row["lower"] == true {
            "lower"
        } else {
            "full"
        };
        let zero = if row["zero"] == true { "on" } else { "off" };
        for side in ["dpmpp", "dpm"] {
            let solver = format!("{side}-{}s-taylor", row["order"]);
            let plan = plan(
                &solver,
                &format!("blocks=progressive,final={lower},zero={zero}"),
                expected.len(),
            );
            assert_eq!(
                orders(&plan),
                expected,
                "{solver}, final={lower}, zero={zero}"
            );
            assert_eq!(
                (plan.calls(), plan.nodes.len()),
                (expected.len(), expected.len() + 1)
            );
        }
    }
}

#[test]
fn progressive_blocks_started_inside_climb_again() {
    let mut request = request(
        "dpmpp-3s-taylor",
        "vp-linear",
        "time",
        "blocks=progressive",
        9,
    );
    for (start_at, expected) in [
        (0, vec![1, 2, 3, 1, 2, 3, 1, 2, 3]),
        (1, vec![1, 2, 1, 2, 3, 1, 2, 3]),
        (2, vec![1, 1, 2, 3, 1, 2, 3]),
        (8, vec![1]),
    ] {
        request.start_at = start_at;
        assert_eq!(
            orders(&derive(&request, &1.0).unwrap()),
            expected,
            "start at {start_at}"
        );
    }
}

fn last_row(plan: &Plan<f64>) -> Vec<f64> {
    let matrix = plan.transfer();
    matrix.row(matrix.nrows() - 1).iter().copied().collect()
}

#[test]
fn the_step_to_sigma_zero_is_the_limit_of_small_sigma() {
    let entries = Solver::ENTRIES
        .iter()
        .filter(|entry| !(entry.stochastic && entry.side == Side::Noise));
    for entry in entries {
        let explicit = |last: &str, policy: &str| {
            let mut request = request(entry.id, "edm", "time", policy, 4);
            let values = ["80", "9", "2", "0.5", last].map(|s| parse_rational(s).unwrap());
            request.grid = Grid::explicit(Unit::Sigma, values.to_vec()).unwrap();
            request.recipe.prediction = Prediction::Noise;
            derive(&request, &1.0).unwrap()
        };
        // Explicit nodes that end at 0 say so themselves: zero=on and zero=off mean the same.
        let exact = explicit("0", "");
        assert_eq!(exact, explicit("0", "zero=on"), "{}", entry.id);
        assert_eq!(
            *exact.nodes.last().map(|n| &n.point.lambda).unwrap(),
            Lambda::NoNoise
        );
        let near = explicit("1e-13", "final=euler");
        let (exact, near) = (last_row(&exact), last_row(&near));
        let outputs = exact.len().min(near.len());
        for (a, b) in exact[..outputs].iter().zip(&near[..outputs]) {
            assert!((a - b).abs() < 1e-10, "{}: {exact:?} {near:?}", entry.id);
        }
    }
}

#[test]
fn zero_on_needs_explicit_nodes_that_end_there() {
    for (unit, values, code) in [
        (Unit::Sigma, ["3", "2", "1"], Some(Code::PolicyZero)),
        (Unit::Time, ["3", "2", "1"], Some(Code::PolicyZero)),
        (Unit::Lambda, ["-1", "0", "1"], Some(Code::PolicyZero)),
        (Unit::Time, ["3", "2", "0"], None),
        (Unit::Sigma, ["3", "2", "0"], None),
    ] {
        let mut request = request("dpmpp-2m", "edm", "time", "zero=on", 2);
        request.grid =
            Grid::explicit(unit, values.map(|v| parse_rational(v).unwrap()).to_vec()).unwrap();
        assert_eq!(
            derive(&request, &1.0).err().map(|e| e.code),
            code,
            "{unit:?} {values:?}"
        );
    }
    let mut request = request("dpmpp-2m", "discrete-linear", "time", "zero=on", 2);
    request.grid = Grid::explicit(
        Unit::Time,
        vec![rational(9, 1), rational(5, 1), rational(0, 1)],
    )
    .unwrap();
    assert_eq!(
        derive(&request, &1.0).unwrap_err().code,
        Code::PolicyZero,
        "index 0 has noise"
    );
}

#[test]
fn starting_at_pure_noise_needs_a_prediction_that_says_something_there() {
    let at_one = |solver: &str, prediction: Prediction, policy: &str| -> Result<Plan<f64>> {
        let mut request = request(solver, "flow", "time", policy, 6);
        request.recipe.prediction = prediction;
        derive(&request, &1.0)
    };
    for entry in Solver::ENTRIES {
        let family = Solver::parse(entry.id).unwrap().method.family();
        let fits = entry.side == Side::Data && family == Family::Multistep;
        for prediction in [Prediction::Data, Prediction::Flow] {
            match at_one(entry.id, prediction, "") {
                Ok(plan) => assert!(fits && plan.nodes[0].point.alpha == 0.0, "{}", entry.id),
                Err(error) => assert!(
                    !fits && error.code == Code::PolicyZero,
                    "{}: {error}",
                    entry.id
                ),
            }
        }
        for prediction in [Prediction::Noise, Prediction::Score] {
            assert_eq!(
                at_one(entry.id, prediction, "").unwrap_err().code,
                Code::PolicyZero,
                "{}",
                entry.id
            );
        }
    }
    let mut zero_snr = request(
        "dpmpp-2m",
        "discrete-linear:zero_snr=on",
        "trailing:ends=zero",
        "",
        10,
    );
    zero_snr.recipe.prediction = Prediction::V;
    let plan = derive(&zero_snr, &1.0).unwrap();
    assert_eq!(
        (plan.nodes[0].point.alpha, plan.nodes[0].label),
        (0.0, Some(999.0))
    );
    zero_snr.recipe.state_space = dpm_spec::recipe::StateSpace::Ve;
    assert_eq!(derive(&zero_snr, &1.0).unwrap_err().code, Code::PolicyZero);
}

/// The plan at alpha = 0 is what plans tend to as their first lambda falls: the difference is of
/// size 1/|lambda| (history at a growing distance), so ten times the distance is a tenth of it.
#[cfg(feature = "oracle")]
#[test]
fn starting_at_pure_noise_is_the_limit_of_less_and_less_signal() {
    use rug::Float;
    let one = Float::with_val(300, 1);
    let rest = ["-1", "0", "1/2", "2", "3"].map(|l| parse_rational(l).unwrap());
    for entry in Solver::ENTRIES.iter().filter(|e| e.side == Side::Data) {
        if Solver::parse(entry.id).unwrap().method.family() == Family::Singlestep {
            continue;
        }
        let schedule = Schedule::parse("flow").unwrap();
        let mut recipe = Recipe::new(Solver::parse(entry.id).unwrap(), &schedule);
        recipe.prediction = Prediction::Data;
        if entry.stochastic {
            recipe.eta = rational(1, 2);
        }
        let row = |first: i128| {
            let values = std::iter::once(rational(first, 1)).chain(rest).collect();
            let grid = Grid::explicit(Unit::Lambda, values).unwrap();
            let plan = derive(
                &Request::new(recipe.clone(), schedule.clone(), grid, 5),
                &one,
            )
            .unwrap();
            let matrix = plan.transfer();
            matrix
                .row(matrix.nrows() - 1)
                .iter()
                .cloned()
                .collect::<Vec<Float>>()
        };
        let (far, farther, farthest) = (row(-1_000), row(-10_000), row(-100_000));
        for (i, ((a, b), c)) in far.iter().zip(&farther).zip(&farthest).enumerate() {
            let (first, second) = (
                Float::with_val(300, a - b).to_f64(),
                Float::with_val(300, b - c).to_f64(),
            );
            assert!(
                second.abs() <= first.abs() * 0.11 + 1e-40,
                "{}: entry {i} does not converge: {first:e}, {second:e}",
                entry.id
            );
        }
        let limit = at_pure_noise(&recipe, &schedule, &rest);
        for (i, (a, b)) in farthest.iter().zip(&limit).enumerate() {
            assert!(
                (a.to_f64() - b).abs() < 1e-4,
                "{}: entry {i}: {a} and {b}",
                entry.id
            );
        }
    }
}

/// The last row of the plan from s = 1 through nodes at the given lambdas, to 36 decimals of s.
#[cfg(feature = "oracle")]
fn at_pure_noise(
    recipe: &Recipe,
    schedule: &Schedule,
    lambdas: &[dpm_spec::arithmetic::Rational],
) -> Vec<f64> {
    use dpm_spec::arithmetic::Field;
    let s = |lambda: &dpm_spec::arithmetic::Rational| 1.0 / (1.0 + 0.0_f64.constant(*lambda).exp());
    let near = |value: f64| rational((value * 1e17).round() as i128, 100_000_000_000_000_000);
    let values = std::iter::once(rational(1, 1))
        .chain(lambdas.iter().map(|l| near(s(l))))
        .collect();
    let grid = Grid::explicit(Unit::Time, values).unwrap();
    last_row(
        &derive(
            &Request::new(recipe.clone(), schedule.clone(), grid, lambdas.len()),
            &1.0,
        )
        .unwrap(),
    )
}

/// The code that a combination must be refused with, by the rules of the clauses; none: a plan.
fn refusal(request: &Request) -> Option<Code> {
    let (recipe, n) = (&request.recipe, request.steps);
    let (policy, method, entry) = (recipe.policy, recipe.solver.method, recipe.solver.entry);
    let outputs = method.outputs();
    match method.family() {
        Family::Multistep if policy.blocks != Blocks::Fixed => Some(Code::Policy),
        Family::Singlestep if policy.start != Start::Ramp => Some(Code::Policy),
        Family::Singlestep
            if matches!(policy.blocks, Blocks::Fast(_))
                && policy.last != dpm_spec::policy::Final::Full =>
        {
            Some(Code::Policy)
        }
        Family::Multistep if policy.zero && entry.stochastic && entry.side == Side::Noise => {
            Some(Code::PolicyZero)
        }
        Family::Multistep if policy.start == Start::Exact && outputs > n => Some(Code::Policy),
        Family::Singlestep
            if matches!(policy.blocks, Blocks::Fast(_))
                && policy.zero
                && fast(outputs, n).last() != Some(&1) =>
        {
            Some(Code::PolicyZero)
        }
        _ => None,
    }
}

const COUNTS: [usize; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 20, 50];

#[test]
fn every_solver_and_policy_gives_a_finite_plan_or_the_right_error() {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let curve = Curve::new(&schedule, &1.0_f64);
    for entry in Solver::ENTRIES {
        for start in ["ramp", "ramp-exact", "exact"] {
            for last in ["full", "lower", "lower<15", "euler"] {
                for zero in ["off", "on"] {
                    for blocks in [
                        "fixed",
                        "fast,outer=nodes",
                        "fast,outer=blocks",
                        "progressive",
                    ] {
                        for n in COUNTS {
                            let policy =
                                format!("start={start},final={last},zero={zero},blocks={blocks}");
                            let request = request(entry.id, "vp-linear", "time", &policy, n);
                            let got = derive_on(&request, &curve);
                            assert_eq!(
                                got.as_ref().err().map(|e| e.code),
                                refusal(&request),
                                "{} {policy}, N = {n}: {:?}",
                                entry.id,
                                got.err()
                            );
                            assert_eq!(
                                Policy::parse(&request.recipe.policy.to_string()).unwrap(),
                                request.recipe.policy
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_schedule_grid_and_prediction_gives_a_finite_plan_or_a_typed_error() {
    let schedules = [
        "vp-linear",
        "vp-cosine",
        "discrete-linear:betas=f32,zero_snr=floor",
        "discrete-cosine:interp=sigma",
        "discrete-linear:n=16,zero_snr=on",
        "edm",
        "flow:shift=3",
    ];
    let grids = [
        "lambda",
        "time",
        "quadratic",
        "karras",
        "exponential",
        "polyexponential:p=2",
        "beta",
        "beta:on=sigma",
        "beta:on=whole-index",
        "leading:ddim,offset=1",
        "leading:dpm",
        "linspace:dpm",
        "linspace:ddim",
        "trailing",
        "flow:mu=1",
    ];
    let solvers = [
        "ddim",
        "ddim-eta",
        "dpmpp-3m",
        "dpm-2m-exact",
        "dpmpp-3s",
        "dpm-2s",
        "sde-dpmpp-2m",
        "sde-dpm-2m",
    ];
    let (mut plans, mut refused) = (0, 0);
    for schedule in schedules {
        let curve = Curve::new(&Schedule::parse(schedule).unwrap(), &1.0_f64);
        for grid in grids {
            for ends in ["full", "zero", "min"] {
                let join = if grid.contains(':') { "," } else { ":" };
                let grid = format!("{grid}{join}ends={ends}");
                for solver in solvers {
                    for prediction in ["noise", "data", "v", "flow", "score", "edm"] {
                        for n in [1, 2, 3, 7, 16, 20] {
                            let mut request = request(solver, schedule, &grid, "", n);
                            request.recipe.prediction = Prediction::parse(prediction).unwrap();
                            match derive_on(&request, &curve) {
                                Ok(_) => plans += 1,
                                Err(error) => {
                                    let expected = [
                                        Code::GridUnfit,
                                        Code::GridOrder,
                                        Code::GridSteps,
                                        Code::Prediction,
                                        Code::PolicyZero,
                                        Code::Domain,
                                    ];
                                    assert!(
                                        expected.contains(&error.code),
                                        "{solver} on {schedule}, {grid}, {prediction}, N = {n}: {error}"
                                    );
                                    refused += 1;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(
        plans > 10_000 && refused > 10_000,
        "{plans} plans, {refused} refused"
    );
}

#[test]
fn requests_out_of_range_are_refused() {
    let code = |change: &dyn Fn(&mut Request)| {
        let mut request = request("dpmpp-3s", "vp-linear", "time", "", 5);
        change(&mut request);
        derive(&request, &1.0).unwrap_err().code
    };
    for blocks in [
        "blocks=fast",
        "blocks=fast,outer=nodes",
        "blocks=progressive,final=lower",
        "blocks=fixed",
    ] {
        for steps in [0, 100_001, usize::MAX] {
            let policy = Policy::parse(blocks).unwrap();
            let change = |r: &mut Request| (r.recipe.policy, r.steps) = (policy, steps);
            assert_eq!(code(&change), Code::GridSteps, "{blocks}, N = {steps}");
        }
    }
    assert_eq!(code(&|r| r.start_at = 5), Code::GridSteps);
    assert_eq!(
        code(&|r| (r.start_at, r.recipe.policy) = (1, Policy::parse("blocks=fast").unwrap())),
        Code::Policy
    );
    assert_eq!(code(&|r| r.recipe.eta = rational(1, 2)), Code::Eta);
    let eta = |eta| {
        move |r: &mut Request| {
            (r.recipe.solver, r.recipe.eta) = (Solver::parse("sde-dpmpp-2m").unwrap(), eta)
        }
    };
    assert_eq!(code(&eta(rational(-1, 10))), Code::Eta);
    assert_eq!(code(&eta(rational(11, 10))), Code::Eta);
    let long = rational(i128::MAX - 1, i128::MAX);
    let mut sde = request("sde-dpmpp-2m", "vp-linear", "time", "", 5);
    sde.recipe.eta = long;
    assert!(
        derive(&sde, &1.0).is_ok(),
        "an eta of 38 digits does not overflow"
    );
    for (id, expected) in [
        ("dpmpp-2s:r1=0", Code::SolverRatio),
        ("dpmpp-2s:r1=3/2", Code::SolverRatio),
        ("dpmpp-3s:r1=2/3,r2=1/3", Code::SolverRatio),
        ("dpmpp-3s:r2=1.1", Code::SolverRatio),
        ("dpmpp-2s:r2=1/2", Code::Parameter),
        ("dpmpp-2m:r1=1/2", Code::Parameter),
        ("dpmpp-2n", Code::UnknownId),
    ] {
        assert_eq!(Solver::parse(id).unwrap_err().code, expected, "{id}");
    }
    for text in [
        "start=slow",
        "final=lower<",
        "final=lower<-1",
        "zero",
        "zero=yes",
        "outer=nodes",
        "blocks=fast,blocks=fixed",
        "order=2",
    ] {
        assert_eq!(
            Policy::parse(text).unwrap_err().code,
            Code::Policy,
            "{text}"
        );
    }
}
