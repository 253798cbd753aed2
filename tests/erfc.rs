//! The complementary error function and its logarithm, against MPFR.
#![cfg(feature = "oracle")]

mod mpfr;

use dpm_spec::arithmetic::{Ball, DoubleDouble, Magnitude, Special};
use mpfr::{PRECISION, check, exact};
use proptest::prelude::*;
use rug::Float;

/// Two bits under the exponential's: e^(-x^2) and the scaled function, each with its rounding.
const ERFC_BITS: f64 = 100.0;

fn argument() -> impl Strategy<Value = DoubleDouble> {
    let place = prop_oneof![3 => -6.0..27.2_f64, 2 => -1.0..1.0_f64, 1 => 8.0..10.0_f64];
    (place, -1.0..1.0_f64).prop_map(|(hi, rest)| DoubleDouble::new(hi, rest * hi * 2_f64.powi(-54)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn erfc_in_double_double_keeps_100_bits(x in argument()) {
        let expected = exact(x).erfc();
        check("erfc", &[x], x.erfc(), &expected, ERFC_BITS);
        let nearest = (Special::erfc(&x.hi()) - Float::with_val(PRECISION, x.hi()).erfc().to_f64()).abs();
        prop_assert!(nearest <= Special::erfc(&x.hi()) * f64::EPSILON + f64::from_bits(1), "{x:?}");
    }

    #[test]
    fn logarithm_of_erfc_in_double_double_keeps_100_bits(x in argument(), far in 20.0..2e4_f64) {
        for x in [x, DoubleDouble::exact(far)] {
            let expected = exact(x).erfc().ln();
            let error = (exact(x.ln_erfc()) - &expected).abs();
            let scale = expected.abs() + 1_u32;
            let right = -(error / scale).log2().to_f64();
            prop_assert!(right >= ERFC_BITS, "ln_erfc({x:?}): {right:.1} bits");
        }
    }
}

/// What two formulas cost in the last place, at most.
const LAST_BITS: i64 = 4;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn erfc_of_a_ball_holds_erfc_of_its_points(
        mid in prop_oneof![-9.0..40.0_f64, -1.0..1.0_f64, 90.0..95.0_f64], power in -250..6_i64,
        places in [-1.0..1.0_f64, -1.0..1.0], bits in 53..250_u32
    ) {
        let middle = Float::with_val(bits, mid);
        let ball = Ball::with_radius(middle.clone(), Magnitude::power_of_two(power));
        let (value, logarithm) = (ball.erfc(), ball.ln_erfc());
        for place in [-1.0, 1.0, places[0], places[1]] {
            let reach = Float::with_val(PRECISION, place) * Float::with_val(PRECISION, Float::i_exp(1, power as i32));
            let expected = (reach + &middle).erfc();
            prop_assert!(value.contains(&expected), "erfc {value:?} without {expected:.30}");
            let expected = expected.ln();
            prop_assert!(logarithm.contains(&expected), "ln erfc {logarithm:?} without {expected:.30}");
        }
    }

    #[test]
    fn erfc_of_a_narrow_ball_is_narrow(mid in -4.0..30.0_f64, power in -250..-12_i64) {
        let middle = Float::with_val(200, mid);
        let value = Ball::with_radius(middle.clone(), Magnitude::power_of_two(power)).erfc();
        // 2/sqrt(pi) e^(-x^2) r, and half a unit in the last place
        let reach = Float::with_val(64, Float::i_exp(1, power as i32));
        let nearest = Float::with_val(64, mid.abs()) - &reach;
        let spread = (-Float::with_val(64, nearest.square_ref())).exp() * reach * 1.129_f64;
        let rounding = Float::with_val(64, value.mid() >> 200_u32);
        let radius = value.upper(300) - value.mid();
        prop_assert!(radius <= Float::with_val(64, &spread + &rounding), "{radius:.6}: {spread:.6} and {rounding:.6}");
    }

    #[test]
    fn logarithm_of_erfc_is_as_long_as_asked_on_both_sides_of_its_two_formulas(
        x in prop_oneof![2.0..30.0_f64, 7.9..8.1_f64, 15.9..16.1_f64], bits in prop::sample::select(vec![64_u32, 256, 700])
    ) {
        let expected = Float::with_val(bits + 100, x).erfc().ln();
        let computed = Float::with_val(bits, x).ln_erfc();
        let error = Float::with_val(64, &computed - &expected).abs() / expected.clone().abs();
        prop_assert!(error <= Float::with_val(64, Float::i_exp(1, LAST_BITS as i32 - bits as i32)), "{x}: {error:.3}");
        let enclosure = Ball::exact(Float::with_val(bits, x)).ln_erfc();
        prop_assert!(enclosure.contains(&expected));
        let size = i64::from(expected.get_exp().unwrap());
        prop_assert!(enclosure.radius().exponent() <= Some(size - i64::from(bits) + LAST_BITS), "{enclosure:?}");
    }
}

#[test]
fn erfc_at_the_ends_of_the_line() {
    for (x, value) in [
        (0.0, 1.0),
        (-30.0, 2.0),
        (28.0, 0.0),
        (1e300, 0.0),
        (f64::INFINITY, 0.0),
        (f64::NEG_INFINITY, 2.0),
    ] {
        assert_eq!(
            DoubleDouble::exact(x).erfc(),
            DoubleDouble::exact(value),
            "{x}"
        );
        assert_eq!(Special::erfc(&x), value, "{x}");
    }
    assert!(Special::erfc(&f64::NAN).is_nan());
    assert!(f64::NAN.ln_erfc().is_nan());
    assert_eq!(f64::INFINITY.ln_erfc(), f64::NEG_INFINITY);
    // beyond the range of every exponent
    let far = Ball::exact(Float::with_val(128, 1e30));
    assert!(far.erfc().contains(&Float::new(128)));
    assert!((Special::ln_erfc(&far).mid().to_f64() / -1e60 - 1.0).abs() < 1e-15);
    assert!(!Ball::unbounded(128).erfc().mid().is_nan());
}
