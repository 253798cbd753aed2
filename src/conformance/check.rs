//! What is looked at, and how a response is judged.

use super::compare::{Comparison, compare};
use super::probe::Response;
use super::verdict::{Finding, Verdict};
use super::{Level, Precision, Reference};
use crate::arithmetic::Real;

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
    /// Exact for a constant prediction: the order condition of degree 0, without any table.
    Sums,
    /// Number and place of the noises drawn.
    Noise,
    /// The same task twice, equal bits.
    Determinism,
    /// The same task after others, equal bits.
    State,
}

impl Check {
    /// All of them.
    pub const ALL: [Check; 8] = [
        Check::Calls,
        Check::Finite,
        Check::Labels,
        Check::Rows,
        Check::Sums,
        Check::Noise,
        Check::Determinism,
        Check::State,
    ];

    /// The name in ids.
    pub fn name(self) -> &'static str {
        match self {
            Check::Calls => "calls",
            Check::Finite => "finite",
            Check::Labels => "labels",
            Check::Rows => "rows",
            Check::Sums => "sums",
            Check::Noise => "noise",
            Check::Determinism => "determinism",
            Check::State => "state",
        }
    }

    /// How binding its cases are.
    pub fn level(self) -> Level {
        match self {
            Check::Noise => Level::Should,
            _ => Level::Core,
        }
    }

    /// The clause that it tests, in `spec/conformance.md`.
    pub fn clause(self) -> &'static str {
        match self {
            Check::Calls => "CONFORM-CALLS-1",
            Check::Finite => "CONFORM-FINITE-1",
            Check::Labels => "CONFORM-LABELS-1",
            Check::Rows => "CONFORM-ROWS-1",
            Check::Sums => "CONFORM-SUMS-1",
            Check::Noise => "CONFORM-NOISE-1",
            Check::Determinism => "CONFORM-DETERMINISM-1",
            Check::State => "CONFORM-STATE-1",
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
            Check::Sums => "weights that do not even reproduce a constant prediction",
            Check::Noise => "noise drawn at eta = 0, or too often, or at another place",
            Check::Determinism => "results that depend on more than the task",
            Check::State => "history that leaks from one run into the next",
        }
    }
}

