//! Correct rounding: decided from an enclosure, equal to exact arithmetic, never guessed.
#![cfg(feature = "oracle")]

use dpm_spec::Code;
use dpm_spec::arithmetic::{Ball, Magnitude};
use dpm_spec::golden::{Decision, Format, LAST_BITS, certify, decide, nearest_decimal, published};
use dpm_spec::plan::{Kind, Plan, Value, derive};
use dpm_spec::{Error, Result};
use proptest::prelude::*;
use rug::{Float, Integer, Rational};
use std::cell::RefCell;

/// A format by its published parameters: total bits, significant bits, largest exponent.
const FORMATS: [(Format, u32, u32, i32); 4] = [
    (Format::F64, 64, 53, 1023),
    (Format::F32, 32, 24, 127),
    (Format::F16, 16, 11, 15),
    (Format::BF16, 16, 8, 127),
];

/// The exact value of a pattern without sign; infinity counts as the next power of two.
fn decoded(bits: u64, precision: u32, largest: i32) -> Rational {
    let (field, fraction) = (bits >> (precision - 1), bits & ((1 << (precision - 1)) - 1));
    let (significand, exponent) = match field {
        0 => (fraction, 1 - largest),
        _ => (fraction | 1 << (precision - 1), field as i32 - largest),
    };
    let scale = exponent - (precision as i32 - 1);
    Rational::from(significand) << scale
}

/// Nearest, ties to even, by bisection over all patterns in exact arithmetic.
fn by_bisection(value: &Rational, width: u32, precision: u32, largest: i32) -> u64 {
    let magnitude = value.clone().abs();
    let decode = |bits| decoded(bits, precision, largest);
    let infinity = (2 * largest as u64 + 1) << (precision - 1);
    let (mut low, mut high) = (0, infinity);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if decode(middle) <= magnitude {
            low = middle;
        } else {
            high = middle;
        }
    }
    let (below, above) = (magnitude.clone() - decode(low), decode(high) - &magnitude);
    let up = below > above || (below == above && low % 2 == 1);
    let nearest = if up { high } else { low };
    nearest | u64::from(*value < 0) << (width - 1)
}

/// Nearest decimal of 40 digits in integer arithmetic.
fn decimal_by_division(value: &Rational) -> String {
    if *value == 0 {
        return "0".to_owned();
    }
    let ten = |power: i32| {
        let whole = Integer::from(Integer::u_pow_u(10, power.unsigned_abs()));
        if power < 0 {
            Rational::from((1, whole))
        } else {
            Rational::from(whole)
        }
    };
    let magnitude = value.clone().abs();
    let bits = |n: &Integer| n.significant_bits() as i32;
    let mut exponent = (bits(magnitude.numer()) - bits(magnitude.denom())) * 3 / 10;
    while ten(exponent) > magnitude {
        exponent -= 1;
    }
    while ten(exponent + 1) <= magnitude {
        exponent += 1;
    }
    let scaled = magnitude * ten(39 - exponent);
    let (fraction, whole) = scaled.fract_floor(Integer::new());
    let half = fraction.cmp(&Rational::from((1, 2)));
    let up = half.is_gt() || (half.is_eq() && whole.is_odd());
    let mut digits = (whole + u32::from(up)).to_string();
    if digits.len() == 41 {
        digits.pop();
        exponent += 1;
    }
    let digits = digits.trim_end_matches('0');
    let sign = if *value < 0 { "-" } else { "" };
    let point = if digits.len() > 1 { "." } else { "" };
    let exponent = match exponent {
        0 => String::new(),
        e => format!("e{e}"),
    };
    format!("{sign}{}{point}{}{exponent}", &digits[..1], &digits[1..])
}

