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

/// N indices from `count - 1` down, spread evenly and rounded to even.
pub(super) fn linspace(convention: Convention, count: usize, steps: usize) -> Vec<i64> {
    let intervals = match convention {
        Convention::Ddim => steps.saturating_sub(1),
        Convention::Dpm => steps,
    };
    let last = count as i64 - 1;
    if intervals == 0 {
        // numpy.linspace(0, last, 1) is [0].
        return vec![0];
    }
    let point = |i: usize| round_ratio((intervals - i) as i64 * last, intervals as i64);
    (0..steps).map(point).collect()
}

/// N indices: multiples of floor(count/N) (ddim) or floor(count/(N+1)) (dpm), plus the offset.
pub(super) fn leading(convention: Convention, offset: i64, count: usize, steps: usize) -> Vec<i64> {
    let (ratio, top) = match convention {
        Convention::Ddim => (count / steps, steps - 1),
        Convention::Dpm => (count / (steps + 1), steps),
    };
    (0..steps)
        .map(|i| ((top - i) * ratio) as i64 + offset)
        .collect()
}

/// N indices counted down from `count` by count/N, rounded to even, minus one.
pub(super) fn trailing(count: usize, steps: usize) -> Vec<i64> {
    (0..steps)
        .map(|i| round_ratio(((steps - i) * count) as i64, steps as i64) - 1)
        .collect()
}

/// num/den to the nearest integer, ties to even, for non-negative numbers.
fn round_ratio(num: i64, den: i64) -> i64 {
    let (quotient, twice) = (num / den, 2 * (num % den));
    let up = twice > den || (twice == den && quotient % 2 == 1);
    quotient + i64::from(up)
}

/// Checks that indices fall strictly and stay in the table.
pub(super) fn check(indices: &[i64], count: usize) -> Result<()> {
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
