//! One case of the edition, asked by its id.

use dpm_spec::conformance::{Case, Finding, Sampler, Session, Setting, cases};

/// The case of an id.
pub(crate) fn case(id: &str) -> Case {
    let mut all = cases().into_iter();
    let found = all.find(|case| case.to_string() == id);
    found.unwrap_or_else(|| panic!("the edition has no {id}"))
}

/// What a sampler comes to in a case.
pub(crate) fn found(sampler: &mut impl Sampler, case: &Case) -> Finding {
    let setting = Setting {
        subject: case.subject,
        ground: case.ground.clone(),
        request: case.request.clone(),
    };
    let mut session = Session::new(sampler).unwrap();
    let outcomes = session.ask(&setting, |it| it.check == case.check);
    let [outcome] = outcomes.as_slice() else {
        panic!("{} outcomes of {case}", outcomes.len());
    };
    assert_eq!(outcome.case.to_string(), case.to_string());
    outcome.finding.clone()
}