/// Any dyadic number: of every size, or within 2^-200 of a float or of the middle of two.
fn number() -> impl Strategy<Value = Float> {
    let anywhere = (any::<u128>(), -1100..1100_i32, any::<bool>());
    let anywhere = anywhere.prop_map(|(mantissa, exponent, negative)| {
        let value: Float = Float::with_val(128, mantissa) >> 128_i32 << exponent;
        if negative { -value } else { value }
    });
    let near = (
        0..4_usize,
        any::<u64>(),
        0..3_i32,
        any::<bool>(),
        any::<bool>(),
    );
    let near = near.prop_map(|(format, bits, offset, half, small)| {
        let (_, width, precision, largest) = FORMATS[format];
        let infinity = (2 * largest as u64 + 1) << (precision - 1);
        let bits = bits
            % if small {
                1 << (precision + 1)
            } else {
                infinity
            };
        let (low, high) = (
            decoded(bits, precision, largest),
            decoded(bits + 1, precision, largest),
        );
        let mut value = Rational::from(&low + &high) / 2;
        if !half {
            value = low;
        }
        let scale = high.to_f64().abs().log2().max(-1074.0) as i32;
        value += Rational::from(offset - 1) << (scale - 200);
        let value = if width == 16 { -value } else { value };
        Float::with_val(1400, value)
    });
    prop_oneof![anywhere, near]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn binary_rounding_is_that_of_exact_arithmetic(value in number()) {
        let exact = value.to_rational().unwrap();
        for (format, width, precision, largest) in FORMATS {
            let expected = match exact.cmp0() {
                std::cmp::Ordering::Equal => 0,
                _ => by_bisection(&exact, width, precision, largest),
            };
            prop_assert_eq!(format.nearest(&value), expected, "{:?} of {}", format, value);
        }
        if !value.is_zero() {
            prop_assert_eq!(Format::F64.nearest(&value), value.to_f64().to_bits());
            prop_assert_eq!(Format::F32.nearest(&value), u64::from(value.to_f32().to_bits()));
        }
    }

    #[test]
    fn decimal_rounding_is_that_of_exact_arithmetic(value in number()) {
        prop_assert_eq!(nearest_decimal(&value), decimal_by_division(&value.to_rational().unwrap()));
    }

    #[test]
    fn what_an_enclosure_decides_is_right_for_every_real_in_it(
        value in number(),
        radius in -300..20_i32,
        place in -64..=64_i32,
    ) {
        let exponent = value.get_exp().unwrap_or(0) + radius;
        let ball = Ball::with_radius(value.clone(), Magnitude::power_of_two(exponent.into()));
        let inside = value.to_rational().unwrap() + (Rational::from((place, 64)) << exponent);
        let mut decision = Decision::default();
        decision.refine(&ball);
        let open = decision.undecided();
        for ((format, width, precision, largest), name) in FORMATS.into_iter().zip(["f64", "f32", "f16", "bf16"]) {
            let expected = by_bisection(&inside, width, precision, largest);
            let decided = Format::nearest(format, &value);
            prop_assert!(open.contains(&name) || decided == expected, "{name} of {ball:?}");
        }
        prop_assert!(open.contains(&"dec") || nearest_decimal(&value) == decimal_by_division(&inside));
    }
}

#[test]
fn a_decimal_tie_goes_to_even() {
    // k 2^-40 ends with a 5 forty places after the point; with the 1 before it 41 digits are significant.
    for k in [1_u32, 3, 5, 7, 99, 12345] {
        let value = Float::with_val(200, 1) + (Float::with_val(200, k) >> 40_u32);
        let exact = value.to_rational().unwrap();
        let scaled = exact.clone() * Integer::from(Integer::u_pow_u(10, 39));
        assert_eq!(*scaled.denom(), 2, "a tie");
        assert_eq!(nearest_decimal(&value), decimal_by_division(&exact));
    }
}

/// The plan of one ddim step with every number replaced by `ball`.
fn plan_of(ball: &Ball) -> Plan<Ball> {
    let request = &published().unwrap()[0].request;
    let plan = derive(request, &1.0_f64).unwrap();
    plan.try_map(|_, _| Ok(ball.clone())).unwrap()
}

