use crate::flow::shows_order_of_adams;
use crate::moments::{COEFFICIENTS, Number, RATIOS, STEPS, equal, h_phi, moment, number, step};
use dpm_spec::arithmetic::Real;
use dpm_spec::solver::{Method, multistep_weights};

/// r_0, r_1, r_2, ... for up to six outputs.
fn ratios((r0, r1): (f64, f64), points: usize) -> Vec<Number> {
    let all = [r0, r1, 1.5 * r0, 0.75 * r1, r0];
    all[..points - 1].iter().map(|r| number(*r)).collect()
}

/// 0, -r_0, -r_0-r_1, ...
fn nodes(ratios: &[Number]) -> Vec<Number> {
    let mut nodes = vec![number(0.0)];
    for ratio in ratios {
        nodes.push(nodes[nodes.len() - 1] - *ratio);
    }
    nodes
}

fn for_each(mut check: impl FnMut((f64, f64), &[Number])) {
    for c in COEFFICIENTS {
        for h in STEPS {
            for pair in RATIOS {
                check((h, c), &ratios(pair, 6));
            }
        }
    }
}

fn factorial(k: u32) -> Number {
    (1..=k).fold(number(1.0), |product, j| product * number(f64::from(j)))
}

#[test]
fn its_weights_integrate_the_polynomial_through_any_number_of_outputs() {
    for_each(|(h, c), ratios| {
        for points in 2..=6_u32 {
            let ratios = &ratios[..points as usize - 1];
            let method = Method::Adams(points as usize);
            let weights = multistep_weights(method, &step(h, c), ratios);
            assert_eq!(weights.len(), points as usize);
            for k in 0..points {
                let what = format!("{points} points, c = {c}, h = {h}, {ratios:?}");
                let exact = factorial(k) * h_phi(k + 1, h, c);
                moment(&what, &weights, &nodes(ratios), k, exact);
            }
        }
    });
}

/// A ratio that is not there is infinite: the formula of fewer outputs, those of the catalogue.
#[test]
fn of_two_and_three_outputs_it_is_2m_exact_and_3m_exact() {
    for_each(|(h, c), ratios| {
        for (count, lower) in [(1, Method::TwoMExact), (2, Method::ThreeMExact)] {
            let ratios = &ratios[..count];
            let four = multistep_weights(Method::Adams(4), &step(h, c), ratios);
            let own = multistep_weights(lower, &step(h, c), ratios);
            let largest = own.iter().fold(1e-9_f64, |m, w| m.max(w.to_f64().abs()));
            assert_eq!(four.len(), own.len());
            for (a, b) in four.iter().zip(own) {
                equal("lower order", *a, b, number(largest));
            }
        }
    });
}

/// The solution of a x = b by elimination with the largest pivot.
fn solved(mut a: Vec<Vec<Number>>, mut b: Vec<Number>) -> Vec<Number> {
    let n = b.len();
    for k in 0..n {
        let size = |i: usize| a[i][k].to_f64().abs();
        let pivot = (k..n).max_by(|i, j| size(*i).total_cmp(&size(*j))).unwrap();
        a.swap(k, pivot);
        b.swap(k, pivot);
        for i in (0..n).filter(|i| *i != k) {
            let factor = a[i][k] / a[k][k];
            let row = a[k].clone();
            for (entry, above) in a[i].iter_mut().zip(row) {
                *entry = *entry - factor * above;
            }
            b[i] = b[i] - factor * b[k];
        }
    }
    (0..n).map(|k| b[k] / a[k][k]).collect()
}

/// Zhao et al. (2023), Theorem 3.1 and Corollary 3.2: sum_m rho_m r_m^(i-1) = i! H_(i+1)/B for i = 1 to p - 1, where
/// r_m < 0 are the places of the outputs in units of h, and g_0 H_1 + B sum_m rho_m (g_m - g_0)/r_m.
/// These equations are the moments of the weights B rho_m/r_m, so that B falls out of them.
#[test]
fn unip_of_order_three_and_four_is_exact_adams_with_either_b() {
    for_each(|(h, c), ratios| {
        for (points, method) in [(3, Method::ThreeMExact), (4, Method::Adams(4))] {
            let ratios = &ratios[..points - 1];
            let places = &nodes(ratios)[1..];
            let own = multistep_weights(method, &step(h, c), ratios);
            for b in [number(h), h_phi(1, h, c)] {
                let power = |r: Number, i| (0..i).fold(number(1.0), |p, _| p * r);
                let rows = (0..points - 1).map(|i| places.iter().map(|r| power(*r, i)).collect());
                let right = (1..points as u32).map(|i| factorial(i) * h_phi(i + 1, h, c) / b);
                let rho = solved(rows.collect(), right.collect());
                let older = rho.iter().zip(places).map(|(rho, r)| b * *rho / *r);
                let older: Vec<Number> = older.collect();
                let first = older.iter().fold(h_phi(1, h, c), |sum, w| sum - *w);
                let largest = own.iter().fold(1e-9_f64, |m, w| m.max(w.to_f64().abs()));
                // Elimination loses digits where ratios are far from 1.
                let scale = number(largest * 4096.0);
                for (a, b) in [first].iter().chain(&older).zip(&own) {
                    equal("UniP", *a, *b, scale);
                }
            }
        }
    });
}

/// With equal steps and h -> 0 the classical weights; in noise form at h the data form's at -h.
#[test]
fn it_tends_to_the_classical_method_and_is_dual() {
    let (equal_steps, h) = (vec![number(1.0); 3], 1e-6);
    let weights = multistep_weights(Method::Adams(4), &step(h, -1.0), &equal_steps);
    for (weight, numerator) in weights.iter().zip([55.0, -59.0, 37.0, -9.0]) {
        let off = (*weight / number(h)).to_f64() - numerator / 24.0;
        assert!(off.abs() < 4.0 * h, "{weight:?} is not h {numerator}/24");
    }
    let uneven = ratios((0.6, 1.7), 4);
    let noise = multistep_weights(Method::Adams(4), &step(0.7, 1.0), &uneven);
    let data = multistep_weights(Method::Adams(4), &step(-0.7, -1.0), &uneven);
    for (a, b) in noise.iter().zip(&data) {
        equal("duality", *a, -*b, *a);
    }
}

#[test]
fn its_order_is_four_from_exact_states_and_two_with_a_ddim_step() {
    for solver in ["dpmpp-4m-exact", "dpm-4m-exact"] {
        shows_order_of_adams(solver, 4.0);
    }
}
