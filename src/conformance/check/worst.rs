//! The worst of several numbers, each beside what it should be.

use super::super::verdict::{Finding, SAME, Verdict};

/// The worst number so far, and where it stands.
#[derive(Debug)]
pub(super) struct Worst<P> {
    verdict: Verdict,
    /// In units of the format.
    pub(super) error_u: f64,
    pub(super) place: Option<P>,
}

impl<P> Worst<P> {
    pub(super) fn none() -> Self {
        Worst {
            verdict: Verdict::Exact,
            error_u: 0.0,
            place: None,
        }
    }

    /// Takes in a number that is so many units off, and within what the format may lose or not.
    pub(super) fn see(&mut self, error_u: f64, within: bool, place: P) {
        let verdict = match within {
            _ if error_u <= SAME => Verdict::Exact,
            true => Verdict::Conforms,
            // A NaN, too: it is no match for anything.
            false => Verdict::Deviates,
        };
        if (verdict, error_u) > (self.verdict, self.error_u) {
            *self = Worst {
                verdict,
                error_u,
                place: Some(place),
            };
        }
    }

    /// What all of them come to; `words` tell of the place that deviates most.
    pub(super) fn finding(self, words: impl FnOnce(P) -> String) -> Finding {
        let message = match (self.verdict, self.place) {
            (Verdict::Deviates, Some(place)) => words(place),
            _ => String::new(),
        };
        Finding {
            max_error_u: Some(self.error_u),
            ..Finding::of(self.verdict, message)
        }
    }
}
