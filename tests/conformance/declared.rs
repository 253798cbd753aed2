//! A declaration says what it was told to, and is held to saying something.

use dpm_spec::Code;
use dpm_spec::arithmetic::rational;
use dpm_spec::conformance::{
    Check, Convention, Declaration, Model, ModelKind, Noise, Precision, Sampler, Stop, Task, cases,
    check, everything,
};
use dpm_spec::grid::{Spacing, Unit};
use dpm_spec::policy::Final;
use dpm_spec::recipe::StateSpace;
use dpm_spec::schedule::Schedule;
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
    let of_predictions: Vec<&str> = (runs.iter().copied())
        .filter(|name| !["order", "moments", "sums"].contains(name))
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
    expect(&less, &[("prediction v is not declared", &of_predictions)]);
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

/// Times fall and lambdas rise, and a step between two equal ones is none.
#[test]
fn nodes_that_are_one_number_in_the_format_are_not_asked() {
    let mut case = crate::ask::case("core/ddim/rows/vp-linear:n=2:grid=time");
    for convention in [Convention::Continuous, Convention::Lambda] {
        let declared = Declaration::new("any", Precision::F32).times(convention);
        for (more, told) in [
            (10_000_000, Ok(3)),
            (
                1,
                Err("two nodes of this grid are one number in f32".to_owned()),
            ),
        ] {
            let nodes = [100_000_000, 50_000_000 + more, 50_000_000];
            let nodes = nodes.map(|it| rational(it, 100_000_000)).to_vec();
            case.request.grid.spacing = Spacing::Nodes(Unit::Time, nodes);
            let task = case.task(&declared);
            assert_eq!(task.map(|it| it.times.len()), told, "{convention:?}");
        }
    }
}

/// Noise predictions say nothing at alpha = 0; the nodes are the same for any prediction.
#[test]
fn a_grid_that_begins_without_signal_can_be_asked() {
    let mut case = crate::ask::case("core/ddim/rows/discrete-linear:n=10:grid=linspace");
    case.request.schedule = Schedule::parse("discrete-linear:zero_snr=on").unwrap();
    let declared = Declaration::new("any", Precision::F64).times(Convention::Discrete);
    let task = case.task(&declared).unwrap();
    assert_eq!((task.times[0], task.steps), (999.0, 10));
}

/// As a person is told of what is declared and not asked.
fn unasked(declared: &Declaration) -> Vec<String> {
    let unasked = declared.unasked();
    unasked.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_declared_and_not_asked_is_said() {
    let all = everything("any", Precision::F64).unwrap();
    assert_eq!(unasked(&all), [""; 0]);
    let asked = declared().solvers(["dpmpp-2m"]).unwrap();
    let asked = asked.schedules(["vp-linear"]).unwrap();
    assert_eq!(unasked(&asked), [""; 0], "the default policy and spaces");
    let more = declared()
        .policies(["final=lower<15", "final=lower<7", "blocks=progressive"])
        .and_then(|it| it.predictions(["v", "edm"]))
        .and_then(|it| it.grids(["karras:rho=5", "lambda"]))
        .unwrap();
    let explored = |what: &str| format!("{what} (dpm-spec explore asks it)");
    assert_eq!(
        unasked(&more),
        [
            explored("solver dpmpp-2s:r1=1/3"),
            explored("schedule flow:shift=3"),
            "prediction edm".to_owned(),
            explored("policy start=ramp,final=lower<7,zero=off,blocks=fixed"),
            // The edition has it, but none of a solver that is declared and asked.
            explored("policy start=ramp,final=full,zero=off,blocks=progressive"),
            "grid karras:rho=5".to_owned(),
        ]
    );
    let ddim = declared().solvers(["ddim"]).unwrap();
    let ddim = ddim.schedules(["flow"]).unwrap();
    let both = ddim.clone().spaces(&[StateSpace::Flow, StateSpace::Ve]);
    assert_eq!(unasked(&ddim), [""; 0]);
    assert_eq!(unasked(&both).len(), 1);
    assert!(unasked(&both)[0].starts_with("state space ve"));
    let noise = declared().solvers(["dpm-2m"]).unwrap();
    let noise = noise
        .schedules(["flow"])
        .unwrap()
        .spaces(&[StateSpace::Flow, StateSpace::Ve]);
    assert_eq!(
        unasked(&noise),
        ["solver dpm-2m", "schedule flow:shift=1", "state space ve"].map(explored)
    );
}

#[test]
fn a_report_says_what_was_declared_and_not_asked() {
    struct Mine;
    impl Sampler for Mine {
        type Element = f32;

        fn declaration(&self) -> Declaration {
            declared()
        }

        fn sample(
            &mut self,
            _: &Task,
            _: Vec<f32>,
            _: &mut Model<'_, f32>,
            _: &mut Noise<'_, f32>,
        ) -> Result<Vec<f32>, Stop> {
            Err(Stop::Refused("asked for its declaration only".to_owned()))
        }
    }
    // Whichever cases are chosen.
    let report = check(&mut Mine, |case| case.request.steps == 1)
        .unwrap()
        .to_string();
    let said = "declared, but asked by no case of edition 2026.1: solver dpmpp-2s:r1=1/3 (dpm-spec explore asks it)\n";
    assert!(report.contains(said), "{report}");
    assert!(!report.contains("solver dpmpp-2m"), "{report}");
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
