//! Asks a sampler every case of an edition and collects the verdicts.

use super::case::{Case, Setting, Subject};
use super::check::{grid, threshold};
use super::probe::said;
use super::runs::Run;
use super::sampler::Sampler;
use super::verdict::{Finding, Verdict};
use super::{Declaration, edition};
use crate::error::{Code, Error, Result};
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
    /// `E-DECLARATION` if it declares nothing, or panics.
    pub fn new(sampler: &'a mut S) -> Result<Self> {
        let declared = catch_unwind(AssertUnwindSafe(|| sampler.declaration()));
        let testee = declared.map_err(|panic| {
            Error::new(
                Code::Declaration,
                format!("the sampler panicked: {}", said(&*panic)),
                "declaration",
                "return what it can do, whatever state it is in",
            )
        })?;
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
    for setting in edition::one_by_one() {
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
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|panic| {
        let words = format!("panicked: {}", said(&*panic));
        Finding::of(Verdict::Fails, words)
    })
}