fn decided(enclose: impl Fn(u32) -> Result<Ball>) -> Result<(Value, u32)> {
    let (plan, bits) = decide(|bits| Ok(plan_of(&enclose(bits)?)))?;
    Ok((plan.initial.scale, bits))
}

/// The numbers 1 + `units` 2^-24 + `offset` 2^-200 from a ball of 2^(1-bits).
fn near_a_tie(units: i32, offset: i32) -> impl Fn(u32) -> Result<Ball> {
    move |bits| {
        let value = Float::with_val(1000, 1)
            + (Float::with_val(1000, units) >> 24_i32)
            + (Float::with_val(1000, offset) >> 200_i32);
        let radius = Magnitude::power_of_two(1 - i64::from(bits));
        Ok(Ball::with_radius(Float::with_val(bits, value), radius))
    }
}

#[test]
fn a_number_beside_a_tie_is_decided_at_a_higher_precision() {
    let ulp = 2.0_f32.powi(-23);
    for (units, offset, f32, bits) in [
        (1, 1, 1.0 + ulp, 256),
        (1, -1, 1.0, 256),
        (3, 1, 1.0 + 2.0 * ulp, 256),
        (3, -1, 1.0 + ulp, 256),
        (2, 1, 1.0 + ulp, 256),
        (0, -1, 1.0, 256),
    ] {
        let (value, needed) = decided(near_a_tie(units, offset)).unwrap();
        assert_eq!((value.f32, needed), (f32, bits), "{units} {offset}");
        assert_eq!(value.f64, 1.0 + f64::from(units) * 2.0_f64.powi(-24));
    }
}

#[test]
fn a_tie_is_decided_exactly_or_not_at_all() {
    let error = decided(near_a_tie(1, 0)).unwrap_err();
    assert_eq!(error.code, Code::Undecided);
    assert_eq!(error.place, "initial.scale (f32)");
    for (units, even) in [(1, 1.0_f32), (3, 1.0 + 2.0_f32.powi(-22))] {
        let exact: Float = Float::with_val(64, 1) + (Float::with_val(64, units) >> 24_i32);
        let (value, bits) = decided(|_| Ok(Ball::exact(exact.clone()))).unwrap();
        assert_eq!((value.f32, bits), (even, 128));
    }
}

#[test]
fn a_ball_too_wide_at_every_precision_is_undecided_never_guessed() {
    for (value, radius, open) in [
        (1.0, -20, "dec, f64, f32"),
        (1.0, -3, "dec, f64, f32, f16, bf16"),
        (0.0, -5000, "dec, f64, f32, f16, bf16"),
        (0.75, -100, "dec"),
    ] {
        let wide = |bits| {
            let mid = Float::with_val(bits, value);
            Ok(Ball::with_radius(mid, Magnitude::power_of_two(radius)))
        };
        let error = decided(wide).unwrap_err();
        assert_eq!(error.code, Code::Undecided);
        assert_eq!(error.place, format!("initial.scale ({open})"));
        assert!(error.what.contains("4096"), "{error}");
    }
}

#[test]
fn a_decided_rounding_stays_when_a_later_enclosure_is_wider() {
    let mut decision = Decision::default();
    let ball = |radius| Ball::with_radius(Float::with_val(256, 1), Magnitude::power_of_two(radius));
    decision.refine(&ball(-20));
    decision.refine(&Ball::unbounded(64));
    decision.refine(&ball(0));
    assert_eq!(decision.undecided(), ["dec", "f64", "f32"]);
    decision.refine(&ball(-140));
    assert_eq!(decision.value().unwrap().f16, 0x3c00);
}

