//! One case of the edition, asked by its id.

use dpm_spec::conformance::{Case, Finding, Sampler, Session, Setting, Verdict, cases};

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

/// The amount from which on a verdict is not good any more.
pub(crate) fn limit(verdict: impl Fn(f64) -> Verdict) -> f64 {
    let passes = |amount: f64| {
        let verdict = verdict(amount.exp2());
        [Verdict::Exact, Verdict::Conforms].contains(&verdict)
    };
    let (mut low, mut high) = (-40.0_f64, 3.0_f64);
    assert!(passes(low) && !passes(high));
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        match passes(middle) {
            true => low = middle,
            false => high = middle,
        }
    }
    low.exp2()
}
