//! Balls where arithmetic has edges: zeros, domains, overflow, NaN, widths of nothing and of
//! everything. The cases follow those that IEEE 1788 sets for intervals.
#![cfg(feature = "oracle")]

use dpm_spec::Code;
use dpm_spec::arithmetic::{Ball, Field, Magnitude, Real};
use rug::Float;
use rug::float::{Special, exp_max, exp_min};

const BITS: u32 = 256;

fn exact(value: f64) -> Ball {
    Ball::exact(Float::with_val(BITS, value))
}

fn between(lower: f64, upper: f64) -> Ball {
    let (lower, upper) = (Float::with_val(53, lower), Float::with_val(53, upper));
    Ball::enclosing(&lower, &upper, BITS)
}

fn assert_exactly(name: &str, ball: &Ball, value: f64) {
    assert!(ball.radius().is_zero(), "{name}: {ball:?} should be exact");
    assert_eq!(*ball.mid(), value, "{name}");
}

fn power_of_two(exponent: i32) -> Float {
    Float::with_val(BITS, 1) << exponent
}

#[test]
fn exact_results_of_exact_operands_have_radius_zero() {
    assert_exactly("1/2 2", &(exact(0.5) * &exact(2.0)), 1.0);
    assert_exactly("3/4", &(exact(3.0) / &exact(4.0)), 0.75);
    assert_exactly("x - x", &(exact(0.1) - &exact(0.1)), 0.0);
    assert_exactly("ln 1", &exact(1.0).ln(), 0.0);
    assert_exactly("ln_1p 0", &exact(0.0).ln_1p(), 0.0);
    assert_exactly("sqrt 4", &exact(4.0).sqrt(), 2.0);
    assert_exactly("sqrt -0", &exact(-0.0).sqrt(), 0.0);
    assert_exactly("exp 0", &exact(0.0).exp(), 1.0);
    assert_exactly("exp_m1 -0", &exact(-0.0).exp_m1(), 0.0);
    assert_exactly("phi_1 0", &exact(0.0).phi(1), 1.0);
    assert_exactly("phi_2 0", &exact(0.0).phi(2), 0.5);
    assert_exactly("sin_pi 1/2", &exact(0.5).sin_pi(), 1.0);
    assert_exactly("sin_pi 1", &exact(1.0).sin_pi(), 0.0);
    assert_exactly("cos_pi 1/2", &exact(0.5).cos_pi(), 0.0);
    assert_exactly("atan2_pi 1 1", &exact(1.0).atan2_pi(&exact(1.0)), 0.25);
    assert_exactly("4^(1/2)", &exact(4.0).pow(&exact(0.5)), 2.0);
    assert_exactly("[2, 3]^0", &between(2.0, 3.0).pow(&exact(0.0)), 1.0);
    assert_exactly("constant 3/8", &exact(0.1).like(3, 8), 0.375);
    assert_exactly("hull", &exact(0.1).hull(&exact(0.1)), 0.1);
    assert_exactly("from_f64", &exact(1.0).from_f64(5e-324), 5e-324);
    assert_exactly("from_f64", &exact(1.0).from_f64(f64::MAX), f64::MAX);
}

#[test]
fn inexact_constants_are_enclosed() {
    for (numerator, denominator) in [(1, 3), (-2, 7), (i128::MAX, 3), (1, i128::MAX)] {
        let value = exact(1.0).like(numerator, denominator);
        let back = value.clone() * &exact(1.0).like(denominator, 1);
        let expected = Float::with_val(BITS, numerator);
        assert!(
            !value.radius().is_zero() && back.contains(&expected),
            "{value:?}"
        );
    }
}

#[test]
fn a_divisor_that_holds_zero_is_a_typed_error() {
    let divisors = [
        exact(0.0),
        exact(-0.0),
        between(-1.0, 1.0),
        between(0.0, 1.0),
        between(-1.0, 0.0),
        between(-1e-300, 1.0),
        Ball::unbounded(BITS),
    ];
    for divisor in divisors {
        for dividend in [exact(0.0), exact(1.0), between(-1.0, 2.0)] {
            let error = dividend.try_div(&divisor).unwrap_err();
            assert_eq!(error.code, Code::Division, "{divisor:?}");
            assert!(!(dividend / &divisor).is_finite(), "{divisor:?}");
        }
    }
    let nearly = between(1e-60, 1.0);
    let quotient = exact(1.0).try_div(&nearly).unwrap();
    for point in [1.0, 2.0, 9.9e59] {
        assert!(
            quotient.contains(&Float::with_val(53, point)),
            "{quotient:?}"
        );
    }
    assert!(!quotient.contains(&Float::with_val(53, -1e52)));
}

