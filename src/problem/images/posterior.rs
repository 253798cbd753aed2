//! Which image a noisy point came from: weights w_i proportional to exp(-|w - p x_i|^2/2).
//!
//! The sums run in a fixed order and the exponential is written out, so no digit depends on the
//! C library or on the compiler's choice of instructions.

use super::data::{DataSet, PIXELS};
use crate::error::Result;

/// Components this far below the largest are left out: all 2,000 together stay under 2^-69.
const NEGLIGIBLE: f64 = -56.0;

/// sum_i w_i x_i over the images of a class, or over all.
///
/// With v the variance around an image: `p` = 1/sqrt(v) >= 0, and `w` = p z, one number a pixel.
pub(super) fn posterior_mean(class: Option<usize>, p: f64, w: &[f64]) -> Result<Vec<f64>> {
    let data = DataSet::load()?;
    let squares = data.images(class).map(|x| squared_distance(p, w, x));
    let squares: Vec<f64> = squares.collect();
    let nearest = squares.iter().copied().fold(f64::INFINITY, f64::min);
    let mut mean = vec![0.0; PIXELS];
    let mut total = 0.0;
    for (image, square) in data.images(class).zip(squares) {
        let logarithm = 0.5 * (nearest - square);
        if logarithm < NEGLIGIBLE {
            continue;
        }
        let weight = exponential(logarithm);
        total += weight;
        for (mean, x) in mean.iter_mut().zip(image) {
            *mean += weight * f64::from(*x);
        }
    }
    mean.iter_mut().for_each(|mean| *mean /= total);
    Ok(mean)
}

/// e^x for -56 <= x <= 0, right to about 2^-52: the remainder after a multiple of ln 2 by Taylor's
/// series to x^13. Double-double, 25 times slower, would halve the speed of a noisy model call.
fn exponential(x: f64) -> f64 {
    // the upper 32 bits of ln 2, whose multiples up to 81 are exact, and the rest
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    let multiple = (x * std::f64::consts::LOG2_E).round_ties_even();
    let rest = (x - multiple * LN_2[0]) - multiple * LN_2[1];
    let series = (1..=13)
        .rev()
        .fold(1.0, |sum, k| sum * rest / f64::from(k) + 1.0);
    series * 2.0_f64.powi(multiple as i32)
}

/// |w - p x|^2 = |z - x|^2/v from the difference: the expanded square cancels near an image. Eight
/// running sums, which a compiler may keep in vector registers without changing their order.
pub(super) fn squared_distance(p: f64, w: &[f64], x: &[f32; PIXELS]) -> f64 {
    let mut sums = [0.0; 8];
    for (w, x) in w.chunks_exact(8).zip(x.chunks_exact(8)) {
        for (sum, (w, x)) in sums.iter_mut().zip(w.iter().zip(x)) {
            let difference = w - p * f64::from(*x);
            *sum += difference * difference;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}
