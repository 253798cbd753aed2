//! One line of a report: a case's verdict as files and pages have it.

use super::session::Outcome;
use super::verdict::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What the message of a case says that nobody was left to run.
pub(crate) const NOT_RUN: &str = "not run: the testee broke three times in a row";

/// A verdict on one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The case: `core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda`.
    pub id: String,
    /// What it came to.
    pub verdict: Verdict,
    /// What was looked at.
    pub check: String,
    /// The solver.
    pub solver: String,
    /// Number of steps, or of a sample's elements: the id's `n`.
    pub steps: usize,
    /// The largest error, in u of its row's largest entry, where one was measured.
    pub max_error_u: Option<f64>,
    /// The nearest known variant, where the case deviates and equals one.
    pub nearest: Option<String>,
    /// Where and what. Empty if all is well.
    pub message: String,
}

impl Record {
    /// Whether the testee was asked; it is left alone after it has broken too often.
    pub(super) fn was_run(&self) -> bool {
        !self.message.contains(NOT_RUN)
    }
}

impl From<Outcome> for Record {
    fn from(Outcome { case, finding }: Outcome) -> Self {
        Record {
            id: case.to_string(),
            verdict: finding.verdict,
            check: case.check.name().to_owned(),
            solver: case.solver().to_owned(),
            steps: case.count(),
            // JSON has no infinity; the message has the number.
            max_error_u: finding.max_error_u.filter(|error| error.is_finite()),
            nearest: finding.nearest,
            message: finding.message,
        }
    }
}

/// How many cases came to each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; Verdict::ALL.len()]);

impl Counts {
    /// Counts one case.
    pub fn add(&mut self, verdict: Verdict) {
        self.0[verdict as usize] += 1;
    }

    /// The cases of a verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        self.0[verdict as usize]
    }

    /// All cases.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// The cases that were run: applicable, and not refused.
    pub fn asked(&self) -> usize {
        self.total() - self.of(Verdict::NotApplicable) - self.of(Verdict::Skipped)
    }

    /// `cases`, and a number for each verdict: `exact`, `not_applicable`.
    pub fn to_json(&self) -> Map<String, Value> {
        let verdicts = Verdict::ALL.map(|it| (it.name().replace('-', "_"), json!(self.of(it))));
        let total = ("cases".to_owned(), json!(self.total()));
        [total].into_iter().chain(verdicts).collect()
    }
}
