//! How a grid is made finer: fixed patterns, because independent grids for every N give no slope.

use crate::arithmetic::{Field, Rational, rational};
use crate::error::{Code, Error, Result};
use crate::grid::{Grid, Unit};
use crate::id::choose;
use crate::schedule::{Curve, Schedule};
use num_traits::{CheckedAdd, CheckedMul, CheckedSub};
use std::fmt;

/// A family of grids, one for every number of steps.
#[derive(Clone, Debug, PartialEq)]
pub enum Refinement {
    /// A grid of the catalogue.
    Grid {
        /// The grid.
        grid: Grid,
        /// First and last time; none: the schedule's default domain.
        domain: Option<(Rational, Rational)>,
    },
    /// Exact nodes in lambda, for statements of order.
    Pattern {
        /// First lambda.
        from: Rational,
        /// Last lambda.
        to: Rational,
        /// Where the nodes lie.
        pattern: Pattern,
    },
}

/// One pattern for each class of grids that an order is stated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Equal steps.
    Uniform,
    /// The image of equal steps under s + s(1-s)/2: neighbouring steps differ by O(h).
    Smooth,
    /// Steps of ratio 1 : 2 : 1 : 2, however many there are.
    Alternating,
}

const PATTERNS: &[(&str, Pattern)] = &[
    ("uniform", Pattern::Uniform),
    ("smooth", Pattern::Smooth),
    ("alternating", Pattern::Alternating),
];

impl Pattern {
    /// Parses `uniform`, `smooth` or `alternating`.
    ///
    /// # Errors
    /// `E-PARAMETER` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        choose(text, PATTERNS, Code::Parameter, "pattern")
    }

    /// The name as typed.
    pub fn name(self) -> &'static str {
        let found = PATTERNS.iter().find(|(_, pattern)| *pattern == self);
        found.map_or("", |(name, _)| name)
    }

    /// Node `i` of `n` steps, from 0 to 1.
    fn fraction(self, i: usize, n: usize) -> Rational {
        let (i, n) = (i as i128, n as i128);
        match self {
            Pattern::Uniform => rational(i, n),
            Pattern::Smooth => rational(i * (3 * n - i), 2 * n * n),
            Pattern::Alternating => rational(i + i / 2, n + n / 2),
        }
    }
}

impl Refinement {
    /// The grid of `steps` steps.
    ///
    /// # Errors
    /// `E-GRID-STEPS`, `E-GRID-ORDER`; `E-NUMBER` if a node needs too many digits.
    pub fn grid(&self, steps: usize) -> Result<Grid> {
        let (from, to, pattern) = match self {
            Refinement::Grid { grid, .. } => return Ok(grid.clone()),
            Refinement::Pattern { from, to, pattern } => (from, to, pattern),
        };
        Grid::check_steps(steps)?;
        let node = |i: usize| {
            let part = to
                .checked_sub(from)?
                .checked_mul(&pattern.fraction(i, steps))?;
            from.checked_add(&part)
        };
        let nodes: Option<Vec<Rational>> = (0..=steps).map(node).collect();
        let nodes = nodes.ok_or_else(|| {
            Error::new(
                Code::Number,
                "a node needs too many digits",
                "lambda",
                "give fewer digits",
            )
        })?;
        Grid::explicit(Unit::Lambda, nodes)
    }

    /// Checks that the schedule has the pattern's ends.
    ///
    /// # Errors
    /// `E-DOMAIN` with the range of the schedule's default domain.
    pub fn check(&self, schedule: &Schedule) -> Result<()> {
        let Refinement::Pattern { from, to, .. } = self else {
            return Ok(());
        };
        let curve = Curve::new(schedule, &1.0_f64);
        for end in [from, to] {
            let time = curve.at_lambda(&1.0_f64.constant(*end)).t;
            if time.is_some_and(|t| schedule.check_found_time(t).is_ok()) {
                continue;
            }
            let (first, last) = schedule.domain();
            let lambda = |t| curve.at_exact_time(t).ok()?.lambda.finite().copied();
            let remedy = match (lambda(first), lambda(last)) {
                (Some(least), Some(most)) => {
                    format!("its default domain has lambda from {least:.2} to {most:.2}")
                }
                _ => "choose smaller numbers".to_owned(),
            };
            return Err(Error::new(
                Code::Domain,
                format!("`{schedule}` does not reach lambda = {end}"),
                "lambda",
                remedy,
            ));
        }
        Ok(())
    }

    /// First and last time, where they are not the schedule's or the grid's own.
    pub fn domain(&self) -> Option<(Rational, Rational)> {
        match self {
            Refinement::Grid { domain, .. } => *domain,
            Refinement::Pattern { .. } => None,
        }
    }
}

impl fmt::Display for Refinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refinement::Grid { grid, domain: None } => grid.fmt(f),
            Refinement::Grid {
                grid,
                domain: Some((start, end)),
            } => write!(f, "{grid}, t from {start} to {end}"),
            Refinement::Pattern { from, to, pattern } => {
                write!(f, "lambda from {from} to {to}, {}", pattern.name())
            }
        }
    }
}
