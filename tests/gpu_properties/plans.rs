//! Plans of the whole catalogue: any of them for the properties, all of them for the coverage.

use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Lowering, Program};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Instruction, Plan, Request, double_double_plan};
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::{Recipe, StateSpace};
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};
use dpm_spec::threshold::Threshold;
use proptest::prelude::*;
use std::fmt;

const SCHEDULES: &[&str] = &[
    "vp-linear",
    "vp-cosine",
    "discrete-linear",
    "discrete-linear:zero_snr=floor",
    "discrete-scaled-linear",
    "discrete-cosine",
    "edm",
    "flow",
    "flow:shift=3",
];
const GRIDS: &[&str] = &[
    "lambda",
    "time",
    "quadratic",
    "karras",
    "karras:ends=zero",
    "exponential",
    "polyexponential:p=3/2",
    "beta",
    "leading:ddim",
    "linspace:ddim,ends=zero",
    "trailing",
    "flow:shift=2",
];
const POLICIES: &[&str] = &[
    "",
    "final=lower",
    "final=euler",
    "final=lower,zero=on",
    "start=exact",
    "blocks=fast",
    "blocks=progressive",
];
pub(crate) const PREDICTIONS: &[Prediction] = &[
    Prediction::Noise,
    Prediction::Data,
    Prediction::V,
    Prediction::Flow,
    Prediction::Score,
    Prediction::Edm,
];

/// A model call of a plan in its own numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evaluation {
    pub(crate) alpha: f64,
    pub(crate) sigma: f64,
    /// Weights of state and network output.
    pub(crate) weights: (f64, f64),
    pub(crate) input_scale: f64,
    pub(crate) side: Side,
}

/// A plan lowered for a device.
#[derive(Clone)]
pub(crate) struct Planned {
    pub(crate) request: Request,
    lowering: Lowering,
    pub(crate) program: Program<f32>,
    pub(crate) evaluations: Vec<Evaluation>,
}

impl fmt::Debug for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} with {:?}", self.request, self.lowering)
    }
}

impl Planned {
    fn new(request: Request, lowering: Lowering) -> Option<Self> {
        let plan = double_double_plan(&request).ok()?.plan;
        let exact = plan.try_map(|value, _| Ok(value.f64)).ok()?;
        let plan = plan.try_map(|value, _| Ok(value.f32)).ok()?;
        let side = request.recipe.form().side;
        let program = Program::lower(&plan, &lowering).ok()?;
        Some(Planned {
            request,
            lowering,
            program,
            evaluations: evaluations(&exact, side),
        })
    }

    pub(crate) fn guided(&self) -> bool {
        self.lowering.guidance.is_some()
    }
}

fn evaluations(plan: &Plan<f64>, side: Side) -> Vec<Evaluation> {
    let evaluation = |instruction: &Instruction<f64>| match instruction {
        Instruction::Evaluate {
            node,
            state_weight,
            output_weight,
            ..
        } => {
            let node = &plan.nodes[*node];
            Some(Evaluation {
                alpha: node.point.alpha,
                sigma: node.point.sigma,
                weights: (*state_weight, *output_weight),
                input_scale: node.input_scale,
                side,
            })
        }
        Instruction::Combine { .. } => None,
    };
    plan.program.iter().filter_map(evaluation).collect()
}

/// A request on the schedule's domain, for flow between 0.95 and 0.05, where lambda is finite.
pub(crate) fn request(
    solver: Solver,
    schedule: &Schedule,
    grid: Grid,
    prediction: Prediction,
    steps: usize,
) -> Request {
    let mut recipe = Recipe::new(solver, schedule);
    recipe.prediction = prediction;
    let mut request = Request::new(recipe, schedule.clone(), grid, steps);
    if matches!(schedule, Schedule::Flow(_)) {
        request.domain = Some((rational(19, 20), rational(1, 20)));
    }
    request
}

/// Any plan: solver, schedule, grid, prediction, policy, N, eta, state space, guidance 0 to 20,
/// static thresholding, as many arrays a pass as the smallest and the largest device binds.
pub(crate) fn planned() -> impl Strategy<Value = Planned> {
    let names = (
        0..Solver::ENTRIES.len(),
        0..SCHEDULES.len(),
        0..GRIDS.len(),
        0..PREDICTIONS.len(),
        0..POLICIES.len(),
    );
    let numbers = (
        1_usize..7,
        0_i128..5,
        prop::option::of(0_i128..=80),
        prop::option::of(1_i128..40),
        prop::bool::weighted(0.2),
        4_usize..9,
    );
    (names, numbers).prop_filter_map("not a plan", |(names, numbers)| {
        let (solver, schedule, grid, prediction, policy) = names;
        let (steps, eta, guidance, bound, moved, arrays) = numbers;
        let solver = Solver::parse(Solver::ENTRIES[solver].id).unwrap();
        let schedule = Schedule::parse(SCHEDULES[schedule]).unwrap();
        let grid = Grid::parse(GRIDS[grid]).unwrap();
        let mut request = request(solver, &schedule, grid, PREDICTIONS[prediction], steps);
        let recipe = &mut request.recipe;
        recipe.policy = Policy::parse(POLICIES[policy]).unwrap();
        if solver.entry.stochastic {
            recipe.eta = rational(eta, 4);
        }
        if solver.entry.side == Side::Data {
            let bound = bound.map(|bound| rational(bound, 10));
            recipe.threshold = bound.map(|bound| Threshold::Static { bound });
        }
        if moved {
            recipe.state_space = StateSpace::Ve;
        }
        let guidance = guidance.map(|quarters| rational(quarters, 4));
        Planned::new(request, Lowering { guidance, arrays })
    })
}
