//! Calls, labels, rows, noises and repeated runs.

use super::super::compare::{Comparison, compare};
use super::super::sampler::Stop;
use super::super::verdict::{Finding, Verdict};
use super::Evidence;
use super::worst::Worst;
use crate::arithmetic::Real;
use crate::plan::hexadecimal;

impl Evidence<'_> {
    pub(super) fn calls(&self) -> Finding {
        let (made, planned) = (self.response.labels.len(), self.reference.labels.len());
        match made == planned {
            true => Finding::exact(),
            false => Finding::of(
                Verdict::Deviates,
                format!("{made} model calls; the recipe makes {planned}"),
            ),
        }
    }

    pub(super) fn finite(&self) -> Finding {
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

    pub(super) fn labels(&self) -> Finding {
        let u = self.precision.schedule_unit().relative;
        let mut worst = Worst::none();
        for (call, (label, expected)) in pairs(&self.response.labels, &self.reference.labels) {
            let size = expected.to_f64().abs().max(f64::MIN_POSITIVE);
            let off = (label - expected.to_f64()).abs();
            let error = off / (u * size);
            let within = off <= expected.radius();
            worst.see(error, within, (call, label, expected.to_f64()));
        }
        worst.finding(|(call, label, expected)| {
            format!("call {call}: the model is told {label}, but the state stands at {expected}")
        })
    }

    /// The rows, if they are finite and have the reference's shape.
    pub(super) fn shaped(&self) -> Result<Vec<Vec<f64>>, Finding> {
        if self.reference.columns.outputs != self.response.labels.len() {
            return Err(self.calls());
        }
        let rows = self.response.without_idle_noises();
        let width = rows.first().map_or(0, Vec::len);
        if width != 1 + self.reference.columns.outputs + self.reference.columns.noises {
            return Err(self.noise());
        }
        let finite = self.finite();
        match finite.verdict {
            Verdict::Exact => Ok(rows),
            _ => Err(finite),
        }
    }

    pub(super) fn rows(&self) -> Finding {
        let rows = match self.shaped() {
            Ok(rows) => rows,
            Err(finding) => return finding,
        };
        let u = self.precision.unit().relative;
        let Comparison {
            error_u,
            within,
            row,
            column,
            expected,
            got,
        } = compare(&rows, self.reference, u);
        let mut worst = Worst::none();
        worst.see(error_u, within, ());
        worst.finding(|()| {
            let (row, column) = (self.row_name(row), self.column_name(column));
            let [made, right] = [got, expected].map(hexadecimal);
            let ulps = match expected == 0.0 {
                true => String::new(),
                false => format!(", {:.3e} ulps", (got - expected).abs() / ulp(expected, u)),
            };
            format!(
                "{row}, {column}: {got:e} ({made}), expected {expected:e} ({right}), \
                 off by {error_u:.3e} u of the row's largest entry{ulps}"
            )
        })
    }

    pub(super) fn noise(&self) -> Finding {
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

    pub(super) fn same(&self, which: &str) -> Finding {
        let (verdict, words) = match self.other {
            Ok(other) if self.response.same_bits(other) => return Finding::exact(),
            Ok(_) => (Verdict::Deviates, "gives other bits".to_owned()),
            Err(Stop::Failed(why)) => (Verdict::Fails, format!("does not end: {why}")),
            Err(stop) => (Verdict::Deviates, format!("does not end: {stop}")),
        };
        Finding::of(verdict, format!("{which} of the same task {words}"))
    }
}

/// The distance of a normal number of unit roundoff `u` to the next one.
fn ulp(value: f64, u: f64) -> f64 {
    2.0 * u * value.abs().log2().floor().exp2()
}

fn pairs<'a, A: Copy, B: Copy>(a: &'a [A], b: &'a [B]) -> impl Iterator<Item = (usize, (A, B))> {
    a.iter().copied().zip(b.iter().copied()).enumerate()
}
