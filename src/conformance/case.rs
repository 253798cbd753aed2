//! A case: one question to a sampler, with an id that is never renamed.

use super::sampler::Task;
use super::{Check, Convention, Declaration, Precision};
use crate::arithmetic::{DoubleDouble, Field, Rational, Real};
use crate::plan::formulas::fast_orders;
use crate::plan::{Node, Request, derive};
use crate::policy::{Blocks, Outer, Policy};
use crate::prediction::Prediction;
use crate::recipe::{Recipe, StateSpace};
use crate::solver::{Side, Solver};
use crate::threshold::Threshold;
use std::borrow::Cow;
use std::fmt;

/// How binding a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// MUST: the default profile.
    Core,
    /// SHOULD.
    Should,
}

impl Level {
    /// MUST or SHOULD.
    pub fn requires(self) -> &'static str {
        match self {
            Level::Core => "MUST",
            Level::Should => "SHOULD",
        }
    }

    /// The first part of an id.
    pub fn name(self) -> &'static str {
        match self {
            Level::Core => "core",
            Level::Should => "should",
        }
    }
}

/// Schedule and grid as ids name them.
pub(super) type Ground = (Cow<'static, str>, Cow<'static, str>);

/// What a setting is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A run of the sampler.
    Run,
    /// A run step by step, each from a state that it is given.
    Steps,
    /// The nodes that it makes itself.
    Nodes,
    /// A threshold, on samples of so many elements.
    Threshold(Threshold, usize),
}

/// What is run: one setting answers several cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// What of it is asked.
    pub subject: Subject,
    /// Schedule and grid as ids name them.
    pub ground: Ground,
    /// Solver, schedule, grid, steps, eta, prediction, policy.
    pub request: Request,
}

impl Setting {
    /// The cases that it answers, in a fixed order.
    pub fn cases(&self) -> impl Iterator<Item = Case> {
        let asked = Check::ALL.into_iter();
        let asked = asked.filter(|check| check.asks(self));
        asked.map(|check| Case {
            subject: self.subject,
            level: check.level(),
            check,
            ground: self.ground.clone(),
            request: self.request.clone(),
        })
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What is run or made.
    pub subject: Subject,
    /// MUST or SHOULD.
    pub level: Level,
    /// What is looked at.
    pub check: Check,
    /// Schedule and grid as the id names them.
    pub ground: Ground,
    /// Solver, schedule, grid, steps, eta, prediction, policy.
    pub request: Request,
}

impl fmt::Display for Case {
    /// The id: `core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request {
            recipe,
            schedule: curve,
            steps,
            start_at,
            ..
        } = &self.request;
        let (schedule, grid) = &self.ground;
        let (level, solver) = (self.level.name(), self.solver());
        let check = self.check.name();
        if let Subject::Threshold(rule, length) = self.subject {
            let rule = Rule(rule);
            return write!(
                f,
                "{level}/{solver}/{check}/none:n={length}:grid=none:rule={rule}"
            );
        }
        write!(
            f,
            "{level}/{solver}/{check}/{schedule}:n={steps}:grid={grid}"
        )?;
        if self.subject == Subject::Nodes {
            return Ok(());
        }
        if recipe.solver.entry.stochastic {
            write!(
                f,
                ":eta={}",
                DoubleDouble::ONE.constant(recipe.eta).to_f64()
            )?;
        }
        let solver = recipe.solver.to_string();
        let (_, stages) = solver.split_once(':').unwrap_or_default();
        if Solver::parse(recipe.solver.entry.id) != Ok(recipe.solver) {
            for axis in stages.split(',') {
                write!(f, ":{axis}")?;
            }
        }
        let default = Policy::default().to_string();
        let is_usual = |axis: &str| default.split(',').any(|usual| axis == usual);
        let policy = recipe.policy.to_string();
        for axis in policy.split(',').filter(|axis| !is_usual(axis)) {
            write!(f, ":{axis}")?;
        }
        if recipe.prediction != integrated(recipe.form().side) {
            write!(f, ":prediction={}", recipe.prediction.name())?;
        }
        if recipe.state_space != StateSpace::native(curve) {
            write!(f, ":space={}", recipe.state_space.name())?;
        }
        if *start_at > 0 {
            write!(f, ":from={start_at}")?;
        }
        if self.subject == Subject::Steps {
            write!(f, ":mode=local")?;
        }
        Ok(())
    }
}

/// The prediction that a side integrates: its models are unit impulses.
pub(super) fn integrated(side: Side) -> Prediction {
    match side {
        Side::Data => Prediction::Data,
        Side::Noise => Prediction::Noise,
    }
}

/// A threshold in ids: `dynamic:p=0.995:max=none`, `static:bound=1`.
struct Rule(Threshold);

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: Rational| DoubleDouble::ONE.constant(value).to_f64();
        match self.0 {
            Threshold::Static { bound } => write!(f, "static:bound={}", number(bound)),
            Threshold::Dynamic { ratio, max } => {
                let max = max.map_or("none".to_owned(), |max| number(max).to_string());
                write!(f, "dynamic:p={}:max={max}", number(ratio))
            }
        }
    }
}

