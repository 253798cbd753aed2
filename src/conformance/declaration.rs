//! What a sampler says of itself: what it computes in, and what it can do.

use super::Precision;
use crate::arithmetic::Real;
use crate::error::{Code, Error, Result};
use crate::grid::{Grid, Unit};
use crate::id::choose;
use crate::policy::Policy;
use crate::prediction::Prediction;
use crate::recipe::StateSpace;
use crate::schedule::{Curve, Lambda, Point, Schedule};
use crate::solver::Solver;
use serde_json::{Value, json};

/// The coordinate in which a sampler is given its nodes, and tells the model where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// The schedule's own time, any number in its domain.
    Continuous,
    /// An index of a discrete schedule, a whole number.
    Discrete,
    /// sigma/alpha.
    Sigma,
    /// ln(alpha/sigma).
    Lambda,
}

const CONVENTIONS: &[(&str, Convention)] = &[
    ("continuous", Convention::Continuous),
    ("discrete", Convention::Discrete),
    ("sigma", Convention::Sigma),
    ("lambda", Convention::Lambda),
];

impl Convention {
    /// Parses `continuous`, `discrete`, `sigma` or `lambda`.
    ///
    /// # Errors
    /// `E-PARAMETER` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        choose(text, CONVENTIONS, Code::Parameter, "time")
    }

    /// The name as typed.
    pub fn name(self) -> &'static str {
        let mut names = CONVENTIONS.iter();
        names
            .find(|(_, it)| *it == self)
            .map_or("", |(name, _)| name)
    }

    /// A point's time in this convention; none where it is infinite, or the schedule has none.
    pub fn told<T: Real>(self, point: &Point<T>) -> Option<T> {
        match self {
            Convention::Continuous | Convention::Discrete => point.t.clone(),
            Convention::Sigma => match point.lambda {
                Lambda::NoSignal => None,
                _ => Some(point.sigma.clone() / &point.alpha),
            },
            Convention::Lambda => point.lambda.finite().cloned(),
        }
    }

    /// The point at a time in this convention.
    pub(super) fn point<T: Real>(self, curve: &Curve<T>, time: &T) -> Point<T> {
        match self {
            Convention::Continuous | Convention::Discrete => curve.at_time(time),
            Convention::Sigma => curve.at_rho(time),
            Convention::Lambda => curve.at_lambda(time),
        }
    }

    /// The coordinate of explicit nodes.
    pub fn unit(self) -> Unit {
        match self {
            Convention::Continuous | Convention::Discrete => Unit::Time,
            Convention::Sigma => Unit::Sigma,
            Convention::Lambda => Unit::Lambda,
        }
    }
}

/// How a sampler takes the outputs of its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// All at once, before the run, whatever the network will be shown.
    Script,
    /// One a call, as the answer to the state that it shows.
    Callback,
}

const MODEL_KINDS: &[(&str, ModelKind)] = &[
    ("script", ModelKind::Script),
    ("callback", ModelKind::Callback),
];

impl ModelKind {
    /// Parses `script` or `callback`.
    ///
    /// # Errors
    /// `E-PARAMETER` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        choose(text, MODEL_KINDS, Code::Parameter, "model")
    }

    /// The name as typed.
    pub fn name(self) -> &'static str {
        let mut names = MODEL_KINDS.iter();
        names
            .find(|(_, it)| *it == self)
            .map_or("", |(name, _)| name)
    }
}

/// A sampler's name and capabilities. What is not declared is not asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Language it is written in.
    pub language: String,
    /// The format that it computes in.
    pub precision: Precision,
    /// How it is given times.
    pub convention: Convention,
    /// The coordinates of its states.
    pub spaces: Vec<StateSpace>,
    /// Solver ids of the catalogue, with parameters where they differ from the defaults.
    pub solvers: Vec<Solver>,
    /// Schedules.
    pub schedules: Vec<Schedule>,
    /// What its models may predict besides what the solver integrates.
    pub predictions: Vec<Prediction>,
    /// Policies besides the default one.
    pub policies: Vec<Policy>,
    /// How it takes its network's outputs.
    pub models: Vec<ModelKind>,
    /// Grids whose nodes it makes itself.
    pub grids: Vec<Grid>,
    /// Whether it has thresholds.
    pub thresholds: bool,
    /// Whether it can be run step by step, each from a state that it is given.
    pub local: bool,
}

impl Declaration {
    /// A sampler in Rust that computes in `precision`, is given continuous times, and can do nothing yet.
    pub fn new(name: &str, precision: Precision) -> Self {
        Declaration {
            name: name.to_owned(),
            version: String::new(),
            language: "Rust".to_owned(),
            precision,
            convention: Convention::Continuous,
            spaces: vec![StateSpace::Vp, StateSpace::Flow],
            solvers: Vec::new(),
            schedules: Vec::new(),
            predictions: Vec::new(),
            policies: vec![Policy::default()],
            models: vec![ModelKind::Script, ModelKind::Callback],
            grids: Vec::new(),
            thresholds: false,
            local: false,
        }
    }

