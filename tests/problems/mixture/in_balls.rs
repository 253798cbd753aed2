//! Enclosures: they hold what they should, are as narrow as promised, and refuse the rest.

use super::{CASES, cases, config};
use dpm_spec::arithmetic::{Ball, Field, Magnitude, Real, Special};
use dpm_spec::problem::{Model, Passage, Problem, solution_within};
use proptest::prelude::*;
use rug::Float;

/// A ball of that radius, and a point of it.
fn ball(mid: f64, radius: i64, place: f64, bits: u32) -> (Ball, Float) {
    let mid = Float::with_val(bits, mid);
    let reach = Float::with_val(1000, place) >> (-radius) as u32;
    let point = Float::with_val(1000, &mid + &reach);
    (
        Ball::with_radius(mid, Magnitude::power_of_two(radius)),
        point,
    )
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn balls_of_mixtures_hold_the_values_at_every_point(
        case in cases(), bits in 64..300_u32, deviations in -7.0..7.0_f64,
        lambdas in [-3.0..3.0_f64, -3.0..3.0], radii in [-200..-20_i64, -200..-20, -200..-20],
        places in [-1.0..1.0_f64, -1.0..1.0, -1.0..1.0]
    ) {
        let [s, t] = lambdas.map(|lambda| (-2.0 * lambda).exp());
        let (z, z_point) = ball(case.point(deviations, s), radii[0], places[0], bits);
        let (s, s_point) = ball(s, radii[1], places[1], bits);
        let (t, t_point) = ball(t, radii[2], places[2], bits);
        let enclosing: Model<Ball> = case.model(&Ball::exact(Float::with_val(bits, 1)));
        let exact: Model<Float> = case.model(&Float::with_val(1000, 1));
        let data = enclosing.denoise(&s, std::slice::from_ref(&z)).unwrap().remove(0);
        let value = exact.denoise(&s_point, std::slice::from_ref(&z_point)).unwrap().remove(0);
        prop_assert!(data.contains(&value), "denoiser {data:?} without {value:.40}");
        let condition = case.condition((s.to_f64(), z.to_f64()), (t.to_f64(), t.to_f64()));
        match enclosing.solution(std::slice::from_ref(&z), &s, &t) {
            Ok(moved) => {
                let value = exact.solution(&[z_point], &s_point, &t_point).unwrap().remove(0);
                prop_assert!(moved[0].contains(&value), "solution {:?} without {value:.40}", moved[0]);
            }
            Err(error) => {
                prop_assert_eq!(error.code.text(), "E-UNDECIDED");
                let narrow = bits > 128 && radii.iter().all(|radius| *radius < -100);
                prop_assert!(!narrow || condition > 1e6, "{}", error);
            }
        }
    }
}

#[test]
fn published_mixture_is_enclosed_to_200_bits_at_256() {
    for (name, bound) in [("mixture", -201), ("rotated-mixture", -201)] {
        let one = Ball::exact(Float::with_val(256, 1));
        let model = Problem::parse(name).unwrap().model(&one);
        // lambda from -2 to 2
        let [first, last] = [-4.0, 4.0].map(|x: f64| one.from_f64(-x).exp());
        let start = model.start(&first).unwrap();
        for end in model.solution(&start, &first, &last).unwrap() {
            assert!(end.radius().exponent() < Some(bound), "{name}: {end:?}");
        }
    }
}

#[test]
fn precision_is_raised_where_a_mixture_needs_it() {
    // where the tails of far components cross, the density at the end is 1e-100 and less
    let problem = Problem::parse(CASES[4]).unwrap();
    let passage = |one: &Ball| {
        let z = one.like(-12, 1);
        Ok(Passage {
            z: vec![z],
            tau_s: one.like(20, 1),
            tau_t: one.like(1, 100),
        })
    };
    let ends = solution_within(&problem, 200, passage).unwrap();
    assert!(ends[0].radius().exponent() < Some(-200), "{:?}", ends[0]);
    assert!(ends[0].precision() >= 256);
}

/// (x - r)(x^2 + 1) and its derivative.
fn cubic(x: &Ball, r: &Ball) -> (Ball, Ball) {
    let (square, distance) = (x.clone() * x + &x.like(1, 1), x.clone() - r);
    (
        distance.clone() * &square,
        square + &(distance * x * &x.like(2, 1)),
    )
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn interval_newton_certifies_nothing_but_roots(root in -8..8_i128, start in -9.0..9.0_f64, close in 0..100_u32) {
        let one = Ball::exact(Float::with_val(128, 1));
        let r = one.like(root, 1);
        for (x, near) in [(one.from_f64(start), false), (one.from_f64(start) * &one.like(1, 1 << close) + &r, close > 8)] {
            match x.center().certified_root(&cubic(&x.center(), &r).0, |at| cubic(at, &r).1) {
                Ok(found) => prop_assert!(found.contains(&Float::with_val(128, root)), "{:?} without {}", found, root),
                Err(error) => {
                    prop_assert_eq!(error.code.text(), "E-UNDECIDED");
                    prop_assert!(!near, "{:?} is near {}", x, root);
                }
            }
        }
    }
}

#[test]
fn wrong_roots_are_refused() {
    let one = Ball::exact(Float::with_val(128, 1));
    let square = |x: &Ball| x.clone() * x - &x.like(2, 1);
    let slope = |x: &Ball| x.clone() * &x.like(2, 1);
    let certified = |x: f64| {
        let x = one.from_f64(x);
        x.certified_root(&square(&x), slope)
    };
    assert!(
        certified(std::f64::consts::SQRT_2)
            .unwrap()
            .contains(&Float::with_val(300, 2).sqrt())
    );
    for wrong in [10.0, 0.1, 0.0, -0.2, f64::NAN] {
        assert_eq!(
            certified(wrong).unwrap_err().code.text(),
            "E-UNDECIDED",
            "{wrong}"
        );
    }
    // no root at all: x^2 + 2
    let none = |x: &Ball| x.clone() * x + &x.like(2, 1);
    for x in [0.5, 1.0, 30.0].map(|x| one.from_f64(x)) {
        assert!(x.certified_root(&none(&x), slope).is_err());
    }
}
