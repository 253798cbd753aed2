//! Asks a sampler every case of an edition and collects the verdicts.

use super::case::{Case, Setting, Subject};
use super::check::{Check, Evidence, Native, grid, threshold};
use super::diagnose::{diagnose, lost_by};
use super::probe::{Response, respond};
use super::sampler::{Sampler, Stop, Task};
use super::trial::Trial;
use super::verdict::{Finding, Verdict};
use super::{Declaration, Reference, edition};
use crate::error::{Code, Error, Result};
use crate::recipe::StateSpace;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The verdict on one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The case.
    pub case: Case,
    /// What it came to.
    pub finding: Finding,
}

/// What a sampler was found to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Who was asked.
    pub testee: Declaration,
    /// What was asked.
    pub edition: &'static str,
    /// One a case, in the edition's order.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// How many cases came to a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|it| it.finding.verdict == verdict).count()
    }

    /// The cases that make the run fail.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome> {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|it| it.finding.verdict.is_failure())
    }

    /// Whether anything was asked and nothing failed.
    pub fn passes(&self) -> bool {
        let asked = self.outcomes.len() - self.count(Verdict::NotApplicable);
        asked > self.count(Verdict::Skipped) && self.failures().next().is_none()
    }
}

/// A sampler that answers one setting after another.
#[derive(Debug)]
pub struct Session<'a, S> {
    sampler: &'a mut S,
    testee: Declaration,
}

impl<'a, S: Sampler> Session<'a, S> {
    /// Asks the sampler what it can do.
    ///
    /// # Errors
    /// `E-DECLARATION` if it declares nothing.
    pub fn new(sampler: &'a mut S) -> Result<Self> {
        let testee = sampler.declaration();
        testee.check()?;
        Ok(Session { sampler, testee })
    }

    /// What the sampler says of itself.
    pub fn testee(&self) -> &Declaration {
        &self.testee
    }

    /// Runs a setting if one of its chosen cases applies, and judges these cases.
    pub fn ask(&mut self, setting: &Setting, chosen: impl Fn(&Case) -> bool) -> Vec<Outcome> {
        let mut run: Option<Run> = None;
        let mut judge = |case: &Case| match case.inapplicable(&self.testee) {
            Some(reason) => Finding::of(Verdict::NotApplicable, reason),
            None => match case.subject {
                Subject::Run | Subject::Steps => run
                    .get_or_insert_with(|| Run::of(self.sampler, &self.testee, case))
                    .judge(case.check, &self.testee),
                Subject::Nodes => unless_panic(|| grid(self.sampler, &self.testee, &case.request)),
                Subject::Threshold(rule, length) => {
                    unless_panic(|| threshold(self.sampler, &self.testee, rule, length))
                }
            },
        };
        let cases = setting.cases().filter(|case| chosen(case));
        cases
            .map(|case| {
                let finding = judge(&case);
                Outcome { case, finding }
            })
            .collect()
    }
}

/// Asks a sampler those cases of an edition that `chosen` says yes to.
///
/// # Errors
/// `E-DECLARATION` if the sampler declares nothing, or nothing that a chosen case asks for.
pub fn check<S: Sampler>(sampler: &mut S, chosen: impl Fn(&Case) -> bool) -> Result<Report> {
    let mut session = Session::new(sampler)?;
    let mut outcomes = Vec::new();
    for setting in edition::settings() {
        outcomes.extend(session.ask(&setting, &chosen));
    }
    let report = Report {
        testee: session.testee,
        edition: edition::EDITION,
        outcomes,
    };
    if report.count(Verdict::NotApplicable) == report.outcomes.len() {
        return Err(nothing_applies(&report.testee));
    }
    Ok(report)
}

/// What is said of a sampler that no case applies to.
pub fn nothing_applies(testee: &Declaration) -> Error {
    let name = &testee.name;
    Error::new(
        Code::Declaration,
        format!(
            "`{name}`: no chosen case of edition {} applies to it",
            edition::EDITION
        ),
        "declaration",
        "declare a solver and a schedule of `dpm-spec list cases`",
    )
}

/// A panic of the sampler fails its case.
fn unless_panic(ask: impl FnOnce() -> Finding) -> Finding {
    let panicked = |_| Finding::of(Verdict::Fails, "panicked");
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(panicked)
}

/// Of a row's largest entry: where the first ten bits are wrong there is more amiss than lost digits,
/// however far every known variant is.
const LEGIBLE: f64 = 1.0 / 1024.0;

/// The runs of one setting, or why there are none.
enum Run {
    Inapplicable(String),
    Broken(String),
    Stopped(Stop),
    Shown(Box<Shown>),
}

struct Shown {
    reference: Reference,
    first: Response,
    again: std::result::Result<Response, Stop>,
    later: std::result::Result<Response, Stop>,
    trial: Option<std::result::Result<Trial, Stop>>,
    native: Option<Native>,
}

