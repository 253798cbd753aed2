//! Double-double against MPFR: random arguments.
#![cfg(feature = "oracle")]

mod mpfr;

use dpm_spec::arithmetic::{DoubleDouble, Field, Real, rational};
use mpfr::{FIELD_BITS, FUNCTION_BITS, PRECISION, check, exact, nearest, phi};
use proptest::prelude::*;
use rug::Float;
use rug::float::Constant;

/// Any double-double with 2^low <= |x| < 2^high, its low word dense up to the half-ulp.
fn magnitudes(low: i32, high: i32) -> impl Strategy<Value = DoubleDouble> {
    let word = prop_oneof![
        3 => any::<u64>(),
        1 => (0_u32..52).prop_map(|shift| u64::MAX << shift),
        1 => Just(0_u64),
    ];
    let rest = prop_oneof![
        4 => -1.0..1.0_f64,
        1 => Just(0.0),
        1 => Just(1.0 - f64::EPSILON),
        1 => (-60..0_i32, any::<bool>()).prop_map(|(e, s)| if s { 2_f64.powi(e) } else { -2_f64.powi(e) }),
    ];
    (word, low..high, any::<bool>(), rest).prop_map(|(word, exponent, negative, rest)| {
        let bits = ((exponent + 1023) as u64) << 52 | word >> 12;
        let hi = f64::from_bits(bits | u64::from(negative) << 63);
        let half_ulp = 2_f64.powi(exponent.max(-960) - 53);
        DoubleDouble::new(hi, rest * half_ulp)
    })
}

fn positive(low: i32, high: i32) -> impl Strategy<Value = DoubleDouble> {
    magnitudes(low, high).prop_map(|x| if x.hi() < 0.0 { -x } else { x })
}

/// lo ..= hi evenly, with a low word.
fn interval(low: f64, high: f64) -> impl Strategy<Value = DoubleDouble> {
    (low..high, -1.0..1.0_f64)
        .prop_map(|(hi, rest)| DoubleDouble::new(hi, rest * hi * 2_f64.powi(-54)))
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: count,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn field_operations_keep_104_bits(a in magnitudes(-400, 400), b in magnitudes(-400, 400)) {
        let (x, y) = (exact(a), exact(b));
        check("add", &[a, b], a + b, &(x.clone() + &y), FIELD_BITS);
        check("sub", &[a, b], a - b, &(x.clone() - &y), FIELD_BITS);
        check("mul", &[a, b], a * b, &(x.clone() * &y), FIELD_BITS);
        check("div", &[a, b], a / b, &(x / &y), FIELD_BITS);
    }

    #[test]
    fn sums_that_cancel_keep_104_bits(a in magnitudes(-4, 4), b in magnitudes(-4, 4)) {
        let (x, y) = (exact(a), exact(b));
        check("add", &[a, b], a + b, &(x.clone() + &y), FIELD_BITS);
        check("mul", &[a, b], a * b, &(x.clone() * &y), FIELD_BITS);
        check("div", &[a, b], a / b, &(x.clone() / &y), FIELD_BITS);
        let close = DoubleDouble::new(-a.hi(), b.lo() * 2.0);
        check("add", &[a, close], a + close, &(x + exact(close)), FIELD_BITS);
    }

    #[test]
    fn products_and_quotients_at_the_ends_of_the_range(a in magnitudes(-970, 1023), b in magnitudes(-970, 1023)) {
        for (name, computed, expected) in [("mul", a * b, exact(a) * exact(b)), ("div", a / b, exact(a) / exact(b))] {
            if expected.to_f64().is_infinite() {
                prop_assert_eq!(computed, DoubleDouble::exact(expected.to_f64()));
            } else {
                check(name, &[a, b], computed, &expected, FIELD_BITS);
            }
        }
    }

    #[test]
    fn sqrt_keeps_104_bits(a in positive(-970, 1024)) {
        check("sqrt", &[a], a.sqrt(), &exact(a).sqrt(), FIELD_BITS);
    }

    #[test]
    fn exponentials_keep_102_bits(a in interval(-745.0, 709.0), b in interval(-3.0, 3.0), c in magnitudes(-900, 9)) {
        for x in [a, b, c] {
            check("exp", &[x], x.exp(), &exact(x).exp(), FUNCTION_BITS);
            check("exp_m1", &[x], x.exp_m1(), &exact(x).exp_m1(), FUNCTION_BITS);
        }
    }

    #[test]
    fn logarithms_keep_102_bits(a in positive(-970, 1024), b in interval(0.3, 3.0), c in magnitudes(-900, -1), close in magnitudes(-300, -1), d in interval(-1.0, 2.0)) {
        let near_1 = DoubleDouble::ONE + close;
        for x in [a, b, near_1] {
            check("ln", &[x], x.ln(), &exact(x).ln(), FUNCTION_BITS);
        }
        for x in [a, b, c, d, DoubleDouble::new(-1.0, close.hi().abs())] {
            if x.hi() > -1.0 || (x.hi() == -1.0 && x.lo() > 0.0) {
                check("ln_1p", &[x], x.ln_1p(), &exact(x).ln_1p(), FUNCTION_BITS);
            }
        }
    }

    #[test]
    fn sin_pi_and_cos_pi_keep_102_bits(a in magnitudes(-900, 300), b in interval(-2.5, 2.5), quarter in -4000_i32..4000, c in magnitudes(-300, -3)) {
        let near = DoubleDouble::exact(f64::from(quarter) / 4.0) + c;
        for x in [a, b, near] {
            // the reduction in exact arithmetic: MPFR's own would need thousands of bits
            let wide = Float::with_val(2000, x.hi()) + x.lo();
            let turns = wide.clone() - (wide / 2_u32).round_even() * 2_u32;
            check("sin_pi", &[x], x.sin_pi(), &turns.clone().sin_pi(), FUNCTION_BITS);
            check("cos_pi", &[x], x.cos_pi(), &turns.cos_pi(), FUNCTION_BITS);
        }
    }

    #[test]
    fn atan2_pi_keeps_102_bits(y in magnitudes(-400, 400), x in magnitudes(-400, 400), b in magnitudes(-4, 4), c in magnitudes(-4, 4)) {
        for (y, x) in [(y, x), (b, c), (b, x), (y, c)] {
            let expected = exact(y).atan2(&exact(x)) / Float::with_val(PRECISION, Constant::Pi);
            check("atan2_pi", &[y, x], y.atan2_pi(&x), &expected, FUNCTION_BITS);
        }
    }

    #[test]
    fn phi_keeps_102_bits(a in interval(-60.0, 60.0), b in interval(-4.0, 4.0), c in magnitudes(-300, 1), d in interval(-700.0, 700.0)) {
        for z in [a, b, c, d] {
            for k in 0..=6 {
                check(&format!("phi_{k}"), &[z], z.phi(k), &phi(k, &exact(z)), FUNCTION_BITS);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(20000))]

    #[test]
    fn rational_constants_are_correctly_rounded(
        n in any::<i128>(), d in any::<i128>(), n_shift in 0_u32..127, d_shift in 0_u32..127
    ) {
        let (n, d) = (n >> n_shift, (d >> d_shift).checked_abs().unwrap_or(1).max(1));
        let value = DoubleDouble::ONE.constant(rational(n, d));
        let expected = Float::with_val(PRECISION, n) / Float::with_val(PRECISION, d);
        prop_assert_eq!((value.hi(), value.lo()), nearest(&expected));
        prop_assert_eq!(DoubleDouble::ONE.like(n, d), value);
    }
}
