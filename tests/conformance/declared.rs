//! A declaration says what it was told to, and is held to saying something.

use dpm_spec::Code;
use dpm_spec::conformance::{Convention, Declaration, Precision};
use dpm_spec::grid::Unit;
use dpm_spec::recipe::StateSpace;
use serde_json::json;

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
    ];
    for (list, declaration) in without {
        let error = declaration.check().unwrap_err();
        assert_eq!(
            (error.code, error.place.as_str()),
            (Code::Declaration, list)
        );
    }
}
