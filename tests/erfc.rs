//! The complementary error function and its logarithm, against MPFR.
#![cfg(feature = "oracle")]

mod mpfr;

use dpm_spec::arithmetic::{DoubleDouble, Special};
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
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

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
