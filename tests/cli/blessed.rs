//! `--bless-known`: what was just written counts as known, and what was not run is not blessed.

use super::{Run, directory, run};
use std::fs;

/// A check of a part of `dpmpp-2m`, with a list of known failures.
fn check(list: &str, further: &[&str], testee: &[&str]) -> Run {
    let usual = [
        "check",
        "--only",
        "core/dpmpp-2m/rows/vp-linear",
        "--jobs",
        "1",
    ];
    let known = ["--known-failing", list];
    run(&[&usual[..], &known, further, &["--"], testee].concat())
}

#[test]
fn a_run_that_writes_its_failures_down_passes_as_does_the_next_one() {
    let place = directory("blessed");
    let at = |name: &str| place.join(name).display().to_string();
    let wrong = ["python3", "testees/python/wrong.py"];
    let junit = at("junit");
    let first = check(&at("list"), &["--bless-known", "--junit", &junit], &wrong);
    assert_eq!(first.code, 0, "{}{}", first.out, first.log);
    let text = fs::read_to_string(at("list")).unwrap();
    let known = format!("{} of them known to fail", text.lines().count());
    assert!(
        text.lines().count() > 10 && first.out.contains(&known),
        "{}",
        first.out
    );
    let report = fs::read_to_string(junit).unwrap();
    assert!(report.contains("known to fail: ") && !report.contains("<failure"));
    let second = check(&at("list"), &[], &wrong);
    assert_eq!((second.code, second.out), (0, first.out));
    // Blessed again it stays; an entry that passes goes without a complaint.
    let right = "core/dpmpp-2m/rows/vp-linear:n=5:grid=lambda";
    fs::write(at("list"), format!("{text}{right}  # we thought so\n")).unwrap();
    let third = check(&at("list"), &["--bless-known"], &wrong);
    assert_eq!((third.code, third.log.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(at("list")).unwrap(), text);
}

#[test]
fn a_list_is_not_rewritten_after_a_run_in_which_the_testee_broke() {
    let place = directory("not_blessed");
    let list = place.join("list").display().to_string();
    let testee = [
        "python3",
        "tests/protocol/hostile.py",
        "exits-in-a-run-with-1",
    ];
    let old = "core/ddim/sums  # ours\n";
    fs::write(&list, old).unwrap();
    let only = ["--bless-known", "--only", "core/ddim/rows/vp-linear"];
    let Run { code, log, .. } = check(&list, &only, &testee);
    assert_eq!(code, 1, "{log}");
    assert!(
        log.contains("E-KNOWN") && log.contains("cases not run: "),
        "{log}"
    );
    assert_eq!(fs::read_to_string(&list).unwrap(), old);
}
