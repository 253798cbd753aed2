//! How far a denoiser in f32 may be from the exact one, element by element.

use super::model::{Denoiser, Row};
use crate::error::Result;
use crate::problem::Network;

/// The smallest normal f32: what a device that flushes subnormals loses at most.
const FLUSHED: f64 = f32::MIN_POSITIVE as f64;
/// Below this a weight relative to the largest counts as 0, or nearly.
const CUT: f64 = -86.0;
/// Weights whose relative errors are below this count as right beside other errors.
const SECOND_ORDER_WEIGHTS: f64 = 5e-5;
/// Room for the products of two errors.
const SECOND_ORDER: f64 = 1.0 + 1e-4;

impl Denoiser {
    /// Bounds on |output - exact|, one an element, for the arguments of [`Denoiser::output`].
    ///
    /// `unit` is the relative error of one operation: 2^-24 to nearest, 2^-23 in any rounding, fused
    /// or not. With one component the output is p x + q of rounded p and q: 3 |p x| + 2 |q| units.
    /// With more, an error of the weights' exponents moves the output by the weighted distance of
    /// the components' own outputs to it: exactly sum w_k h_k (o_k - output) over 1 + sum w_k h_k
    /// for weights w_k (1 + h_k); and never past the farthest of these outputs.
    ///
    /// # Errors
    /// As [`Denoiser::output`].
    pub fn bound(
        &self,
        call: usize,
        network: Network,
        input: &[f32],
        first: usize,
        unit: f64,
    ) -> Result<Vec<f64>> {
        let rows = self.rows(call, network)?;
        let own = |component: usize| &rows[component * self.components..][..self.components];
        let Some(rotation) = &self.rotation else {
            let elements = input.iter().enumerate();
            let bound = |(i, x): (usize, &f32)| {
                let rows = own((first + i) % self.dimension);
                spread(rows, f64::from(*x), 0.0, unit).1
            };
            return Ok(elements.map(bound).collect());
        };
        self.whole(first)?;
        self.whole(input.len())?;
        // a rounded factor, a product and all sums but one
        let dot = (self.dimension + 1) as f64 * unit;
        let mut bounds = Vec::with_capacity(input.len());
        for group in input.chunks_exact(self.dimension) {
            let turned = rotation.chunks_exact(self.dimension).enumerate();
            let values = turned.map(|(i, row)| {
                let terms = row
                    .iter()
                    .zip(group)
                    .map(|(q, x)| f64::from(*q) * f64::from(*x));
                let (y, size) = terms.fold((0.0, 0.0), |(y, size), term: f64| {
                    (y + term, size + term.abs())
                });
                spread(own(i), y, dot * size + FLUSHED, unit)
            });
            let values: Vec<(f64, f64)> = values.collect();
            for j in 0..self.dimension {
                let column = rotation.iter().skip(j).step_by(self.dimension);
                let terms = column.zip(&values).map(|(q, (value, bound))| {
                    f64::from(q.abs()) * (bound + dot * (value.abs() + bound))
                });
                bounds.push(terms.sum::<f64>() * SECOND_ORDER + FLUSHED);
            }
        }
        Ok(bounds)
    }
}

/// A component at an input.
struct Part {
    exponent: f64,
    /// Of the exponent.
    error: f64,
    output: f64,
    /// Of the output.
    output_error: f64,
}

/// Output at an input, and what it may be off if the input itself is off by `input_error`.
fn spread(rows: &[Row], x: f64, input_error: f64, unit: f64) -> (f64, f64) {
    let parts: Vec<Part> = rows
        .iter()
        .map(|row| row.part(x, input_error, unit))
        .collect();
    if let [part] = parts.as_slice() {
        return (part.output, part.output_error * SECOND_ORDER);
    }
    let Some(highest) = parts
        .iter()
        .max_by(|a, b| a.exponent.total_cmp(&b.exponent))
    else {
        return (0.0, f64::INFINITY);
    };
    let largest = highest.exponent;
    let weights: Vec<f64> = parts
        .iter()
        .map(|part| (part.exponent - largest).exp())
        .collect();
    let total: f64 = weights.iter().sum();
    let mean = |value: &dyn Fn(&Part) -> f64| -> f64 {
        let terms = parts.iter().zip(&weights);
        terms
            .map(|(part, weight)| weight * value(part))
            .sum::<f64>()
            / total
    };
    let output = mean(&|part| part.output);
    // of a weight, relatively: its exponent, the largest one's difference to it, the exponential;
    // the largest exponent's own error is common to all weights and cancels
    let relative = |part: &Part| {
        if part.exponent + part.error < largest - highest.error + CUT - 1.0 {
            return 0.0;
        }
        let distance = (largest - part.exponent).min(-CUT);
        (part.error + unit * distance).exp_m1() + 3.0 * unit
    };
    let cut: f64 = parts
        .iter()
        .filter(|part| part.exponent - part.error - largest < CUT)
        .map(|part| 1e-36 * (part.output - output).abs())
        .sum();
    let moved = mean(&|part| relative(part) * (part.output - output).abs()) + cut;
    let kept = 1.0 - mean(&relative);
    // Weights that are far off still make the sum a mean of the components' own outputs.
    let close = kept > 1.0 - SECOND_ORDER_WEIGHTS;
    let mean_or_largest = |value: &dyn Fn(&Part) -> f64| match close {
        true => mean(value),
        false => parts.iter().map(value).fold(0.0, f64::max),
    };
    let count = rows.len() as f64;
    let weighted = mean_or_largest(&|part| part.output_error);
    let summed = count * unit * mean_or_largest(&|part| part.output.abs());
    let hull = parts.iter().map(|part| (part.output - output).abs());
    let hull = hull.fold(0.0, f64::max);
    let moved = match kept > 0.0 {
        true => (moved / kept).min(hull),
        false => hull,
    };
    // the total's sums, the reciprocal and the last product
    let divided = (count - 1.0 + 3.1) * unit * (output.abs() + moved + weighted);
    let bound = moved + weighted + summed + divided;
    (output, bound * SECOND_ORDER + count * FLUSHED)
}

impl Row {
    fn part(&self, x: f64, input_error: f64, unit: f64) -> Part {
        let [slope, intercept, scale, shift, height] = [
            self.slope,
            self.intercept,
            self.scale,
            self.shift,
            self.height,
        ]
        .map(f64::from);
        let distance = scale * x - shift;
        let off = 3.0 * unit * (scale * x).abs()
            + 2.0 * unit * shift.abs()
            + scale.abs() * input_error
            + (2.0 + x.abs() + scale.abs()) * FLUSHED;
        let square = distance * distance;
        let exponent = height - square;
        Part {
            exponent,
            error: (2.0 * distance.abs() + off) * off
                + unit * (square + height.abs() + exponent.abs()),
            output: slope * x + intercept,
            output_error: 3.0 * unit * (slope * x).abs()
                + 2.0 * unit * intercept.abs()
                + slope.abs() * input_error
                + (3.0 + x.abs() + slope.abs()) * FLUSHED,
        }
    }
}
