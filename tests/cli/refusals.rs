//! Bad input gets its code, exit code 2, one line, and a remedy; with `--json` the same as a document.

use super::{Run, json, plan, run};

/// Arguments, the code they deserve, and a piece of the message.
type Case = (&'static [&'static str], &'static str, &'static str);

const CASES: &[Case] = &[
    (&["--steps", "0"], "E-GRID-STEPS", "choose 1 to"),
    (&["--steps", "100001"], "E-GRID-STEPS", "to 100000"),
    (
        &["--solver", "dpmpp2m"],
        "E-ID-UNKNOWN",
        "did you mean `dpmpp-2m`?",
    ),
    (
        &["--schedule", "vp-liner"],
        "E-ID-UNKNOWN",
        "did you mean `vp-linear`?",
    ),
    (
        &["--grid", "karas"],
        "E-ID-UNKNOWN",
        "did you mean `karras`?",
    ),
    (
        &["--prediction", "nois"],
        "E-PREDICTION",
        "did you mean `noise`?",
    ),
    (
        &["--policy", "start=rmp"],
        "E-POLICY",
        "did you mean `ramp`?",
    ),
    (&["--policy", "begin=ramp"], "E-POLICY", "start"),
    (&["--policy", "blocks=fast"], "E-POLICY", "no blocks"),
    (
        &["--solver", "dpmpp-2s:r1=0"],
        "E-SOLVER-RATIO",
        "0 < r1 <= 1",
    ),
    (
        &["--solver", "dpmpp-2s:r1=3/2"],
        "E-SOLVER-RATIO",
        "0 < r1 <= 1",
    ),
    (&["--solver", "dpmpp-2s:r1=NaN"], "E-NUMBER", "r1"),
    (
        &["--solver", "dpmpp-3s:r1=2/3,r2=1/3"],
        "E-SOLVER-RATIO",
        "r1 < r2",
    ),
    (
        &["--solver", "dpmpp-2m:r1=1/2"],
        "E-PARAMETER",
        "takes no parameters",
    ),
    (
        &["--solver", "sde-dpmpp-2m", "--eta", "1.5"],
        "E-ETA",
        "0 <= eta <= 1",
    ),
    (
        &["--solver", "sde-dpmpp-2m", "--eta", "-0.1"],
        "E-ETA",
        "0 <= eta <= 1",
    ),
    (
        &["--solver", "sde-dpmpp-2m", "--eta", "NaN"],
        "E-NUMBER",
        "--eta",
    ),
    (&["--eta", "0.5"], "E-ETA", "deterministic"),
    (&["--t-start", "2"], "E-DOMAIN", "0 < t <= 1"),
    (&["--t-end", "0"], "E-DOMAIN", "0 < t <= 1"),
    (&["--t-end", "-1"], "E-DOMAIN", "0 < t <= 1"),
    (&["--t-start", "NaN"], "E-NUMBER", "--t-start"),
    (&["--t-start", "inf"], "E-NUMBER", "--t-start"),
    (
        &["--t-start", "0.1", "--t-end", "0.2"],
        "E-GRID-ORDER",
        "t-start > t-end",
    ),
    (&["--grid", "trailing"], "E-GRID-UNFIT", "discrete"),
    (&["--grid", "flow"], "E-GRID-UNFIT", "flow"),
    (&["--grid", "karras:rho=0"], "E-PARAMETER", "> 0"),
    (&["--grid", "karras:ends=min"], "E-GRID-ORDER", "repeat"),
    (&["--prediction", "edm"], "E-PREDICTION", "edm"),
    (&["--state-space", "flow"], "E-PARAMETER", "vp or ve"),
    (&["--state-space", "xy"], "E-PARAMETER", "vp"),
    (&["--start-at", "5"], "E-GRID-STEPS", "at most 4"),
    (&["--strength", "0"], "E-PARAMETER", "(0, 1]"),
    (&["--strength", "1.01"], "E-PARAMETER", "(0, 1]"),
    (&["--strength", "0.1"], "E-PARAMETER", "at least one step"),
    (&["--threshold", "p=0"], "E-THRESHOLD", "0 < P <= 1"),
    (&["--threshold", "p=0.995,max=0.5"], "E-THRESHOLD", "M >= 1"),
    (&["--threshold", "p"], "E-PARAMETER", "p, max, bound"),
    (
        &["--solver", "dpm-2m", "--threshold", "p=0.995"],
        "E-THRESHOLD",
        "data prediction",
    ),
    (
        &["--schedule", "flow", "--solver", "dpm-2m", "--grid", "flow"],
        "E-POLICY-ZERO",
        "alpha = 0",
    ),
    (
        &["--schedule", "vp-linear:beta_min=-1"],
        "E-PARAMETER",
        "beta_min",
    ),
    (
        &["--schedule", "vp-linear:beta=1"],
        "E-PARAMETER",
        "beta_min",
    ),
    (
        &["--schedule", "vp-linear:beta_min=1e99"],
        "E-NUMBER",
        "36 digits",
    ),
    (
        &[
            "--schedule",
            "discrete-linear",
            "--grid",
            "trailing",
            "--steps",
            "1001",
        ],
        "E-GRID-STEPS",
        "at most 1000",
    ),
    (
        &["--schedule", "discrete-linear:n=1"],
        "E-PARAMETER",
        "2 to 100000",
    ),
    (&["--digits", "0"], "E-PARAMETER", "1 to 40"),
    (&["--digits", "41"], "E-PARAMETER", "1 to 40"),
];

/// The usual plan with options replaced or added.
fn changed(options: &'static [&'static str]) -> Vec<&'static str> {
    let mut arguments = plan(&[]);
    for option in options.chunks(2) {
        match arguments.iter().position(|argument| *argument == option[0]) {
            Some(index) => arguments[index + 1] = option[1],
            None => arguments.extend(option),
        }
    }
    arguments
}

#[test]
fn bad_input_gets_its_code_and_a_remedy_on_one_line() {
    for (options, code, piece) in CASES {
        let run = run(&changed(options));
        assert_eq!(
            (run.code, run.out.as_str(), run.log.lines().count()),
            (2, "", 1),
            "{options:?}: {}",
            run.log
        );
        assert!(
            run.log.starts_with(&format!("error: {code}: ")),
            "{options:?}: {}",
            run.log
        );
        assert!(
            run.log.contains(piece),
            "{options:?}: {} lacks `{piece}`",
            run.log
        );
    }
}

#[test]
fn with_json_the_same_error_is_a_document_on_standard_output() {
    for (options, code, piece) in CASES
        .iter()
        .filter(|(options, ..)| options[0] != "--digits")
    {
        let Run {
            code: exit,
            out,
            log,
        } = run(&[changed(options), vec!["--json"]].concat());
        let error = json(&out)["error"].clone();
        assert_eq!((exit, log.as_str()), (2, ""), "{options:?}");
        assert_eq!(error["code"], *code, "{options:?}");
        let texts = ["what", "where", "remedy"].map(|key| error[key].as_str().unwrap().to_owned());
        assert!(
            texts.iter().all(|text| !text.is_empty()),
            "{options:?}: {out}"
        );
        assert!(texts.join(" ").contains(piece), "{options:?}: {out}");
    }
}

#[test]
fn allowed_oddities_are_plans_with_a_note() {
    let noted = super::fine(&changed(&["--solver", "dpmpp-3s:r1=1/3,r2=1/2"]));
    assert!(noted.contains("2, not 3: r2 = 1/2 is not 2/3"), "{noted}");
    let one = super::fine(&changed(&["--steps", "1"]));
    assert!(one.contains("1 model call\n"), "{one}");
}
