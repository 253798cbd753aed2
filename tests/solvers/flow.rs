//! The exact probability flow of Gaussian data, and the order that a solver shows on it.
//!
//! z = x/alpha runs along z_t = mu + (z_s - mu) sqrt((s2 + tau_t)/(s2 + tau_s)), tau = (sigma/alpha)^2.

use dpm_spec::arithmetic::rational;
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::plan::{Call, Plan, Request, derive};
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;

const MEAN: f64 = 0.4;
const VARIANCE: f64 = 0.3;
const START: f64 = 5.0;

fn exact(lambda: f64) -> f64 {
    let tau = |lambda: f64| (-2.0 * lambda).exp();
    MEAN + (START - MEAN) * ((VARIANCE + tau(lambda)) / (VARIANCE + tau(-2.0))).sqrt()
}

/// E[x_0 | x] for Gaussian data.
fn denoiser(call: &Call<'_, f64>) -> f64 {
    let (alpha, sigma) = (call.node.point.alpha, call.node.point.sigma);
    let (z, tau) = (call.input[0] / alpha, (sigma / alpha).powi(2));
    (MEAN * tau + VARIANCE * z) / (VARIANCE + tau)
}

fn plan(solver: &str, policy: &str, steps: usize) -> Plan<f64> {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.prediction = Prediction::Data;
    recipe.policy = Policy::parse(policy).unwrap();
    recipe.eta = rational(0, 1);
    let node = |i: usize| rational(4 * i as i128 - 2 * steps as i128, steps as i128);
    let grid = Grid::explicit(Unit::Lambda, (0..=steps).map(node).collect()).unwrap();
    derive(&Request::new(recipe, schedule, grid, steps), &1.0).unwrap()
}

/// |z - exact| at lambda = 2 after `steps` uniform steps from lambda = -2.
pub(crate) fn error(solver: &str, policy: &str, steps: usize) -> f64 {
    let plan = plan(solver, policy, steps);
    let state = |i: usize| {
        let point = &plan.nodes[i].point;
        vec![point.alpha * exact(*point.lambda.finite().unwrap())]
    };
    let start: Vec<Vec<f64>> = (0..plan.initial.states).map(state).collect();
    let end = plan
        .run(&start, |call| Ok(vec![denoiser(call)]), |_| unreachable!())
        .unwrap();
    let last = &plan.nodes[plan.nodes.len() - 1].point;
    (end[0] / last.alpha - exact(2.0)).abs()
}

/// The order of an exact Adams method from exact states; one step of ddim, or of 2m, caps it at two.
#[track_caller]
pub(crate) fn shows_order_of_adams(solver: &str, order: f64) {
    shows_order(solver, "start=exact", order);
    for policy in ["start=ramp", "start=ramp-exact", "start=exact,final=euler"] {
        shows_order(solver, policy, 2.0);
    }
}

/// The slope of the last doubling is the order, and not more.
#[track_caller]
pub(crate) fn shows_order(solver: &str, policy: &str, order: f64) {
    let errors = [640, 1280].map(|steps| error(solver, policy, steps));
    let slope = (errors[0] / errors[1]).log2();
    assert!(
        (slope - order).abs() < 0.12,
        "{solver} with `{policy}` shows order {slope:.3}, not {order}: errors {errors:?}"
    );
}
