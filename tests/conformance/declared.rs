//! A declaration says what it was told to, and is held to saying something.

use dpm_spec::Code;
use dpm_spec::conformance::{
    Check, Convention, Declaration, ModelKind, Precision, cases, everything,
};
use dpm_spec::grid::Unit;
use dpm_spec::policy::Final;
use dpm_spec::recipe::StateSpace;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

fn declared() -> Declaration {
    Declaration::new("mine", Precision::F32)
        .solvers(["dpmpp-2m", "dpmpp-2s:r1=1/3"])
        .and_then(|it| it.schedules(["vp-linear", "flow:shift=3"]))
        .unwrap()
}

#[test]
fn conventions_are_read_as_they_are_named() {
    for (name, convention, unit) in [
        ("continuous", Convention::Continuous, Unit::Time),
        ("discrete", Convention::Discrete, Unit::Time),
        ("sigma", Convention::Sigma, Unit::Sigma),
        ("lambda", Convention::Lambda, Unit::Lambda),
    ] {
        assert_eq!(Convention::parse(name), Ok(convention));
        assert_eq!((convention.name(), convention.unit()), (name, unit));
    }
    let error = Convention::parse("sigmas").unwrap_err();
    assert_eq!(error.code, Code::Parameter);
    assert!(error.to_string().contains("sigma"), "{error}");
}

#[test]
fn what_is_declared_is_shown_and_nothing_else() {
    let usual = declared().to_json();
    assert_eq!(
        usual,
        json!({
            "name": "mine",
            "version": "",
            "language": "Rust",
            "element": "f32",
            "time": "continuous",
            "spaces": ["vp", "flow"],
            "solvers": ["dpmpp-2m", "dpmpp-2s:r1=1/3"],
            "schedules": ["vp-linear:beta_min=1/10,beta_max=20", "flow:shift=3"],
            "predictions": [],
            "policies": ["start=ramp,final=full,zero=off,blocks=fixed"],
            "models": ["script", "callback"],
            "grids": [],
            "thresholds": false,
            "local": false,
        })
    );
    let changed = |declared: Declaration| {
        let shown = declared.to_json();
        let fields = shown.as_object().unwrap().iter();
        let changed = fields.filter(|(name, value)| usual[name.as_str()] != **value);
        changed
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(changed(declared().thresholds()), ["thresholds=true"]);
    assert_eq!(changed(declared().local()), ["local=true"]);
    assert_eq!(
        changed(declared().times(Convention::Lambda)),
        ["time=\"lambda\""]
    );
    assert_eq!(
        changed(declared().spaces(&[StateSpace::Ve])),
        ["spaces=[\"ve\"]"]
    );
    assert_eq!(
        changed(declared().grids(["trailing"]).unwrap()),
        ["grids=[\"trailing\"]"]
    );
    assert_eq!(
        changed(declared().models(&[ModelKind::Script])),
        ["models=[\"script\"]"]
    );
    assert_eq!(
        changed(declared().predictions(["v"]).unwrap()),
        ["predictions=[\"v\"]"]
    );
}

#[test]
fn a_declaration_of_nothing_is_refused_naming_the_list() {
    assert_eq!(declared().check(), Ok(()));
    let bare = Declaration::new("mine", Precision::F64);
    let without = [
        ("solvers", bare.clone()),
        ("schedules", bare.solvers(["ddim"]).unwrap()),
        ("spaces", declared().spaces(&[])),
        ("models", declared().models(&[])),
    ];
    for (list, declaration) in without {
        let error = declaration.check().unwrap_err();
        assert_eq!(
            (error.code, error.place.as_str()),
            (Code::Declaration, list)
        );
    }
}

/// Why cases of the edition are not asked, with the checks that each reason stops.
fn stopped(declared: &Declaration) -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut stopped: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for case in cases() {
        if let Some(reason) = case.inapplicable(declared) {
            stopped.entry(reason).or_default().insert(case.check.name());
        }
    }
    stopped
}

#[test]
fn what_is_not_declared_is_not_asked_and_said_to_be_so() {
    let whole = || {
        everything("any", Precision::F64)
            .unwrap()
            .thresholds()
            .local()
    };
    assert_eq!(stopped(&whole()), BTreeMap::new());
    let every = Check::ALL.map(Check::name);
    let runs: Vec<&str> = every
        .into_iter()
        .filter(|name| !["grid", "threshold"].contains(name))
        .collect();
    let whole_runs: Vec<&str> = (runs.iter().copied())
        .filter(|name| !["order", "scale", "moments", "sums"].contains(name))
        .collect();
    let expect = |declared: &Declaration, expected: &[(&str, &[&str])]| {
        let expected = expected.iter().map(|(reason, checks)| {
            let checks: BTreeSet<&str> = checks.iter().copied().collect();
            ((*reason).to_owned(), checks)
        });
        assert_eq!(stopped(declared), expected.collect());
    };
    let mut less = whole();
    less.thresholds = false;
    expect(&less, &[("a threshold is not declared", &["threshold"])]);
    let mut less = whole();
    less.local = false;
    expect(&less, &[("a run step by step is not declared", &["rows"])]);
    let scripts = whole().models(&[ModelKind::Script]);
    let reason = "a model by callback is not declared";
    expect(&scripts, &[(reason, &["rows"])]);
    let mut less = whole();
    less.solvers.retain(|it| it.entry.id != "dpmpp-3m");
    let steady: Vec<&str> = (runs.iter().copied())
        .filter(|name| *name != "moments")
        .collect();
    expect(&less, &[("solver dpmpp-3m is not declared", &steady)]);
    let mut less = whole();
    let place = (less.schedules.iter()).position(|it| it.to_string().starts_with("vp-cosine"));
    let cosine = less.schedules.remove(place.unwrap());
    let with_grids = [&runs[..], &["grid"]].concat();
    let reason = format!("schedule {cosine} is not declared");
    expect(&less, &[(&reason, &with_grids)]);
    let mut less = whole();
    less.grids.retain(|it| it.to_string() != "quadratic");
    expect(&less, &[("grid quadratic is not declared", &["grid"])]);
    let mut less = whole();
    less.predictions.retain(|it| it.name() != "v");
    expect(&less, &[("prediction v is not declared", &whole_runs)]);
    let mut less = whole();
    less.spaces.retain(|it| *it != StateSpace::Ve);
    expect(&less, &[("state space ve is not declared", &runs)]);
    let mut less = whole();
    less.policies.retain(|it| it.last != Final::Euler);
    let reasons: Vec<String> = stopped(&less).into_keys().collect();
    let lowered =
        |zero| format!("policy start=ramp,final=euler,zero={zero},blocks=fixed is not declared");
    assert_eq!(reasons, [lowered("off"), lowered("on")]);
    let coarse = whole();
    let coarse = Declaration {
        precision: Precision::F16,
        ..coarse
    };
    let words = "its states are too coarse to show errors";
    expect(&coarse, &[(words, &["order"])]);
    let words = "its times are whole indices; this schedule has none";
    expect(&whole().times(Convention::Discrete), &[(words, &runs)]);
}

#[test]
fn a_sampler_of_x_over_alpha_alone_is_not_asked_in_other_coordinates() {
    let whole = everything("any", Precision::F64)
        .unwrap()
        .thresholds()
        .local();
    let only = whole.spaces(&[StateSpace::Ve]);
    let asked: BTreeSet<String> = (cases().iter())
        .filter(|case| case.inapplicable(&only).is_none())
        .map(|case| case.check.name().to_owned())
        .collect();
    assert!(
        !asked.contains("scale") && asked.contains("rows"),
        "{asked:?}"
    );
}
