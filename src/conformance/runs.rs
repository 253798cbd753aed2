//! The runs of one setting, and what they come to.

use super::case::Case;
use super::check::{Check, Evidence, Native};
use super::diagnose::{diagnose, lost_by};
use super::probe::{self, Response, impulse};
use super::sampler::{Sampler, Stop, Task};
use super::trial::Trial;
use super::verdict::{Finding, LEGIBLE, Verdict};
use super::{Convention, Declaration, Reference};
use crate::arithmetic::Real;
use crate::plan::formulas::fast_orders;
use crate::policy::{Blocks, Outer};
use crate::recipe::StateSpace;
use std::cell::OnceCell;

/// Of a row's largest entry: where the first ten bits are wrong there is more amiss than lost digits,
/// however far every known variant is. Formats of 16 bits hold as few, or fewer: see [`LEGIBLE`].
const TEN_BITS: f64 = 1.0 / 1024.0;

/// A task of more steps is run twice in a row only where its last run differs from the first.
const TWICE: usize = 5;

/// A task of more steps is not run on other nodes.
const ELSEWHERE: usize = 10;

/// What a sum of terms in f32 loses, with four bits more for those that cancel.
const IN_SINGLE: f64 = 1.0 / (1 << 20) as f64;

/// The runs of one setting, or why there are none.
pub(super) enum Run {
    Inapplicable(String),
    Stopped(Stop),
    Shown(Box<Shown>),
}

pub(super) struct Shown {
    reference: Reference,
    first: Response,
    twice: Option<Twice>,
    /// As many steps on other nodes.
    elsewhere: Option<Result<Response, Stop>>,
    later: Result<Response, Stop>,
    trial: Option<Result<Trial, Stop>>,
    native: Option<Native>,
    /// What the rows come to, and those of the native run: looked up where something deviates.
    rows: OnceCell<Rows>,
    beside: OnceCell<Rows>,
}

/// The task twice in a row: after the first run of all, or after two that differ.
struct Twice {
    /// If not the first run of all.
    before: Option<Response>,
    again: Result<Response, Stop>,
}

impl Run {
    pub(super) fn of<S: Sampler>(sampler: &mut S, testee: &Declaration, case: &Case) -> Run {
        let (precision, convention) = (testee.precision, testee.convention);
        let task = match case.task(testee) {
            Ok(task) => task,
            Err(reason) => return Run::Inapplicable(reason),
        };
        // What cannot be derived cannot be asked: no fault of the sampler's.
        let reference = match Reference::new(&task, convention, precision) {
            Ok(reference) => reference,
            Err(error) => return Run::Inapplicable(error.to_string()),
        };
        let (columns, size) = (reference.columns, impulse(&reference, precision));
        let respond = |sampler: &mut S, task: &Task| probe::respond(sampler, task, columns, size);
        let first = match respond(sampler, &task) {
            Ok(response) => response,
            Err(stop) => return Run::Stopped(stop),
        };
        let mut twice = (task.steps <= TWICE).then(|| Twice {
            before: None,
            again: respond(sampler, &task),
        });
        // A run of another length between, whose result nobody looks at: there may be none.
        let _ = respond(sampler, &task.half());
        let other = (task.steps <= ELSEWHERE).then(|| task.elsewhere(testee));
        let other = other.flatten();
        let elsewhere = other.map(|other| respond(sampler, &other));
        let later = respond(sampler, &task);
        let same = matches!(&later, Ok(later) if first.same_bits(later));
        if twice.is_none() && !same {
            let before = respond(sampler, &task);
            let (before, again) = match before {
                Ok(before) => (Some(before), respond(sampler, &task)),
                Err(stop) => (None, Err(stop)),
            };
            twice = Some(Twice { before, again });
        }
        let asked = Check::Order.asks_run(&case.request) && !precision.is_narrow();
        let trial = asked.then(|| match testee.answers() {
            true => Trial::of(sampler, &task, &reference, testee),
            false => Trial::by_rows(&first, &reference, testee),
        });
        let native = StateSpace::native(&task.schedule);
        let asked = Check::Scale.asks_run(&case.request) && testee.spaces.contains(&native);
        let native = asked.then_some(Task {
            space: native,
            ..task
        });
        let native = native.and_then(|task| {
            let reference = Reference::new(&task, convention, precision).ok()?;
            let size = impulse(&reference, precision);
            let response = probe::respond(sampler, &task, reference.columns, size);
            Some(Native {
                reference,
                response,
            })
        });
        Run::Shown(Box::new(Shown {
            reference,
            first,
            twice,
            elsewhere,
            later,
            trial,
            native,
            rows: OnceCell::new(),
            beside: OnceCell::new(),
        }))
    }

