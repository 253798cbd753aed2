//! Nonlinear weak errors: the exact reverse kernel of a mixture, and the solver's law by quadrature.

use crate::moments::{on_nodes, uniform};
use dpm_spec::arithmetic::{Rational, rational};
use dpm_spec::plan::{Call, Plan, Request, derive};
use dpm_spec::problem::{
    Gaussian, Law, Mixture, NormalMixture, Problem, TestFunction, exact_law, gaussian_law,
    weak_errors,
};
use dpm_spec::solver::Side;
use std::f64::consts::TAU;

/// Weights, means and variances of three overlapping components.
const DATA: [[(i128, i128); 3]; 3] = [
    [(1, 2), (3, 10), (1, 5)],
    [(-1, 1), (2, 5), (3, 2)],
    [(1, 10), (1, 20), (1, 5)],
];
const START: f64 = 3.0;

fn numbers(list: &[(i128, i128)]) -> Vec<Rational> {
    list.iter().map(|(num, den)| rational(*num, *den)).collect()
}

fn mixture() -> Mixture {
    let [weights, means, variances] = DATA.map(|list| numbers(&list));
    Mixture::new(weights, means, variances).unwrap()
}

fn plan(request: &Request) -> Plan<f64> {
    derive(request, &1.0).unwrap()
}

/// The density of z at `tau`.
fn marginal(z: f64, tau: f64) -> f64 {
    let number = |(num, den): (i128, i128)| num as f64 / den as f64;
    let part = |i: usize| {
        let [weight, mean, variance] = DATA.map(|list| number(list[i]));
        let v = variance + tau;
        weight * (-(z - mean).powi(2) / (2.0 * v)).exp() / (TAU * v).sqrt()
    };
    (0..3).map(part).sum()
}

/// The trapezoidal rule over [-40, 40].
fn integral(f: impl Fn(f64) -> f64) -> f64 {
    let spacing = 1.0 / 128.0;
    (-5120..=5120)
        .map(|i| f(f64::from(i) * spacing) * spacing)
        .sum()
}

#[track_caller]
fn assert_near(what: &str, got: f64, want: f64, tolerance: f64) {
    let difference = (got - want).abs();
    assert!(
        difference <= tolerance * want.abs().max(1.0),
        "{what}: {got} instead of {want}, {difference:e} apart"
    );
}

#[test]
fn reverse_kernel_is_bayes_rule() {
    let (tau_s, tau_t, z_s) = (4.0, 0.3, -1.7);
    let kernel = mixture().reverse_kernel(z_s, tau_s, tau_t);
    for z in [-2.0, -0.4, 0.5, 1.3] {
        let spread: f64 = tau_s - tau_t;
        let forward = (-(z_s - z).powi(2) / (2.0 * spread)).exp() / (TAU * spread).sqrt();
        let bayes = marginal(z, tau_t) * forward / marginal(z_s, tau_s);
        assert_near("density", kernel.density(z), bayes, 1e-14);
    }
}

/// Chapman-Kolmogorov: going by way of tau_r is going at once.
#[test]
fn reverse_kernel_composes() {
    let (tau_s, tau_r, tau_t) = (4.0, 1.2, 0.3);
    let mixture = mixture();
    let halfway = mixture.reverse_kernel(START, tau_s, tau_r);
    let at_once = mixture.reverse_kernel(START, tau_s, tau_t);
    for test in TestFunction::ALL {
        let in_two = integral(|z| {
            halfway.density(z) * mixture.reverse_kernel(z, tau_r, tau_t).expectation(test)
        });
        assert_near(&test.to_string(), in_two, at_once.expectation(test), 1e-13);
    }
}

#[test]
fn reverse_kernel_keeps_the_marginal() {
    let (tau_s, tau_t) = (4.0, 0.3);
    for z in [-1.5, 0.0, 0.9] {
        let mixed = integral(|z_s| {
            marginal(z_s, tau_s) * mixture().reverse_kernel(z_s, tau_s, tau_t).density(z)
        });
        assert_near("density", mixed, marginal(z, tau_t), 1e-13);
    }
}

#[test]
fn expectations_are_those_of_the_density() {
    let kernel: NormalMixture = mixture().reverse_kernel(START, 4.0, 0.3);
    let functions: [fn(f64) -> f64; 4] = [|z| z, |z| z * z, |z| z.powi(4), f64::cos];
    for (test, f) in TestFunction::ALL.into_iter().zip(functions) {
        let integrated = integral(|z| f(z) * kernel.density(z));
        assert_near(
            &test.to_string(),
            kernel.expectation(test),
            integrated,
            1e-13,
        );
    }
}

/// One component is Gaussian data, where the law is known by another route.
#[test]
fn quadrature_of_one_component_is_the_exact_propagation() {
    let (mean, variance) = (vec![rational(1, 2)], vec![rational(1, 4)]);
    let gaussian = Gaussian::new(mean.clone(), variance.clone()).unwrap();
    let one = Mixture::new(vec![rational(1, 1)], mean, variance).unwrap();
    for solver in [
        "sde-dpmpp-1",
        "sde-dpm-1",
        "sde-dpmpp-2m",
        "sde-dpm-2m-exact",
    ] {
        for steps in [1, 2, 7] {
            let request = uniform(solver, "1", "", steps);
            let plan = plan(&request);
            let start = [Law::fixed(START)];
            let solved = &gaussian_law(&plan, &request, &gaussian, &start).unwrap()[0];
            let exact = &exact_law(&plan, &request, &gaussian, &start).unwrap()[0];
            for found in weak_errors(&plan, &request, &one, START).unwrap() {
                let name = format!("{solver}, N = {steps}, {}", found.test);
                let law = |law: &Law<f64>| found.test.expectation(law.mean, law.variance);
                assert_near(&name, found.solver, law(solved), 1e-11);
                assert_near(&name, found.exact, law(exact), 1e-12);
            }
        }
    }
}