/// What is known of a run.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// What a correct sampler does.
    pub reference: &'a Reference,
    /// What this one did.
    pub response: &'a Response,
    /// The same task once more; none if that did not end.
    pub other: Option<&'a Response>,
    /// The format.
    pub precision: Precision,
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
            Check::Noise => self.noise(),
            Check::Determinism => self.same("a second run"),
            Check::State => self.same("a run after a shorter one"),
        }
    }

    fn calls(&self) -> Finding {
        let (made, planned) = (self.response.labels.len(), self.reference.labels.len());
        match made == planned {
            true => Finding::exact(),
            false => Finding::of(
                Verdict::Deviates,
                format!("{made} model calls; the recipe makes {planned}"),
            ),
        }
    }

    fn finite(&self) -> Finding {
        let bad = |row: &Vec<f64>| row.iter().position(|x| !x.is_finite());
        let mut rows = self.response.rows.iter().enumerate();
        match rows.find_map(|(i, row)| bad(row).map(|column| (i, column, row[column]))) {
            None => Finding::exact(),
            Some((row, column, value)) => Finding::of(
                Verdict::Fails,
                format!(
                    "{}, {}: {value}",
                    self.row_name(row),
                    self.column_name(column)
                ),
            ),
        }
    }

    fn labels(&self) -> Finding {
        let u = self.precision.schedule_unit().relative;
        let mut worst = 0.0_f64;
        let mut verdict = Verdict::Exact;
        let mut message = String::new();
        for (call, (label, expected)) in pairs(&self.response.labels, &self.reference.labels) {
            let size = expected.to_f64().abs().max(f64::MIN_POSITIVE);
            let off = (label - expected.to_f64()).abs();
            let error = off / (u * size);
            let found = match error {
                error if error <= 4.0 => Verdict::Exact,
                _ if off <= expected.radius() => Verdict::Conforms,
                _ => Verdict::Deviates,
            };
            if found > verdict || (found == Verdict::Deviates && error > worst) {
                verdict = found;
                let expected = expected.to_f64();
                message = match found {
                    Verdict::Deviates => format!(
                        "call {call}: the model is told {label}, but the state stands at {expected}"
                    ),
                    _ => String::new(),
                };
            }
            worst = worst.max(error);
        }
        Finding {
            max_error_u: Some(worst),
            ..Finding::of(verdict, message)
        }
    }

    fn rows(&self) -> Finding {
        if self.reference.columns.outputs != self.response.labels.len() {
            return self.calls();
        }
        let rows = self.response.without_idle_noises();
        let width = rows.first().map_or(0, Vec::len);
        if width != 1 + self.reference.columns.outputs + self.reference.columns.noises {
            return self.noise();
        }
        let finite = self.finite();
        if finite.verdict != Verdict::Exact {
            return finite;
        }
        let u = self.precision.unit().relative;
        let Comparison {
            error_u,
            within,
            row,
            column,
            expected,
            got,
        } = compare(&rows, self.reference, u);
        let verdict = match within {
            _ if error_u <= 4.0 => Verdict::Exact,
            true => Verdict::Conforms,
            false => Verdict::Deviates,
        };
        let mut finding = Finding::of(verdict, "");
        finding.max_error_u = Some(error_u);
        if verdict == Verdict::Deviates {
            finding.message = format!(
                "{}, {}: {got:e}, expected {expected:e}, off by {error_u:.3e} u of the row's largest entry",
                self.row_name(row),
                self.column_name(column)
            );
        }
        finding
    }

    /// With x_T = alpha_T c and data c at every call every state must be alpha c; in noise
    /// prediction with x_T = sigma_T and noise 1, sigma. Whatever the solver and the steps.
    fn sums(&self) -> Finding {
        if self.response.labels.len() != self.reference.labels.len() {
            return self.calls();
        }
        let finite = self.finite();
        if finite.verdict != Verdict::Exact {
            return finite;
        }
        let u = self.precision.unit().relative;
        let mut worst: Option<(f64, usize, f64, f64)> = None;
        let mut verdict = Verdict::Exact;
        for (row, condition) in self.reference.constant().into_iter().enumerate() {
            let got: f64 = condition.of(&self.response.rows[row]);
            let (expected, allowed) = (condition.expected, condition.allowed);
            let off = (got - expected).abs();
            let error = off / (u * condition.size);
            let found = match error {
                error if error <= 4.0 => Verdict::Exact,
                _ if off <= allowed => Verdict::Conforms,
                _ => Verdict::Deviates,
            };
            verdict = verdict.max(found);
            if worst.is_none_or(|(most, ..)| error > most) {
                worst = Some((error, row, got, expected));
            }
        }
        let mut finding = Finding::of(verdict, "");
        if let Some((error, row, got, expected)) = worst {
            finding.max_error_u = Some(error);
            if verdict == Verdict::Deviates {
                let name = self.row_name(row);
                finding.message =
                    format!("{name}: a constant prediction is carried to {got}, not to {expected}");
            }
        }
        finding
    }

    fn noise(&self) -> Finding {
        let (drawn, planned) = (&self.response.draws, &self.reference.draws);
        if drawn == planned {
            return Finding::exact();
        }
        let message = match (drawn.len(), planned.len()) {
            (made, wanted) if made != wanted => {
                format!("{made} noises drawn; the recipe draws {wanted}")
            }
            _ => {
                let moved = drawn.iter().zip(planned).position(|(a, b)| a != b);
                let k = moved.unwrap_or(0);
                let (made, wanted) = (drawn[k], planned[k]);
                format!("noise {k} is drawn after {made} model calls, not after {wanted}")
            }
        };
        Finding::of(Verdict::Deviates, message)
    }

    fn same(&self, which: &str) -> Finding {
        let words = match self.other {
            Some(other) if self.response.same_bits(other) => return Finding::exact(),
            Some(_) => "gives other bits",
            None => "does not end",
        };
        Finding::of(
            Verdict::Deviates,
            format!("{which} of the same task {words}"),
        )
    }

    fn row_name(&self, row: usize) -> String {
        match row == self.response.labels.len() {
            true => "the result".to_owned(),
            false => format!("the state shown at call {row}"),
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

fn pairs<'a, A: Copy, B: Copy>(a: &'a [A], b: &'a [B]) -> impl Iterator<Item = (usize, (A, B))> {
    a.iter().copied().zip(b.iter().copied()).enumerate()
}
