//! f32 to f16 and back without branches, so that loops vectorise: to nearest, ties to even,
//! subnormals kept; from 65520 on infinity; a NaN stays one.
//!
//! Integers do it all but the subnormals, which one addition of f32 rounds or renormalises; no f32
//! subnormal takes part whose loss would change a bit. The GPU, whose sums may round otherwise, has
//! the same function in integers alone.

/// 2^-14, the smallest normal f16.
const SMALLEST: u32 = 113 << 23;
/// The difference of the two exponents' biases.
const BIAS: u32 = 112 << 23;
/// A number whose last place is that of the f16 subnormals, 2^-24.
const HALF: f32 = 0.5;

/// The bits of the f16 nearest to `value`.
#[inline]
pub fn to_f16(value: f32) -> u16 {
    let bits = value.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    // Half a unit less one bit, and that bit if the unit is odd: a tie goes to even.
    let up = 0xfff + (magnitude >> 13 & 1);
    let normal = (magnitude.wrapping_sub(BIAS).wrapping_add(up) >> 13).min(0x7c00);
    let sum = f32::from_bits(magnitude) + HALF;
    let subnormal = sum.to_bits().wrapping_sub(HALF.to_bits());
    let number = if magnitude < SMALLEST {
        subnormal
    } else {
        normal
    };
    let result = if magnitude > 0x7f80_0000 {
        0x7e00
    } else {
        number
    };
    ((bits >> 16 & 0x8000) | (result & 0x7fff)) as u16
}

/// The value of an f16's bits.
#[inline]
pub fn from_f16(bits: u16) -> f32 {
    let half = u32::from(bits);
    let sign = (half & 0x8000) << 16;
    let magnitude = (half & 0x7fff) << 13;
    // With the exponent of 2^-14 a subnormal is 2^-14 too large.
    let moved = f32::from_bits(magnitude + SMALLEST) - f32::from_bits(SMALLEST);
    let finite = if magnitude < 1 << 23 {
        moved.to_bits()
    } else {
        magnitude + BIAS
    };
    let number = if magnitude >= 31 << 23 {
        magnitude | 0x7f80_0000
    } else {
        finite
    };
    f32::from_bits(sign | number)
}
