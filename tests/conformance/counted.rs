//! The suite is tried on enough wrong samplers: for every check, and after real ones.

use crate::{made, mistakes, slips, spaces};
use dpm_spec::conformance::Check;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// What is wrong, the check that must find it, words of its message (the diagnosis, if it has one),
/// and the real defect that it is modelled on: a finding of this repository, or a library's issue.
pub(crate) type Wrong<M> = (M, Check, &'static str, &'static str);

/// Modelled on no defect that is known.
pub(crate) const OURS: &str = "";

/// A wrong sampler with a check that finds it, and its model.
struct Row {
    sampler: String,
    check: Check,
    model: &'static str,
}

fn rows<M: Debug>(kind: &str, table: &[Wrong<M>]) -> Vec<Row> {
    let row = |(wrong, check, _, model): &Wrong<M>| Row {
        sampler: format!("{kind} {wrong:?}"),
        check: *check,
        model,
    };
    table.iter().map(row).collect()
}

fn all() -> Vec<Row> {
    let tables = [
        rows("two steps", mistakes::MISTAKES),
        rows("stages", slips::SLIPS),
        rows("made", made::FAULTS),
        rows("x/alpha", spaces::WAYS),
    ];
    tables.into_iter().flatten().collect()
}

fn samplers<'a>(rows: impl Iterator<Item = &'a Row>) -> BTreeSet<&'a str> {
    rows.map(|row| row.sampler.as_str()).collect()
}

#[test]
fn forty_wrong_samplers_two_for_each_check_and_ten_after_real_ones() {
    let all = all();
    let count = samplers(all.iter()).len();
    assert!(count >= 40, "{count} wrong samplers");
    for check in Check::ALL {
        let found = samplers(all.iter().filter(|row| row.check == check));
        assert!(found.len() >= 2, "{}: {found:?}", check.name());
    }
    let real = samplers(all.iter().filter(|row| row.model != OURS));
    assert!(real.len() >= 10, "{real:?}");
}

#[test]
fn every_defect_that_a_wrong_sampler_is_modelled_on_can_be_looked_up() {
    let findings = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings");
    let findings = std::fs::read_dir(findings).unwrap();
    let findings: Vec<String> = findings
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    for Row { sampler, model, .. } in all().iter().filter(|row| row.model != OURS) {
        let known = match model.strip_prefix("docs/findings/") {
            Some(number) => findings
                .iter()
                .any(|it| it.starts_with(&format!("{number}-"))),
            None => model.split_once('#').is_some_and(|(library, issue)| {
                library.split('/').count() == 2 && issue.parse::<u32>().is_ok()
            }),
        };
        assert!(known, "{sampler}: {model}");
    }
}