#[test]
fn arguments_outside_of_a_domain_are_typed_errors() {
    let outside_of_ln = [
        exact(0.0),
        exact(-0.0),
        exact(-1.0),
        between(0.0, 2.0),
        between(-1.0, 1.0),
    ];
    for argument in outside_of_ln {
        assert!(!argument.ln().is_finite(), "{argument:?}");
        assert_eq!(argument.try_ln().unwrap_err().code, Code::Domain);
    }
    for argument in [exact(-1.0), between(-1e-300, 2.0), Ball::unbounded(BITS)] {
        assert!(!argument.sqrt().is_finite(), "{argument:?}");
        assert_eq!(argument.try_sqrt().unwrap_err().code, Code::Domain);
    }
    for argument in [exact(-1.0), between(-1.0, 1.0), exact(-2.0)] {
        assert!(!argument.ln_1p().is_finite(), "{argument:?}");
    }
    for base in [exact(0.0), exact(-2.0), between(0.0, 1.0)] {
        assert!(!base.pow(&exact(2.0)).is_finite(), "{base:?}");
    }
    let root = between(0.0, 4.0).try_sqrt().unwrap();
    assert!(root.contains(&Float::with_val(53, 0)) && root.contains(&Float::with_val(53, 2)));
    assert!(exact(2.0).try_ln().is_ok());
}

#[test]
fn the_whole_line_absorbs_whatever_meets_it() {
    let line = Ball::unbounded(BITS);
    let results = [
        exact(0.0) * &line,
        line.clone() * &exact(0.0),
        line.clone() - &line,
        line.clone() + &exact(1.0),
        exact(0.0) / &line,
        line.clone() / &exact(2.0),
        -line.clone(),
        line.exp(),
        line.exp_m1(),
        line.phi(0),
        line.phi(1),
        line.phi(3),
        line.ln(),
        line.ln_1p(),
        line.sqrt(),
        line.sin_pi(),
        line.cos_pi(),
        line.atan2_pi(&exact(1.0)),
        exact(1.0).atan2_pi(&line),
        line.pow(&exact(0.0)),
        exact(1.0).pow(&line),
        line.hull(&exact(1.0)),
        exact(1.0).hull(&line),
        line.to_precision(64),
    ];
    for (index, result) in results.iter().enumerate() {
        assert!(!result.is_finite(), "operation {index} gave {result:?}");
        assert!(result.to_f64().is_nan());
        assert_eq!(result.nearest_integer(), None);
        assert_eq!(result.lower(53), f64::NEG_INFINITY);
        assert_eq!(result.upper(53), f64::INFINITY);
    }
}

#[test]
fn what_is_not_a_number_makes_the_whole_line() {
    for special in [Special::Nan, Special::Infinity, Special::NegInfinity] {
        let value = Float::with_val(BITS, special);
        let one = Float::with_val(BITS, 1);
        assert!(!Ball::exact(value.clone()).is_finite());
        assert!(!Ball::with_radius(value.clone(), Magnitude::ONE).is_finite());
        assert!(!Ball::enclosing(&value, &one, BITS).is_finite());
        assert!(!Ball::enclosing(&one, &value, BITS).is_finite());
        assert!(!exact(1.0).contains(&value));
    }
    assert!(!Ball::with_radius(Float::new(BITS), Magnitude::INFINITE).is_finite());
    assert!(!Ball::unbounded(BITS).contains(&Float::with_val(53, Special::Nan)));
    assert!(!exact(1.0).from_f64(f64::NAN).is_finite());
    assert!(!exact(1.0).from_f64(f64::INFINITY).is_finite());
}

#[test]
fn overflow_is_unbounded_and_underflow_is_enclosed() {
    let largest = Ball::exact(power_of_two(exp_max() - 1));
    assert!(largest.is_finite());
    assert!(!(largest.clone() + &largest).is_finite());
    assert!(!(largest.clone() * &exact(2.0)).is_finite());
    assert!(!Ball::exact(power_of_two(40)).exp().is_finite());

    // The least positive number is 2^(exp_min - 1).
    let least = Ball::exact(power_of_two(exp_min() - 1));
    assert!(!least.mid().is_zero());
    let lost = least.clone() * &least;
    assert!(
        !lost.radius().is_zero(),
        "2^(2 exp_min - 2) is not zero: {lost:?}"
    );
    let vanishing = (-Ball::exact(power_of_two(40))).exp();
    assert!(
        !vanishing.radius().is_zero(),
        "e^(-2^40) is not zero: {vanishing:?}"
    );
    // 3/4 of it rounds to it: off by 2^(exp_min - 3), far more than half a unit in the last place.
    let three_quarters = least.clone() * &exact(0.75);
    let reach = three_quarters.radius().exponent().unwrap();
    assert!(reach > i64::from(exp_min()) - 3, "{three_quarters:?}");
    let mut halved = least.clone();
    dpm_spec::arithmetic::InPlace::shift(&mut halved, -1);
    assert!(!halved.radius().is_zero(), "{halved:?}");
}

