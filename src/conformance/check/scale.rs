//! The same problem in two state spaces: x/alpha beside x.

use super::super::Reference;
use super::super::probe::Response;
use super::super::sampler::Stop;
use super::super::verdict::{Finding, Verdict};
use super::Evidence;
use super::worst::{Seen, Worst};
use crate::arithmetic::{Real, Widened};

/// The run in the schedule's own state space.
#[derive(Debug)]
pub(in super::super) struct Native {
    pub(in super::super) reference: Reference,
    pub(in super::super) response: Result<Response, Stop>,
}

impl Native {
    /// What is known of that run alone; none if it did not end.
    pub(in super::super) fn evidence<'a>(
        &'a self,
        beside: &Evidence<'a>,
    ) -> Result<Evidence<'a>, &'a Stop> {
        Ok(Evidence {
            reference: &self.reference,
            response: self.response.as_ref()?,
            ..*beside
        })
    }
}

impl Evidence<'_> {
    /// A run on x/alpha beside the run on x: neither is compared with the reference.
    pub(super) fn scale(&self) -> Finding {
        let Some(native) = self.native else {
            return Finding::of(
                Verdict::NotApplicable,
                "is asked of states x/alpha beside a run on states x",
            );
        };
        let beside = match native.evidence(self) {
            Ok(beside) => beside.shaped(),
            Err(Stop::Refused(reason)) => return Finding::of(Verdict::Skipped, reason),
            Err(stop) => return Finding::of(Verdict::Fails, stop.to_string()),
        };
        let (rows, beside) = match (self.shaped(), beside) {
            (Ok(rows), Ok(beside)) => (rows, beside),
            (Err(finding), _) | (_, Err(finding)) => return finding,
        };
        let unit = self.precision.unit();
        let loosened = [self.reference, &native.reference].map(|it| it.loosened(unit));
        let radius = |space: usize, row: usize| -> f64 {
            let row = loosened[space].get(row).into_iter().flatten();
            row.map(|entry| entry.radius()).fold(0.0, f64::max)
        };
        let alphas: Vec<Widened> = native.reference.points().map(|it| it.alpha).collect();
        let mut worst = Worst::none(unit.relative);
        for (row, ((got, beside), alpha)) in rows.iter().zip(&beside).zip(&alphas).enumerate() {
            let size = got
                .iter()
                .fold(f64::MIN_POSITIVE, |size, x| size.max(x.abs()));
            for (column, (got, beside)) in got.iter().zip(beside).enumerate() {
                let scaled = Widened::exact(*beside, unit) / alpha;
                let scaled = match (column, alphas.first()) {
                    (0, Some(first)) => scaled * first,
                    _ => scaled,
                };
                let expected = scaled.to_f64();
                let seen = Seen {
                    numbers: [*got, expected],
                    off: (got - expected).abs(),
                    allowed: radius(0, row) + radius(1, row) / alpha.to_f64() + scaled.radius(),
                    size,
                };
                worst.see(seen, (row, column));
            }
        }
        self.judged(worst, "the row's largest entry", |(row, column), entry| {
            let (row, column) = (self.row_name(row), self.column_name(column));
            let of = " of the row's largest entry";
            let entries = entry.told(" of x/alpha, but x makes it", of);
            format!("{row}, {column}: {entries}")
        })
    }
}
