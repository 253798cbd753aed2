//! The index spacings of discrete schedules, as diffusers computes them.

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
            Pattern::Trailing => {
                let point = |i: usize| ((top + 1) * steps).checked_sub(i * count);
                (0..steps)
                    .map(|i| point(i).map_or(-1, |num| round_ratio(num as i64, steps as i64) - 1))
                    .collect()
            }
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
        };
        parameters.extend(self.top.map(|top| format!("top={top}")));
        (name, parameters)
    }
}

fn linspace(convention: Convention, top: usize, steps: usize) -> Vec<i64> {
    let intervals = match convention {
        Convention::Ddim => steps - 1,
        Convention::Dpm => steps,
    };
    if intervals == 0 {
        // numpy.linspace(0, top, 1) is [0].
        return vec![0];
    }
    (0..steps)
        .map(|i| round_ratio(((intervals - i) * top) as i64, intervals as i64))
        .collect()
}

/// num/den to the nearest integer, ties to even, for non-negative numbers.
fn round_ratio(num: i64, den: i64) -> i64 {
    let (quotient, twice) = (num / den, 2 * (num % den));
    let up = twice > den || (twice == den && quotient % 2 == 1);
    quotient + i64::from(up)
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
