//! The index spacings of discrete schedules, as diffusers and ComfyUI compute them.
//!
//! They compute in float64 and then round, so the rounding errors of `numpy.linspace` and
//! `numpy.arange` belong to the convention: they decide where the exact value is half an integer
//! (for n = 1000 in 92 linspace and 50 trailing step counts, N = 30 and N = 48 among them).

use super::beta;
use crate::arithmetic::{Rational, rational};
use crate::error::{Code, Error, Result};
use std::fmt;

/// Which scheduler's arithmetic a spacing follows: they divide by N or by N+1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// DDIMScheduler: N points.
    Ddim,
    /// DPMSolverMultistepScheduler: N+1 points, the last dropped.
    Dpm,
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Convention::Ddim => "ddim",
            Convention::Dpm => "dpm",
        })
    }
}

/// How whole indices are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Spread evenly from the top index to 0, rounded to even.
    Linspace(Convention),
    /// Multiples of floor((top+1)/N) (ddim) or floor((top+1)/(N+1)) (dpm), plus the offset.
    Leading(Convention, usize),
    /// Counted down from top+1 by n/N, rounded to even, minus one.
    Trailing,
    /// The quantiles of Beta(a, b) at 1 - i/N times the top index, rounded to even (ComfyUI's
    /// `beta_scheduler`, which drops repeated indices; here they are an error).
    Beta(Rational, Rational),
}

/// N indices of a discrete schedule of n indices, from noise to data, the end apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indices {
    /// The pattern.
    pub pattern: Pattern,
    /// The highest index in use; none: n-1. Lower where lambda is clipped.
    pub top: Option<usize>,
}

impl Indices {
    /// The N = `steps` indices on a schedule of `count`.
    ///
    /// # Errors
    /// `E-DOMAIN` if one falls outside, `E-GRID-ORDER` if they don't fall strictly.
    pub(super) fn list(self, count: usize, steps: usize) -> Result<Vec<i64>> {
        let top = self.top.unwrap_or(count - 1);
        let indices: Vec<i64> = match self.pattern {
            Pattern::Linspace(convention) => linspace(convention, top, steps),
            Pattern::Leading(convention, offset) => {
                let (ratio, first) = match convention {
                    Convention::Ddim => ((top + 1) / steps, steps - 1),
                    Convention::Dpm => ((top + 1) / (steps + 1), steps),
                };
                (0..steps)
                    .map(|i| ((first - i) * ratio + offset) as i64)
                    .collect()
            }
            Pattern::Trailing => trailing(top + 1, count, steps),
            Pattern::Beta(a, b) => (0..steps)
                .map(|i| {
                    let probability = rational((steps - i) as i128, steps as i128);
                    round(beta::quantile(a, b, probability) * top as f64)
                })
                .collect(),
        };
        check(&indices, count)?;
        Ok(indices)
    }

    /// The id and its parameters.
    pub(super) fn words(self) -> (&'static str, Vec<String>) {
        let (name, mut parameters) = match self.pattern {
            Pattern::Linspace(convention) => ("linspace", vec![convention.to_string()]),
            Pattern::Leading(convention, offset) => (
                "leading",
                vec![convention.to_string(), format!("offset={offset}")],
            ),
            Pattern::Trailing => ("trailing", vec![]),
            Pattern::Beta(a, b) => (
                "beta",
                vec![
                    format!("a={a}"),
                    format!("b={b}"),
                    "on=whole-index".to_owned(),
                ],
            ),
        };
        parameters.extend(self.top.map(|top| format!("top={top}")));
        (name, parameters)
    }
}

/// `numpy.linspace(0, top, N)` or, the last dropped, `N + 1`; rounded and reversed.
fn linspace(convention: Convention, top: usize, steps: usize) -> Vec<i64> {
    let intervals = match convention {
        Convention::Ddim => steps - 1,
        Convention::Dpm => steps,
    };
    let step = top as f64 / intervals as f64;
    let point = |i: usize| match i {
        // numpy.linspace(0, top, 1) is [0].
        0 => 0,
        i => round(i as f64 * step),
    };
    (0..steps).map(|i| point(intervals - i)).collect()
}

/// `numpy.arange(from, 0, -n/N)`, which adds multiples of (from - n/N) - from; rounded, minus one.
fn trailing(from: usize, count: usize, steps: usize) -> Vec<i64> {
    let from = from as f64;
    let step = (from - count as f64 / steps as f64) - from;
    (0..steps)
        .map(|i| round(from + i as f64 * step) - 1)
        .collect()
}

fn round(x: f64) -> i64 {
    x.round_ties_even() as i64
}

/// Checks that indices fall strictly and stay in the table.
fn check(indices: &[i64], count: usize) -> Result<()> {
    if let Some(index) = indices.iter().find(|i| **i < 0 || **i >= count as i64) {
        return Err(Error::new(
            Code::Domain,
            format!("index {index} lies outside 0..{}", count - 1),
            "grid",
            "choose a smaller offset or fewer steps",
        ));
    }
    if let Some(i) = indices.windows(2).position(|pair| pair[0] <= pair[1]) {
        return Err(Error::new(
            Code::GridOrder,
            format!("index {} follows index {}", indices[i + 1], indices[i]),
            format!("nodes {i} and {}", i + 1),
            "choose fewer steps or another spacing",
        ));
    }
    Ok(())
}
