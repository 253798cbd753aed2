//! f32 to f16 and back by integers alone and without branches, so that loops vectorise and every
//! backend agrees: to nearest, ties to even, subnormals kept; from 65520 on infinity; a NaN stays one.

/// The bits of the f16 nearest to `value`.
pub fn to_f16(value: f32) -> u16 {
    let bits = value.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    let exponent = magnitude >> 23;
    let normal = exponent >= 113;
    // Below 2^-14 more bits are dropped; from 25 on nothing is left.
    let below = (126 - exponent.min(126)).clamp(1, 25);
    let dropped = if normal { 13 } else { below };
    let significand = (magnitude & 0x7f_ffff) | 0x80_0000;
    let shifted = magnitude.wrapping_sub(0x3800_0000);
    let number = if normal { shifted } else { significand };
    let kept = number >> dropped;
    let rest = number & ((1 << dropped) - 1);
    let half = 1 << (dropped - 1);
    let up = u32::from(rest > half) | (u32::from(rest == half) & kept & 1);
    let rounded = (kept + up).min(0x7c00);
    let result = if magnitude > 0x7f80_0000 {
        0x7e00
    } else {
        rounded
    };
    ((bits >> 16 & 0x8000) | result) as u16
}

/// The value of an f16's bits.
pub fn from_f16(bits: u16) -> f32 {
    let half = u32::from(bits);
    let sign = (half & 0x8000) << 16;
    let magnitude = half & 0x7fff;
    let fraction = magnitude << 13;
    // A subnormal is moved up to its leading bit, and its exponent down as far.
    let up = magnitude.leading_zeros().wrapping_sub(21) & 31;
    let moved = (magnitude.wrapping_shl(up) & 0x3ff) << 13;
    let subnormal = (113_u32.wrapping_sub(up) << 23).wrapping_add(moved);
    let small = if magnitude == 0 { 0 } else { subnormal };
    let finite = if magnitude < 0x400 {
        small
    } else {
        fraction + 0x3800_0000
    };
    let value = if magnitude >= 0x7c00 {
        fraction | 0x7f80_0000
    } else {
        finite
    };
    f32::from_bits(sign | value)
}
