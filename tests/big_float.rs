//! Big floats: constants have their witness's precision, results the left operand's.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::{Field, Real, rational};
use rug::Float;

#[test]
fn constants_and_results_keep_the_precision_of_the_witness() {
    for precision in [24, 53, 200, 4096] {
        let x = Float::with_val(precision, 0.75);
        let made = [
            x.like(1, 3),
            x.constant(rational(i128::MAX, 7)),
            x.from_f64(0.1),
            Field::exp(&x),
            Field::exp_m1(&x),
            x.phi(0),
            x.phi(3),
            Real::ln(&x),
            Real::ln_1p(&x),
            Real::sqrt(&x),
            Real::sin_pi(&x),
            Real::cos_pi(&x),
            Real::atan2_pi(&x, &x),
            Real::pow(&x, &x),
            x.hull(&x),
            x.clone() * &Float::with_val(5000, 3),
        ];
        for (index, value) in made.iter().enumerate() {
            assert_eq!(value.prec(), precision, "number {index}");
        }
    }
}

#[test]
fn constants_are_the_nearest_floats() {
    let x = Float::with_val(53, 1);
    assert_eq!(x.like(1, 3), 1.0 / 3.0);
    assert_eq!(x.like(-7, 10), -0.7);
    let wide = x.constant(rational(i128::MAX, 3));
    assert_eq!(
        wide,
        Float::with_val(53, rug::Rational::from((i128::MAX, 3)))
    );
}

#[test]
fn phi_is_right_to_the_last_place_everywhere() {
    for precision in [53_u32, 256, 1024] {
        for exponent in [-5000_i32, -300, -60, -20, -3, 0, 3, 10] {
            for sign in [-1_i32, 1] {
                let z: Float = Float::with_val(precision, 1.3 * f64::from(sign)) << exponent;
                let wide = Float::with_val(precision + 30000, &z);
                let mut exact = Float::with_val(wide.prec(), wide.exp_m1_ref()) / &wide;
                for k in 1..5_u32 {
                    let difference = Float::with_val(64, z.phi(k) - &exact).abs();
                    let unit = exact.clone().abs() >> (precision - 1);
                    assert!(difference <= unit, "phi_{k}({z}) at {precision} bits");
                    let factorial = f64::from((1..=k).product::<u32>());
                    exact = (exact - Float::with_val(wide.prec(), factorial).recip()) / &wide;
                }
            }
        }
    }
}

#[test]
fn integers_are_rounded_to_even() {
    let x = |value: f64| Float::with_val(100, value);
    assert_eq!(x(2.5).nearest_integer(), Some(2));
    assert_eq!(x(-3.5).nearest_integer(), Some(-4));
    assert_eq!(x(f64::NAN).nearest_integer(), None);
    assert_eq!(x(1e300).nearest_integer(), None);
}
