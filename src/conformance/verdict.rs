//! What a case comes to.

use std::fmt;

/// In units of a format: what differs by no more is the same.
pub(super) const SAME: f64 = 4.0;

/// Of what a number is relative to: who may be off by more shows nothing by being within it, and
/// who is off by more has lost more than digits.
pub(super) const LEGIBLE: f64 = 1.0 / 64.0;

/// The outcome of a case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Within 4 u of each row's largest entry.
    Exact,
    /// Within what a correct implementation of the same formulas can lose in the format.
    Conforms,
    /// Beyond that, but less than 2^-6 of the way to every other formula, and than 2^-10 of the
    /// row's largest entry, in 16 bits 2^-6: digits are lost.
    Imprecise,
    /// Another formula.
    Deviates,
    /// Not finite, a crash, too many calls.
    Fails,
    /// The capability is not declared, or the format too coarse to tell.
    NotApplicable,
    /// The sampler refused, with its reason.
    Skipped,
}

impl Verdict {
    /// All of them, best first.
    pub const ALL: [Verdict; 7] = [
        Verdict::Exact,
        Verdict::Conforms,
        Verdict::Imprecise,
        Verdict::Deviates,
        Verdict::Fails,
        Verdict::NotApplicable,
        Verdict::Skipped,
    ];

    /// The name in reports: `exact`, `not-applicable`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Exact => "exact",
            Verdict::Conforms => "conforms",
            Verdict::Imprecise => "imprecise",
            Verdict::Deviates => "deviates",
            Verdict::Fails => "fails",
            Verdict::NotApplicable => "not-applicable",
            Verdict::Skipped => "skipped",
        }
    }

    /// Whether it makes a run fail.
    pub fn is_failure(self) -> bool {
        matches!(self, Verdict::Deviates | Verdict::Fails)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A verdict and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The verdict.
    pub verdict: Verdict,
    /// The largest error, in u of its row's largest entry, where one was measured.
    pub max_error_u: Option<f64>,
    /// The nearest known variant, where the case deviates.
    pub nearest: Option<String>,
    /// Where and what: call, coefficient, expected and got. Empty if all is well.
    pub message: String,
}

impl Finding {
    /// All is well, with nothing to measure.
    pub fn exact() -> Self {
        Finding::of(Verdict::Exact, "")
    }

    /// A verdict that says why.
    pub fn of(verdict: Verdict, message: impl Into<String>) -> Self {
        Finding {
            verdict,
            max_error_u: None,
            nearest: None,
            message: message.into(),
        }
    }
}