    pub(super) fn judge(&self, check: Check, testee: &Declaration) -> Finding {
        match self {
            Run::Inapplicable(reason) => Finding::of(Verdict::NotApplicable, reason),
            Run::Stopped(Stop::Refused(reason)) => Finding::of(Verdict::Skipped, reason),
            Run::Stopped(stop) => Finding::of(Verdict::Fails, stop.to_string()),
            Run::Shown(shown) => shown.judge(check, testee),
        }
    }
}

impl Task {
    /// Its second half.
    fn half(&self) -> Task {
        let left_out = (self.times.len() - 1) / 2;
        let a_step = match self.policy.blocks {
            Blocks::Fast(Outer::Blocks) => self.solver.method.outputs(),
            _ => 1,
        };
        Task {
            steps: self.steps.saturating_sub(left_out * a_step).max(1),
            times: self.times.iter().skip(left_out).copied().collect(),
            ..self.clone()
        }
    }

    /// As many steps between the same ends on other nodes: the parts s of the way to the start
    /// become (3 s - s^2)/2, which leaves every step half of its length at least, and none nearer to
    /// the data than a table may go. None where whole indices are too dense for that, nor where no
    /// step ends inside: one to sigma = 0 does not depend on its nodes, and one block of several
    /// calls takes none of those between its ends.
    fn elsewhere(&self, testee: &Declaration) -> Option<Task> {
        let [first, .., last] = *self.times.as_slice() else {
            return None;
        };
        let moved = |time: &f64| {
            let part = (time - last) / (first - last);
            let time = last + (first - last) * 0.5 * (3.0 * part - part * part);
            match testee.convention {
                Convention::Discrete => time.round(),
                _ => testee.precision.near(time),
            }
        };
        let inner = self.times.get(1..self.times.len() - 1)?;
        let mut times = vec![first];
        times.extend(inner.iter().map(moved));
        times.push(last);
        let distinct = times.windows(2).all(|pair| pair[0] != pair[1]);
        let ends = match self.policy.blocks {
            Blocks::Fast(_) => fast_orders(self.solver.method.outputs(), self.steps).len(),
            _ => self.steps,
        };
        (ends > 1 && distinct).then(|| Task {
            times,
            ..self.clone()
        })
    }
}

impl Shown {
    fn judge(&self, check: Check, testee: &Declaration) -> Finding {
        let (response, other) = match (check, &self.twice) {
            (Check::Determinism, Some(Twice { before, again })) => {
                (before.as_ref().unwrap_or(&self.first), again)
            }
            _ => (&self.first, &self.later),
        };
        let evidence = Evidence {
            reference: &self.reference,
            response,
            other: other.as_ref(),
            elsewhere: self.elsewhere.as_ref(),
            trial: self.trial.as_ref(),
            native: self.native.as_ref(),
            precision: testee.precision,
            convention: testee.convention,
        };
        let finding = evidence.judge(check);
        let rows = || self.rows.get_or_init(|| Rows::of(&evidence));
        match (finding.verdict, check) {
            (Verdict::Deviates, Check::Rows) => rows().finding.clone(),
            // A run of its own: what rows do not show may be amiss there.
            (Verdict::Deviates, Check::Order) if !is_small(&finding, testee) => finding,
            (Verdict::Deviates, Check::Order | Check::Sums | Check::Moments) => {
                following(finding, &[rows()])
            }
            (Verdict::Deviates, Check::Scale) => {
                let native = evidence.native;
                let beside = native.and_then(|native| native.evidence(&evidence).ok());
                let beside = beside.map(|it| self.beside.get_or_init(|| Rows::of(&it)));
                match beside {
                    Some(beside) => following(finding, &[rows(), beside]),
                    None => finding,
                }
            }
            _ => finding,
        }
    }
}

