//! Conversion between f32 and f16 is the one of IEEE 754: every half, every decision of rounding.

use dpm_spec::fused::{from_f16, to_f16};
use half::f16;

#[test]
fn every_half_has_its_value() {
    for bits in 0..=u16::MAX {
        let (found, said) = (from_f16(bits), f16::from_bits(bits).to_f32());
        let both = found.is_nan() && said.is_nan();
        assert!(both || found.to_bits() == said.to_bits(), "{bits:#06x}");
    }
}

#[test]
fn every_decision_of_rounding_is_right() {
    let mut numbers: Vec<u32> = Vec::new();
    for bits in 0..0x7c00_u16 {
        let value = f16::from_bits(bits).to_f64();
        // After the largest comes what would be the next power of two.
        let next = match bits {
            0x7bff => 65536.0,
            _ => f16::from_bits(bits + 1).to_f64(),
        };
        for number in [value, (value + next) / 2.0] {
            let bits = (number as f32).to_bits();
            numbers.extend([bits, bits + 1, bits.saturating_sub(1)]);
        }
    }
    // Every exponent of f32, its subnormals, infinity and NaN.
    for exponent in 0..=255_u32 {
        let fractions = [0, 1, 0x40_0000, 0x7f_ffff];
        numbers.extend(fractions.map(|fraction| exponent << 23 | fraction));
    }
    for sign in [0, 1 << 31] {
        for number in &numbers {
            let value = f32::from_bits(sign | number);
            let (found, said) = (to_f16(value), f16::from_f32(value));
            let both = f16::from_bits(found).is_nan() && said.is_nan();
            assert!(both || found == said.to_bits(), "{value:e}: {found:#06x}");
        }
    }
}
