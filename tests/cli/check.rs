//! `check`: its document, its exit codes, and what it refuses.

use super::{Run, directory, fine, json, run};
use dpm_spec::file::Reserved;
use serde_json::Value;
use std::fs;

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
            &["--builtin", "cpu-f32", "--only", "core/dpmpp-2n"],
            2,
            "E-PARAMETER",
            "dpmpp-2m",
        ),
        (
            &["--builtin", "cpu-f32", "--only", "should/ddim"],
            2,
            "E-PARAMETER",
            "--profile all",
        ),
        (
            &["--builtin", "cpu-f32", "--only", "core//rows"],
            2,
            "E-PARAMETER",
            "pattern",
        ),
        (
            &["--builtin", "cpu-f32", "--report", "/missing/page.html"],
            2,
            "E-FILE",
            "/missing/page.html",
        ),
        (
            &["--builtin", "cpu-f32", "--known-failing", "/missing/list"],
            2,
            "E-FILE",
            "/missing/list",
        ),
        (
            &["--builtin", "cpu-f32", "--bless-known"],
            2,
            "E-USAGE",
            "--known-failing",
        ),
        (&[], 2, "E-USAGE", "TESTEE"),
        (&["--builtin", "cpu-f32", "--", "x"], 2, "E-USAGE", "TESTEE"),
        (&["--timeout", "0", "--", "x"], 2, "E-USAGE", "above 0"),
        (&["--", "no-such-command"], 3, "E-TESTEE", "not found"),
        (&["--", "README.md"], 3, "E-TESTEE", "not found"),
        (&["--", "./README.md"], 3, "E-TESTEE", "not executable"),
        (&["--", "true"], 3, "E-TESTEE", "exit status: 0"),
        (
            &["--replay", "README.md"],
            2,
            "E-FORMAT",
            "README.md, line 1",
        ),
        (&["--replay", "/missing"], 2, "E-FILE", "--record"),
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

#[test]
fn shards_merged_are_one_run_byte_for_byte_and_a_table_of_testees() {
    let place = directory("merged");
    let at = |name: &str| place.join(name).display().to_string();
    let asked = |backend: &str, further: &[&str]| {
        let usual = ["check", "--builtin", backend, "--only", "core/dpmpp-2m"];
        fine(&[&usual, further].concat())
    };
    let whole = asked(
        "cpu-f32",
        &["--ndjson", &at("whole"), "--report", &at("page")],
    );
    for shard in ["1/3", "2/3", "3/3"] {
        let file = at(&shard.replace('/', "of"));
        asked("cpu-f32", &["--shard", shard, "--ndjson", &file]);
    }
    asked("cpu-f64", &["--ndjson", &at("other")]);
    let read = |name: &str| fs::read_to_string(at(name)).unwrap();
    // Shards in any order.
    let parts = [at("3of3"), at("1of3"), at("2of3")];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let files = ["--ndjson", &at("again"), "--report", &at("page again")];
    let text = fine(&[&["merge"], &parts[..], &files].concat());
    assert_eq!(text, whole);
    assert_eq!(read("again"), read("whole"));
    assert_eq!(read("page again"), read("page"));
    let both = json(&fine(&["--json", "merge", &at("whole"), &at("other")]));
    let names: Vec<&Value> = both["runs"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[1]["testee"]["name"], "dpm-spec cpu-f64");
    let Run { code, log, .. } = run(&["merge", &at("whole"), "README.md"]);
    assert!(code == 2 && log.contains("README.md, line 1"), "{log}");
}

#[test]
fn a_case_that_is_known_to_fail_and_passes_fails_the_run_until_the_list_is_blessed() {
    let place = directory("known");
    let list = place.join("known.txt");
    let path = list.display().to_string();
    fs::write(&list, "core/ddim/rows  # we thought so\n").unwrap();
    let only = ["check", "--builtin", "cpu-f32", "--only", "core/ddim/rows"];
    let with = |further: &[&str]| run(&[&only[..], &["--known-failing", &path], further].concat());
    let Run { code, log, .. } = with(&[]);
    assert!(
        code == 1 && log.contains("E-KNOWN") && log.contains("line 1"),
        "{log}"
    );
    with(&["--bless-known"]);
    assert_eq!(fs::read_to_string(&list).unwrap(), "");
    assert_eq!(with(&[]).code, 0);
    fs::write(&list, "core/ddim/rows\n").unwrap();
    let Run { code, log, .. } = with(&[]);
    assert!(
        code == 2 && log.contains("E-FORMAT") && log.contains("reason"),
        "{log}"
    );
}

#[test]
fn a_file_that_another_run_is_writing_is_left_to_it() {
    let place = directory("written_twice");
    let path = place.join("results.ndjson");
    let text = path.display().to_string();
    let mut first = Reserved::new(&path).unwrap();
    let second = ["check", "--builtin", "cpu-f32", "--ndjson", &text];
    let Run { code, log, .. } = run(&second);
    assert!(
        code == 2 && log.contains("E-FILE") && log.contains("another run"),
        "{log}"
    );
    first.write(b"first").unwrap();
    first.finish().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"first");
    let left = fs::read_dir(&place).unwrap().count();
    assert_eq!(left, 1, "something was left behind");
}

#[test]
fn a_testee_that_no_chosen_case_is_for_fails_the_run() {
    let asked = ["check", "--only", "core/dpmpp-3s", "--"];
    let Run { code, out, log } =
        run(&[&asked[..], &["python3", "testees/python/example.py"]].concat());
    assert_eq!(code, 1, "{log}");
    assert!(
        log.contains("E-DECLARATION") && log.lines().count() == 1,
        "{log}"
    );
    assert!(
        out.contains(" 0 exact") && !out.contains(" 0 not-applicable"),
        "{out}"
    );
}
