//! The suite inside `cargo test`.

use super::case::Case;
use super::sampler::Sampler;
use super::session::{Report, check};
use super::verdict::Verdict;
use std::fmt;

/// Failing cases that a message shows in full.
const SHOWN: usize = 10;

impl fmt::Display for Report {
    /// Who was asked, the counts, and the first failing cases.
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
        for outcome in self.failures().take(SHOWN) {
            let finding = &outcome.finding;
            writeln!(f, "{}: {}", outcome.case, finding.verdict)?;
            writeln!(f, "    {}", finding.message)?;
        }
        match self.failures().count().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "and {more} more"),
        }
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

/// One `#[test]` for each check of the MUST level, in a module of the given name.
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
                calls Calls, finite Finite, labels Labels | Order, rows Rows, sums Sums | Moments,
                determinism Determinism, state State);
        }
    };
    (@each $sampler:expr; $($test:ident $($check:ident)|+),*) => {
        $(
            #[test]
            fn $test() {
                $crate::conformance::assert_conforms(&mut $sampler, |case| {
                    case.level == $crate::conformance::Level::Core
                        && matches!(case.check, $($crate::conformance::Check::$check)|+)
                });
            }
        )*
    };
}
