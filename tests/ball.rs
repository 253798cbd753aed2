//! A ball holds the exact result of every operation on every point of its operands, at every
//! precision, and is not much wider than an interval with directed roundings.
#![cfg(feature = "oracle")]

mod interval;

use dpm_spec::arithmetic::{Ball, Field, InPlace, Magnitude, Real};
use interval::Interval;
use proptest::prelude::*;
use rug::Float;
use rug::float::Round;
use rug::ops::Pow;

/// Precisions from 53 to 4096 bits, the word boundaries among them.
fn precision() -> impl Strategy<Value = u32> {
    prop_oneof![
        4 => prop::sample::select(vec![53, 64, 65, 113, 128, 192, 256, 320, 512]),
        2 => 53_u32..700,
        1 => prop::sample::select(vec![1024, 2048, 4095, 4096]),
    ]
}

/// A ball and a point in it, exactly.
#[derive(Clone, Debug)]
struct Sample {
    ball: Ball,
    point: Float,
}

fn digits(seed: u64, bits: u32) -> Float {
    let mut state = seed;
    let mut value = Float::with_val(bits, 1);
    for _ in 0..bits.div_ceil(64) {
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        value = (value >> 64_u32) + (state ^ (state >> 29));
    }
    value
}

/// Scale 2^exponent; the radius is 0 or about 2^-smallness of that; the point at the middle, an end
/// or anywhere between.
fn sample(precision: u32, exponents: std::ops::Range<i32>) -> impl Strategy<Value = Sample> {
    let smallness = prop_oneof![
        2 => Just(None),
        3 => (-3_i64..40).prop_map(Some),
        3 => (0..i64::from(precision) + 8).prop_map(Some),
    ];
    let place = prop_oneof![Just(-1.0), Just(1.0), Just(0.0), -1.0..1.0];
    (
        any::<u64>(),
        any::<bool>(),
        exponents,
        smallness,
        1_u32..,
        place,
    )
        .prop_map(
            move |(seed, negative, exponent, smallness, mantissa, place)| {
                let few = [3, 17, precision][(seed % 3) as usize];
                let mut mid = Float::with_val(precision, &digits(seed, few) >> 64_u32);
                mid <<= exponent;
                if negative {
                    mid = -mid;
                }
                let radius = smallness.map_or(Magnitude::ZERO, |s| {
                    let unit = Float::with_val(32, mantissa) >> 32_u32;
                    Magnitude::below(&unit).scaled(i64::from(exponent) - s)
                });
                let ball = Ball::with_radius(mid, radius);
                let wide = 3 * precision + 400;
                // The radius as a float: the upper end of the same ball about zero.
                let reach = Ball::with_radius(Float::new(53), radius).upper(64);
                let point =
                    Float::with_val(wide, ball.mid()) + reach * Float::with_val(wide, place);
                assert!(ball.contains(&point), "{ball:?} {point}");
                Sample { ball, point }
            },
        )
}

fn holds(name: &str, enclosure: &Ball, exact: &Float) -> Result<(), TestCaseError> {
    if exact.is_finite() {
        prop_assert!(
            enclosure.contains(exact),
            "{name}: {exact} is outside of {enclosure:?}"
        );
    } else {
        prop_assert!(
            !enclosure.is_finite(),
            "{name}: {enclosure:?} should be unbounded"
        );
    }
    Ok(())
}

