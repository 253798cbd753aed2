//! The errors on problems whose flow is known: those of the recipe, or the sampler's own.

use super::super::sampler::Stop;
use super::super::trial::{COMPONENTS, Trial, expected, solution};
use super::super::verdict::{Finding, Verdict};
use super::Evidence;
use super::worst::{Seen, Worst};
use crate::arithmetic::{DoubleDouble, Real};

impl Evidence<'_> {
    /// Every component of the result of a run on a network that answers what it is shown.
    pub(super) fn order(&self) -> Finding {
        let result = match self.trial {
            Some(Ok(Trial { result })) => result,
            Some(Err(Stop::Refused(reason))) => return Finding::of(Verdict::Skipped, reason),
            Some(Err(stop)) => return Finding::of(Verdict::Fails, stop.to_string()),
            None => return Finding::of(Verdict::NotApplicable, "was not run"),
        };
        let expected = match expected(self.reference, self.precision) {
            Ok(expected) if result.len() == expected.len() => expected,
            Ok(expected) => {
                let (got, wanted) = (result.len(), expected.len());
                let words = format!("a result of {got} numbers; the start has {wanted}");
                return Finding::of(Verdict::Fails, words);
            }
            Err(error) => return Finding::of(Verdict::NotApplicable, error.to_string()),
        };
        let mut worst = Worst::none(self.precision.unit().relative);
        for (i, (got, expected)) in result.iter().zip(&expected).enumerate() {
            if !got.is_finite() {
                let problem = COMPONENTS[i].0;
                return Finding::of(
                    Verdict::Fails,
                    format!("on `{problem}` the result is {got}"),
                );
            }
            let seen = Seen {
                numbers: [*got, expected.to_f64()],
                off: (DoubleDouble::exact(*got) - expected.mid()).hi().abs(),
                allowed: expected.radius(),
                size: expected.to_f64().abs().max(1.0),
            };
            worst.see(seen, i);
        }
        self.judged(worst, "the result", |i, result| {
            let steps = self.reference.request.steps;
            let problem = COMPONENTS[i].0;
            let results = result.told(", that of the recipe", "");
            let exact = solution(self.reference, self.precision);
            match exact.and_then(|exact| exact.get(i).copied()) {
                Some(exact) => format!(
                    "on `{problem}` the error at N = {steps} is {:.3e}, that of the recipe {:.3e}; \
                     the result is {results}",
                    result.got - exact,
                    result.right - exact
                ),
                None => format!("on `{problem}` the result is {results}"),
            }
        })
    }
}
