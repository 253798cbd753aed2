//! Problems, plans and what their networks return exactly; shared by
//! `#[path = "models/mod.rs"] mod models;`.
#![allow(dead_code, reason = "every test file uses its part")]

use dpm_spec::arithmetic::{DoubleDouble, Real, rational};
use dpm_spec::cpu::Denoiser;
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Instruction, Plan, Request, derive};
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::{Network, Problem};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};

/// A problem, and for each network the problem that has the same denoiser without guidance.
pub(crate) const PROBLEMS: [(&str, &[&str]); 7] = [
    ("gaussian", &["gaussian"]),
    (
        "gaussian:mu=1/2;-1,s2=1/4;2",
        &["gaussian:mu=1/2;-1,s2=1/4;2"],
    ),
    (
        "gaussian:mu=1/2;-1;2;0;30,s2=1/4;2;1/16;0;1",
        &["gaussian:mu=1/2;-1;2;0;30,s2=1/4;2;1/16;0;1"],
    ),
    (
        "guided",
        &["gaussian:mu=1,s2=1/16", "gaussian:mu=-1/4,s2=1"],
    ),
    ("mixture", &["mixture"]),
    ("rotated-gaussian", &["rotated-gaussian"]),
    ("rotated-mixture", &["rotated-mixture"]),
];

/// Networks of a number.
pub(crate) const NETWORKS: [Network; 2] = [Network::Conditional, Network::Unconditional];

/// Plans of all predictions, both sides, all state spaces.
pub(crate) fn plans() -> Vec<(Plan<DoubleDouble>, Side)> {
    let plan = |(solver, schedule, prediction)| {
        let schedule = Schedule::parse(schedule).unwrap();
        let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
        recipe.prediction = prediction;
        let side = recipe.form().side;
        let flow = prediction == Prediction::Flow;
        let mut request = Request::new(recipe, schedule, Grid::parse("time").unwrap(), 5);
        // where alpha is 0 there is no x/alpha to denoise
        request.domain = flow.then(|| (rational(19, 20), rational(1, 20)));
        (derive(&request, &DoubleDouble::ONE).unwrap(), side)
    };
    let kinds = [
        ("dpmpp-2m", "vp-linear", Prediction::Noise),
        ("dpm-2m", "vp-linear", Prediction::Data),
        ("dpmpp-2s", "vp-cosine", Prediction::V),
        ("dpmpp-2m", "edm", Prediction::Edm),
        ("dpmpp-3m", "flow", Prediction::Flow),
        ("dpm-2m", "vp-cosine", Prediction::Score),
    ];
    kinds.into_iter().map(plan).collect()
}

/// A problem's networks on a plan.
pub(crate) fn denoiser(problem: &str, plan: &Plan<DoubleDouble>, side: Side) -> Denoiser {
    Denoiser::new(&Problem::parse(problem).unwrap(), plan, side).unwrap()
}

/// Inputs about where samples are at a call, some far out.
pub(crate) fn inputs(plan: &Plan<DoubleDouble>, call: usize, length: usize) -> Vec<f32> {
    let [alpha, sigma, scale, ..] = numbers(plan, call).map(|number| number.to_f64());
    let uniform = |i: usize| ((i * 7919 + call * 104_729) % 20_011) as f64 / 10_005.0 - 1.0;
    let element = |i: usize| {
        let far = if i % 97 == 13 { 50.0 } else { 1.0 };
        let x = 2.5 * alpha * uniform(i) + 3.0 * sigma * far * uniform(3 * i + 5);
        (scale * x) as f32
    };
    (0..length).map(element).collect()
}

/// alpha, sigma, input scale, state and output weights of a call.
fn numbers(plan: &Plan<DoubleDouble>, call: usize) -> [DoubleDouble; 5] {
    let mut evaluations = plan
        .program
        .iter()
        .filter_map(|instruction| match instruction {
            Instruction::Evaluate {
                node,
                state_weight,
                output_weight,
                ..
            } => Some((&plan.nodes[*node], *state_weight, *output_weight)),
            Instruction::Combine { .. } => None,
        });
    let (node, state, output) = evaluations.nth(call).unwrap();
    [
        node.point.alpha,
        node.point.sigma,
        node.input_scale,
        state,
        output,
    ]
}

/// What the network of a problem without guidance has to return at a call, so that the plan's
/// conversion gives the exact prediction; for any number of whole groups of components.
pub(crate) fn truth(
    problem: &str,
    plan: &Plan<DoubleDouble>,
    side: Side,
    call: usize,
    input: &[f32],
) -> Vec<DoubleDouble> {
    let problem = Problem::parse(problem).unwrap();
    let model = problem.model(&DoubleDouble::ONE);
    let [alpha, sigma, scale, state_weight, output_weight] = numbers(plan, call);
    let ratio = sigma / alpha;
    let mut outputs = Vec::new();
    for group in input.chunks(problem.dimension()) {
        let state = |x: &f32| DoubleDouble::exact(f64::from(*x)) / scale;
        let states: Vec<DoubleDouble> = group.iter().map(state).collect();
        let mut z: Vec<DoubleDouble> = states.iter().map(|x| *x / alpha).collect();
        z.resize(problem.dimension(), DoubleDouble::ZERO);
        let data = model.denoise(&(ratio * ratio), &z).unwrap();
        outputs.extend(states.iter().zip(data).map(|(x, data)| {
            let prediction = match side {
                Side::Data => data,
                Side::Noise => (*x - data * alpha) / sigma,
            };
            (prediction - *x * state_weight) / output_weight
        }));
    }
    outputs
}
