//! What is looked at, and how a response is judged.

mod grid;
mod moments;
mod order;
mod rows;
mod scale;
mod sums;
mod threshold;
mod worst;

use super::case::{Setting, Subject, integrated};
use super::probe::Response;
use super::sampler::Stop;
use super::trial::Trial;
use super::verdict::{Finding, Verdict};
use super::{Convention, Level, Precision, Reference};
use crate::arithmetic::rational;
use crate::plan::Request;
use crate::policy::{Final, Policy};
use crate::prediction::Prediction;
use crate::recipe::StateSpace;
use crate::solver::Side;

pub(super) use grid::grid;
pub(super) use scale::Native;
pub(super) use threshold::threshold;
use worst::{Beside, Worst};

/// What a case looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// Number of model evaluations.
    Calls,
    /// Completes and stays finite.
    Finite,
    /// The time told to the model at every call.
    Labels,
    /// Every coefficient of every state shown and of the result.
    Rows,
    /// What constant, linear and quadratic predictions are carried to: order conditions, without any table.
    Sums,
    /// The errors on problems whose flow is known.
    Order,
    /// Mean and variance of the results on normal data.
    Moments,
    /// States x/alpha beside states x.
    Scale,
    /// Number and place of the noises drawn.
    Noise,
    /// The same task twice, equal bits.
    Determinism,
    /// The same task after others, equal bits.
    State,
    /// The nodes that the sampler makes itself.
    Grid,
    /// Thresholds of data predictions.
    Threshold,
}

impl Check {
    /// All of them.
    pub const ALL: [Check; 13] = [
        Check::Calls,
        Check::Finite,
        Check::Labels,
        Check::Rows,
        Check::Sums,
        Check::Order,
        Check::Moments,
        Check::Scale,
        Check::Noise,
        Check::Determinism,
        Check::State,
        Check::Grid,
        Check::Threshold,
    ];

    /// The name in ids.
    pub fn name(self) -> &'static str {
        match self {
            Check::Calls => "calls",
            Check::Finite => "finite",
            Check::Labels => "labels",
            Check::Rows => "rows",
            Check::Sums => "sums",
            Check::Order => "order",
            Check::Moments => "moments",
            Check::Scale => "scale",
            Check::Noise => "noise",
            Check::Determinism => "determinism",
            Check::State => "state",
            Check::Grid => "grid",
            Check::Threshold => "threshold",
        }
    }

    /// How binding its cases are.
    pub fn level(self) -> Level {
        match self {
            Check::Noise => Level::Should,
            _ => Level::Core,
        }
    }

    /// Whether it has a question to a setting.
    pub(super) fn asks(self, setting: &Setting) -> bool {
        match (setting.subject, self) {
            (Subject::Run, Check::Grid | Check::Threshold) => false,
            (Subject::Run, _) => self.asks_run(&setting.request),
            (Subject::Steps, _) => self == Check::Rows,
            (Subject::Nodes, _) => self == Check::Grid,
            (Subject::Threshold(..), _) => self == Check::Threshold,
        }
    }

    /// Whether it has a question to a run.
    pub(super) fn asks_run(self, request: &Request) -> bool {
        let recipe = &request.recipe;
        let drawn = recipe.eta != rational(0, 1);
        match self {
            Check::Order => {
                !drawn
                    && matches!(request.steps, 5 | 10 | 20)
                    && matches!(recipe.prediction, Prediction::Data | Prediction::Noise)
                    && recipe.policy == Policy::default()
                    && recipe.state_space == StateSpace::native(&request.schedule)
            }
            Check::Moments => {
                drawn
                    && recipe.prediction == integrated(recipe.form().side)
                    && recipe.state_space == StateSpace::native(&request.schedule)
            }
            Check::Sums => {
                let side = recipe.form().side;
                let plain = recipe.prediction == integrated(side);
                // Added noise takes part of what a constant noise prediction carries: the steps
                // of two outputs or more are left to ask.
                plain && (side == Side::Data || !drawn || combines(request))
            }
            Check::Scale => {
                recipe.state_space == StateSpace::Ve
                    && StateSpace::native(&request.schedule) != StateSpace::Ve
            }
            _ => true,
        }
    }

    /// The clause that it tests, in `spec/conformance.md`, in a whole run or in one step by step.
    pub fn clause(self, local: bool) -> &'static str {
        match self {
            Check::Calls => "CONFORM-CALLS-1",
            Check::Finite => "CONFORM-FINITE-1",
            Check::Labels => "CONFORM-LABELS-1",
            Check::Rows if local => "CONFORM-ROWS-2",
            Check::Rows => "CONFORM-ROWS-1",
            Check::Sums => "CONFORM-SUMS-1",
            Check::Order => "CONFORM-ORDER-1",
            Check::Moments => "CONFORM-MOMENTS-1",
            Check::Scale => "CONFORM-SCALE-1",
            Check::Noise => "CONFORM-NOISE-1",
            Check::Determinism => "CONFORM-DETERMINISM-1",
            Check::State => "CONFORM-STATE-1",
            Check::Grid => "CONFORM-GRID-1",
            Check::Threshold => "CONFORM-THRESHOLD-1",
        }
    }

    /// The bug that it catches.
    pub fn catches(self) -> &'static str {
        match self {
            Check::Calls => "evaluations wasted or left out",
            Check::Finite => "NaN or a crash at particular numbers of steps",
            Check::Labels => "the network told another time than the state stands at",
            Check::Rows => {
                "a wrong formula, history index, start-up, final order or conversion; lost digits"
            }
            Check::Sums => {
                "weights that miss what constant, linear or quadratic predictions integrate to"
            }
            Check::Order => {
                "what impulses do not show: hidden clamps, outputs kept for later; times that do not fit the states"
            }
            Check::Moments => "drift or noise of another distribution than the data's",
            Check::Scale => "states x/alpha that are scaled wrongly, or once too often",
            Check::Noise => "noise drawn at eta = 0, or too often, or at another place",
            Check::Determinism => "results that depend on more than the task",
            Check::State => "history that leaks from one run into the next",
            Check::Grid => {
                "repeated last nodes, rounded times, spacings off by one, noise that remains at the end"
            }
            Check::Threshold => {
                "quantiles of the batch, of values, or at a neighbouring rank; bounds forgotten"
            }
        }
    }
}

