//! The second route's intervals and moments contain the exact results.
#![cfg(feature = "oracle")]

#[path = "../src/golden/verify/interval.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the file is a private module of the crate"
)]
mod interval;
#[path = "../src/golden/verify/number.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the file is a private module of the crate"
)]
mod number;
#[path = "../src/golden/verify/weights.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the file is a private module of the crate"
)]
mod weights;

use dpm_spec::arithmetic;
use interval::Interval;
use number::Constants;
use proptest::prelude::*;
use rug::float::Round;
use rug::ops::Pow;
use rug::{Float, Rational};

const PRECISION: u32 = 64;
/// Enough that its own error is far below the width of the intervals.
const FINE: u32 = 400;

/// An interval, and a rational inside it that is in general no float.
fn enclosed() -> impl Strategy<Value = (Interval, Rational)> {
    let bound = (-1_000_000_000_i64..1_000_000_000, -40_i32..40);
    (bound, 0_i64..1000, 0_i64..=12).prop_map(|((mantissa, exponent), width, place)| {
        let lower = Rational::from(mantissa) << exponent;
        let span = Rational::from(width) << (exponent - 5);
        let float = |x: Rational| Float::with_val_round(FINE, x, Round::Nearest).0;
        let inside = &lower + Rational::from((place, 12)) * &span;
        let upper = float(&lower + span);
        let bounds = [float(lower), upper].map(|x| Float::with_val(PRECISION, x));
        let [lower, upper] = bounds;
        (Interval::between(lower, upper), inside)
    })
}

fn holds(interval: &Interval, exact: &Rational) -> bool {
    interval.lower() <= exact && interval.upper() >= exact
}

fn holds_float(interval: &Interval, fine: &Float) -> bool {
    !fine.is_nan() && interval.lower() <= fine && interval.upper() >= fine
}

fn bounded(interval: &Interval) -> bool {
    interval.lower().is_finite()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn rational_operations_contain_the_exact_result((x, a) in enclosed(), (y, b) in enclosed()) {
        prop_assert!(holds(&x, &a) && holds(&y, &b));
        prop_assert!(holds(&x.add(&y), &Rational::from(&a + &b)));
        prop_assert!(holds(&x.sub(&y), &Rational::from(&a - &b)));
        prop_assert!(holds(&x.mul(&y), &Rational::from(&a * &b)));
        prop_assert!(holds(&x.neg(), &Rational::from(-&a)));
        prop_assert!(holds(&x.hull(&y), &a) && holds(&x.hull(&y), &b));
        let divides = *y.lower() > 0 || *y.upper() < 0;
        prop_assert_eq!(bounded(&x.div(&y)), divides);
        if divides {
            prop_assert!(holds(&x.div(&y), &Rational::from(&a / &b)));
        }
        if let Some(below) = x.is_below(&y) {
            prop_assert_eq!(below, a < b);
        }
        prop_assert!(holds(&Interval::rational(PRECISION, &Rational::from(&a / 7)), &(a / 7)));
    }

    #[test]
    fn functions_contain_the_exact_result((x, a) in enclosed(), num in 1_u32..8, den in 1_u32..8) {
        let fine = Float::with_val(FINE, &a);
        if fine.clone().abs() < 1e6 {
            prop_assert!(holds_float(&x.exp(), &fine.clone().exp()));
        }
        prop_assert_eq!(bounded(&x.ln()), *x.lower() > 0);
        if *x.lower() > 0 {
            prop_assert!(holds_float(&x.ln(), &fine.clone().ln()));
            prop_assert!(holds_float(&x.sqrt(), &fine.clone().sqrt()));
            let power = Float::with_val(FINE, Pow::pow(&fine, num)).root(den);
            prop_assert!(holds_float(&x.pow(num, den), &power));
        }
        if *x.lower() >= 0 && *x.upper() <= 3 {
            prop_assert!(holds_float(&x.cos(), &fine.clone().cos()));
        }
        if *x.lower() >= -1 && *x.upper() <= 1 {
            prop_assert!(holds_float(&x.acos(), &fine.acos()));
        }
    }
}

/// int_0^1 e^{z (1-u)} u^k du, from k moments before: by parts (k I_{k-1} - 1)/z.
fn unit_moments(z: &Float) -> [Float; 3] {
    let zeroth = Float::with_val(z.prec(), z.exp_m1_ref()) / z;
    let first = Float::with_val(z.prec(), &zeroth - 1) / z;
    let second = (first.clone() * 2 - 1) / z;
    [zeroth, first, second]
}

#[test]
fn moments_contain_the_exact_integrals_from_tiny_to_large_steps() {
    let constants = Constants {
        precision: PRECISION,
    };
    for (num, exponent) in (1..30).flat_map(|num| (-20_i32..5).map(move |e| (num, e))) {
        let exact: Rational = Rational::from((num, 3)) << exponent;
        for c in [-2, -1, 1] {
            let fine = Float::with_val(2000, &exact);
            let [zeroth, first, second] = unit_moments(&Float::with_val(2000, c * &fine));
            let h = constants.exact(exact.clone());
            // The basis on 0, 1, 2 ends in u (u - 1)/2.
            let positions = [0, 1, 2].map(|at| constants.integer(at));
            let on = |count: usize| {
                let c = constants.integer(c);
                let weights = weights::weights(&h, &c, &positions[..count], weights::Rule::Exact);
                weights[count - 1].enclosure()
            };
            let curved = (second - &first) / 2;
            for (count, exact) in [(1, zeroth), (2, first), (3, curved)] {
                let weight = on(count);
                assert!(
                    holds_float(&weight, &(exact * &fine)),
                    "{num}/3 2^{exponent} {c} {count}"
                );
                let width = Float::with_val(PRECISION, weight.upper() - weight.lower());
                assert!(
                    width < fine.clone().exp() * 1e-13,
                    "{num}/3 2^{exponent} {c} {count}"
                );
            }
        }
    }
}

#[test]
fn pi_lies_inside_and_what_cannot_be_bounded_is_the_whole_line() {
    let pi = Float::with_val(FINE, rug::float::Constant::Pi);
    assert!(holds_float(&Interval::pi(PRECISION), &pi));
    let one = Interval::rational(PRECISION, &Rational::from(1));
    let zero = one.sub(&one);
    let line = one.div(&zero);
    assert!(!bounded(&line) && !line.upper().is_finite());
    for lost in [
        line.mul(&zero),
        line.add(&one),
        line.sub(&line),
        zero.ln(),
        line.cos(),
    ] {
        assert!(!bounded(&lost));
    }
    assert_eq!(line.is_below(&one), None);
}
