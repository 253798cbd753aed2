//! The inverse of the normal distribution function by integer operations.
//!
//! The first of 32 random bits is the sign; the others are a tail p = w/2^33, w = 2 v + 1, of which
//! z is the magnitude: Phi(-z) = p < 1/2. The 32 octaves of w (by its leading zeros) have 64 segments
//! each; with T/2^32 the place in a segment, z is a quadratic in T. Its coefficients interpolate at
//! Chebyshev's nodes; `tests/noise_table.rs` makes them, and proves what [`normal`] claims.
//!
//! Inversion, unlike rejection, takes one word a number, so that a number depends on its place only.

/// Segments of all octaves.
const SEGMENTS: usize = 32 * 64;

/// c0, c1, c2 of z = c0/2^28 - (T/2^32) (c1/2^36 - (T/2^32) c2/2^44), octave by octave from p = 1/4
/// down, in each by growing p.
pub static TABLE: [[u32; 3]; SEGMENTS] = table();

/// A standard normal number of 32 uniform bits.
///
/// A multiple of 2^-28 in (-6.34, 6.34), rounded to f32 to nearest, ties to even; the magnitude never
/// grows with the lower 31 bits, and flipping the first bit flips the sign. It is off the exact
/// quantile by at most 2.5e-8 before that rounding.
#[inline(always)]
pub fn normal(bits: u32) -> f32 {
    let tail = (bits << 1) | 1;
    let octave = tail.leading_zeros();
    let scaled = tail << octave;
    let segment = ((octave << 6) | ((scaled >> 25) & 63)) as usize;
    let [constant, slope, bend] = TABLE[segment % SEGMENTS];
    let place = scaled << 7;
    let slope = slope - (high_product(place, bend) >> 8);
    let magnitude = constant - (high_product(place, slope) >> 8);
    // Below 2^31, and signed integers convert faster than unsigned ones.
    let z = magnitude as i32 as f32 * (1.0 / (1 << 28) as f32);
    f32::from_bits(z.to_bits() | (bits & (1 << 31)))
}

#[inline(always)]
fn high_product(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}

/// Little-endian words.
const fn table() -> [[u32; 3]; SEGMENTS] {
    let bytes = include_bytes!("normal.bin");
    let mut table = [[0; 3]; SEGMENTS];
    let mut word = 0;
    while word < 3 * SEGMENTS {
        let at = 4 * word;
        table[word / 3][word % 3] =
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        word += 1;
    }
    table
}
