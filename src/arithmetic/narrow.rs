//! Rounding an unevaluated sum of two f64 to a narrower format once, to nearest, ties to even.
//!
//! Rounding to f64 first and to the narrow format afterwards errs where the f64 falls on a tie.
//! Rounding to *odd* first does not: an inexact sum keeps a last bit 1, and no tie of a format with
//! at most 51 bits has one (Boldo and Melquiond, Emulation of a FMA and correctly rounded sums:
//! proved algorithms using rounding to odd, 2008, theorem 2).

/// hi + lo rounded to odd. `hi` must be the f64 nearest to the sum.
fn round_to_odd(hi: f64, lo: f64) -> f64 {
    if lo == 0.0 || !hi.is_finite() {
        return hi;
    }
    let towards_zero = u64::from(hi.is_sign_negative() != lo.is_sign_negative());
    f64::from_bits((hi.to_bits() - towards_zero) | 1)
}

/// hi + lo as f32.
pub(crate) fn to_f32(hi: f64, lo: f64) -> f32 {
    round_to_odd(hi, lo) as f32
}

/// hi + lo as the bit pattern of an IEEE 754 binary16.
pub(crate) fn to_f16_bits(hi: f64, lo: f64) -> u16 {
    sixteen_bits(round_to_odd(hi, lo), 11)
}

/// hi + lo as the bit pattern of a bfloat16 (the upper half of an f32).
pub(crate) fn to_bf16_bits(hi: f64, lo: f64) -> u16 {
    sixteen_bits(round_to_odd(hi, lo), 8)
}

/// A 16-bit format with `precision` significant bits (the leading one is not stored).
fn sixteen_bits(value: f64, precision: i32) -> u16 {
    let stored = precision - 1;
    let smallest_exponent = 2 - (1 << (14 - stored));
    let infinity = 0x7fff_u64 >> stored << stored;
    let sign = (value.to_bits() >> 63 << 15) as u16;
    let biased = (value.to_bits() >> 52 & 0x7ff) as i32;
    let fraction = value.to_bits() & ((1 << 52) - 1);
    if biased == 0x7ff {
        let quiet = u64::from(fraction != 0) << (stored - 1);
        return sign | (infinity | quiet) as u16;
    }
    let exponent = biased - 1023;
    let below = (smallest_exponent - exponent).max(0);
    let dropped = 53 - precision + below;
    // under half of the smallest subnormal; f64 subnormals are among these
    if dropped > 53 {
        return sign;
    }
    let significand = fraction | 1 << 52;
    let kept = significand >> dropped;
    let rest = significand & ((1 << dropped) - 1);
    let half = 1 << (dropped - 1);
    let up = u64::from(rest > half || (rest == half && kept & 1 == 1));
    // the leading bit of `kept` and a carry both add to the exponent field
    let field = ((exponent - smallest_exponent).max(0) as u64) << stored;
    sign | (field + kept + up).min(infinity) as u16
}
