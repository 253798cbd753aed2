//! What a sampler makes of Gaussian data, against the exact law: weak orders without sampling.

use crate::{Number, number, tau};
use dpm_spec::arithmetic::{DoubleDouble, Real, parse_rational, rational};
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::plan::{Call, Plan, Request, derive};
use dpm_spec::policy::Policy;
use dpm_spec::problem::{Gaussian, Law, Problem, exact_law, gaussian_law};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};
use dpm_spec::threshold::Threshold;

/// Every solver that draws noise, with its weak order.
const STOCHASTIC: [(&str, f64); 9] = [
    ("sde-dpmpp-1", 1.0),
    ("sde-dpm-1", 1.0),
    ("ddim-eta", 1.0),
    ("sde-dpmpp-2m", 2.0),
    ("sde-dpmpp-2m-exact", 2.0),
    ("sde-dpmpp-3m", 2.0),
    ("sde-dpmpp-3m-exact", 2.0),
    ("sde-dpm-2m", 2.0),
    ("sde-dpm-2m-exact", 2.0),
];

/// The finest N: with more outputs the order shows later.
fn finest(solver: &str) -> i128 {
    match solver {
        "sde-dpmpp-3m-exact" => 5120,
        _ => 1280,
    }
}

fn data() -> Gaussian {
    Gaussian::new(vec![rational(1, 2)], vec![rational(1, 4)]).unwrap()
}

pub(crate) fn on_nodes(solver: &str, eta: &str, policy: &str, lambdas: &[(i128, i128)]) -> Request {
    let schedule = Schedule::parse("edm").unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.eta = parse_rational(eta).unwrap();
    recipe.policy = Policy::parse(policy).unwrap();
    let nodes = lambdas.iter().map(|(num, den)| rational(*num, *den));
    let grid = Grid::explicit(Unit::Lambda, nodes.collect()).unwrap();
    Request::new(recipe, schedule, grid, lambdas.len() - 1)
}

/// N equal steps on lambda in [-2, 2].
pub(crate) fn uniform(solver: &str, eta: &str, policy: &str, steps: i128) -> Request {
    let nodes: Vec<(i128, i128)> = (0..=steps).map(|i| (4 * i - 2 * steps, steps)).collect();
    on_nodes(solver, eta, policy, &nodes)
}

/// Steps that alternate 1 : 2 on lambda in [-2, 2].
fn uneven(solver: &str, eta: &str, steps: i128) -> Request {
    let nodes: Vec<(i128, i128)> = (0..=steps)
        .map(|i| (4 * (3 * i - i % 2) - 2 * 3 * steps, 3 * steps))
        .collect();
    on_nodes(solver, eta, "", &nodes)
}

fn plan(request: &Request) -> Plan<Number> {
    derive(request, &number(1.0)).unwrap()
}

/// The solver's law and the exact one.
fn laws(request: &Request, start: &Law<Number>) -> (Law<Number>, Law<Number>) {
    let plan = plan(request);
    let start = std::slice::from_ref(start);
    let of_solver = gaussian_law(&plan, request, &data(), start).unwrap();
    let exact = exact_law(&plan, request, &data(), start).unwrap();
    (of_solver[0].clone(), exact[0].clone())
}

/// Errors of mean and variance.
fn errors(request: &Request, start: &Law<Number>) -> [f64; 2] {
    let (of_solver, exact) = laws(request, start);
    let mean = of_solver.mean - exact.mean;
    let variance = of_solver.variance - exact.variance;
    [mean.to_f64(), variance.to_f64()]
}

fn true_marginal() -> Law<Number> {
    data().marginal(&tau(number(-2.0))).remove(0)
}

fn fixed() -> Law<Number> {
    Law::fixed(number(5.0))
}

/// The errors shrink like N^-order: the slope is within 0.02 of it at the last doubling of N, and
/// closer than before.
#[track_caller]
fn assert_order(name: &str, order: f64, finest: i128, error: impl Fn(i128) -> f64) {
    let [coarse, middle, fine] = [finest / 4, finest / 2, finest].map(error);
    let [before, slope] = [(coarse / middle).log2(), (middle / fine).log2()];
    let distance = (slope - order).abs();
    assert!(
        distance <= 0.02 && distance <= (before - order).abs() + 1e-3,
        "{name}: slopes {before:.4}, {slope:.4} instead of {order}"
    );
}

#[test]
fn weak_order_of_the_variance_is_as_claimed() {
    for (solver, order) in STOCHASTIC {
        for eta in ["1/3", "1"] {
            for (from, start) in [("marginal", true_marginal()), ("fixed", fixed())] {
                let name = format!("{solver}, eta = {eta}, {from} start, variance");
                assert_order(&name, order, finest(solver), |n| {
                    errors(&uniform(solver, eta, "", n), &start)[1]
                });
            }
        }
    }
}