/// Whether a step combines the outputs of several: the first one of a run has none before it, and
/// the last one may be lowered.
fn combines(request: &Request) -> bool {
    let recipe = &request.recipe;
    let lowered = recipe.policy.last != Final::Full || request.policy().zero;
    let steps = request.steps.saturating_sub(request.start_at);
    recipe.solver.method.outputs() > 1 && steps > 1 + usize::from(lowered)
}

/// What is known of a run.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// What a correct sampler does.
    pub reference: &'a Reference,
    /// What this one did.
    pub response: &'a Response,
    /// The same task once more, or how that stopped.
    pub other: Result<&'a Response, &'a Stop>,
    /// A run of as many steps on other nodes, where there was one.
    pub(super) elsewhere: Option<&'a Result<Response, Stop>>,
    /// A run on problems whose flow is known, where there was one.
    pub(super) trial: Option<&'a Result<Trial, Stop>>,
    /// The run in the schedule's own state space, where this one is in another.
    pub(super) native: Option<&'a Native>,
    /// The format.
    pub precision: Precision,
    /// How it tells times.
    pub(super) convention: Convention,
}

impl Evidence<'_> {
    /// The finding of a check.
    pub fn judge(&self, check: Check) -> Finding {
        match check {
            Check::Calls => self.calls(),
            Check::Finite => self.finite(),
            Check::Labels => self.labels(),
            Check::Rows => self.rows(),
            Check::Sums => self.sums(),
            Check::Order => self.order(),
            Check::Moments => self.moments(),
            Check::Scale => self.scale(),
            Check::Noise => self.noise(),
            Check::Determinism => self.same("a second run of the same task"),
            Check::State => self.state(),
            Check::Grid | Check::Threshold => {
                Finding::of(Verdict::NotApplicable, "is not asked of a run")
            }
        }
    }

    /// What numbers come to that are judged by what the states' format may lose, relative to `of`.
    fn judged<P>(
        &self,
        worst: Worst<P>,
        of: &str,
        words: impl FnOnce(P, Beside) -> String,
    ) -> Finding {
        let Some(widest) = worst.too_coarse() else {
            return worst.finding(words);
        };
        let format = self.precision.name();
        let remedy = match self.precision.is_narrow() && !self.reference.local {
            true => "; declare `local` to be asked step by step",
            false => "",
        };
        let reason = format!(
            "{format} is too coarse here: a correct sampler may be {widest:.2} of {of} \
             off{remedy}"
        );
        Finding::of(Verdict::NotApplicable, reason)
    }

    fn row_name(&self, row: usize) -> String {
        match row.checked_sub(self.response.labels.len()) {
            None => format!("the state shown at call {row}"),
            Some(step) if self.reference.local => format!("the end of step {step}"),
            Some(_) => "the result".to_owned(),
        }
    }

    fn column_name(&self, column: usize) -> String {
        let calls = self.response.labels.len();
        match column {
            0 => "coefficient of the start".to_owned(),
            k if k <= calls => format!("coefficient of output {}", k - 1),
            k => format!("coefficient of noise {}", k - 1 - calls),
        }
    }
}
