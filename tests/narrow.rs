//! A double-double rounds once to f32, binary16 and bfloat16: every tie of the 16-bit formats, and
//! random values against a search among all numbers of the format.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::DoubleDouble;
use proptest::prelude::*;
use rug::Float;

/// A 16-bit format by its definition: fraction bits and exponent bias.
struct Format {
    fraction: i32,
    bias: i32,
    round: fn(DoubleDouble) -> u16,
}

const BINARY16: Format = Format {
    fraction: 10,
    bias: 15,
    round: DoubleDouble::to_f16_bits,
};
const BFLOAT16: Format = Format {
    fraction: 7,
    bias: 127,
    round: DoubleDouble::to_bf16_bits,
};

impl Format {
    fn infinity(&self) -> u16 {
        0x7fff >> self.fraction << self.fraction
    }

    /// The value of a pattern without sign; infinity as the next power of two, which is how
    /// rounding to nearest sees it.
    fn value(&self, bits: u16) -> f64 {
        let biased = i32::from(bits >> self.fraction);
        let fraction = f64::from(bits & ((1 << self.fraction) - 1));
        let one = 2_f64.powi(self.fraction);
        if biased == 0 {
            fraction / one * 2_f64.powi(1 - self.bias)
        } else {
            (1.0 + fraction / one) * 2_f64.powi(biased - self.bias)
        }
    }

    /// The nearest pattern by comparing exact distances.
    fn nearest(&self, value: &Float) -> u16 {
        let size = value.clone().abs();
        let (mut below, mut above) = (0_u16, self.infinity());
        if size >= self.value(above) {
            below = above;
        }
        while above - below > 1 {
            let middle = below.midpoint(above);
            if size >= self.value(middle) {
                below = middle;
            } else {
                above = middle;
            }
        }
        let to_below = size.clone() - self.value(below);
        let to_above = self.value(above) - size;
        let nearest = if to_below < to_above || (to_below == to_above && below % 2 == 0) {
            below
        } else {
            above
        };
        nearest | u16::from(value.is_sign_negative()) << 15
    }
}

#[test]
fn every_tie_is_decided_by_the_low_word() {
    for format in [BINARY16, BFLOAT16] {
        for below in 0..format.infinity() {
            let above = below + 1;
            let even = if below % 2 == 0 { below } else { above };
            let tie = (format.value(below) + format.value(above)) / 2.0;
            let half_ulp = tie * 2_f64.powi(-54);
            for (lo, expected) in [
                (0.0, even),
                (half_ulp, above),
                (-half_ulp, below),
                (tie * 2_f64.powi(-200), above),
                (-tie * 2_f64.powi(-200), below),
                (f64::from_bits(1), above),
                (-f64::from_bits(1), below),
            ] {
                let x = DoubleDouble::new(tie, lo);
                assert_eq!((format.round)(x), expected, "{tie} + {lo}");
                assert_eq!((format.round)(-x), expected | 0x8000, "-({tie} + {lo})");
            }
            let exact = DoubleDouble::exact(format.value(below));
            assert_eq!((format.round)(exact), below);
        }
    }
}

#[test]
fn ties_of_f32_are_decided_by_the_low_word() {
    let ends = [
        0_u32,
        1,
        2,
        0x007f_fffe,
        0x007f_ffff,
        0x0080_0000,
        0x7f7f_fffe,
        0x7f7f_ffff,
    ];
    for below in (0..0x7f7f_ffff).step_by(4001).chain(ends) {
        let above = below + 1;
        let even = if below % 2 == 0 { below } else { above };
        let low = f64::from(f32::from_bits(below));
        let high = if above == 0x7f80_0000 {
            2_f64.powi(128)
        } else {
            f64::from(f32::from_bits(above))
        };
        let tie = (low + high) / 2.0;
        for (lo, expected) in [
            (0.0, even),
            (tie * 2_f64.powi(-54), above),
            (-tie * 2_f64.powi(-54), below),
            (tie * 2_f64.powi(-150), above),
            (-tie * 2_f64.powi(-150), below),
        ] {
            let x = DoubleDouble::new(tie, lo);
            assert_eq!(x.to_f32().to_bits(), expected, "{tie:e} + {lo:e}");
            assert_eq!(
                (-x).to_f32().to_bits(),
                expected | 1 << 31,
                "-({tie:e} + {lo:e})"
            );
        }
    }
}

#[test]
fn what_is_no_number_and_what_overflows() {
    for (value, f16, bf16, f32) in [
        (0.0, 0, 0, 0),
        (-0.0, 0x8000, 0x8000, 0x8000_0000),
        (f64::INFINITY, 0x7c00, 0x7f80, 0x7f80_0000),
        (f64::NEG_INFINITY, 0xfc00, 0xff80, 0xff80_0000),
        (f64::MAX, 0x7c00, 0x7f80, 0x7f80_0000),
        (65519.0, 0x7bff, 0x4780, 0x477f_ef00),
        (f64::MIN_POSITIVE, 0, 0, 0),
        (-f64::from_bits(1), 0x8000, 0x8000, 0x8000_0000),
    ] {
        let x = DoubleDouble::exact(value);
        assert_eq!(x.to_f16_bits(), f16, "{value:e}");
        assert_eq!(x.to_bf16_bits(), bf16, "{value:e}");
        assert_eq!(x.to_f32().to_bits(), f32, "{value:e}");
    }
    let nan = DoubleDouble::exact(f64::NAN);
    assert_eq!(nan.to_f16_bits() & 0x7fff, 0x7e00);
    assert_eq!(nan.to_bf16_bits() & 0x7fff, 0x7fc0);
    assert!(nan.to_f32().is_nan());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_values_round_to_the_nearest(
        significand in 1.0..2.0_f64, small in -30..20_i32, any in -160..140_i32,
        negative in any::<bool>(), rest in -0.5..0.5_f64, kept in 0_u32..53,
    ) {
        // few significant bits make exact values and ties likely
        let few = f64::from_bits(significand.to_bits() >> kept << kept);
        let sign = if negative { -1.0 } else { 1.0 };
        for exponent in [small, any] {
            let hi = sign * few * 2_f64.powi(exponent);
            for lo in [0.0, rest * hi * f64::EPSILON, rest * hi * 2_f64.powi(-90)] {
                let x = DoubleDouble::new(hi, lo);
                let exact = Float::with_val(600, x.hi()) + x.lo();
                for format in [BINARY16, BFLOAT16] {
                    prop_assert_eq!((format.round)(x), format.nearest(&exact), "{:?}", x);
                }
                prop_assert_eq!(x.to_f32(), exact.to_f32(), "{:?}", x);
            }
        }
    }
}