#[test]
fn weak_order_of_the_variance_holds_on_uneven_steps() {
    for (solver, order) in STOCHASTIC {
        let name = format!("{solver}, uneven");
        assert_order(&name, order, 5120, |n| {
            errors(&uneven(solver, "1/2", n), &fixed())[1]
        });
    }
}

#[test]
fn weak_order_of_the_mean_is_as_claimed() {
    for (solver, order) in STOCHASTIC {
        let name = format!("{solver}, mean");
        assert_order(&name, order, finest(solver), |n| {
            errors(&uniform(solver, "1/3", "", n), &fixed())[0]
        });
    }
}

/// One first-order step costs O(h^2), once: as much as a second-order method makes anyway.
#[test]
fn starting_with_ddim_keeps_weak_order_two() {
    for (solver, order) in STOCHASTIC.iter().filter(|(_, order)| *order == 2.0) {
        for policy in ["start=ramp", "start=exact"] {
            let name = format!("{solver}, {policy}");
            assert_order(&name, *order, finest(solver), |n| {
                errors(&uniform(solver, "1/2", policy, n), &fixed())[1]
            });
        }
    }
}

#[test]
fn the_mean_of_the_exact_three_step_solver_has_order_three_from_an_exact_start() {
    assert_order("3m-exact, mean", 3.0, 1280, |n| {
        errors(
            &uniform("sde-dpmpp-3m-exact", "3/4", "start=exact", n),
            &fixed(),
        )[0]
    });
    assert_order("3m, mean", 2.0, 1280, |n| {
        errors(&uniform("sde-dpmpp-3m", "3/4", "start=exact", n), &fixed())[0]
    });
}

/// The data prediction is constant along the mean, which is proportional to v.
#[test]
fn mean_of_data_solvers_is_exact_at_eta_one() {
    for solver in [
        "sde-dpmpp-1",
        "ddim-eta",
        "sde-dpmpp-2m",
        "sde-dpmpp-2m-exact",
        "sde-dpmpp-3m",
        "sde-dpmpp-3m-exact",
    ] {
        for steps in [1, 2, 3, 10] {
            let [mean, variance] = errors(&uniform(solver, "1", "", steps), &fixed());
            assert!(mean.abs() < 1e-30, "{solver}, N = {steps}: {mean:e}");
            assert!(variance.abs() > 1e-4, "{solver}, N = {steps}: {variance:e}");
        }
    }
    let [mean, _] = errors(&uniform("sde-dpm-2m", "1", "", 10), &fixed());
    assert!(mean.abs() > 1e-4, "the noise form's is not: {mean:e}");
}

#[test]
fn ddim_eta_approximates_the_sde_of_eta_squared() {
    let ddim_eta = laws(&uniform("ddim-eta", "1/2", "", 1280), &fixed());
    let same = laws(&uniform("sde-dpmpp-1", "1/4", "", 1280), &fixed());
    let other = laws(&uniform("sde-dpmpp-1", "1/2", "", 1280), &fixed());
    assert_eq!(ddim_eta.1, same.1);
    let distance = |a: &Law<Number>, b: &Law<Number>| (a.variance - b.variance).to_f64().abs();
    assert!(distance(&ddim_eta.0, &same.1) < 2e-3);
    assert!(distance(&ddim_eta.0, &other.1) > 5e-2);
}

#[test]
fn exact_law_composes_and_keeps_the_marginal() {
    let onward = |from: (i128, i128), to: (i128, i128), start: &Law<Number>| {
        laws(&on_nodes("sde-dpmpp-1", "2/3", "", &[from, to]), start).1
    };
    for start in [
        fixed(),
        Law {
            mean: number(-3.0),
            variance: number(0.7),
        },
    ] {
        let halfway = onward((-2, 1), (3, 10), &start);
        let (in_two, in_one) = (
            onward((3, 10), (2, 1), &halfway),
            onward((-2, 1), (2, 1), &start),
        );
        assert!((in_two.mean - in_one.mean).to_f64().abs() < 1e-29);
        assert!((in_two.variance - in_one.variance).to_f64().abs() < 1e-29);
    }
    let kept = onward((-2, 1), (2, 1), &true_marginal());
    let marginal = data().marginal(&tau(number(2.0))).remove(0);
    assert!((kept.mean - marginal.mean).to_f64().abs() < 1e-29);
    assert!((kept.variance - marginal.variance).to_f64().abs() < 1e-29);
}