/// The plan is run for every combination of noises on a grid: nothing is shared with the transport.
#[test]
fn quadrature_is_what_running_the_plan_on_all_noises_gives() {
    let model = Problem::Mixture(mixture()).model(&1.0);
    let spacing = 0.3;
    let noises: Vec<f64> = (-28..=28).map(|i| f64::from(i) * spacing).collect();
    for solver in ["sde-dpmpp-1", "sde-dpmpp-2m", "sde-dpm-2m", "ddim-eta"] {
        let request = on_nodes(solver, "1", "", &[(-1, 1), (-1, 2), (0, 1), (1, 2)]);
        let plan = plan(&request);
        let network = |call: &Call<'_, f64>| {
            let (sigma, x) = (call.node.point.sigma, call.input[0] / call.node.input_scale);
            let data = model.denoise(&(sigma * sigma), &[x])?[0];
            let conversion = request.recipe.prediction.conversion(
                Side::Data,
                &call.node.point,
                &request.schedule,
            )?;
            Ok(vec![(data - conversion.state * x) / conversion.output])
        };
        let mut sums = [0.0; 4];
        for first in &noises {
            for second in &noises {
                for third in &noises {
                    let drawn = [*first, *second, *third];
                    let z = plan
                        .run(&[vec![START]], network, |k| Ok(vec![drawn[k]]))
                        .unwrap()[0];
                    let square: f64 = drawn.iter().map(|xi| xi * xi).sum();
                    let weight = (-square / 2.0).exp() * (spacing / TAU.sqrt()).powi(3);
                    for (sum, f) in sums.iter_mut().zip([z, z * z, z.powi(4), z.cos()]) {
                        *sum += weight * f;
                    }
                }
            }
        }
        for (found, sum) in weak_errors(&plan, &request, &mixture(), START)
            .unwrap()
            .iter()
            .zip(sums)
        {
            assert_near(
                &format!("{solver}, {}", found.test),
                found.solver,
                sum,
                1e-11,
            );
        }
    }
}

/// z^2, z^4 and cos z: the slope at the last doubling of N, which ends at `finest`, is near `order`.
#[track_caller]
fn assert_nonlinear_order(solver: &str, order: f64, finest: i128, tolerance: f64) {
    let errors = [finest / 2, finest].map(|steps| {
        let request = uniform(solver, "1", "", steps);
        weak_errors(&plan(&request), &request, &mixture(), START).unwrap()
    });
    for (coarse, fine) in errors[0].iter().zip(&errors[1]).skip(1) {
        let slope = (coarse.error() / fine.error()).log2();
        assert!(
            (slope - order).abs() <= tolerance,
            "{solver}, {}: slope {slope} instead of {order}",
            fine.test
        );
    }
}

#[test]
fn nonlinear_weak_order_of_first_order_solvers_is_one() {
    for solver in ["sde-dpmpp-1", "sde-dpm-1", "ddim-eta"] {
        assert_nonlinear_order(solver, 1.0, 256, 0.03);
    }
}

#[test]
fn nonlinear_weak_order_of_sde_dpmpp_2m_is_two() {
    assert_nonlinear_order("sde-dpmpp-2m", 2.0, 64, 0.07);
}

#[test]
fn nonlinear_weak_order_of_sde_dpmpp_2m_exact_is_two() {
    assert_nonlinear_order("sde-dpmpp-2m-exact", 2.0, 64, 0.07);
}

#[test]
fn nonlinear_weak_order_of_sde_dpm_2m_is_two() {
    assert_nonlinear_order("sde-dpm-2m", 2.0, 64, 0.07);
}

#[test]
fn nonlinear_weak_order_of_sde_dpm_2m_exact_is_two() {
    assert_nonlinear_order("sde-dpm-2m-exact", 2.0, 64, 0.07);
}

#[test]
fn laws_that_cannot_be_had_by_quadrature_are_refused() {
    let refused = |request: &Request, mixture: &Mixture| {
        let error = weak_errors(&plan(request), request, mixture, START).unwrap_err();
        error.code.text()
    };
    let half = uniform("sde-dpmpp-1", "1/2", "", 4);
    assert_eq!(refused(&half, &mixture()), "E-ETA");
    assert_eq!(
        refused(&uniform("dpmpp-2m", "0", "", 4), &mixture()),
        "E-ETA"
    );
    let given = uniform("sde-dpmpp-2m", "1", "start=exact", 4);
    assert_eq!(refused(&given, &mixture()), "E-POLICY");
    // Two needles: where the path decides between them is far sharper than any grid.
    let thin = numbers(&[(1, 1_000_000_000), (1, 1_000_000_000)]);
    let means = numbers(&[(-1, 1), (7, 1)]);
    let needles = Mixture::new(numbers(&[(1, 2), (1, 2)]), means, thin).unwrap();
    let late = on_nodes("sde-dpmpp-2m", "1", "", &[(-2, 1), (8, 1), (9, 1), (10, 1)]);
    assert_eq!(refused(&late, &needles), "E-UNDECIDED");
}
