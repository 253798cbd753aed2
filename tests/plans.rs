//! Plans: what a program means does not depend on how it is written down.

use dpm_spec::arithmetic::{parse_rational, rational};
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::plan::{Call, Instruction, Operand, Plan, Request, derive};
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::{Recipe, StateSpace};
use dpm_spec::schedule::{Lambda, Schedule};
use dpm_spec::solver::{Family, Side, Solver};
use proptest::prelude::*;

const SOLVERS: [&str; 24] = [
    "ddim",
    "ddim-eta",
    "dpmpp-2m",
    "dpmpp-2m-exact",
    "dpmpp-3m",
    "dpmpp-3m-exact",
    "dpmpp-2s",
    "dpmpp-2s-taylor",
    "dpmpp-3s",
    "dpmpp-3s-taylor",
    "dpm-2m",
    "dpm-2m-exact",
    "dpm-3m",
    "dpm-3m-exact",
    "dpm-2s",
    "dpm-2s-taylor",
    "dpm-3s",
    "dpm-3s-taylor",
    "sde-dpmpp-1",
    "sde-dpmpp-2m",
    "sde-dpmpp-2m-exact",
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

#[test]
fn the_catalogue_is_what_is_tested_here() {
    let ids: Vec<&str> = Solver::ENTRIES.iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), SOLVERS.len());
    assert!(ids.iter().all(|id| SOLVERS.contains(id)));
}

fn unit(length: usize, index: usize) -> Vec<f64> {
    (0..length).map(|i| f64::from(i == index)).collect()
}

