//! The portable noise: standard normal numbers, the same bits on every CPU and GPU.
//!
//! ```
//! use dpm_spec::noise;
//!
//! let mut whole = [0.0; 10];
//! noise::fill(&mut whole, 7, 0, 3);
//! // Any part of it can be had alone, in any order and on any thread.
//! let mut part = [0.0; 3];
//! noise::fill_from(&mut part, 5, 7, 0, 3);
//! assert_eq!(part, whole[5..8]);
//! assert_eq!(noise::normal4(1, 3, 0, 7), whole[4..8]);
//! ```
//!
//! *Bits.* Philox4x32-10, a bijection of a counter under a key ([`philox4x32`]): a number depends on
//! its place only, so nothing is carried from one to the next.
//!
//! *Numbers.* The inverse of the normal distribution function by integer operations ([`normal`]).
//! Box and Muller's method would ask for a logarithm and a sine, which no two devices agree on.
//!
//! The clauses are in `spec/noise.md`; `src/gpu/noise.wgsl` is the same for a GPU.

mod inverse;
mod philox;

pub use inverse::{TABLE, normal};
pub use philox::philox4x32;

/// Where a stepper's noise comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noise {
    /// The host fills a tensor before every step that draws.
    #[default]
    Host,
    /// The step makes the numbers where it adds them: those of [`fill`] for the plan's draw and the
    /// sample's place in the batch, from 0, rounded to the format as a tensor would be.
    Philox {
        /// The seed of all samples.
        seed: u64,
    },
}

/// Blocks that are made at a time: what the compiler can do side by side.
const LANES: usize = 8;

/// Elements `4 block` to `4 block + 3` of a noise: `draw` is its index in the plan, `stream` the
/// sample's number.
pub fn normal4(block: u32, draw: u32, stream: u32, seed: u64) -> [f32; 4] {
    one_block(block.into(), draw, stream, seed)
}

/// The noise `draw` of the sample `stream`, one number an element.
pub fn fill(out: &mut [f32], seed: u64, stream: u32, draw: u32) {
    fill_from(out, 0, seed, stream, draw);
}

/// The elements from number `first` on of what [`fill`] gives.
pub fn fill_from(out: &mut [f32], first: u64, seed: u64, stream: u32, draw: u32) {
    #[cfg(feature = "cpu")]
    pulp::Arch::new().dispatch(|| any_part(out, first, seed, stream, draw));
    #[cfg(not(feature = "cpu"))]
    any_part(out, first, seed, stream, draw);
}

/// Inlined as a whole, so that it is compiled for every vector unit that is dispatched to.
#[inline(always)]
fn any_part(out: &mut [f32], first: u64, seed: u64, stream: u32, draw: u32) {
    let (mut block, skipped) = (first / 4, (first % 4) as usize);
    let head = out.len().min((4 - skipped) % 4);
    let (head, rest) = out.split_at_mut(head);
    if !head.is_empty() {
        let four = one_block(block, draw, stream, seed);
        head.copy_from_slice(&four[skipped..skipped + head.len()]);
        block += 1;
    }
    let mut chunks = rest.chunks_exact_mut(4 * LANES);
    for chunk in &mut chunks {
        let words = philox::side_by_side(counters::<LANES>(block, draw, stream), key(seed));
        for (lane, four) in chunk.chunks_exact_mut(4).enumerate() {
            for (word, out) in words.iter().zip(four) {
                *out = normal(word[lane]);
            }
        }
        block += LANES as u64;
    }
    for four in chunks.into_remainder().chunks_mut(4) {
        four.copy_from_slice(&one_block(block, draw, stream, seed)[..four.len()]);
        block += 1;
    }
}

#[inline(always)]
fn one_block(block: u64, draw: u32, stream: u32, seed: u64) -> [f32; 4] {
    let words = philox::side_by_side(counters::<1>(block, draw, stream), key(seed));
    words.map(|[word]| normal(word))
}

/// The counters of N blocks, word by word. The last word is 0 but for samples of more than 2^34
/// elements, which no GPU holds.
#[inline(always)]
fn counters<const N: usize>(block: u64, draw: u32, stream: u32) -> [[u32; N]; 4] {
    let blocks: [u64; N] = std::array::from_fn(|lane| block + lane as u64);
    [
        blocks.map(|block| block as u32),
        [draw; N],
        [stream; N],
        blocks.map(|block| (block >> 32) as u32),
    ]
}

#[inline(always)]
fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}