/// The same law by another route: the plan is run on unit vectors, and the squares are summed.
#[test]
fn law_is_what_running_the_plan_on_impulses_gives() {
    let deterministic =
        ["ddim", "dpmpp-3m", "dpm-3m-exact", "dpmpp-2s", "dpm-3s"].map(|id| (id, "0"));
    let stochastic = STOCHASTIC.map(|(id, _)| (id, "1/3"));
    for (solver, eta) in deterministic.into_iter().chain(stochastic) {
        let single_step = ["dpmpp-2s", "dpm-3s"].contains(&solver);
        let policies: &[&str] = match single_step {
            true => &[""],
            false => &["start=ramp", "start=exact"],
        };
        for policy in policies {
            let request = uniform(solver, eta, policy, 6);
            let start = Law {
                mean: number(3.0),
                variance: number(1.5),
            };
            let law = laws(&request, &start).0;
            let other = by_impulses(&request, &start);
            let distance = [law.mean - other.mean, law.variance - other.variance];
            for distance in distance.map(|d| d.to_f64().abs()) {
                assert!(distance < 1e-28, "{solver} {policy}: {distance:e}");
            }
        }
    }
}

/// Result of the plan for given start states and noises, with the network that the recipe predicts.
fn run(request: &Request, starts: &[Number], noise_at: Option<usize>, homogeneous: bool) -> Number {
    let plan = plan(request);
    let model = Problem::Gaussian(data()).model(&number(1.0));
    let network = |call: &Call<'_, Number>| {
        let (sigma, scale) = (call.node.point.sigma, call.node.input_scale);
        let x = call.input[0] / scale;
        let tau = sigma * sigma;
        let shift = if homogeneous {
            model.denoise(&tau, &[number(0.0)])?[0]
        } else {
            number(0.0)
        };
        let data = model.denoise(&tau, &[x])?[0] - shift;
        let conversion = request.recipe.prediction.conversion(
            Side::Data,
            &call.node.point,
            &request.schedule,
        )?;
        Ok(vec![(data - conversion.state * x) / conversion.output])
    };
    let noise = |k| Ok(vec![number(if Some(k) == noise_at { 1.0 } else { 0.0 })]);
    let starts: Vec<Vec<Number>> = starts.iter().map(|x| vec![*x]).collect();
    plan.run(&starts, network, noise).unwrap()[0]
}

fn by_impulses(request: &Request, start: &Law<Number>) -> Law<Number> {
    let plan = plan(request);
    let given = plan.initial.states;
    // Exact states: means and covariances of the SDE at the first nodes.
    let lambdas: Vec<(i128, i128)> = (0..given as i128).map(|i| (4 * i - 12, 6)).collect();
    let eta = request.recipe.eta.to_string();
    let solver = request.recipe.solver.to_string();
    let law_at = |from: usize, to: usize, start: &Law<Number>| match from == to {
        true => start.clone(),
        false => {
            laws(
                &on_nodes(&solver, &eta, "", &[lambdas[from], lambdas[to]]),
                start,
            )
            .1
        }
    };
    let states: Vec<Law<Number>> = (0..given).map(|i| law_at(0, i, start)).collect();
    let means: Vec<Number> = states.iter().map(|law| law.mean).collect();
    let zeros = vec![number(0.0); given];
    let coefficients: Vec<Number> = (0..given)
        .map(|i| {
            let mut unit = zeros.clone();
            unit[i] = number(1.0);
            run(request, &unit, None, true)
        })
        .collect();
    let mut variance = number(0.0);
    for i in 0..given {
        for j in 0..given {
            let (first, second) = (i.min(j), i.max(j));
            // What a unit distance becomes is the difference of two conditional means.
            let onward = |z: f64| law_at(first, second, &Law::fixed(number(z))).mean;
            let covariance = states[first].variance * (onward(1.0) - onward(0.0));
            variance = variance + coefficients[i] * coefficients[j] * covariance;
        }
    }
    for k in 0..plan.noises() {
        let coefficient = run(request, &zeros, Some(k), true);
        variance = variance + coefficient * coefficient;
    }
    let mean = run(request, &means, None, false);
    Law { mean, variance }
}

#[test]
fn laws_that_cannot_be_had_are_refused() {
    let request = uniform("sde-dpmpp-1", "1", "", 4);
    let mut thresholded = plan(&request);
    thresholded.threshold = Some(Threshold::Static {
        bound: rational(1, 1),
    });
    let refused = |plan: &Plan<Number>, request: &Request, start: &[Law<Number>]| {
        let error = gaussian_law(plan, request, &data(), start).unwrap_err();
        error.code.text()
    };
    assert_eq!(refused(&thresholded, &request, &[fixed()]), "E-THRESHOLD");
    let two = [fixed(), fixed()];
    assert_eq!(refused(&plan(&request), &request, &two), "E-SHAPE");
    let schedule = Schedule::parse("flow").unwrap();
    let recipe = Recipe::new(Solver::parse("sde-dpmpp-1").unwrap(), &schedule);
    let from_noise = Request::new(recipe, schedule, Grid::parse("time").unwrap(), 4);
    let plan: Plan<DoubleDouble> = plan(&from_noise);
    assert_eq!(refused(&plan, &from_noise, &[fixed()]), "E-DOMAIN");
}
