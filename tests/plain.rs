//! f32 and f64 against MPFR: constants to the last bit, phi and the circular functions stable.
#![cfg(feature = "oracle")]

mod mpfr;

use dpm_spec::arithmetic::{Field, Real, rational};
use mpfr::{PRECISION, phi};
use proptest::prelude::*;
use rug::Float;

/// |computed - expected| in units u |expected|, u half a unit of the last place.
fn error(computed: f64, expected: &Float, u: f64) -> f64 {
    let difference = Float::with_val(PRECISION, expected - computed) / expected;
    difference.abs().to_f64() / u
}

const U_F32: f64 = 1.0 / 16_777_216.0;
const U_F64: f64 = f64::EPSILON / 2.0;

/// Worst errors allowed, in u of the result.
/// `PHI_TAYLOR`: the last sum and the division by k!, all before is damped.
/// `PHI_RECURRENCE`: 2 u of phi_1 and half a unit a step, enlarged by phi_1(z)/phi_k(z), which is
/// largest where the recurrence begins: 1, 2.4, 7.9 and 33 at z = 1.
const PHI_TAYLOR: f64 = 2.0;
const PHI_RECURRENCE: [f64; 5] = [1.0, 2.5, 6.0, 20.0, 80.0];
/// pi itself, the product with it and the function.
const CIRCULAR: f64 = 4.0;

fn check_phi(z: f64) {
    for k in 1..=4 {
        let allowed = if z.abs() <= 1.0 {
            PHI_TAYLOR
        } else {
            PHI_RECURRENCE[k as usize]
        };
        let expected = phi(k, &Float::with_val(PRECISION, z));
        let found = error(z.phi(k), &expected, U_F64);
        assert!(
            found <= allowed,
            "f64 phi_{k}({z:e}): {found} u, {allowed} allowed"
        );
        let narrow = z as f32;
        let allowed = if narrow.abs() <= 1.0 {
            PHI_TAYLOR
        } else {
            PHI_RECURRENCE[k as usize]
        };
        let expected = phi(k, &Float::with_val(PRECISION, narrow));
        let found = error(f64::from(narrow.phi(k)), &expected, U_F32);
        assert!(
            found <= allowed,
            "f32 phi_{k}({narrow:e}): {found} u, {allowed} allowed"
        );
    }
}

#[test]
fn phi_is_stable() {
    for i in -20_000..=20_000_i32 {
        if i != 0 {
            check_phi(f64::from(i) * 3e-3);
        }
    }
    for i in 0..2000 {
        check_phi(1.0 + f64::from(i) * 1e-5);
        check_phi(-1.0 - f64::from(i) * 1e-5);
    }
    for exponent in (-120..0).step_by(3) {
        check_phi(1.1 * 2_f64.powi(exponent));
        check_phi(-1.1 * 2_f64.powi(exponent));
    }
    for k in 1..=4 {
        let factorial = f64::from((1..=k).product::<u32>());
        assert_eq!(0_f64.phi(k), factorial.recip());
        assert_eq!(0_f32.phi(k), (factorial as f32).recip());
    }
}

#[test]
fn phi_has_limits_and_no_panic() {
    assert_eq!(f64::NEG_INFINITY.phi(2), 0.0);
    assert_eq!(f64::INFINITY.phi(2), f64::INFINITY);
    assert!(f32::NAN.phi(3).is_nan());
    assert_eq!(0.5_f64.phi(u32::MAX), 0.0);
    assert_eq!((-5.0_f32).phi(u32::MAX), 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn constants_are_correctly_rounded(
        n in any::<i128>(), d in any::<i128>(), n_shift in 0_u32..127, d_shift in 0_u32..127
    ) {
        let (n, d) = (n >> n_shift, (d >> d_shift).checked_abs().unwrap_or(1).max(1));
        let expected = Float::with_val(PRECISION, n) / Float::with_val(PRECISION, d);
        prop_assert_eq!(1_f64.constant(rational(n, d)), expected.to_f64());
        prop_assert_eq!(1_f32.constant(rational(n, d)), expected.to_f32());
        prop_assert_eq!(1_f32.like(n, d), expected.to_f32());
    }

    /// The two-step rounding that this crate's first version did: to f64, then to f32.
    #[test]
    fn constants_beside_a_tie_of_f32_are_rounded_once(odd in 0_i128..1 << 23, bit in 60_u32..100, up in any::<bool>()) {
        let tie = (((1 << 23) + odd) * 2 + 1) << bit;
        let n = if up { tie + 1 } else { tie - 1 };
        prop_assert_eq!(1_f32.like(n, 1), Float::with_val(PRECISION, n).to_f32());
    }

    #[test]
    fn circular_functions_reduce_exactly(
        significand in 1.0..2.0_f64, exponent in -100..60_i32, quarters in -1000..1000_i32, near in -30..-2_i32
    ) {
        let wide = significand * 2_f64.powi(exponent);
        let close = f64::from(quarters) / 4.0 + significand * 2_f64.powi(near);
        for x in [wide, -wide, close] {
            let exact = Float::with_val(PRECISION, x);
            let (sin, cos) = (exact.clone().sin_pi(), exact.cos_pi());
            for (name, computed, expected) in [("sin_pi", x.sin_pi(), sin), ("cos_pi", x.cos_pi(), cos)] {
                let right = if expected.is_zero() { computed == 0.0 } else { error(computed, &expected, U_F64) <= CIRCULAR };
                prop_assert!(right, "f64 {}({:e}) = {:e}", name, x, computed);
            }
            let x = x as f32;
            let exact = Float::with_val(PRECISION, x);
            let (sin, cos) = (exact.clone().sin_pi(), exact.cos_pi());
            for (name, computed, expected) in [("sin_pi", x.sin_pi(), sin), ("cos_pi", x.cos_pi(), cos)] {
                let right = if expected.is_zero() { computed == 0.0 } else { error(f64::from(computed), &expected, U_F32) <= CIRCULAR };
                prop_assert!(right, "f32 {}({:e}) = {:e}", name, x, computed);
            }
        }
    }
}
