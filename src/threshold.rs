//! Thresholding of the data prediction: static clipping and the dynamic quantile rule.
//!
//! Not linear, so a plan only carries the parameters; the CPU path applies them, and the transfer
//! matrix is that of the plan without them.

use crate::arithmetic::{Field, Rational, rational};
use crate::error::{Code, Error, Result};

/// What is done to the data prediction of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// x_0 := clip(x_0, -bound, bound).
    Static {
        /// Largest magnitude kept, > 0.
        bound: Rational,
    },
    /// s = clamp(q_p(|x_0|), 1, max); x_0 := clip(x_0, -s, s)/s (Saharia et al. 2022, arXiv 2205.11487, section 2.3).
    Dynamic {
        /// Quantile p in (0, 1].
        ratio: Rational,
        /// Largest s, >= 1; none: unbounded.
        max: Option<Rational>,
    },
}

impl Threshold {
    /// Checks the parameters.
    ///
    /// # Errors
    /// `E-THRESHOLD`.
    pub fn check(self) -> Result<Self> {
        let (zero, one) = (rational(0, 1), rational(1, 1));
        let right = match self {
            Threshold::Static { bound } => bound > zero,
            Threshold::Dynamic { ratio, max } => {
                ratio > zero && ratio <= one && max.is_none_or(|max| max >= one)
            }
        };
        if right {
            return Ok(self);
        }
        Err(Error::new(
            Code::Threshold,
            format!("{self:?}"),
            "threshold",
            "choose a bound > 0, or 0 < ratio <= 1 and max >= 1",
        ))
    }

    /// Applies the rule to one sample; the sample is left alone if it holds a NaN.
    pub fn apply(self, sample: &mut [f64]) {
        if sample.iter().any(|x| x.is_nan()) {
            return;
        }
        let (bound, divisor) = match self {
            Threshold::Static { bound } => (0.0_f64.constant(bound), 1.0),
            Threshold::Dynamic { ratio, max } => {
                let max = max.map_or(f64::INFINITY, |max| 0.0_f64.constant(max));
                let s = quantile(sample, 0.0_f64.constant(ratio)).max(1.0).min(max);
                (s, s)
            }
        };
        for x in sample {
            *x = x.clamp(-bound, bound) / divisor;
        }
    }
}

/// The quantile of |x| at rank ratio (n-1), linear between neighbours; 0 for an empty sample.
fn quantile(sample: &[f64], ratio: f64) -> f64 {
    let mut magnitudes: Vec<f64> = sample.iter().map(|x| x.abs()).collect();
    magnitudes.sort_by(f64::total_cmp);
    let rank = ratio * magnitudes.len().saturating_sub(1) as f64;
    let below = rank.floor() as usize;
    match (magnitudes.get(below), magnitudes.get(below + 1)) {
        (Some(low), Some(high)) => low + (high - low) * (rank - below as f64),
        (Some(low), None) => *low,
        _ => 0.0,
    }
}
