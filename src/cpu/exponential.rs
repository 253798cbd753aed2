//! The exponential and the reciprocal that backends share, made of + - * and integer operations, so
//! that every backend that rounds as IEEE 754 says gives the same bits. Twin of
//! `src/gpu/model_exp.wgsl`.
//!
//! t = n ln 2 + r with |r| <= 0.3467, e^t = 2^n e^r; ln 2 is subtracted in two parts, the first so
//! short that n times it is exact (Cody and Waite 1980). e^r is its Taylor polynomial of degree 7,
//! whose remainder is under 0.1 u of the result, u = 2^-24; Horner's rule adds at most 2.3 u and the
//! reduction at most 0.4 u: within 3 u of e^t in all (`tests/gpu_models.rs` measures it over all
//! arguments).

/// Added to a number under 2^22, it leaves the nearest integer in the lowest bits.
const ROUNDING: f32 = 12_582_912.0;
/// The largest magnitude of an argument; below it e^t counts as 0.
const LARGEST: f32 = 87.0;
/// ln 2 in nine bits, and the rest.
const LN_2: [f32; 2] = [355.0 / 512.0, -2.121_944_4e-4];
/// 1/k! from k = 7 down to 0.
const TAYLOR: [f32; 8] = [
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// e^t for t <= 87, within 3 x 2^-24 of the result; 0 below -87 and for a NaN.
#[inline]
pub fn exp(t: f32) -> f32 {
    let shifted = t * std::f32::consts::LOG2_E + ROUNDING;
    let n = shifted - ROUNDING;
    let r = (t - n * LN_2[0]) - n * LN_2[1];
    let mut power = TAYLOR[0];
    for coefficient in &TAYLOR[1..] {
        power = power * r + coefficient;
    }
    // n stands in the lowest bits, and only its lowest nine survive the shift
    let bits = power.to_bits().wrapping_add(shifted.to_bits() << 23);
    match t >= -LARGEST {
        true => f32::from_bits(bits),
        false => 0.0,
    }
}

/// 1/t for 1 <= t <= 2^60, within 2.1 x 2^-24 of the result: the seed from the bits is right to
/// 0.13, and each of Newton's steps squares what is missing.
#[inline]
pub(super) fn reciprocal(t: f32) -> f32 {
    let mut y = f32::from_bits(0x7ef3_11c7_u32.wrapping_sub(t.to_bits()));
    for _ in 0..4 {
        y *= 2.0 - t * y;
    }
    y
}
