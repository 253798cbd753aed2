//! A transcript is a bug report: what it holds is judged again without the testee.

use super::{Run, directory, run};
use std::fs;

const EXAMPLE: &str = "testees/python/wrong.py";

fn recorded(name: &str, testee: &[&str]) -> (Run, String) {
    let file = directory(name).join("transcript").display().to_string();
    let asked = [
        "check",
        "--only",
        "core/dpmpp-2m/*/vp-linear:n=3",
        "--timeout",
        "2",
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
