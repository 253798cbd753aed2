//! What a newcomer starts from.

use super::{compiled, example, path};
use serde_json::Value;
use std::process::Command;

/// The exit code and the document of a check.
fn check(testee: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dpm-spec"));
    command.args(["check", "--json", "--profile", "quick", "--"]);
    let done = command.args(testee).output().unwrap();
    let document = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| {
        let log = String::from_utf8_lossy(&done.stderr);
        panic!("{testee:?}: {error}; {log}; `make setup` installs what is missing")
    });
    (done.status.code().unwrap(), document)
}

fn conforms(testee: &[&str], language: &str, element: &str) {
    let (code, document) = check(testee);
    let count = |verdict: &str| document[verdict].as_u64().unwrap();
    assert_eq!(code, 0, "{document:#}");
    assert_eq!(document["testee"]["language"], language);
    assert_eq!(document["testee"]["element"], element);
    // Two solvers on two schedules with two grids each, in three numbers of steps.
    let (good, settings) = (count("exact") + count("conforms"), 2 * 2 * 2 * 3);
    assert!(good >= 6 * settings, "{good} of {settings} settings");
    let bad = ["imprecise", "deviates", "fails", "skipped"].map(count);
    assert_eq!(bad, [0; 4], "{document:#}");
}

#[test]
fn the_python_example_conforms() {
    let example = path("testees/python/example.py");
    conforms(&["python3", &example], "Python", "f64");
}

#[test]
fn the_javascript_example_conforms() {
    let example = path("testees/javascript/example.mjs");
    conforms(&["node", &example], "JavaScript", "f64");
}

#[test]
fn the_c_example_conforms_in_double_precision() {
    let example = compiled("cc", &["-std=c99"], "testees/c/example.c", "example-f64");
    conforms(&[&example], "C", "f64");
}

#[test]
fn the_c_example_conforms_in_single_precision() {
    let arguments = ["-std=c99", "-DDPM_SPEC_F32"];
    let example = compiled("cc", &arguments, "testees/c/example.c", "example-f32");
    conforms(&[&example], "C", "f32");
}

#[test]
fn the_rust_example_conforms() {
    conforms(&[&example("testee")], "Rust", "f64");
}

#[test]
fn the_wrong_sampler_is_rejected_and_its_mistake_named() {
    let wrong = path("testees/python/wrong.py");
    let (code, document) = check(&["python3", &wrong]);
    assert_eq!(code, 1, "{document:#}");
    let results = document["results"].as_array().unwrap();
    let mut failing = results.iter().filter(|it| it["verdict"] == "deviates");
    let name = "the reference with equal steps assumed";
    let named = |it: &Value| it["check"] == "rows" && it["nearest"] == name;
    assert!(failing.any(named), "{document:#}");
    // Equal steps in lambda hide it: it is right there.
    let lambda = |it: &&Value| it["id"].as_str().unwrap().ends_with(":n=10:grid=lambda");
    let right = ["exact", "conforms", "not-applicable"];
    let all = results.iter().filter(lambda);
    assert!(
        all.map(|it| it["verdict"].as_str().unwrap())
            .all(|it| right.contains(&it))
    );
}
