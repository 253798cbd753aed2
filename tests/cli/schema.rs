//! What is printed and written satisfies `spec/schema/results.json`.

use super::{directory, json, run};
use dpm_spec::conformance::Verdict;
use dpm_spec::protocol::Schema;
use serde_json::{Value, json as value};
use std::fs;

fn schema() -> Schema {
    Schema::new(include_str!("../../spec/schema/results.json"))
}

/// Checks a value, and that it is refused without any of its fields, with another one, and with
/// any field of another type.
fn keeps(of: &str, whole: &Value) {
    let schema = schema();
    if let Err(violation) = schema.validate(whole, of) {
        panic!("{of}: {violation:?} in {whole:#}");
    }
    let mut spoilt = vec![whole.clone()];
    spoilt[0]["further"] = value!(1);
    for name in whole.as_object().unwrap().keys() {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(name);
        let mut other = whole.clone();
        other[name] = value!([[]]);
        spoilt.extend([without, other]);
    }
    for broken in spoilt {
        assert!(schema.validate(&broken, of).is_err(), "{of}: {broken:#}");
    }
}

#[test]
fn results_keep_their_schema_and_nothing_else_does() {
    let place = directory("results_schema");
    let at = |name: &str| place.join(name).display().to_string();
    let wrong = ["--", "python3", "testees/python/wrong.py"];
    let known = at("known");
    fs::write(&known, "core/dpmpp-2m/sums  # passes\n").unwrap();
    let files = ["--ndjson", &at("lines"), "--known-failing", &known];
    let asked = ["--json", "check", "--only", "core/dpmpp-2m/*/vp-linear"];
    let done = run(&[&asked[..], &files, &wrong].concat());
    assert_eq!(done.code, 1, "{}", done.log);
    let document = json(&done.out);
    keeps("document", &document);
    keeps("complaint", &document["complaints"][0]);
    let lines = fs::read_to_string(at("lines")).unwrap();
    let lines: Vec<Value> = lines.lines().map(json).collect();
    let (first, last) = (&lines[0], &lines[lines.len() - 1]);
    keeps("header", first);
    keeps("closing", last);
    let cases = &lines[1..lines.len() - 1];
    assert_eq!(document["results"].as_array().unwrap(), cases);
    let different = |it: &&Value| it["verdict"] != "exact" || !it["max_error_u"].is_null();
    let mut kinds = cases.iter().filter(different).collect::<Vec<_>>();
    kinds.dedup_by_key(|it| it["verdict"].clone());
    assert!(kinds.len() > 3);
    kinds.into_iter().for_each(|case| keeps("case", case));
    let merged = run(&["--json", "merge", &at("lines"), &at("lines")]);
    keeps("merged", &json(&merged.out));
    let refused = run(&[
        "--json",
        "check",
        "--only",
        "core/dpmpp-9m",
        "--builtin",
        "cpu-f32",
    ]);
    keeps("refusal", &json(&refused.out));
}

#[test]
fn the_schema_knows_the_verdicts() {
    for verdict in Verdict::ALL {
        assert_eq!(
            schema().validate(&value!(verdict.name()), "verdict"),
            Ok(())
        );
    }
    assert!(schema().validate(&value!("wrong"), "verdict").is_err());
}