#[test]
fn composing_is_running_with_impulses() {
    for solver in SOLVERS {
        for policy in ["", "zero=on", "final=lower"] {
            let mut request = request(solver, "discrete-scaled-linear", "karras", 7);
            request.recipe.policy = Policy::parse(policy).unwrap();
            request.recipe.eta =
                if request.recipe.solver.entry.stochastic && !solver.starts_with("sde-dpm-") {
                    rational(1, 2)
                } else {
                    rational(0, 1)
                };
            let plan = plan(&request);
            let (matrix, columns) = (plan.transfer(), plan.columns());
            let width = columns.states + columns.outputs + columns.noises;
            let mut shown: Vec<Vec<f64>> = Vec::new();
            let start: Vec<Vec<f64>> = (0..columns.states).map(|i| unit(width, i)).collect();
            let model = |call: &Call<'_, f64>| {
                shown.push(
                    call.input
                        .iter()
                        .map(|x| x / call.node.input_scale)
                        .collect(),
                );
                Ok(unit(width, columns.states + call.index))
            };
            let noise = |k| Ok(unit(width, columns.states + columns.outputs + k));
            let end = plan.run(&start, model, noise).unwrap();
            shown.push(end);
            assert_eq!(shown.len(), matrix.nrows());
            for (i, row) in shown.iter().enumerate() {
                let expected: Vec<f64> = matrix.row(i).iter().copied().collect();
                same(
                    &format!("{solver} `{policy}`, row {i}"),
                    row,
                    &expected,
                    1e-14,
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn composing_is_running_with_any_affine_model(
        solver in proptest::sample::select(SOLVERS.to_vec()),
        steps in 1_usize..9,
        start in -3.0..3.0_f64,
        slopes in proptest::collection::vec(-0.9..0.9_f64, 32),
        offsets in proptest::collection::vec(-2.0..2.0_f64, 32),
        noises in proptest::collection::vec(-2.0..2.0_f64, 32),
    ) {
        let plan = plan(&request(solver, "vp-cosine", "lambda", steps));
        let affine = |k: usize, x: f64| slopes[k] * x + offsets[k];
        let end = plan.run(&[vec![start]], |call| Ok(vec![affine(call.index, call.input[0])]), |k| Ok(vec![noises[k]])).unwrap()[0];
        let (matrix, columns) = (plan.transfer(), plan.columns());
        let mut known = vec![0.0; columns.states + columns.outputs + columns.noises];
        known[0] = start;
        known[columns.states + columns.outputs..].copy_from_slice(&noises[..columns.noises]);
        for k in 0..columns.outputs {
            let x: f64 = matrix.row(k).iter().zip(&known).map(|(a, b)| a * b).sum();
            known[columns.states + k] = affine(k, x);
        }
        let terms: Vec<f64> = matrix.row(columns.outputs).iter().zip(&known).map(|(a, b)| a * b).collect();
        let size = terms.iter().fold(1.0_f64, |m, t| m.max(t.abs()));
        let composed: f64 = terms.iter().sum();
        prop_assert!((composed - end).abs() < 1e-9 * size, "{solver}, {steps} steps: {composed} and {end}");
    }

    #[test]
    fn solvers_commute_with_rotations(
        solver in proptest::sample::select(SOLVERS.to_vec()),
        angle in 0.0..std::f64::consts::TAU,
        x in proptest::array::uniform2(-2.0..2.0_f64),
    ) {
        let mut request = request(solver, "vp-linear", "time", 6);
        request.recipe.eta = rational(0, 1);
        request.recipe.prediction = Prediction::Data;
        let plan = plan(&request);
        let turn = |a: f64, v: &[f64]| vec![a.cos() * v[0] - a.sin() * v[1], a.sin() * v[0] + a.cos() * v[1]];
        let model = |v: &[f64]| vec![(v[0] - 0.3 * v[1]).tanh(), (0.5 * v[1] + 0.1 * v[0] * v[0]).sin()];
        let direct = plan.run(&[x.to_vec()], |call| Ok(model(call.input)), |_| unreachable!()).unwrap();
        let turned = plan.run(&[turn(angle, &x)], |call| Ok(turn(angle, &model(&turn(-angle, call.input)))), |_| unreachable!()).unwrap();
        same("turned", &turned, &turn(angle, &direct), 1e-10);
    }
}

/// The exact denoiser of N(0.3, 0.5^2) with a bend, so that no solver is exact on it.
fn denoised(alpha: f64, sigma: f64, x: f64) -> f64 {
    let (z, tau) = (x / alpha, (sigma / alpha).powi(2));
    let mean = (0.3 * tau + 0.25 * z) / (0.25 + tau);
    mean + 0.1 * mean.sin()
}

/// What a network with the given prediction returns, for the state in the schedule's own space.
fn network(prediction: Prediction, alpha: f64, sigma: f64, x: f64) -> f64 {
    let clean = denoised(alpha, sigma, x);
    let noise = (x - alpha * clean) / sigma;
    match prediction {
        Prediction::Noise => noise,
        Prediction::Data => clean,
        Prediction::V => alpha * noise - sigma * clean,
        Prediction::Flow => noise - clean,
        Prediction::Score => -noise / sigma,
        Prediction::Edm => {
            let total = sigma * sigma + 0.25;
            (clean - 0.25 / total * x) / (sigma * 0.5 / total.sqrt())
        }
    }
}

const PREDICTIONS: [Prediction; 6] = [
    Prediction::Noise,
    Prediction::Data,
    Prediction::V,
    Prediction::Flow,
    Prediction::Score,
    Prediction::Edm,
];

#[test]
fn every_prediction_type_of_one_model_gives_one_result() {
    for solver in SOLVERS {
        for (schedule, grid) in [
            ("vp-linear", "lambda"),
            ("edm", "karras"),
            ("flow", "time"),
            ("discrete-scaled-linear", "trailing"),
        ] {
            let mut results: Vec<(Prediction, f64)> = Vec::new();
            for prediction in PREDICTIONS {
                let mut request = request(solver, schedule, grid, 9);
                if schedule == "flow" {
                    request.domain = Some((
                        parse_rational("0.99").unwrap(),
                        parse_rational("0.01").unwrap(),
                    ));
                }
                request.recipe.prediction = prediction;
                if prediction.check(&request.schedule).is_err() {
                    continue;
                }
                let plan = plan(&request);
                let model = |call: &Call<'_, f64>| {
                    let point = &call.node.point;
                    Ok(vec![network(
                        prediction,
                        point.alpha,
                        point.sigma,
                        call.input[0] / call.node.input_scale,
                    )])
                };
                let end = plan
                    .run(&[vec![1.1 * plan.initial.scale]], model, |k| {
                        Ok(vec![(k as f64).sin()])
                    })
                    .unwrap();
                results.push((prediction, end[0]));
            }
            assert!(results.len() >= 4);
            for (prediction, result) in &results[1..] {
                assert!(
                    (result - results[0].1).abs() < 1e-10,
                    "{solver} on {schedule}: {prediction:?} gives {result}, noise {}",
                    results[0].1
                );
            }
        }
    }
}

#[test]
fn both_state_spaces_give_one_result() {
    for solver in SOLVERS {
        for (schedule, policy) in [
            ("vp-linear", ""),
            ("discrete-linear", ""),
            ("flow", ""),
            ("vp-cosine", "final=euler"),
        ] {
            let mut native = request(solver, schedule, "time", 8);
            native.domain = Some(match schedule {
                "discrete-linear" => (rational(990, 1), rational(10, 1)),
                _ => (rational(99, 100), rational(1, 100)),
            });
            native.recipe.policy = Policy::parse(policy).unwrap();
            let mut exploding = native.clone();
            exploding.recipe.state_space = StateSpace::Ve;
            let (native, exploding) = (plan(&native), plan(&exploding));
            let ends: Vec<f64> = [&native, &exploding]
                .iter()
                .map(|plan| {
                    let (first, last) = (
                        &plan.nodes[0].point,
                        &plan.nodes[plan.nodes.len() - 1].point,
                    );
                    // The same x_0 and noise at the first node, whatever its coordinates.
                    let start = first.alpha * 0.2 + first.sigma * 0.9;
                    let model =
                        |call: &Call<'_, f64>| Ok(vec![(call.input[0] + call.index as f64).sin()]);
                    plan.run(&[vec![start]], model, |k| Ok(vec![(k as f64).cos()]))
                        .unwrap()[0]
                        / last.alpha
                })
                .collect();
            assert!(
                (ends[0] - ends[1]).abs() < 1e-9 * ends[0].abs().max(1.0),
                "{solver} on {schedule}: {ends:?}"
            );
            let labels =
                |plan: &Plan<f64>| plan.nodes.iter().map(|node| node.label).collect::<Vec<_>>();
            assert_eq!(labels(&native), labels(&exploding));
        }
    }
}

#[test]
fn data_and_noise_form_of_ddim_are_one_sampler() {
    for (schedule, grid, ends) in [
        ("vp-linear", "time", ""),
        ("edm", "karras", ":ends=zero"),
        ("discrete-linear", "leading:dpm", ",ends=zero"),
        ("flow", "time", ""),
    ] {
        let rows: Vec<Vec<f64>> = ["ddim", "sde-dpm-1", "sde-dpmpp-1", "ddim-eta"]
            .iter()
            .map(|solver| {
                let mut request = request(solver, schedule, &format!("{grid}{ends}"), 10);
                request.recipe.eta = rational(0, 1);
                if schedule == "flow" {
                    request.domain = Some((rational(9, 10), rational(1, 100)));
                }
                last_row(&plan(&request))
            })
            .collect();
        for row in &rows[1..] {
            same(schedule, row, &rows[0], 1e-12);
        }
    }
}

#[test]
fn without_noise_the_stochastic_forms_are_the_deterministic_ones() {
    for (stochastic, deterministic) in [
        ("sde-dpmpp-1", "ddim"),
        ("sde-dpmpp-2m", "dpmpp-2m"),
        ("sde-dpmpp-2m-exact", "dpmpp-2m-exact"),
        ("sde-dpm-2m", "dpm-2m"),
        ("sde-dpm-2m-exact", "dpm-2m-exact"),
    ] {
        for policy in ["", "zero=on", "start=exact", "final=lower"] {
            let make = |solver: &str| {
                let mut request = request(solver, "vp-linear", "lambda", 12);
                request.recipe.eta = rational(0, 1);
                request.recipe.policy = Policy::parse(policy).unwrap();
                plan(&request)
            };
            assert_eq!(
                make(stochastic),
                make(deterministic),
                "{stochastic} with `{policy}`"
            );
        }
    }
}

#[test]
fn with_noise_every_step_keeps_the_variance_of_pure_noise() {
    // x_0 = 0: sigma_s^2 goes to sigma_t^2, in the data forms by state and new noise alone, in
    // ddim-eta also because eps is x/sigma then, which its state factor holds.
    for solver in [
        "sde-dpmpp-1",
        "sde-dpmpp-2m",
        "sde-dpmpp-2m-exact",
        "ddim-eta",
    ] {
        for eta in [rational(1, 3), rational(1, 1)] {
            let mut request = request(solver, "vp-linear", "time", 10);
            request.recipe.eta = eta;
            request.recipe.prediction = Prediction::Data;
            let plan = plan(&request);
            let mut node = 0;
            for instruction in &plan.program {
                let Instruction::Combine { terms, .. } = instruction else {
                    continue;
                };
                let variance = |i: usize| plan.nodes[i].point.sigma.powi(2);
                let term = |(operand, weight): &(Operand, f64)| match operand {
                    Operand::State(_) => weight * weight * variance(node),
                    Operand::Noise(_) => weight * weight,
                    Operand::Output(_) => 0.0,
                };
                let got: f64 = terms.iter().map(term).sum();
                node += 1;
                assert!(
                    (got - variance(node)).abs() < 1e-14,
                    "{solver}, eta = {eta}, node {node}"
                );
            }
            assert_eq!(plan.noises(), 10);
        }
    }
}

#[test]
fn euler_on_the_velocity_of_a_flow_is_ddim() {
    for (schedule, grid) in [
        ("flow", "flow"),
        ("flow:shift=3", "flow"),
        ("flow", "flow:mu=1.15,ends=zero"),
        ("flow:shift=3", "time:ends=zero"),
    ] {
        for solver in ["ddim", "sde-dpmpp-1", "ddim-eta"] {
            let mut request = request(solver, schedule, grid, 12);
            request.recipe.eta = rational(0, 1);
            let plan = plan(&request);
            let s: Vec<f64> = plan.nodes.iter().map(|node| node.point.sigma).collect();
            assert_eq!((s[0], s[12] == 0.0), (1.0, grid.contains("zero")));
            let mut expected = vec![1.0];
            expected.extend(s.windows(2).map(|pair| pair[1] - pair[0]));
            same(
                &format!("{solver} on {schedule}, {grid}"),
                &last_row(&plan),
                &expected,
                1e-13,
            );
        }
    }
}

#[test]
fn only_step_ratios_matter_to_the_data_form() {
    // sigma scaled by 2^k on edm: h and the ratios stay, so every weight does.
    for solver in SOLVERS {
        let rows: Vec<Vec<f64>> = [1, 1024]
            .iter()
            .map(|scale| {
                let nodes = [80, 31, 12, 5, 2, 1]
                    .iter()
                    .map(|s| rational(s * scale, 7))
                    .collect();
                let mut request = request(solver, "edm", "time", 5);
                request.grid = Grid::explicit(Unit::Sigma, nodes).unwrap();
                let noise = request.recipe.solver.entry.side == Side::Noise;
                request.recipe.prediction = if noise {
                    Prediction::Noise
                } else {
                    Prediction::Data
                };
                let mut row = last_row(&plan(&request));
                let outputs = plan(&request).calls();
                for (j, weight) in row.iter_mut().enumerate().skip(1) {
                    if noise || j > outputs {
                        *weight /= *scale as f64;
                    }
                }
                row
            })
            .collect();
        same(solver, &rows[1], &rows[0], 1e-12);
    }
}

#[test]
fn starting_inside_is_starting_on_the_rest_of_the_grid() {
    for solver in SOLVERS {
        let values = [80, 40, 21, 11, 6, 3, 1].map(|s| rational(s, 2)).to_vec();
        let explicit = |values: Vec<_>, start_at: usize, steps: usize| {
            let mut request = request(solver, "edm", "time", steps);
            request.grid = Grid::explicit(Unit::Sigma, values).unwrap();
            request.start_at = start_at;
            plan(&request)
        };
        let inside = explicit(values.clone(), 2, 6);
        let mut rest = explicit(values[2..].to_vec(), 0, 4);
        assert_eq!(inside.initial.start_at, 2);
        rest.initial.start_at = 2;
        assert_eq!(inside, rest, "{solver}");
    }
}

#[test]
fn nodes_tell_the_engine_what_the_network_expects() {
    let edm = plan(&request("dpmpp-2m", "edm", "karras", 4));
    for node in &edm.nodes {
        let sigma = node.point.sigma;
        assert!((node.label.unwrap() - sigma.ln() / 4.0).abs() < 1e-15);
        assert!((node.input_scale - 1.0 / (sigma * sigma + 0.25).sqrt()).abs() < 1e-15 * 500.0);
    }
    assert_eq!(edm.initial.scale, 80.0);
    let flow = plan(&request("ddim", "flow:shift=3", "time", 4));
    assert!(
        flow.nodes
            .iter()
            .all(|node| (node.label.unwrap() - 1000.0 * node.point.sigma).abs() < 1e-12)
    );
    for (rounding, whole) in [
        ("index", f64::round_ties_even as fn(f64) -> f64),
        ("floor", f64::floor),
        ("none", |t| t),
    ] {
        let karras = plan(&request(
            "ddim",
            "discrete-linear",
            &format!("karras:rounding={rounding},ends=zero"),
            12,
        ));
        for node in &karras.nodes[..12] {
            assert_eq!(
                node.label.unwrap(),
                whole(node.point.t.unwrap()),
                "{rounding}"
            );
        }
        assert_eq!(
            (karras.nodes[12].label, &karras.nodes[12].point.lambda),
            (None, &Lambda::NoNoise)
        );
    }
}

#[test]
fn single_step_stages_lie_where_r_says() {
    let plan = plan(&request("dpmpp-3s:r1=1/4,r2=2/3", "vp-linear", "time", 3));
    let lambda = |i: usize| *plan.nodes[i].point.lambda.finite().unwrap();
    assert_eq!((plan.nodes.len(), plan.calls()), (10, 9));
    for block in 0..3 {
        let (start, h) = (lambda(3 * block), lambda(3 * block + 3) - lambda(3 * block));
        assert!((lambda(3 * block + 1) - start - h / 4.0).abs() < 1e-14);
        assert!((lambda(3 * block + 2) - start - 2.0 * h / 3.0).abs() < 1e-14);
    }
    assert_eq!(
        Solver::parse("dpmpp-3s").unwrap().method.family(),
        Family::Singlestep
    );
}

#[test]
fn vectors_of_another_length_are_refused() {
    let plan = plan(&request("sde-dpmpp-2m", "vp-linear", "time", 3));
    let zero = |_: usize| Ok(vec![0.0, 0.0]);
    let code = |result: dpm_spec::Result<Vec<f64>>| result.unwrap_err().code;
    let start = [vec![0.0, 1.0]];
    assert_eq!(
        code(plan.run(&[], |_| Ok(vec![]), zero)),
        dpm_spec::Code::Shape
    );
    assert_eq!(
        code(plan.run(&[vec![0.0], vec![1.0]], |_| Ok(vec![0.0]), zero)),
        dpm_spec::Code::Shape
    );
    assert_eq!(
        code(plan.run(&start, |_| Ok(vec![0.0]), zero)),
        dpm_spec::Code::Shape
    );
    assert_eq!(
        code(plan.run(&start, |_| Ok(vec![0.0; 2]), |_| Ok(vec![]))),
        dpm_spec::Code::Shape
    );
}