/// Whether something is off by no more than digits may be.
fn is_small(finding: &Finding, testee: &Declaration) -> bool {
    let u = testee.precision.unit().relative;
    finding.max_error_u.is_some_and(|error| error * u < LEGIBLE)
}

/// What rows come to.
struct Rows {
    finding: Finding,
    /// How many digits are lost, and by what, where nothing else is amiss.
    lost: Option<String>,
}

/// What follows from rows that only lose digits has only lost digits, too.
fn following(finding: Finding, rows: &[&Rows]) -> Finding {
    let lost = rows.iter().find_map(|rows| rows.lost.as_ref());
    let fails = rows.iter().any(|rows| rows.finding.verdict.is_failure());
    match lost {
        Some(lost) if !fails => Finding {
            verdict: Verdict::Imprecise,
            message: format!("{}; of the rows {lost}", finding.message),
            ..finding
        },
        _ => finding,
    }
}

impl Rows {
    /// Those that deviate are imprecise if no other variant is near; otherwise the nearest is named.
    fn of(evidence: &Evidence<'_>) -> Rows {
        let finding = evidence.judge(Check::Rows);
        if finding.verdict != Verdict::Deviates {
            return Rows {
                finding,
                lost: None,
            };
        }
        let Evidence {
            reference,
            precision,
            ..
        } = *evidence;
        // Noises that are drawn and never used are no part of any variant.
        let response = &Response {
            rows: (evidence.shaped()).unwrap_or_else(|_| evidence.response.rows.clone()),
            ..evidence.response.clone()
        };
        let u = precision.unit().relative;
        let error = finding.max_error_u.map(|error| error * u);
        let bound = reference.bound();
        let diagnosis = diagnose(response, reference);
        let none = diagnosis.gone < 1.0 / 64.0;
        let most = TEN_BITS.max(64.0 * u).min(LEGIBLE);
        let by = none.then(|| lost_by(response, reference, precision));
        let by = by.filter(|by| by.is_some() || keeps_first_bits(response, evidence));
        if let (Some(error), Some(by)) = (error.filter(|error| *error < most), by) {
            let bits = (error / u).log2().round();
            let by = by.unwrap_or_else(|| "by no known expression".to_owned());
            let lost = format!("about {bits} bits are lost, {by}");
            let finding = Finding {
                verdict: Verdict::Imprecise,
                message: format!("{}; {lost}", finding.message),
                ..finding
            };
            return Rows {
                finding,
                lost: Some(lost),
            };
        }
        let finding = match diagnosis.nearest {
            None => finding,
            Some(nearest) => {
                let equal = bound.max(64.0 * u).max(error.unwrap_or(1.0) / 1024.0);
                let equals = nearest.distance <= equal;
                let (name, distance) = (nearest.name, nearest.distance);
                let words = match equals {
                    true => format!("equals {name} within {distance:.1e}"),
                    false => format!("nearest is {name}, {distance:.1e} away"),
                };
                Finding {
                    message: format!("{}; {words}", finding.message),
                    nearest: equals.then_some(name),
                    ..finding
                }
            }
        };
        Rows {
            finding,
            lost: None,
        }
    }
}

/// Whether every coefficient is right in its first four bits, or off by less than the twelve bits
/// that sums of terms which cancel may lose: a loss that no known expression explains, of a whole
/// coefficient, is none of digits. In f64 its terms may be in f32, which leaves more.
fn keeps_first_bits(response: &Response, evidence: &Evidence<'_>) -> bool {
    let u = evidence.precision.unit().relative;
    let lost = (4096.0 * u).max(IN_SINGLE);
    let mut rows = response.rows.iter().zip(&evidence.reference.rows);
    rows.all(|(row, expected)| {
        let expected: Vec<f64> = expected.iter().map(|x| x.to_f64()).collect();
        let size = expected.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
        let mut pairs = row.iter().zip(&expected);
        pairs.all(|(got, right)| (got - right).abs() <= (right.abs() / 16.0).max(lost * size))
    })
}