/// phi_k from its closed form, at a precision that outlasts the cancellation.
fn exact_phi(k: u32, z: &Float) -> Float {
    let precision = 2 * z.prec() + 4000;
    let z = Float::with_val(precision, z);
    let mut value = Float::with_val(precision, z.exp_m1_ref()) / &z;
    let mut factorial = 1_u32;
    for j in 1..k {
        factorial *= j;
        value = (value - Float::with_val(precision, factorial).recip()) / &z;
    }
    value
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn ball_operations_contain_the_exact_result(
        (x, y) in precision().prop_flat_map(|p| (sample(p, -60..60), sample(p, -60..60)))
    ) {
        let (a, b) = (&x.point, &y.point);
        let wide = 2 * a.prec() + 300;
        holds("neg", &-x.ball.clone(), &Float::with_val(wide, -a))?;
        holds("add", &(x.ball.clone() + &y.ball), &Float::with_val(wide, a + b))?;
        holds("sub", &(x.ball.clone() - &y.ball), &Float::with_val(wide, a - b))?;
        holds("mul", &(x.ball.clone() * &y.ball), &Float::with_val(wide, a * b))?;
        holds("div", &(x.ball.clone() / &y.ball), &Float::with_val(wide, a / b))?;
        let hull = x.ball.hull(&y.ball);
        holds("hull", &hull, a)?;
        holds("hull", &hull, b)?;
        holds("ln", &x.ball.ln(), &Float::with_val(wide, a.ln_ref()))?;
        holds("ln_1p", &x.ball.ln_1p(), &Float::with_val(wide, a.ln_1p_ref()))?;
        holds("sqrt", &x.ball.sqrt(), &Float::with_val(wide, a.sqrt_ref()))?;
        holds("sin_pi", &x.ball.sin_pi(), &Float::with_val(wide, a.sin_pi_ref()))?;
        holds("cos_pi", &x.ball.cos_pi(), &Float::with_val(wide, a.cos_pi_ref()))?;
        let angle = Float::with_val(wide, a.atan2_pi_ref(b));
        holds("atan2_pi", &x.ball.atan2_pi(&y.ball), &angle)?;
    }

    #[test]
    fn ball_exponentials_and_powers_contain_the_exact_result(
        (x, y) in precision().prop_flat_map(|p| (sample(p, -60..12), sample(p, -60..6)))
    ) {
        let (a, b) = (&x.point, &y.point);
        let wide = 2 * a.prec() + 300;
        holds("exp", &x.ball.exp(), &Float::with_val(wide, a.exp_ref()))?;
        holds("exp_m1", &x.ball.exp_m1(), &Float::with_val(wide, a.exp_m1_ref()))?;
        for k in 1..5 {
            if !a.is_zero() {
                holds("phi", &x.ball.phi(k), &exact_phi(k, a))?;
            }
        }
        if !a.is_sign_negative() && !a.is_zero() {
            holds("pow", &x.ball.pow(&y.ball), &Float::with_val(wide, Pow::pow(a, b)))?;
        }
    }

    #[test]
    fn extreme_exponents_stay_enclosed(
        (x, y) in precision().prop_flat_map(|p| {
            (sample(p, -530_000_000..530_000_000), sample(p, -530_000_000..530_000_000))
        })
    ) {
        let (a, b) = (&x.point, &y.point);
        let wide = 2 * a.prec() + 300;
        holds("mul", &(x.ball.clone() * &y.ball), &Float::with_val(wide, a * b))?;
        holds("div", &(x.ball.clone() / &y.ball), &Float::with_val(wide, a / b))?;
        holds("sqrt", &x.ball.sqrt(), &Float::with_val(wide, a.sqrt_ref()))?;
        holds("ln", &x.ball.ln(), &Float::with_val(wide, a.ln_ref()))?;
        holds("square", &(x.ball.clone() * &x.ball), &Float::with_val(wide, a.square_ref()))?;
        let sum = x.ball.clone() + &y.ball;
        let (lower, upper) = (sum.lower(wide), sum.upper(wide));
        prop_assert!(lower <= Float::with_val_round(wide, a + b, Round::Up).0);
        prop_assert!(upper >= Float::with_val_round(wide, a + b, Round::Down).0);
    }

    #[test]
    fn an_operand_may_be_aliased(x in precision().prop_flat_map(|p| sample(p, -30..30))) {
        let (a, ball) = (&x.point, &x.ball);
        let wide = 2 * a.prec() + 300;
        let same = ball.clone();
        holds("x + x", &(ball.clone() + &same), &Float::with_val(wide, a * 2_u32))?;
        holds("x - x", &(ball.clone() - &same), &Float::new(wide))?;
        holds("x x", &(ball.clone() * &same), &Float::with_val(wide, a.square_ref()))?;
        let quotient = ball.clone() / &same;
        prop_assert!(!quotient.is_finite() || quotient.contains(&Float::with_val(53, 1)));
    }

    #[test]
    fn a_ball_is_not_much_wider_than_an_interval(
        (x, y) in precision().prop_flat_map(|p| (sample(p, -40..8), sample(p, -40..8)))
    ) {
        let precision = x.ball.precision();
        let interval = |ball: &Ball| Interval {
            lower: ball.lower(precision),
            upper: ball.upper(precision),
        };
        let (a, b) = (interval(&x.ball), interval(&y.ball));
        let near = |name: &str, ball: &Ball, interval: &Interval| {
            let (lower, upper) = (ball.lower(precision + 64), ball.upper(precision + 64));
            let bounded = interval.lower.is_finite() && interval.upper.is_finite();
            prop_assert!(ball.is_finite() == bounded, "{name}: {ball:?} {interval:?}");
            if bounded {
                prop_assert!(lower <= interval.upper && interval.lower <= upper,
                    "{name}: {ball:?} and {interval:?} have no common point");
                let own = Float::with_val(64, &upper - &lower);
                let other = Float::with_val(64, &interval.upper - &interval.lower);
                let largest = ball.mid().clone().abs().max(&own);
                let unit = Float::with_val(64, &largest >> (precision - 2));
                prop_assert!(own <= Float::with_val(64, other * 3_u32 + unit),
                    "{name}: {ball:?} is wider than {interval:?}");
            }
            Ok(())
        };
        near("add", &(x.ball.clone() + &y.ball), &a.add(&b))?;
        near("sub", &(x.ball.clone() - &y.ball), &a.sub(&b))?;
        near("mul", &(x.ball.clone() * &y.ball), &a.mul(&b))?;
        if b.lower > 0 || b.upper < 0 {
            near("div", &(x.ball.clone() / &y.ball), &a.div(&b))?;
        }
        if a.lower > 0 {
            near("ln", &x.ball.ln(), &a.increasing(Float::ln_round))?;
            near("sqrt", &x.ball.sqrt(), &a.increasing(Float::sqrt_round))?;
        }
        if a.lower > -1 {
            near("ln_1p", &x.ball.ln_1p(), &a.increasing(Float::ln_1p_round))?;
        }
        near("exp", &x.ball.exp(), &a.increasing(Float::exp_round))?;
        near("exp_m1", &x.ball.exp_m1(), &a.increasing(Float::exp_m1_round))?;
        near("sin_pi", &x.ball.sin_pi(), &a.sin_pi())?;
        near("cos_pi", &x.ball.cos_pi(), &a.cos_pi())?;
    }

    #[test]
    fn integers_are_rounded_only_when_all_points_agree(
        x in (53_u32..300).prop_flat_map(|p| sample(p, -4..20))
    ) {
        if let Some(integer) = x.ball.nearest_integer() {
            prop_assert_eq!(x.point.clone().round_even(), integer);
        } else {
            let (lower, upper) = (x.ball.lower(900).round_even(), x.ball.upper(900).round_even());
            prop_assert!(lower < upper);
        }
    }

    #[test]
    fn operations_in_place_give_the_same_balls(
        (x, y) in precision().prop_flat_map(|p| (sample(p, -40..40), sample(p, -40..40)))
    ) {
        let (x, y) = (&x.ball, &y.ball);
        let precision = x.precision();
        let same = |name: &str, operate: &dyn Fn(&mut Ball), expected: Ball| {
            let mut target = Ball::storage(precision);
            operate(&mut target);
            prop_assert_eq!(target.mid(), expected.mid(), "{}", name);
            prop_assert_eq!(target.radius(), expected.radius(), "{}", name);
            Ok(())
        };
        let updated = |operate: &dyn Fn(&mut Ball)| {
            let operate = |target: &mut Ball| { target.set(x); operate(target); };
            let mut target = Ball::storage(precision);
            operate(&mut target);
            target
        };
        let eighth = Ball::with_radius(x.mid().clone() >> 3_u32, x.radius().scaled(-3));
        same("sum", &|t| t.set_sum(x, y), x.clone() + y)?;
        same("difference", &|t| t.set_difference(x, y), x.clone() - y)?;
        same("product", &|t| t.set_product(x, y), x.clone() * y)?;
        same("quotient", &|t| t.set_quotient(x, y), x.clone() / y)?;
        same("root", &|t| t.set_square_root(x), x.sqrt())?;
        same("logarithm", &|t| t.set_logarithm(x), x.ln())?;
        same("increase", &|t| t.set(&updated(&|t| t.increase(y))), x.clone() + y)?;
        same("multiply", &|t| t.set(&updated(&|t| t.multiply(y))), x.clone() * y)?;
        same("shift", &|t| t.set(&updated(&|t| t.shift(-3))), eighth)?;
        same("negate", &|t| t.set(&updated(&|t| t.negate())), -x.clone())?;
        let widened = updated(&|t| t.widen(-20));
        prop_assert_eq!(widened.radius(), x.radius() + Magnitude::power_of_two(-20));
        let bound = x.bound_exponent();
        let (lower, upper) = (x.lower(precision + 64), x.upper(precision + 64));
        let largest = lower.abs().max(&upper.abs());
        prop_assert!(bound == i64::MAX || largest <= Float::with_val(53, 1) << bound as i32);
    }

    #[test]
    fn magnitudes_bound_and_are_tight(
        (a, b, shift) in (1_u32.., 1_u32.., -40_i64..40)
    ) {
        let magnitude = |mantissa: u32| Magnitude::below(&Float::with_val(32, mantissa));
        let value = |m: Magnitude| Ball::with_radius(Float::new(53), m).upper(32);
        let (x, y) = (magnitude(a), magnitude(b).scaled(shift));
        let (u, v) = (Float::with_val(200, value(x)), Float::with_val(200, value(y)));
        let slack = Float::with_val(200, 1) + (Float::with_val(200, 1) >> 30_u32);
        let upper = |name: &str, bound: Magnitude, exact: Float| {
            let bound = value(bound);
            let limit = Float::with_val(200, &exact * &slack);
            prop_assert!(bound >= exact && bound <= limit, "{name}: {bound} for {exact}");
            Ok(())
        };
        upper("sum", x + y, u.clone() + &v)?;
        upper("product", x * y, u.clone() * &v)?;
        upper("quotient", x.over(y), u.clone() / &v)?;
        let rest = value(x.minus(y));
        let exact = u.clone() - &v;
        prop_assert!(rest <= exact.clone().max(&Float::new(53)), "{rest} for {exact}");
        prop_assert!(rest >= exact - (u >> 30_u32), "{rest} is far from the difference");
    }
}
