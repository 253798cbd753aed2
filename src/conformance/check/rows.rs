//! Calls, labels, rows, noises and repeated runs.

use super::super::case::integrated;
use super::super::sampler::Stop;
use super::super::verdict::{Finding, Verdict};
use super::Evidence;
use super::worst::{Seen, Worst};
use crate::arithmetic::{DoubleDouble, Real, Widened};
use crate::plan::Request;
use crate::recipe::StateSpace;
use crate::schedule::{Curve, Point};
use crate::solver::Side;

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
        let mut worst = Worst::none(u);
        for (call, (label, expected)) in pairs(&self.response.labels, &self.reference.labels) {
            let right = expected.to_f64();
            let seen = Seen {
                numbers: [label, right],
                off: (label - right).abs(),
                allowed: expected.radius(),
                size: right.abs().max(f64::MIN_POSITIVE),
            };
            worst.see(seen, call);
        }
        let place = worst.place;
        let mut finding = worst.finding(|call, time| {
            let times = time.told(", but the state stands at", "");
            format!("call {call}: the model is told {times}")
        });
        if finding.verdict == Verdict::Deviates && self.states_are_where_told() {
            // A stage elsewhere, with the time that belongs to it: that is for the rows to say.
            return Finding::of(Verdict::Conforms, "");
        }
        if let (Verdict::Deviates, Some((_, time))) = (finding.verdict, place) {
            let points = self.reference.points();
            let nodes = points.filter_map(|point| self.convention.told(point));
            if time.lost_digits(nodes.map(|node| node.to_f64())) {
                finding.verdict = Verdict::Imprecise;
                finding.message += &format!("; about {:.0} bits are lost", time.error_u.log2());
            }
        }
        finding
    }

    /// Whether every state that is told another time than the reference's stands there: carries a
    /// constant prediction to what it is at that time, and not to what it is at the reference's
    /// (CONFORM-SUMS-1); none does where the format cannot tell the two apart.
    fn states_are_where_told(&self) -> bool {
        let Ok(rows) = self.shaped() else {
            return false;
        };
        let Request {
            recipe, schedule, ..
        } = &self.reference.request;
        let side = recipe.form().side;
        let converted = recipe.prediction != integrated(side);
        // There alpha is 1, or no part of a state, and tells no time.
        let mute = recipe.state_space == StateSpace::Ve
            && (side == Side::Data || StateSpace::native(schedule) != StateSpace::Ve);
        if converted || mute || self.reference.columns.noises > 0 {
            return false;
        }
        let unit = self.precision.schedule_unit();
        let curve = Curve::new(schedule, &Widened::exact(1.0, unit));
        let size = |point: &Point<Widened>| match side {
            Side::Data => point.alpha,
            Side::Noise => point.sigma,
        };
        let Some(first) = self.reference.points().next().map(size) else {
            return false;
        };
        let times = self.reference.labels.iter().map(Real::to_f64);
        let ends = [f64::INFINITY, f64::NEG_INFINITY];
        let [least, most] = times.fold(ends, |[a, b], t| [a.min(t), b.max(t)]);
        let loosened = self.reference.loosened(self.precision.unit());
        let stands = |(call, (label, recipe)): (usize, (f64, Widened))| {
            if !(label >= least && label <= most) {
                return false;
            }
            let at = |time: &Widened| size(&self.convention.point(&curve, time));
            let [right, recipe] = [at(&Widened::exact(label, unit)), at(&recipe)];
            let outputs: f64 = rows[call].iter().skip(1).sum();
            let carried = rows[call][0] * first.to_f64() + outputs;
            let slack: f64 = loosened[call].iter().map(|entry| entry.radius()).sum();
            let slack = slack * first.to_f64().max(1.0);
            let is_at = |size: &Widened| (carried - size.to_f64()).abs() <= slack + size.radius();
            is_at(&right) && !is_at(&recipe)
        };
        let mut elsewhere = pairs(&self.response.labels, &self.reference.labels)
            .filter(|(_, (label, right))| (label - right.to_f64()).abs() > right.radius());
        elsewhere.all(stands)
    }

    /// The rows, if they are finite and have the reference's shape.
    pub(in super::super) fn shaped(&self) -> Result<Vec<Vec<f64>>, Finding> {
        if self.reference.columns.outputs != self.response.labels.len() {
            return Err(self.calls());
        }
        // Where as many are drawn as should be, one that is not used is one left out.
        let rows = match self.response.draws.len() == self.reference.draws.len() {
            true => self.response.rows.clone(),
            false => self.response.without_idle_noises(),
        };
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
        let mut worst = Worst::none(self.precision.unit().relative);
        for (i, (got, expected)) in rows.iter().zip(&self.reference.rows).enumerate() {
            let most = |of: fn(&Widened) -> f64| expected.iter().map(of).fold(0.0, f64::max);
            // No coefficient may be off by more than the row's largest radius.
            let allowed = most(|x| x.radius());
            let size = most(|x| x.to_f64().abs()).max(f64::MIN_POSITIVE);
            for (j, (got, expected)) in got.iter().zip(expected).enumerate() {
                let seen = Seen {
                    numbers: [*got, expected.to_f64()],
                    off: (DoubleDouble::exact(*got) - expected.mid()).hi().abs(),
                    allowed,
                    size,
                };
                worst.see(seen, (i, j));
            }
        }
        self.judged(worst, "the row's largest entry", |(row, column), entry| {
            let (row, column) = (self.row_name(row), self.column_name(column));
            let entries = entry.told(", expected", " of the row's largest entry");
            format!("{row}, {column}: {entries}")
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

    /// Whether the task is run as if no other one had been.
    pub(super) fn state(&self) -> Finding {
        match self.elsewhere {
            Some(Err(stop @ (Stop::Failed(_) | Stop::Ended(_)))) => {
                let words = format!("a run of as many steps on other nodes does not end: {stop}");
                return Finding::of(Verdict::Fails, words);
            }
            Some(Ok(other)) if other.rows == self.response.rows => {
                let words = "a run of as many steps on other nodes has the coefficients of these";
                return Finding::of(Verdict::Deviates, words);
            }
            _ => {}
        }
        self.same("a run of the same task after a shorter one and one on other nodes")
    }

    /// Whether the run that is called `which` has the first one's bits.
    pub(super) fn same(&self, which: &str) -> Finding {
        let (verdict, words) = match self.other {
            Ok(other) if self.response.same_bits(other) => return Finding::exact(),
            Ok(_) => (Verdict::Deviates, "gives other bits".to_owned()),
            Err(Stop::Failed(why)) => (Verdict::Fails, format!("does not end: {why}")),
            Err(stop) => (Verdict::Deviates, format!("does not end: {stop}")),
        };
        Finding::of(verdict, format!("{which} {words}"))
    }
}

fn pairs<'a, A: Copy, B: Copy>(a: &'a [A], b: &'a [B]) -> impl Iterator<Item = (usize, (A, B))> {
    a.iter().copied().zip(b.iter().copied()).enumerate()
}
