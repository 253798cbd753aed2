//! What an edition promises of its cases.

use dpm_spec::conformance::{
    Convention, Declaration, EDITION, Level, Precision, Reference, Subject, cases,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_id_is_there_once_and_names_level_solver_check_and_axes() {
    let mut ids = BTreeSet::new();
    for case in cases() {
        let id = case.to_string();
        assert_eq!(id.split('/').count(), 4, "{id}");
        assert!(id.contains(":n=") && id.contains(":grid="), "{id}");
        assert!(ids.insert(id.clone()), "twice: {id}");
    }
    assert!(ids.contains("core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda"));
}

#[test]
fn a_level_is_a_word_of_the_specification_and_a_part_of_ids() {
    let told = |level: Level| (level.name(), level.requires());
    assert_eq!(told(Level::Core), ("core", "MUST"));
    assert_eq!(told(Level::Should), ("should", "SHOULD"));
}

/// An id is never renamed, and none comes or goes but with an edition: then this is recorded anew.
#[test]
fn the_ids_are_those_of_the_edition() {
    assert_eq!(EDITION, "2026.1");
    let (mut counts, mut digest) = (BTreeMap::new(), Sha256::new());
    for case in cases() {
        *counts.entry(case.check.name()).or_insert(0) += 1;
        digest.update(format!("{case}\n"));
    }
    let counts: Vec<(&str, usize)> = counts.into_iter().collect();
    assert_eq!(
        counts,
        [
            ("calls", 28262),
            ("determinism", 28262),
            ("finite", 28262),
            ("grid", 704),
            ("labels", 28262),
            ("moments", 5668),
            ("noise", 28262),
            ("order", 3202),
            ("rows", 29236),
            ("scale", 2244),
            ("state", 28262),
            ("sums", 23570),
            ("threshold", 30)
        ]
    );
    let digest: String = digest
        .finalize()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    assert_eq!(
        digest,
        "26a9c69f649526a66b9d4f1be5724b60ba187f43cd898e0dd54e7186b7112203"
    );
}

/// A case that cannot be planned would be skipped for every sampler.
#[test]
fn every_case_has_a_reference_in_every_convention_that_can_express_it() {
    let conventions = [Convention::Continuous, Convention::Sigma];
    let mut last = None;
    for case in cases() {
        if case.subject != Subject::Run || last.as_ref() == Some(&case.request) {
            continue;
        }
        let mut planned = 0;
        for convention in conventions {
            let declared = Declaration::new("any", Precision::F64).times(convention);
            let Ok(task) = case.task(&declared) else {
                continue;
            };
            let reference = Reference::new(&task, convention, declared.precision);
            assert!(reference.is_ok(), "{case}: {}", reference.unwrap_err());
            planned += 1;
        }
        assert!(planned > 0, "{case}");
        last = Some(case.request);
    }
}