    /// The solvers, as ids of the catalogue: `dpmpp-2m`, `dpmpp-2s:r1=1/2`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN` with the nearest id, `E-PARAMETER`, `E-SOLVER-RATIO`.
    pub fn solvers<'a>(mut self, ids: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        self.solvers = ids.into_iter().map(Solver::parse).collect::<Result<_>>()?;
        Ok(self)
    }

    /// The schedules, as ids: `vp-linear`, `flow:shift=3`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN` with the nearest id, `E-PARAMETER`.
    pub fn schedules<'a>(mut self, ids: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        self.schedules = ids
            .into_iter()
            .map(Schedule::parse)
            .collect::<Result<_>>()?;
        Ok(self)
    }

    /// Predictions besides the one that each solver integrates: `noise`, `v`.
    ///
    /// # Errors
    /// `E-PREDICTION` with the nearest one.
    pub fn predictions<'a>(mut self, ids: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let ids = ids.into_iter();
        self.predictions = ids.map(Prediction::parse).collect::<Result<_>>()?;
        Ok(self)
    }

    /// Policies besides the default one: `final=lower`, `start=ramp-exact,zero=on`.
    ///
    /// # Errors
    /// `E-POLICY` with the nearest value.
    pub fn policies<'a>(mut self, texts: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        for text in texts {
            self.policies.push(Policy::parse(text)?);
        }
        Ok(self)
    }

    /// How the sampler takes its network's outputs: [`ModelKind::Script`] alone if what they answer
    /// must be known before a run.
    #[must_use]
    pub fn models(self, kinds: &[ModelKind]) -> Self {
        Declaration {
            models: kinds.to_vec(),
            ..self
        }
    }

    /// Whether its network may answer what it is shown.
    pub(super) fn answers(&self) -> bool {
        self.models.contains(&ModelKind::Callback)
    }

    /// Grids whose nodes the sampler makes itself: `karras`, `trailing`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN` with the nearest id, `E-PARAMETER`.
    pub fn grids<'a>(mut self, ids: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        self.grids = ids.into_iter().map(Grid::parse).collect::<Result<_>>()?;
        Ok(self)
    }

    /// The sampler has thresholds.
    #[must_use]
    pub fn thresholds(self) -> Self {
        Declaration {
            thresholds: true,
            ..self
        }
    }

    /// The sampler calls [`Model::restart`](super::Model::restart) at the start of every step.
    #[must_use]
    pub fn local(self) -> Self {
        Declaration {
            local: true,
            ..self
        }
    }

    /// The time convention.
    #[must_use]
    pub fn times(self, convention: Convention) -> Self {
        Declaration { convention, ..self }
    }

    /// The coordinates of the states: [`StateSpace::Ve`] for x/alpha on every schedule.
    #[must_use]
    pub fn spaces(self, spaces: &[StateSpace]) -> Self {
        Declaration {
            spaces: spaces.to_vec(),
            ..self
        }
    }

    /// As reports show it, and as a testee says it.
    pub fn to_json(&self) -> Value {
        let names = |it: &mut dyn Iterator<Item = String>| it.collect::<Vec<_>>();
        json!({
            "name": self.name,
            "version": self.version,
            "language": self.language,
            "element": self.precision.name(),
            "time": self.convention.name(),
            "spaces": names(&mut self.spaces.iter().map(|it| it.name().to_owned())),
            "solvers": names(&mut self.solvers.iter().map(ToString::to_string)),
            "schedules": names(&mut self.schedules.iter().map(ToString::to_string)),
            "predictions": names(&mut self.predictions.iter().map(|it| it.name().to_owned())),
            "policies": names(&mut self.policies.iter().map(ToString::to_string)),
            "models": names(&mut self.models.iter().map(|it| it.name().to_owned())),
            "grids": names(&mut self.grids.iter().map(ToString::to_string)),
            "thresholds": self.thresholds,
            "local": self.local,
        })
    }

    /// Checks that something can be asked of the sampler.
    ///
    /// # Errors
    /// `E-DECLARATION` if a list is empty.
    pub fn check(&self) -> Result<()> {
        let lists = [
            ("solvers", self.solvers.is_empty(), "dpmpp-2m"),
            ("schedules", self.schedules.is_empty(), "vp-linear"),
            ("spaces", self.spaces.is_empty(), "vp"),
            ("models", self.models.is_empty(), "callback"),
        ];
        match lists.into_iter().find(|(_, empty, _)| *empty) {
            None => Ok(()),
            Some((name, _, example)) => Err(Error::new(
                Code::Declaration,
                format!("`{}` declares no {name}", self.name),
                name,
                format!("name what it can do, for example {example}"),
            )),
        }
    }
}
