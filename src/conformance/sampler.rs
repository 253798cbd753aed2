//! What a sampler under test implements.

use super::Declaration;
use crate::grid::Grid;
use crate::policy::Policy;
use crate::prediction::Prediction;
use crate::recipe::StateSpace;
use crate::schedule::Schedule;
use crate::solver::Solver;
use crate::threshold::Threshold;
use std::fmt;

/// A sampler under test.
pub trait Sampler {
    /// What the states' elements are passed as: f32 or f64. Of narrower formats too, the
    /// [`Declaration`] says which.
    type Element: Element;

    /// Name, format and capabilities; the same every time.
    fn declaration(&self) -> Declaration;

    /// Runs `task` from the state `start` of any length, and returns the last state.
    ///
    /// At every evaluation call `model`, in the order of the sampler's own loop; for every noise
    /// `noise`. Pass their errors on with `?`.
    ///
    /// # Errors
    /// [`Stop::Refused`] for what it cannot do, [`Stop::Failed`] for what it should.
    fn sample(
        &mut self,
        task: &Task,
        start: Vec<Self::Element>,
        model: &mut Model<'_, Self::Element>,
        noise: &mut Noise<'_, Self::Element>,
    ) -> std::result::Result<Vec<Self::Element>, Stop>;

    /// The nodes that the sampler itself makes for a grid: one more than `steps`, from noise to
    /// data. Asked for the grids that the [`Declaration`] names. Runs never stand on them: every
    /// [`Task`] brings its own nodes.
    ///
    /// # Errors
    /// [`Stop::Refused`] unless it makes grids, [`Stop::Failed`] if it fails to.
    fn nodes(
        &mut self,
        schedule: &Schedule,
        grid: &Grid,
        steps: usize,
    ) -> std::result::Result<Vec<Self::Element>, Stop> {
        let _ = (schedule, steps);
        Err(Stop::Refused(format!("makes no grid {grid}")))
    }

    /// Applies a threshold to every sample of a batch of data predictions.
    ///
    /// # Errors
    /// [`Stop::Refused`] unless it has thresholds, [`Stop::Failed`] if they fail.
    fn threshold(
        &mut self,
        threshold: Threshold,
        samples: Vec<Vec<Self::Element>>,
    ) -> std::result::Result<Vec<Vec<Self::Element>>, Stop> {
        let _ = (threshold, samples);
        Err(Stop::Refused("has no thresholds".to_owned()))
    }
}

/// A number that states consist of.
pub trait Element: Copy + fmt::Debug {
    /// Exact.
    fn to_f64(self) -> f64;
    /// The nearest one.
    fn from_f64(value: f64) -> Self;
}

impl Element for f32 {
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    fn from_f64(value: f64) -> Self {
        value as f32
    }
}

impl Element for f64 {
    fn to_f64(self) -> f64 {
        self
    }
    fn from_f64(value: f64) -> Self {
        value
    }
}

/// One run that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The solver.
    pub solver: Solver,
    /// Amount of noise, in [0, 1].
    pub eta: f64,
    /// The schedule.
    pub schedule: Schedule,
    /// What the model returns.
    pub prediction: Prediction,
    /// Start-up, final order, step to sigma = 0, blocks.
    pub policy: Policy,
    /// The coordinates of the states.
    pub space: StateSpace,
    /// Number of steps; with `blocks=fast` of model evaluations.
    pub steps: usize,
    /// The nodes, from noise to data, in the sampler's own convention and format: one more than
    /// steps, with `outer=blocks` one more than blocks.
    pub times: Vec<f64>,
    /// Whether it is run step by step ([`Model::restart`]).
    pub local: bool,
}

impl Task {
    /// The times as the sampler's elements.
    pub fn times<E: Element>(&self) -> Vec<E> {
        self.times.iter().map(|t| E::from_f64(*t)).collect()
    }
}

/// Why a run ended without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The sampler says that it cannot do this: the case is skipped.
    Refused(String),
    /// The sampler failed.
    Failed(String),
    /// The run was ended from outside: too many calls, or a vector of another length.
    Ended(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Stop::Refused(text) | Stop::Failed(text) | Stop::Ended(text)) = self;
        f.write_str(text)
    }
}

/// The network.
pub struct Model<'a, E> {
    pub(super) answer: &'a mut Answer<'a, E>,
    pub(super) script: &'a [Vec<E>],
    /// None in a run that is not step by step.
    pub(super) restart: Option<&'a mut Restart<'a, E>>,
}

type Restart<'a, E> = dyn FnMut(Vec<E>) -> Vec<E> + 'a;

type Answer<'a, E> = dyn FnMut(E, &[E]) -> std::result::Result<Vec<E>, Stop> + 'a;

impl<E> Model<'_, E> {
    /// The network's output for a state at a time, in the sampler's own convention.
    ///
    /// # Errors
    /// [`Stop::Ended`] for a state of another length than the start, or far more calls than any
    /// sampler of the family makes.
    pub fn call(&mut self, time: E, state: &[E]) -> std::result::Result<Vec<E>, Stop> {
        (self.answer)(time, state)
    }

    /// The outputs to come, call by call, where they do not depend on what the network is shown;
    /// empty where they do.
    pub fn script(&self) -> &[Vec<E>] {
        self.script
    }

    /// The state that a step starts from: `state` itself, or in a run step by step another one of
    /// its length. To be called at the start of every step, by samplers that declare
    /// [`local`](super::Declaration::local) runs.
    pub fn restart(&mut self, state: Vec<E>) -> Vec<E> {
        match &mut self.restart {
            Some(restart) => restart(state),
            None => state,
        }
    }

    /// Whether the run is step by step.
    pub fn is_local(&self) -> bool {
        self.restart.is_some()
    }
}

/// The source of noise.
pub struct Noise<'a, E> {
    pub(super) draw: &'a mut Draw<'a, E>,
    pub(super) script: &'a [Vec<E>],
}

type Draw<'a, E> = dyn FnMut() -> std::result::Result<Vec<E>, Stop> + 'a;

impl<E> Noise<'_, E> {
    /// The next standard normal vector, as long as the state.
    ///
    /// # Errors
    /// [`Stop::Ended`] after far more draws than any sampler of the family makes.
    pub fn draw(&mut self) -> std::result::Result<Vec<E>, Stop> {
        (self.draw)()
    }

    /// The noises to come, draw by draw, where they are known; empty where they are not.
    pub fn script(&self) -> &[Vec<E>] {
        self.script
    }
}
