//! `check`: its document, its exit codes, and what it refuses.

use super::{Run, fine, json, run};
use serde_json::Value;

const QUICK: [&str; 5] = ["check", "--builtin", "cpu-f32", "--profile", "quick"];

fn asked(further: &[&str]) -> Value {
    json(&fine(&[&["--json"], &QUICK[..], further].concat()))
}

#[test]
fn the_document_has_the_testee_the_counts_and_one_result_a_case() {
    let document = asked(&["--shard", "3/40"]);
    assert_eq!(document["testee"]["name"], "dpm-spec cpu-f32");
    assert_eq!(document["testee"]["element"], "f32");
    assert_eq!(document["edition"], "2026.1");
    let results = document["results"].as_array().unwrap();
    assert_eq!(document["cases"], results.len());
    let verdicts = [
        "exact",
        "conforms",
        "imprecise",
        "deviates",
        "fails",
        "not_applicable",
        "skipped",
    ];
    let counts = verdicts.map(|verdict| document[verdict].as_u64().unwrap());
    assert_eq!(counts.iter().sum::<u64>(), results.len() as u64);
    assert!(counts[0] > 100 && counts[5] > 10, "{counts:?}");
    let keys = [
        "id",
        "verdict",
        "check",
        "solver",
        "steps",
        "max_error_u",
        "nearest",
        "message",
    ];
    for result in results {
        let mut found: Vec<&String> = result.as_object().unwrap().keys().collect();
        found.sort();
        let mut wanted = keys.to_vec();
        wanted.sort_unstable();
        assert_eq!(found, wanted);
    }
}

#[test]
fn shards_together_are_the_whole_and_jobs_change_no_byte() {
    let ids = |shard: &str| -> Vec<String> {
        let document = asked(&["--shard", shard]);
        let results = document["results"].as_array().unwrap().iter();
        results
            .map(|result| result["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut whole = ids("1/10");
    let mut parts = [ids("1/20"), ids("11/20")].concat();
    whole.sort();
    parts.sort();
    assert_eq!(whole, parts);
    let with = |jobs: &str| {
        fine(
            &[
                &["--json"],
                &QUICK[..],
                &["--jobs", jobs, "--shard", "1/20"],
            ]
            .concat(),
        )
    };
    assert_eq!(with("1"), with("3"));
}

#[test]
fn what_cannot_be_asked_is_refused_in_one_line() {
    let cases: &[(&[&str], i32, &str, &str)] = &[
        (&["--builtin", "cpu-f33"], 2, "E-ID-UNKNOWN", "cpu-f32"),
        (
            &["--builtin", "cpu-f32", "--profile", "cor"],
            2,
            "E-PARAMETER",
            "core",
        ),
        (
            &["--builtin", "cpu-f32", "--edition", "2025.1"],
            2,
            "E-PARAMETER",
            "2026.1",
        ),
        (
            &["--builtin", "cpu-f32", "--shard", "3/2"],
            2,
            "E-PARAMETER",
            "K/N",
        ),
        (
            &["--builtin", "cpu-f32", "--shard", "0/2"],
            2,
            "E-PARAMETER",
            "K/N",
        ),
        (
            &["--builtin", "cpu-f32", "--jobs", "0"],
            2,
            "E-USAGE",
            "--jobs",
        ),
    ];
    for (arguments, exit, code, words) in cases {
        let Run {
            code: got,
            out,
            log,
        } = run(&[&["check"], *arguments].concat());
        assert_eq!(got, *exit, "{arguments:?}: {log}");
        assert!(
            log.contains(code) && log.contains(words),
            "{arguments:?}: {log}"
        );
        assert_eq!((out.as_str(), log.lines().count()), ("", 1), "{log}");
    }
}
