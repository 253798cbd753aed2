//! Which times a sampler visits: N steps are N+1 nodes, from noise to data.
//!
//! Clauses: `spec/grids.md`. Each grid states the library convention it comes from as a parameter.

mod beta;
mod nodes;
mod parse;
pub(crate) mod ramp;
mod spacing;

pub use spacing::{Convention, Indices, Pattern};

use crate::arithmetic::{Rational, rational};

/// How a grid ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// N+1 points, the last at the end of the domain.
    Full,
    /// N points, then sigma = 0.
    Zero,
    /// N points, then the end of the domain (the smallest sigma).
    Min,
}

/// What the network is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// The node's own time.
    None,
    /// The nearest index, ties to even.
    Index,
    /// The index below: what a cast to integer leaves.
    Floor,
}

/// The coordinate in which explicit nodes are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The schedule's own time.
    Time,
    /// sigma/alpha.
    Sigma,
    /// ln(alpha/sigma).
    Lambda,
}

/// How the nodes are spaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Linear in lambda.
    Lambda,
    /// Linear in ln(sigma/alpha): the same nodes as `Lambda` under k-diffusion's name.
    Exponential,
    /// Linear in time.
    Time,
    /// sqrt(t) linear.
    Quadratic,
    /// (sigma/alpha)^(1/p) linear (Karras et al. 2022, eq. 5).
    Karras(Rational),
    /// ln(sigma/alpha) along ramp^p.
    Polyexponential(Rational),
    /// Quantiles of the Beta(a, b) distribution (f64), on the index (or time) or on sigma/alpha.
    Beta {
        /// First shape parameter, 0.1 to 100.
        a: Rational,
        /// Second shape parameter, 0.1 to 100.
        b: Rational,
        /// True: along sigma/alpha (diffusers); false: along time.
        on_sigma: bool,
    },
    /// Whole indices of a discrete schedule.
    Indexed(Indices),
    /// s linear, then shifted; with a terminal value, 1 - s is stretched so that the last s is that.
    Flow {
        /// The shift.
        shift: Shift,
        /// Last s after the shift, in (0, 1).
        terminal: Option<Rational>,
        /// n: s falls from 1 - 1/n to 0 in N equal parts; the last node is s = 0. It takes no domain.
        train: Option<usize>,
    },
    /// Explicit nodes.
    Nodes(Unit, Vec<Rational>),
}

/// The shift of a flow grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// s' = S s/(1 + (S-1) s).
    By(Rational),
    /// The same with S = e^mu.
    Exp(Rational),
}

/// A grid: spacing, end rule and label rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Spacing of the nodes.
    pub spacing: Spacing,
    /// How it ends.
    pub ends: Ends,
    /// What the network is told.
    pub rounding: Rounding,
}

impl Grid {
    /// True if the grid has its own end points: indices and explicit nodes take no domain.
    pub fn has_own_ends(&self) -> bool {
        match self.spacing {
            Spacing::Indexed(_) | Spacing::Nodes(..) => true,
            Spacing::Flow { train, .. } => train.is_some(),
            _ => false,
        }
    }

    /// First and last s before the shift, the end s = 0 apart, of `flow:train=n` in `steps` steps.
    pub(crate) fn trained_flow(count: usize, steps: usize) -> (Rational, Rational) {
        let count = count as i128;
        let last = match steps {
            // There is one node before the end; the ramp still needs another end.
            1 => rational(count - 1, 2 * count),
            _ => rational(count - 1, count * steps as i128),
        };
        (rational(count - 1, count), last)
    }

    /// True if all steps between finite lambdas are equal: their ratios are then known exactly.
    pub(crate) fn is_uniform_in_lambda(&self) -> bool {
        matches!(self.spacing, Spacing::Lambda | Spacing::Exponential)
    }
}
