//! Lines are long enough for every sampler, and short enough for every machine.

use super::command::complaint;
use super::hostile::each;
use dpm_spec::conformance::settings;
use dpm_spec::plan::derive;
use dpm_spec::protocol::{LONGEST, MOST_VALUES};

/// Calls and draws beyond the plan's that a probe leaves room for.
const SPARE: usize = 4;

/// The longest text of a number in JSON: `"-2.2250738585072014e-308", `.
const TEXT: usize = 28;

#[test]
fn every_reply_of_the_edition_fits_into_a_line() {
    let settings = settings();
    let longest = settings.iter().filter(|it| it.request.steps == 50);
    let mut most = 0;
    for setting in longest {
        let columns = derive(&setting.request, &1.0_f64).unwrap().columns();
        let (calls, noises) = (columns.outputs + SPARE, columns.noises + SPARE);
        most = most.max((calls + 1) * (1 + calls + noises + 1));
    }
    assert!(most > 10_000, "{most}");
    assert!(most < MOST_VALUES, "{most}");
    assert!(most * TEXT < LONGEST, "{most}");
}

#[test]
fn eight_testees_at_once_with_the_largest_lines_take_no_more_memory() {
    each(|way| {
        let large = way.name.starts_with("as-many") || way.name.contains("gigabyte");
        large.then(|| complaint(way, "core/ddim", 8).err())?
    });
}
