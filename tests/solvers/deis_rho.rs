use crate::flow::shows_order;
use crate::moments::{Number, RATIOS, STEPS, equal, h_phi, number, ratio, step};
use dpm_spec::arithmetic::{Field, Real};
use dpm_spec::solver::{Method, multistep_weights, weights_to_no_noise};

/// rho at a node in units of the rho where the step begins, from its distance in lambda.
fn rho(distance: Number) -> Number {
    (-distance).exp()
}

/// 0 and the older nodes in lambda, for ratios r_0, r_1 and again r_0.
fn nodes(h: f64, (r0, r1): (f64, f64), points: usize) -> Vec<Number> {
    let steps = [r0, r1, r0].map(|r| number(r) * number(h));
    let mut nodes = vec![number(0.0)];
    for length in steps.iter().take(points - 1) {
        nodes.push(nodes[nodes.len() - 1] - *length);
    }
    nodes
}

fn power(base: Number, exponent: usize) -> Number {
    (0..exponent).fold(number(1.0), |product, _| product * base)
}

/// u = x/sigma moves by (1/rho_t) times the integral of eps along rho: for eps = rho^k that is
/// (rho_s^(k+1) - rho_t^(k+1))/((k+1) rho_t).
#[test]
fn its_weights_integrate_polynomials_in_rho() {
    for points in 2..=4 {
        for h in STEPS {
            for ratios in RATIOS {
                let r = [ratios.0, ratios.1, ratios.0].map(number);
                let at = step(h, 1.0);
                let weights = multistep_weights(Method::DeisRho(points), &at, &r[..points - 1]);
                assert_eq!(weights.len(), points);
                let nodes = nodes(h, ratios, points);
                let end = rho(number(h));
                for k in 0..points {
                    let terms = weights
                        .iter()
                        .zip(&nodes)
                        .map(|(w, n)| *w * power(rho(*n), k));
                    let (mut sum, mut scale) = (number(0.0), number(1e-9));
                    for term in terms {
                        sum = sum + term;
                        scale = if term.to_f64().abs() > scale.to_f64().abs() {
                            term
                        } else {
                            scale
                        };
                    }
                    let exact = (number(1.0) - power(end, k + 1)) / (number(k as f64 + 1.0) * end);
                    equal(
                        &format!("{points} points, h = {h}, {ratios:?}, rho^{k}"),
                        sum,
                        exact,
                        scale,
                    );
                }
                let total = weights.iter().fold(number(0.0), |sum, w| sum + *w);
                let largest = weights.iter().fold(1.0_f64, |m, w| m.max(w.to_f64().abs()));
                equal("sum", total, h_phi(1, h, 1.0), number(largest));
            }
        }
    }
}

/// With equal steps in rho it is the classical method, whatever their length.
#[test]
fn with_equal_steps_in_rho_it_has_the_classical_weights() {
    let classical: [&[(i128, i128)]; 3] = [
        &[(3, 2), (-1, 2)],
        &[(23, 12), (-16, 12), (5, 12)],
        &[(55, 24), (-59, 24), (37, 24), (-9, 24)],
    ];
    // rho = 8, 7, 6, 5 and then 4: the step begins at 5.
    let lambda = [5, 6, 7, 8].map(|rho| -ratio(rho, 5).ln());
    let h = -ratio(4, 5).ln();
    for expected in classical {
        let points = expected.len();
        let before = lambda.windows(2).map(|pair| (pair[0] - pair[1]) / h);
        let ratios: Vec<Number> = before.take(points - 1).collect();
        let at = dpm_spec::solver::Step::new(h, &number(1.0));
        let weights = multistep_weights(Method::DeisRho(points), &at, &ratios);
        for (weight, (num, den)) in weights.iter().zip(expected) {
            equal(
                "classical",
                *weight / h.exp_m1(),
                ratio(*num, *den),
                number(1.0),
            );
        }
    }
}

/// To sigma = 0 from rho = 1, 2, 3, 4: the same classical weights.
#[test]
fn to_sigma_zero_its_weights_have_the_limit() {
    let lambda = [1, 2, 3, 4].map(|rho| -ratio(rho, 1).ln());
    let before: Vec<Number> = lambda.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let weights = weights_to_no_noise(Method::DeisRho(4), &before).unwrap();
    for (weight, num) in weights.iter().zip([55, -59, 37, -9]) {
        equal("limit", *weight, ratio(num, 24), number(1.0));
    }
    assert!(weights_to_no_noise(Method::TwoM, &before).is_none());
    assert!(weights_to_no_noise::<Number>(Method::DeisRho(4), &[]).is_none());
}

#[test]
fn its_order_is_the_number_of_outputs_from_exact_states_and_two_with_a_ddim_step_at_the_end() {
    for (solver, order) in [
        ("deis-rho-2", 2.0),
        ("deis-rho-3", 3.0),
        ("deis-rho-4", 4.0),
    ] {
        shows_order(solver, "start=exact", order);
        shows_order(solver, "start=exact,final=euler", 2.0);
    }
}