impl Run {
    fn of<S: Sampler>(sampler: &mut S, testee: &Declaration, case: &Case) -> Run {
        let task = match case.task(testee) {
            Ok(task) => task,
            Err(reason) => return Run::Inapplicable(reason),
        };
        let reference = match Reference::new(&task, testee.convention, testee.precision) {
            Ok(reference) => reference,
            Err(error) => return Run::Broken(error.to_string()),
        };
        let columns = reference.columns;
        let first = match respond(sampler, &task, columns) {
            Ok(response) => response,
            Err(stop) => return Run::Stopped(stop),
        };
        let again = respond(sampler, &task, columns);
        // A run of another length between, whose result nobody looks at.
        let half = Task {
            times: task.times.iter().skip(task.steps() / 2).copied().collect(),
            ..task.clone()
        };
        let _ = respond(sampler, &half, columns);
        let later = respond(sampler, &task, columns);
        let (precision, convention) = (testee.precision, testee.convention);
        let asked = Check::Order.asks_run(&case.request) && !precision.is_narrow();
        let trial = asked.then(|| Trial::of(sampler, &task, &reference, precision, convention));
        let native = StateSpace::native(&task.schedule);
        let asked = Check::Scale.asks_run(&case.request) && testee.spaces.contains(&native);
        let native = asked.then(|| Task {
            space: native,
            ..task.clone()
        });
        let native = native.and_then(|task| {
            let reference = Reference::new(&task, convention, precision).ok()?;
            let response = respond(sampler, &task, reference.columns);
            Some(Native {
                reference,
                response,
            })
        });
        Run::Shown(Box::new(Shown {
            reference,
            first,
            again,
            later,
            trial,
            native,
        }))
    }

    fn judge(&self, check: Check, testee: &Declaration) -> Finding {
        match self {
            Run::Inapplicable(reason) => Finding::of(Verdict::NotApplicable, reason),
            Run::Broken(reason) => Finding::of(Verdict::Skipped, reason),
            Run::Stopped(Stop::Refused(reason)) => Finding::of(Verdict::Skipped, reason),
            Run::Stopped(stop) => Finding::of(Verdict::Fails, stop.to_string()),
            Run::Shown(shown) => shown.judge(check, testee),
        }
    }
}

impl Shown {
    fn judge(&self, check: Check, testee: &Declaration) -> Finding {
        let other = match check {
            Check::Determinism => &self.again,
            _ => &self.later,
        };
        let evidence = Evidence {
            reference: &self.reference,
            response: &self.first,
            other: other.as_ref(),
            trial: self.trial.as_ref(),
            native: self.native.as_ref(),
            precision: testee.precision,
        };
        let finding = evidence.judge(check);
        let lost = match (finding.verdict, check) {
            (Verdict::Deviates, Check::Rows) => return diagnosed(&evidence, finding),
            // Where only digits are lost, what follows from the rows loses them too.
            (Verdict::Deviates, Check::Order) => rows(&evidence) == Verdict::Imprecise,
            (Verdict::Deviates, Check::Sums | Check::Moments) => !rows(&evidence).is_failure(),
            (Verdict::Deviates, Check::Scale) => {
                let beside = self
                    .native
                    .as_ref()
                    .map(|native| native.evidence(&evidence));
                let sound = |beside: &Evidence<'_>| !rows(beside).is_failure();
                sound(&evidence) && beside.and_then(|it| it.ok()).is_some_and(|it| sound(&it))
            }
            _ => false,
        };
        match lost {
            true => Finding {
                verdict: Verdict::Imprecise,
                ..finding
            },
            false => finding,
        }
    }
}

/// The verdict on the rows.
fn rows(evidence: &Evidence<'_>) -> Verdict {
    let finding = evidence.judge(Check::Rows);
    match finding.verdict {
        Verdict::Deviates => diagnosed(evidence, finding).verdict,
        verdict => verdict,
    }
}

/// Rows that deviate: imprecise if no other variant is near, otherwise with the nearest one.
fn diagnosed(evidence: &Evidence<'_>, finding: Finding) -> Finding {
    let u = evidence.precision.unit().relative;
    let error = finding.max_error_u.map(|error| error * u);
    let bound = evidence.reference.bound();
    let diagnosis = diagnose(evidence.response, evidence.reference);
    let none = diagnosis.gone < 1.0 / 64.0;
    if let Some(error) = error.filter(|error| none && *error < LEGIBLE.max(64.0 * u)) {
        let lost = (error / u).log2().round();
        let by = lost_by(
            evidence.response,
            evidence.reference,
            evidence.precision,
            bound,
        );
        return Finding {
            verdict: Verdict::Imprecise,
            message: format!("{}; about {lost} bits are lost, {by}", finding.message),
            ..finding
        };
    }
    let Some(nearest) = diagnosis.nearest else {
        return finding;
    };
    let equal = bound.max(64.0 * u).max(error.unwrap_or(1.0) / 1024.0);
    let words = match nearest.distance <= equal {
        true => format!("equals {} within {:.1e}", nearest.name, nearest.distance),
        false => format!("nearest is {}, {:.1e} away", nearest.name, nearest.distance),
    };
    Finding {
        message: format!("{}; {words}", finding.message),
        nearest: (nearest.distance <= equal).then_some(nearest.name),
        ..finding
    }
}