#[test]
fn angles_know_the_branch_cut_and_the_origin() {
    for zero in [0.0, -0.0] {
        assert_exactly("on the cut", &exact(zero).atan2_pi(&exact(-1.0)), 1.0);
        assert_exactly(
            "on the cut",
            &exact(zero).atan2_pi(&between(-2.0, -1.0)),
            1.0,
        );
        assert_exactly("ahead", &exact(zero).atan2_pi(&exact(1.0)), 0.0);
        assert!(!exact(zero).atan2_pi(&exact(0.0)).is_finite());
    }
    let across = between(-1e-9, 1e-9).atan2_pi(&exact(-1.0));
    assert!(across.contains(&Float::with_val(53, 1)) && across.contains(&Float::with_val(53, -1)));
    assert!(!between(-1.0, 1.0).atan2_pi(&between(-1.0, 1.0)).is_finite());
    let beside = between(1e-9, 1.0).atan2_pi(&between(-1.0, 1.0));
    for (y, x) in [(1e-9, -1.0), (1e-9, 1.0), (1.0, 0.0)] {
        let angle = Float::with_val(
            400,
            Float::with_val(53, y).atan2_pi_ref(&Float::with_val(53, x)),
        );
        assert!(beside.contains(&angle), "{beside:?} lacks {angle}");
    }
    assert!(beside.lower(53) > -0.01 && beside.upper(53) < 1.01);
}

#[test]
fn circular_functions_of_wide_balls_stay_in_the_unit_interval() {
    for (lower, upper) in [(-10.0, 10.0), (0.0, 1.0), (0.4, 0.6), (-0.1, 0.7)] {
        for value in [
            between(lower, upper).sin_pi(),
            between(lower, upper).cos_pi(),
        ] {
            assert!(
                value.lower(53) >= -1.0000001 && value.upper(53) <= 1.0000001,
                "{value:?}"
            );
        }
    }
    assert!(between(0.4, 0.6).sin_pi().contains(&Float::with_val(53, 1)));
}

#[test]
fn containment_is_decided_exactly() {
    let ball = Ball::with_radius(Float::with_val(BITS, 1), Magnitude::power_of_two(-60));
    let end = Float::with_val(3000, 1) + (Float::with_val(3000, 1) >> 60_u32);
    let beyond = end.clone() + (Float::with_val(3000, 1) >> 2900_u32);
    assert!(ball.contains(&end) && !ball.contains(&beyond));
    assert!(exact(0.0).contains(&Float::with_val(53, -0.0)));
    assert!(between(-1.0, 0.0).contains_zero() && !between(1e-60, 2.0).contains_zero());
    assert!(between(0.0, 1.0).overlaps(&between(1.0, 2.0)));
    assert!(!between(0.0, 1.0).overlaps(&between(1.001, 2.0)));
}

#[test]
fn nearest_integers_are_given_only_where_certain() {
    assert_eq!(exact(2.5).nearest_integer(), Some(2));
    assert_eq!(exact(3.5).nearest_integer(), Some(4));
    assert_eq!(exact(-0.2).nearest_integer(), Some(0));
    assert_eq!(between(2.51, 3.49).nearest_integer(), Some(3));
    let tie = Ball::with_radius(Float::with_val(BITS, 2.5), Magnitude::power_of_two(-200));
    assert_eq!(tie.nearest_integer(), None);
    assert_eq!(exact(1e300).nearest_integer(), None);
}

#[test]
fn the_larger_precision_wins_on_either_side() {
    let coarse = Ball::exact(Float::with_val(53, 1));
    let fine = Ball::exact(power_of_two(-200) + 1_u32);
    for sum in [
        coarse.clone() + &fine,
        fine.clone() + &coarse,
        coarse * &fine,
    ] {
        assert_eq!(sum.precision(), BITS);
        assert!(sum.radius().is_zero());
    }
    let rounded = fine.to_precision(53);
    assert_eq!(rounded.mid().prec(), 53);
    assert!(rounded.contains(fine.mid()) && !rounded.radius().is_zero());
}

#[test]
fn magnitudes_round_up_and_never_wrap() {
    let tiny = Magnitude::power_of_two(-Magnitude::LIMIT);
    assert!(!(tiny * tiny).is_zero() && (tiny * tiny).is_finite());
    assert!(!tiny.scaled(i64::MIN).is_zero());
    let huge = Magnitude::power_of_two(Magnitude::LIMIT - 1);
    assert!(!(huge * huge).is_finite());
    assert!(!huge.scaled(i64::MAX).is_finite());
    assert!(!Magnitude::ONE.over(Magnitude::ZERO).is_finite());
    assert_eq!(Magnitude::ONE + Magnitude::ONE, Magnitude::power_of_two(1));
    assert_eq!(Magnitude::ONE.minus(Magnitude::ONE), Magnitude::ZERO);
    assert_eq!(
        Magnitude::ONE.minus(Magnitude::power_of_two(3)),
        Magnitude::ZERO
    );
    // 1 + 2^-1000 needs more bits than a magnitude has: the sum must still be above 1.
    let sum = Magnitude::ONE + Magnitude::power_of_two(-1000);
    assert_ne!(sum.max(Magnitude::ONE), Magnitude::ONE);
    assert_eq!(sum.min(Magnitude::ONE), Magnitude::ONE);
    assert!(!(Magnitude::ZERO * Magnitude::INFINITE).is_finite());
    assert_eq!(
        Magnitude::above(&Float::with_val(53, Special::Nan)),
        Magnitude::INFINITE
    );
    assert_eq!(
        Magnitude::below(&Float::with_val(53, Special::Nan)),
        Magnitude::ZERO
    );
}
