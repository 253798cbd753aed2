//! Error against steps: a sampler runs on a problem whose exact solution is known.
//!
//! The model is the problem's exact denoiser, so that nothing but the sampler is measured. Sampler
//! and exact solution begin at the very same x_T; an error is max |x_N/alpha_N - z| over the
//! components, z the flow line through x_T. Nothing is random: an error has no error bar.

mod backend;
mod fused;
mod line;
mod number;
#[cfg(feature = "oracle")]
mod proven;
mod refinement;
mod run;
mod sweep;
mod weak;

pub use backend::Backend;
#[cfg(feature = "oracle")]
pub use proven::proven;
pub use refinement::{Pattern, Refinement};
pub use run::{ABSURD, error_of};
pub use sweep::sweep;

use crate::error::{Code, Error, Result};
use crate::id::choose;
use crate::plan::Request;
use crate::policy::Blocks;
use crate::problem::Problem;
use crate::recipe::Recipe;
use crate::schedule::Schedule;
use crate::solver::Family;

/// Which error is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Of the result, after all steps: h^p for a method of order p.
    Global,
    /// Of a single step from exact data, the largest of all steps: h^(p+1).
    Local,
    /// Of the mean of a stochastic sampler's result, on Gaussian data.
    WeakMean,
    /// Of the variance of a stochastic sampler's result, on Gaussian data.
    WeakVariance,
    /// Of the expectations of a few functions of a stochastic sampler's result on a mixture, by
    /// quadrature in f64; the largest.
    WeakQuadrature,
}

const MEASURES: &[(&str, Measure, &str)] = &[
    (
        "global",
        Measure::Global,
        "error of the result: max |x_N/alpha_N - exact|",
    ),
    (
        "local",
        Measure::Local,
        "error of the worst step from exact data: max |x/alpha - exact|",
    ),
    (
        "weak-mean",
        Measure::WeakMean,
        "error of the mean of x_N/alpha_N, from a fixed start",
    ),
    (
        "weak-variance",
        Measure::WeakVariance,
        "error of the variance of x_N/alpha_N, from a fixed start",
    ),
    (
        "weak-quadrature",
        Measure::WeakQuadrature,
        "largest error of E z, E z^2, E z^4, E cos z over max(1, |exact|), z = x_N/alpha_N, from a fixed start",
    ),
];

impl Measure {
    /// Parses `global`, `local`, `weak-mean`, `weak-variance` or `weak-quadrature`.
    ///
    /// # Errors
    /// `E-PARAMETER` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        let names: Vec<(&str, Measure)> = MEASURES.iter().map(|(name, m, _)| (*name, *m)).collect();
        choose(text, &names, Code::Parameter, "measure")
    }

    /// The name as typed.
    pub fn name(self) -> &'static str {
        self.texts().0
    }

    /// What is measured, in words.
    pub fn meaning(self) -> &'static str {
        self.texts().1
    }

    /// True if it speaks of the law of a stochastic sampler.
    pub fn is_weak(self) -> bool {
        !matches!(self, Measure::Global | Measure::Local)
    }

    fn texts(self) -> (&'static str, &'static str) {
        let found = MEASURES.iter().find(|(_, measure, _)| *measure == self);
        found.map_or(("", ""), |(name, _, meaning)| (name, meaning))
    }
}

/// A sampler on a problem, at several numbers of steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// Solver, prediction, policy.
    pub recipe: Recipe,
    /// The schedule.
    pub schedule: Schedule,
    /// How the grid is made finer.
    pub refinement: Refinement,
    /// The problem.
    pub problem: Problem,
    /// The numbers that the sampler computes with.
    pub backend: Backend,
    /// Which error.
    pub measure: Measure,
    /// The numbers of steps; for `blocks=fast` and `blocks=progressive` of model calls.
    pub steps: Vec<usize>,
}

impl Study {
    /// The number of steps that makes `calls` model calls.
    ///
    /// # Errors
    /// `E-GRID-STEPS` if no whole number of steps does.
    pub fn steps_of(recipe: &Recipe, calls: usize) -> Result<usize> {
        let a_step = match (recipe.solver.method.family(), recipe.policy.blocks) {
            (Family::Singlestep, Blocks::Fixed) => recipe.solver.method.outputs(),
            _ => 1,
        };
        match calls > 0 && calls.is_multiple_of(a_step) {
            true => Ok(calls / a_step),
            false => Err(Error::new(
                Code::GridSteps,
                format!("{calls} model calls for `{}`", recipe.solver),
                "calls",
                format!("choose multiples of the {a_step} calls of a step"),
            )),
        }
    }

    /// The request of `steps` steps.
    ///
    /// # Errors
    /// Those of [`Refinement::check`] and [`Refinement::grid`].
    pub fn request(&self, steps: usize) -> Result<Request> {
        self.refinement.check(&self.schedule)?;
        Ok(Request {
            recipe: self.recipe.clone(),
            schedule: self.schedule.clone(),
            grid: self.refinement.grid(steps)?,
            steps,
            domain: self.refinement.domain(),
            start_at: 0,
        })
    }
}

/// The error at one number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// N.
    pub steps: usize,
    /// Model calls.
    pub calls: usize,
    /// The error; none if a state outgrew [`ABSURD`]: the sampler diverged.
    pub error: Option<f64>,
}

/// A study and its errors, one for each number of steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Convergence {
    /// What was measured.
    pub study: Study,
    /// The errors.
    pub points: Vec<Point>,
}

impl Convergence {
    /// Errors below it are nothing but rounding: 32 u.
    pub fn floor(&self) -> f64 {
        32.0 * self.study.backend.unit()
    }

    /// The slopes between neighbouring points, ln(e_i/e_j)/ln(N_j/N_i); none where a run diverged,
    /// and none between errors below the [floor](Self::floor).
    pub fn slopes(&self) -> Vec<Option<f64>> {
        let slope = |pair: &[Point]| slope(&pair[0], &pair[1], self.floor());
        self.points.windows(2).map(slope).collect()
    }

    /// The observed order: the slope of the last two points.
    pub fn order(&self) -> Option<f64> {
        self.slopes().last().copied().flatten()
    }
}

fn slope(coarse: &Point, fine: &Point, floor: f64) -> Option<f64> {
    let (e, f) = (coarse.error?, fine.error?);
    let refined = fine.steps as f64 / coarse.steps as f64;
    let slope = (e / f).ln() / refined.ln();
    (e > floor && f > floor && slope.is_finite()).then_some(slope)
}