#[test]
fn an_enclosure_too_wide_to_derive_is_derived_again_and_other_errors_are_not() {
    let asked = RefCell::new(Vec::new());
    let error = |code| Error::new(code, "test", "test", "test");
    let failing_below = |least: u32, code| {
        asked.borrow_mut().clear();
        decided(|bits| {
            asked.borrow_mut().push(bits);
            match bits < least {
                true => Err(error(code)),
                false => Ok(Ball::exact(Float::with_val(bits, 1))),
            }
        })
    };
    for code in [Code::NonFinite, Code::GridRounding] {
        assert_eq!(failing_below(1000, code).unwrap().1, 1024);
        assert_eq!(*asked.borrow(), [128, 256, 512, 1024]);
        assert_eq!(failing_below(5000, code).unwrap_err().code, code);
        assert_eq!(asked.borrow().last(), Some(&LAST_BITS));
    }
    assert_eq!(
        failing_below(1000, Code::GridOrder).unwrap_err().code,
        Code::GridOrder
    );
    assert_eq!(*asked.borrow(), [128]);
}

#[test]
fn subnormal_and_overflowing_numbers_round_as_ieee_754_says() {
    let power = |exponent: i32| Float::with_val(128, 1) << exponent;
    let third = Float::with_val(128, 1) / 3_u32;
    for (value, f32, f16, bf16) in [
        (power(-25), 2.0_f32.powi(-25), 0, 0x3300),
        (power(-24) * 1.5_f64, 1.5 * 2.0_f32.powi(-24), 2, 0x33c0),
        (-power(-26), -(2.0_f32.powi(-26)), 0x8000, 0xb280),
        (power(-150), 0.0, 0, 0),
        (power(-150) * 1.5_f64, f32::from_bits(1), 0, 0),
        (power(-134), f32::from_bits(1 << 15), 0, 0),
        (power(-133), f32::from_bits(1 << 16), 0, 1),
        (power(16) - 16_u32, 65520.0, 0x7c00, 0x4780),
        (power(16) - 17_u32, 65519.0, 0x7bff, 0x4780),
        (-power(200), f32::NEG_INFINITY, 0xfc00, 0xff80),
        (third, 1.0 / 3.0, 0x3555, 0x3eab),
    ] {
        let (rounded, _) = decided(|_| Ok(Ball::exact(value.clone()))).unwrap();
        assert_eq!(rounded.f32.to_bits(), f32.to_bits(), "{value}");
        assert_eq!((rounded.f16, rounded.bf16), (f16, bf16), "{value}");
    }
    let overflow = decided(|_| Ok(Ball::exact(power(1024)))).unwrap_err();
    assert_eq!(overflow.code, Code::Number);
}

#[test]
fn certified_numbers_are_the_roundings_of_a_600_bit_computation() {
    let mut compared = 0;
    for plan in published().unwrap().iter().step_by(9) {
        let file = certify(&plan.request).unwrap();
        assert!(matches!(file.certificate.kind, Kind::Ball { bits: 128.. }));
        let reference = derive(&plan.request, &Float::with_val(600, 1)).unwrap();
        let mut reference = numbers(&reference).into_iter();
        let _ = file.plan.try_map(|value, place| {
            let number = reference.next().expect("as many numbers");
            let place = || format!("{}, {}", plan.path, place());
            assert_eq!(
                value.dec.as_deref(),
                Some(&*nearest_decimal(&number)),
                "{}",
                place()
            );
            assert_eq!(
                value.f64.to_bits(),
                Format::F64.nearest(&number),
                "{}",
                place()
            );
            assert_eq!(
                u64::from(value.f32.to_bits()),
                Format::F32.nearest(&number),
                "{}",
                place()
            );
            assert_eq!(
                u64::from(value.f16),
                Format::F16.nearest(&number),
                "{}",
                place()
            );
            assert_eq!(
                u64::from(value.bf16),
                Format::BF16.nearest(&number),
                "{}",
                place()
            );
            compared += 1;
            Ok(())
        });
        assert_eq!(reference.next(), None);
    }
    assert!(compared > 3000, "{compared} numbers");
}

fn numbers<T: Clone>(plan: &Plan<T>) -> Vec<T> {
    let mut numbers = Vec::new();
    let _ = plan.try_map(|number, _| {
        numbers.push(number.clone());
        Ok(())
    });
    numbers
}
