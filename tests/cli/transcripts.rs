//! A transcript is a bug report: what it holds is judged again without the testee.

use super::{Run, directory, json, run};
use std::fs;

const EXAMPLE: &str = "testees/python/wrong.py";

fn recorded(name: &str, testee: &[&str]) -> (Run, String) {
    let file = directory(name).join("transcript").display().to_string();
    let asked = [
        "check",
        "--only",
        "core/dpmpp-2m/*/vp-linear:n=3",
        // Unusual, so that the transcript has to say it.
        "--timeout",
        "60",
    ];
    let first = run(&[&asked[..], &["--record", &file, "--"], testee].concat());
    (first, file)
}

#[test]
fn a_transcript_is_judged_as_the_run_was() {
    let (first, file) = recorded("transcript-whole", &["python3", EXAMPLE]);
    assert!(
        first.code == 1 && first.out.contains("deviates"),
        "{}",
        first.log
    );
    let again = run(&["check", "--replay", &file]);
    assert_eq!((again.code, again.out), (1, first.out));
}

#[test]
fn what_a_testee_did_wrong_is_in_the_transcript() {
    let hostile = [
        "python3",
        "tests/protocol/hostile.py",
        "exits-in-a-run-with-1",
    ];
    let (first, file) = recorded("transcript-broken", &hostile);
    assert_eq!(first.code, 1, "{} {}", first.out, first.log);
    assert!(first.out.contains("fails"), "{}", first.out);
    let again = run(&["check", "--replay", &file]);
    assert_eq!((again.code, again.out), (1, first.out));
    let (first, file) = recorded("transcript-no-hello", &["false"]);
    assert!(
        first.code == 3 && first.log.contains("E-TESTEE"),
        "{}",
        first.log
    );
    let again = run(&["check", "--replay", &file]);
    assert_eq!((again.code, again.log), (3, first.log));
}

#[test]
fn a_transcript_that_was_cut_or_changed_is_said_to_be_so() {
    let (_, file) = recorded("transcript-changed", &["python3", EXAMPLE]);
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let cut = lines[..lines.len() / 2].join("\n") + "\n";
    let changed = text.replacen("\\\"n", "\\\"m", 1);
    for (text, words) in [
        (cut, "more than was recorded"),
        (changed, "line"),
        (lines[1..].join("\n") + "\n", "line 1"),
        (String::new(), "the end"),
    ] {
        fs::write(&file, text).unwrap();
        let Run { code, out, log } = run(&["check", "--replay", &file]);
        assert!(
            code != 0 && (log.contains(words) || out.contains(words)),
            "{words}: {out}{log}"
        );
    }
}

#[test]
fn of_a_transcript_a_part_can_be_shown_alone() {
    let (first, file) = recorded("transcript-part", &["python3", EXAMPLE]);
    let failing = first.out.lines().find(|line| line.ends_with(": deviates"));
    let id = failing.and_then(|it| it.split_once(": ")).unwrap().0;
    let replay =
        |further: &[&str]| run(&[&["check", "--json", "--replay", &file], further].concat());
    let whole = json(&replay(&[]).out);
    let of = |id: &str| {
        let results = whole["results"].as_array().unwrap().iter();
        results
            .filter(|it| it["id"] == id)
            .cloned()
            .collect::<Vec<_>>()
    };
    let part = replay(&["--only", id]);
    assert_eq!(part.code, 1);
    assert_eq!(json(&part.out)["results"].as_array().unwrap(), &of(id));
    // What was recorded of a step that is right passes alone.
    let right = "core/dpmpp-2m/rows/vp-linear:n=3:grid=lambda";
    let part = replay(&["--only", right]);
    assert_eq!((part.code, json(&part.out)["cases"].as_u64()), (0, Some(1)));
}

#[test]
fn what_a_transcript_does_not_hold_is_refused() {
    let (_, file) = recorded("transcript-refused", &["python3", EXAMPLE]);
    for (further, words) in [
        (
            ["--only", "core/dpmpp-2m/rows/vp-linear:n=5"],
            "no case of the transcript",
        ),
        (["--only", "core/dpmpp-9m"], "no case of the edition"),
        (["--edition", "2025.1"], "unknown edition"),
    ] {
        let Run { code, out, log } = run(&[&["check", "--replay", &file], &further[..]].concat());
        assert_eq!(
            (code, out.as_str(), log.lines().count()),
            (2, "", 1),
            "{log}"
        );
        assert!(log.contains("E-PARAMETER") && log.contains(words), "{log}");
    }
}
