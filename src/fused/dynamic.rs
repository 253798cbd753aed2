//! Dynamic thresholding of an enclosed sample.
//!
//! The quantile rises with every magnitude, so it lies between those of the smallest and of the
//! largest magnitudes; clip(x, -s, s)/s rises with x and falls in size with s. Linear interpolation
//! takes three roundings, the bound and its maximum one each; WGSL divides within 2.5 ulp.

use super::bound::{SMALLEST, growth};
use super::enclosure::{Enclosure, OUTWARD};
use crate::arithmetic::{Field, Rational};
use crate::threshold::quantile;

/// Roundings of the quantile; of the division, counted in halves up.
const QUANTILE: usize = 5;
const DIVISION: usize = 3;

/// The sample after the threshold, one fresh `rounding` an element.
pub(crate) fn thresholded(
    sample: &[Enclosure],
    (ratio, max): (Rational, Option<Rational>),
    rounding: impl Fn(usize) -> usize,
) -> Vec<Enclosure> {
    let ends = |number: &Enclosure| {
        let (size, radius) = (number.centre().abs(), number.radius());
        ((size - radius).max(0.0), size + radius)
    };
    let (small, large): (Vec<f64>, Vec<f64>) = sample.iter().map(ends).unzip();
    let bound = |magnitudes: Vec<f64>, side: f64| {
        let widened = quantile(&magnitudes, ratio) * (1.0 + side * growth(QUANTILE));
        let widened = widened * (1.0 + side * (OUTWARD - 1.0)) + side * 5.0 * SMALLEST;
        let top = max.map_or(f64::INFINITY, |max| widened.constant(max));
        widened.min(top * (1.0 + side * growth(1))).max(1.0)
    };
    if !sample.iter().all(Enclosure::is_bounded) {
        let lost = |(i, number): (usize, &Enclosure)| {
            let number = number.clone();
            number.widened(f64::INFINITY, rounding(i))
        };
        return sample.iter().enumerate().map(lost).collect();
    }
    let scales = [bound(small, -1.0), bound(large, 1.0)];
    let element = |(i, number): (usize, &Enclosure)| {
        let at = |end: f64| scales.map(|s| end.clamp(-s, s) / s);
        let below = at(number.centre() - number.radius());
        let above = at(number.centre() + number.radius());
        let (low, high) = (below[0].min(below[1]), above[0].max(above[1]));
        let error = |end: f64| growth(DIVISION) * OUTWARD * end.abs() + 3.0 * SMALLEST;
        Enclosure::between(low - error(low), high + error(high), rounding(i))
    };
    sample.iter().enumerate().map(element).collect()
}
