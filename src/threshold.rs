//! Thresholding of the data prediction: static clipping and the dynamic quantile rule.
//!
//! Not linear, so a plan only carries the parameters; the CPU path applies them, and the transfer
//! matrix is that of the plan without them.

use crate::arithmetic::{Rational, Real, rational};
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
        /// Quantile p in (0, 1], of at most 18 decimals.
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
                let short = *ratio.denom() <= 10_i128.pow(18);
                ratio > zero && ratio <= one && short && max.is_none_or(|max| max >= one)
            }
        };
        if right {
            return Ok(self);
        }
        Err(Error::new(
            Code::Threshold,
            format!("{self:?}"),
            "threshold",
            "choose a bound > 0, or 0 < ratio <= 1 (at most 18 decimals) and max >= 1",
        ))
    }

    /// Applies the rule to one sample; the sample is left alone if it holds a NaN.
    ///
    /// Magnitudes are ordered by their f64 approximations, everything else is computed in `T`.
    pub fn apply<T: Real>(self, sample: &mut [T]) {
        let Some(first) = sample.first().cloned() else {
            return;
        };
        if sample.iter().any(|x| x.to_f64().is_nan()) {
            return;
        }
        let (bound, divisor) = match self {
            Threshold::Static { bound } => (first.constant(bound), first.like(1, 1)),
            Threshold::Dynamic { ratio, max } => {
                let s = larger(quantile(sample, ratio), first.like(1, 1));
                let s = max.map_or(s.clone(), |max| smaller(s, first.constant(max)));
                (s.clone(), s)
            }
        };
        for x in sample {
            let clipped = larger(-bound.clone(), smaller(bound.clone(), x.clone()));
            *x = clipped / &divisor;
        }
    }
}

fn smaller<T: Real>(a: T, b: T) -> T {
    if (a.clone() - &b).to_f64() <= 0.0 {
        a
    } else {
        b
    }
}

fn larger<T: Real>(a: T, b: T) -> T {
    if (a.clone() - &b).to_f64() >= 0.0 {
        a
    } else {
        b
    }
}

/// The quantile of |x| at the exact rank ratio (n-1), linear between neighbours, of a non-empty sample.
pub(crate) fn quantile<T: Real>(sample: &[T], ratio: Rational) -> T {
    let mut magnitudes: Vec<(f64, T)> = sample
        .iter()
        .map(|x| match x.to_f64() < 0.0 {
            true => (-x.to_f64(), -x.clone()),
            false => (x.to_f64(), x.clone()),
        })
        .collect();
    magnitudes.sort_by(|a, b| a.0.total_cmp(&b.0));
    // `check` bounds the denominator, so the product fits.
    let rank = ratio * rational(magnitudes.len() as i128 - 1, 1);
    let below = rank.to_integer() as usize;
    let low = magnitudes[below].1.clone();
    match magnitudes.get(below + 1) {
        None => low,
        Some((_, high)) => low.clone() + &((high.clone() - &low) * &low.constant(rank.fract())),
    }
}
