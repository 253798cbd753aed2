//! Predictions, state spaces and forms of the equation are ways to write one sampler.

use super::*;

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
        ("sde-dpmpp-3m", "dpmpp-3m"),
        ("sde-dpmpp-3m-exact", "dpmpp-3m-exact"),
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
        "sde-dpmpp-3m",
        "sde-dpmpp-3m-exact",
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
