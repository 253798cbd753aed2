//! Fixed normal vectors: integer arithmetic and double-double functions, the same on every machine.

use super::data::PIXELS;
use crate::arithmetic::{DoubleDouble, Real};

/// Number `index` of the standard normal vectors: pairs by Box and Muller, "A note on the generation
/// of random normal deviates" (1958), from a counter.
pub(super) fn vector(index: u64) -> impl Iterator<Item = f64> {
    let pairs = PIXELS as u64 / 2;
    (0..pairs).flat_map(move |pair| {
        let counter = 2 * (index * pairs + pair);
        let radius = (uniform(counter).ln() * DoubleDouble::exact(-2.0)).sqrt();
        let turn = uniform(counter + 1) * DoubleDouble::exact(2.0);
        [turn.cos_pi(), turn.sin_pi()].map(|coordinate| (radius * coordinate).to_f64())
    })
}

/// (k + 1/2)/2^52 with k the upper 52 bits of SplitMix64's output number `counter` from state 0
/// (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): never 0 or 1.
fn uniform(counter: u64) -> DoubleDouble {
    let state = (counter + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let bits = (mixed ^ (mixed >> 31)) >> 12;
    DoubleDouble::exact((bits as f64 + 0.5) / (1_u64 << 52) as f64)
}
