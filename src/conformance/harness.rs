//! The suite inside `cargo test`.

use super::case::Case;
use super::check::Check;
use super::sampler::Sampler;
use super::session::{Report, check};
use super::verdict::Verdict;
use std::fmt;

/// Failing cases that are told at length; the others get one line each.
const AT_LENGTH: usize = 10;

impl fmt::Display for Report {
    /// Who was asked, the counts, what is declared and not asked, and every failing case: the first
    /// ones with what is off, the clause, and how to choose it alone in Rust.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let testee = &self.testee;
        writeln!(
            f,
            "{} {} ({}, {}, times {}), edition {}",
            testee.name,
            testee.version,
            testee.language,
            testee.precision.name(),
            testee.convention.name(),
            self.edition
        )?;
        let counts = Verdict::ALL.map(|verdict| format!("{} {verdict}", self.count(verdict)));
        writeln!(f, "{}", counts.join(", "))?;
        for unasked in self.testee.unasked() {
            writeln!(f, "{}", unasked.sentence(self.edition))?;
        }
        for (number, outcome) in self.failures().enumerate() {
            let (case, finding) = (&outcome.case, &outcome.finding);
            writeln!(f, "{case}: {}", finding.verdict)?;
            if number < AT_LENGTH {
                writeln!(f, "    {}", finding.message)?;
                writeln!(f, "    {}: {}", case.clause(), case.check.catches())?;
                writeln!(f, "    Only::parse(&[\"{case}\".into()], &settings())")?;
            }
        }
        Ok(())
    }
}

/// Asks a sampler the cases that `chosen` says yes to.
///
/// # Panics
/// With one message on all failing cases if any deviates or fails, or if nothing applies.
#[track_caller]
pub fn assert_conforms<S: Sampler>(sampler: &mut S, chosen: impl Fn(&Case) -> bool) {
    let failed = match check(sampler, chosen) {
        Ok(report) if report.passes() => None,
        Ok(report) => Some(report.to_string()),
        Err(error) => Some(error.to_string()),
    };
    assert!(failed.is_none(), "{}", failed.unwrap_or_default());
}

/// The test of [`conformance_tests!`](crate::conformance_tests) that asks a check; none of a SHOULD.
///
/// A sampler may have neither noises nor grids, thresholds or states x/alpha: what asks for them
/// stands beside what every sampler has, since a test in which nothing applies fails.
pub fn group(check: Check) -> Option<&'static str> {
    match check {
        Check::Calls => Some("calls"),
        Check::Finite | Check::Threshold => Some("finite"),
        Check::Labels | Check::Order | Check::Grid => Some("labels"),
        Check::Rows | Check::Scale => Some("rows"),
        Check::Sums | Check::Moments => Some("sums"),
        Check::Determinism => Some("determinism"),
        Check::State => Some("state"),
        Check::Noise => None,
    }
}

/// One `#[test]` for each [group](crate::conformance::group) of the MUST level, in a module of the given name.
///
/// ```no_run
/// # use dpm_spec::conformance::*;
/// # struct Mine;
/// # impl Sampler for Mine {
/// #     type Element = f32;
/// #     fn declaration(&self) -> Declaration { Declaration::new("mine", Precision::F32) }
/// #     fn sample(&mut self, _: &Task, x: Vec<f32>, _: &mut Model<'_, f32>, _: &mut Noise<'_, f32>) -> Result<Vec<f32>, Stop> { Ok(x) }
/// # }
/// dpm_spec::conformance_tests!(mine, Mine);
/// ```
#[macro_export]
macro_rules! conformance_tests {
    ($name:ident, $sampler:expr) => {
        mod $name {
            use super::*;
            $crate::conformance_tests!(@each $sampler;
                calls, finite, labels, rows, sums, determinism, state);
        }
    };
    (@each $sampler:expr; $($test:ident),*) => {
        $(
            #[test]
            fn $test() {
                $crate::conformance::assert_conforms(&mut $sampler, |case| {
                    $crate::conformance::group(case.check) == Some(stringify!($test))
                });
            }
        )*
    };
}
