//! The worst of several numbers, each beside what it should be.

use super::super::verdict::{Finding, LEGIBLE, SAME, Verdict};
use crate::plan::hexadecimal;

/// A number beside the right one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    pub(super) got: f64,
    pub(super) right: f64,
    /// In units of the format, relative to what the check says.
    pub(super) error_u: f64,
    u: f64,
}

impl Beside {
    /// `0.5 (0x1p-1), not 0.25 (0x1p-2), off by 4.504e15 u, 4.504e15 ulps`: `between` stands
    /// between the two, and `of` behind u, what it is relative to unless it is the right number.
    pub(super) fn told(&self, between: &str, of: &str) -> String {
        let Beside {
            got,
            right,
            error_u,
            u,
        } = *self;
        let ulps = (got - right).abs() / ulp(right, u);
        // Neither zero nor what is no number has a next one to count by.
        let ulps = match ulps.is_finite() && right != 0.0 {
            true => format!(", {ulps:.3e} ulps"),
            false => String::new(),
        };
        let [got, right] = [got, right].map(number);
        format!("{got}{between} {right}, off by {error_u:.3e} u{of}{ulps}")
    }

    /// Whether a time has lost digits, as far as its neighbours tell: it is off by less than 2^-12
    /// of the smallest step between nodes.
    pub(super) fn lost_digits(&self, nodes: impl Iterator<Item = f64>) -> bool {
        let nodes: Vec<f64> = nodes.filter(|node| node.is_finite()).collect();
        let apart = nodes.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let smallest = apart.reduce(f64::min).unwrap_or(0.0);
        self.error_u * self.u * self.right.abs() < smallest / 4096.0
    }
}

/// Decimal, and every bit.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => value.to_string(),
        size if size == 0.0 || (1e-5..1e16).contains(&size) => {
            format!("{value} ({})", hexadecimal(value))
        }
        _ => format!("{value:e} ({})", hexadecimal(value)),
    }
}

/// The distance of a normal number of unit roundoff `u` to the next one.
fn ulp(value: f64, u: f64) -> f64 {
    2.0 * u * value.abs().log2().floor().exp2()
}

/// The worst number so far, and where it stands.
#[derive(Debug)]
pub(super) struct Worst<P> {
    u: f64,
    verdict: Verdict,
    /// The most that any of them may be off in the format, relative to what its error is relative to.
    widest: f64,
    pub(super) place: Option<(P, Beside)>,
}

/// A number that should be another one.
pub(super) struct Seen {
    /// got, right.
    pub(super) numbers: [f64; 2],
    /// Their distance.
    pub(super) off: f64,
    /// How far a correct sampler may be off in the format.
    pub(super) allowed: f64,
    /// What both are relative to.
    pub(super) size: f64,
}

impl<P> Worst<P> {
    /// Of numbers in a format of this unit roundoff.
    pub(super) fn none(u: f64) -> Self {
        Worst {
            u,
            verdict: Verdict::Exact,
            widest: 0.0,
            place: None,
        }
    }

    /// Takes in a number.
    pub(super) fn see(&mut self, seen: Seen, place: P) {
        self.see_short(0.0, seen, place);
    }

    /// Takes in a number that the recipe's own formula may miss by so much besides.
    pub(super) fn see_short(&mut self, short: f64, seen: Seen, place: P) {
        let Seen {
            numbers: [got, right],
            off,
            allowed,
            size,
        } = seen;
        let u = self.u;
        // A NaN is no match for anything.
        let off = if off.is_nan() { f64::INFINITY } else { off };
        let error_u = off / (u * size);
        let verdict = match off <= allowed + short {
            _ if error_u <= SAME => Verdict::Exact,
            true => Verdict::Conforms,
            false => Verdict::Deviates,
        };
        let beside = Beside {
            got,
            right,
            error_u,
            u,
        };
        if (verdict, error_u) > (self.verdict, self.error_u()) {
            self.verdict = verdict;
            self.place = Some((place, beside));
        }
        self.widest = self.widest.max(allowed / size);
    }

    fn error_u(&self) -> f64 {
        self.place.as_ref().map_or(0.0, |(_, worst)| worst.error_u)
    }

    /// How far a correct sampler may be off, where that is so far that no verdict but `exact` and
    /// `deviates` says anything.
    pub(super) fn too_coarse(&self) -> Option<f64> {
        let told = self.verdict == Verdict::Conforms && self.widest > LEGIBLE;
        told.then_some(self.widest)
    }

    /// What all of them come to; `words` tell of the place that deviates most.
    pub(super) fn finding(self, words: impl FnOnce(P, Beside) -> String) -> Finding {
        let max_error_u = Some(self.error_u());
        let message = match (self.verdict, self.place) {
            (Verdict::Deviates, Some((place, beside))) => words(place, beside),
            _ => String::new(),
        };
        Finding {
            max_error_u,
            ..Finding::of(self.verdict, message)
        }
    }
}