impl Case {
    /// The solver in ids; `any` where none runs.
    pub fn solver(&self) -> &'static str {
        match self.subject {
            Subject::Run | Subject::Steps => self.request.recipe.solver.entry.id,
            Subject::Nodes | Subject::Threshold(..) => "any",
        }
    }

    /// The id's `n`: the number of steps, of a threshold that of a sample's elements.
    pub(super) fn count(&self) -> usize {
        match self.subject {
            Subject::Run | Subject::Steps | Subject::Nodes => self.request.steps,
            Subject::Threshold(_, length) => length,
        }
    }

    /// Why the case is not asked of a sampler, if it is not.
    pub fn inapplicable(&self, declared: &Declaration) -> Option<String> {
        let recipe = &self.request.recipe;
        let lacks = |what: &str| Some(format!("{what} is not declared"));
        match self.subject {
            Subject::Threshold(..) if declared.thresholds => return None,
            Subject::Threshold(..) => return lacks("a threshold"),
            Subject::Nodes if !declared.grids.contains(&self.request.grid) => {
                return lacks(&format!("grid {}", self.request.grid));
            }
            Subject::Nodes if !declared.schedules.contains(&self.request.schedule) => {
                return lacks(&format!("schedule {}", self.request.schedule));
            }
            Subject::Nodes => return None,
            Subject::Steps if !declared.local => return lacks("a run step by step"),
            Subject::Steps if !declared.answers() => return lacks("a model by callback"),
            Subject::Run | Subject::Steps => {}
        }
        if !declared.solvers.contains(&recipe.solver) {
            return lacks(&format!("solver {}", recipe.solver));
        }
        if !declared.schedules.contains(&self.request.schedule) {
            return lacks(&format!("schedule {}", self.request.schedule));
        }
        if !declared.spaces.contains(&recipe.state_space) {
            return lacks(&format!("state space {}", recipe.state_space.name()));
        }
        let usual = integrated(recipe.form().side);
        if recipe.prediction != usual && !declared.predictions.contains(&recipe.prediction) {
            return lacks(&format!("prediction {}", recipe.prediction.name()));
        }
        let policy = self.request.policy();
        if !declared.policies.contains(&policy) {
            return lacks(&format!("policy {policy}"));
        }
        let native = StateSpace::native(&self.request.schedule);
        if self.check == Check::Scale && !declared.spaces.contains(&native) {
            return lacks(&format!("state space {}", native.name()));
        }
        if self.check == Check::Order && declared.precision.is_narrow() {
            return Some("its states are too coarse to show errors".to_owned());
        }
        let whole = declared.convention == Convention::Discrete;
        if whole && self.request.schedule.discrete().is_none() {
            return Some("its times are whole indices; this schedule has none".to_owned());
        }
        None
    }

    /// What the sampler is asked: the nodes of the case in its own convention, as numbers of its format.
    ///
    /// # Errors
    /// Why its convention or format cannot express the nodes.
    pub fn task(&self, declared: &Declaration) -> Result<Task, String> {
        let recipe = &self.request.recipe;
        let plan = self
            .outer()
            .and_then(|outer| derive(&outer, &DoubleDouble::ONE));
        let plan = plan.map_err(|error| error.to_string())?;
        let told = |node: &Node<DoubleDouble>| declared.convention.told(&node.point);
        let times = plan
            .nodes
            .iter()
            .map(|node| told(node).map(|time| time.to_f64()));
        let times = times.collect::<Option<Vec<f64>>>();
        let times = times.ok_or("an end of this grid has no finite time in its convention")?;
        let times: Vec<f64> = times.iter().map(|t| declared.precision.near(*t)).collect();
        if declared.convention == Convention::Discrete && times.iter().any(|t| t.fract() != 0.0) {
            return Err("its times are whole indices; this grid has others".to_owned());
        }
        distinct(&times, declared.precision)?;
        Ok(Task {
            solver: recipe.solver,
            eta: DoubleDouble::ONE.constant(recipe.eta).to_f64(),
            schedule: self.request.schedule.clone(),
            prediction: recipe.prediction,
            policy: self.request.policy(),
            space: recipe.state_space,
            steps: self.request.steps - self.request.start_at,
            times,
            local: self.subject == Subject::Steps,
        })
    }
}

impl Case {
    /// The grid alone, without the stages of a single-step solver.
    fn outer(&self) -> crate::Result<Request> {
        let ddim = Solver::parse("ddim")?;
        let recipe = &self.request.recipe;
        let steps = match recipe.policy.blocks {
            Blocks::Fast(Outer::Blocks) => {
                fast_orders(recipe.solver.method.outputs(), self.request.steps).len()
            }
            _ => self.request.steps,
        };
        let recipe = Recipe {
            prediction: Prediction::Data,
            policy: Policy {
                zero: self.request.recipe.policy.zero,
                ..Policy::default()
            },
            ..Recipe::new(ddim, &self.request.schedule)
        };
        Ok(Request {
            recipe,
            steps,
            ..self.request.clone()
        })
    }
}

fn distinct(times: &[f64], precision: Precision) -> Result<(), String> {
    let falling = times.windows(2).all(|pair| pair[0] > pair[1]);
    let rising = times.windows(2).all(|pair| pair[0] < pair[1]);
    match falling || rising {
        true => Ok(()),
        false => Err(format!(
            "two nodes of this grid are one number in {}",
            precision.name()
        )),
    }
}
