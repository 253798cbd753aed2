//! What an edition promises of its cases.

use dpm_spec::conformance::{Convention, Declaration, Precision, Reference, Subject, cases};
use std::collections::BTreeSet;

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
