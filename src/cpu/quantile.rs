//! Thresholding in f32 with exact order statistics, equal to [`Threshold::apply`] bit for bit.
//!
//! The bits of a magnitude order as the magnitude does. A histogram of their leading 11 bits names
//! the few candidates for the rank, and a selection among these ends it: nothing is sorted.

use super::pass::ALONE;
use crate::arithmetic::{Field, Rational, rational};
use crate::threshold::Threshold;
use rayon::prelude::*;

/// Leading bits that the histogram counts, of the 31 bits of a magnitude.
const LEADING: u32 = 11;
const SHIFT: u32 = 31 - LEADING;
const INFINITE: u32 = f32::INFINITY.to_bits();

/// The rank `ratio (n - 1)` of a quantile in ascending order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rank {
    /// The order statistic at or below the rank, from 0.
    pub(crate) below: usize,
    /// How far the rank lies towards the next one, rounded to f32.
    pub(crate) fraction: f32,
}

impl Rank {
    /// The rank among `elements` numbers, at least 1, for a ratio as [`Threshold::check`] wants it.
    pub(crate) fn new(ratio: Rational, elements: usize) -> Self {
        let rank = ratio * rational(elements as i128 - 1, 1);
        Rank {
            below: rank.to_integer() as usize,
            fraction: 1.0_f32.constant(rank.fract()),
        }
    }
}

/// The quantile of the magnitudes at the exact rank, linear between neighbours, 0 < `ratio` <= 1.
///
/// NaN for another ratio, if the sample is empty or holds a NaN, and between two infinite neighbours; of at most 2^32
/// elements.
pub fn quantile(sample: &[f32], ratio: Rational) -> f32 {
    search(sample, ratio).unwrap_or(f32::NAN)
}

/// The quantile of every sample of a dense batch, `[batch][elements]`, 1 <= `elements`; batches of
/// 64 Ki elements and more on all threads.
pub fn quantiles(batch: &[f32], elements: usize, ratio: Rational) -> Vec<f32> {
    let elements = elements.max(1);
    if batch.len() < ALONE {
        let samples = batch.chunks(elements);
        return samples.map(|sample| quantile(sample, ratio)).collect();
    }
    let samples = batch.par_chunks(elements);
    samples.map(|sample| quantile(sample, ratio)).collect()
}

/// Applies the rule to one sample; the sample is left alone if it holds a NaN.
///
/// `threshold` satisfies [`Threshold::check`]; to another ratio the sample is left alone, too.
pub fn threshold(threshold: Threshold, sample: &mut [f32]) {
    match threshold {
        Threshold::Static { bound } => {
            if !sample.iter().any(|x| x.is_nan()) {
                clip(sample, 1.0_f32.constant(bound), 1.0);
            }
        }
        Threshold::Dynamic { ratio, max } => {
            if let Some(quantile) = search(sample, ratio) {
                let max = max.map_or(f32::INFINITY, |max| 1.0_f32.constant(max));
                // Neighbours that are both infinite have no number between them: `max` takes 1.
                let s = quantile.max(1.0).min(max);
                clip(sample, s, s);
            }
        }
    }
}

/// None if the sample is empty or holds a NaN, or for a ratio that is none.
fn search(sample: &[f32], ratio: Rational) -> Option<f32> {
    if sample.is_empty() || ratio <= rational(0, 1) || ratio > rational(1, 1) {
        return None;
    }
    let rank = Rank::new(ratio, sample.len());
    let (low, high) = neighbours(sample, rank.below)?;
    let low = f32::from_bits(low);
    Some(match high {
        None => low,
        Some(high) => low + (f32::from_bits(high) - low) * rank.fraction,
    })
}

/// Bits of the magnitudes at a rank and at the next, if there is a next; none with a NaN.
fn neighbours(sample: &[f32], rank: usize) -> Option<(u32, Option<u32>)> {
    let counts = histogram(sample);
    let mut before = 0;
    let mut bin = 0;
    while before + counts[bin] as usize <= rank {
        before += counts[bin] as usize;
        bin += 1;
    }
    // Only the last bins, from that of infinity on, can hold a NaN.
    let infinite = (INFINITE >> SHIFT) as usize;
    let suspect = counts[infinite..].iter().any(|count| *count > 0);
    if suspect && sample.iter().any(|x| x.is_nan()) {
        return None;
    }
    let mut candidates = Vec::with_capacity(counts[bin] as usize);
    candidates.extend(magnitudes(sample).filter(|bits| (bits >> SHIFT) as usize == bin));
    let (_, low, above) = candidates.select_nth_unstable(rank - before);
    let high = match above.iter().min() {
        Some(next) => Some(*next),
        None => magnitudes(sample)
            .filter(|bits| (bits >> SHIFT) as usize > bin)
            .min(),
    };
    Some((*low, high))
}

/// Counts by leading bits; two rows, so that equal neighbours do not wait for one another.
fn histogram(sample: &[f32]) -> Vec<u32> {
    let mut rows = [[0_u32; 1 << LEADING]; 2];
    let (even, odd) = rows.split_at_mut(1);
    let (even, odd) = (&mut even[0], &mut odd[0]);
    let bin = |x: f32| (magnitude(x) >> SHIFT) as usize;
    let pairs = sample.chunks_exact(2);
    for x in pairs.remainder() {
        even[bin(*x)] += 1;
    }
    for pair in pairs {
        even[bin(pair[0])] += 1;
        odd[bin(pair[1])] += 1;
    }
    even.iter().zip(odd.iter()).map(|(a, b)| a + b).collect()
}

fn magnitudes(sample: &[f32]) -> impl Iterator<Item = u32> {
    sample.iter().map(|x| magnitude(*x))
}

fn magnitude(x: f32) -> u32 {
    x.to_bits() & 0x7fff_ffff
}

/// x := clip(x, -bound, bound)/divisor.
fn clip(sample: &mut [f32], bound: f32, divisor: f32) {
    for x in sample {
        let below = if *x >= bound { bound } else { *x };
        let clipped = if below <= -bound { -bound } else { below };
        *x = clipped / divisor;
    }
}
