//! What a failure says: the testee's own words, and a command that brings it about again.

use super::path;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dpm-spec");

fn check(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.arg("check").args(arguments).output().unwrap()
}

/// What is said of the first failing case, in lines: its id and verdict, why, clause, source, command.
fn first_failure(done: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{text}");
    let lines = text.lines().skip(1).take(5);
    let lines: Vec<String> = lines.map(|line| line.trim().to_owned()).collect();
    assert_eq!(lines.len(), 5, "{text}");
    lines
}

#[test]
fn a_traceback_is_shown_with_the_failure() {
    let testee = path("tests/testees/everything.py");
    let only = "core/dpmpp-3m/rows/vp-linear:n=3";
    let why = &first_failure(&check(&["--only", only, "--", "python3", &testee]))[1];
    let (said, log) = why.split_once("; standard error: ").unwrap();
    assert_eq!(
        said,
        "ValueError: no third order (everything.py, line 16, sample)"
    );
    assert!(
        log.contains("line 16, in sample\\n    raise ValueError(\"no third order\")")
            && log.ends_with("\\nValueError: no third order"),
        "{log}"
    );
}

#[test]
fn the_printed_command_brings_the_failure_about_again() {
    let (wrong, raising) = (
        path("testees/python/wrong.py"),
        path("tests/testees/everything.py"),
    );
    let quoted = ["sh", "-c", "exec python3 \"$0\" # it's one", wrong.as_str()];
    let cases: [(&[&str], &[&str]); 3] = [
        (
            &["--only", "core/dpmpp-2m/rows/vp-linear:n=5"],
            &["python3", &wrong],
        ),
        (&["--profile", "quick", "--timeout", "60.5"], &quoted),
        (&["--only", "core/dpmpp-3m/order"], &["python3", &raising]),
    ];
    for (options, testee) in cases {
        let first = first_failure(&check(&[options, &["--"], testee].concat()));
        let command = &first[4];
        let path = Path::new(PROGRAM).parent().unwrap().display();
        let again = Command::new("sh")
            .args(["-c", &format!("PATH='{path}':$PATH; {command}")])
            .output()
            .unwrap();
        assert_eq!(first_failure(&again), first);
        let (id, _) = first[0].split_once(": ").unwrap();
        let asked = String::from_utf8_lossy(&again.stdout);
        assert_eq!(asked.matches(id).count(), 2, "{asked}");
        for option in options.chunks(2).filter(|it| it[0] != "--only") {
            assert!(command.contains(&option.join(" ")), "{command}");
        }
    }
}

#[test]
fn two_runs_of_a_wrong_sampler_give_the_same_bytes() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("twice");
    let (wrong, raising) = (
        path("testees/python/wrong.py"),
        path("tests/testees/everything.py"),
    );
    for testee in [wrong, raising] {
        let run = || {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            let files = ["ndjson", "junit", "report", "badge"];
            let options = files.map(|it| format!("--{it}={}", folder.join(it).display()));
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            let usual = ["--json", "--profile", "quick", "--shard", "1/4"];
            let done = check(&[&usual, &options[..], &["--", "python3", &testee]].concat());
            assert_eq!(done.status.code(), Some(1), "{done:?}");
            let written = files.map(|it| fs::read(folder.join(it)).unwrap());
            (done.stdout, done.stderr, written)
        };
        let (first, second) = (run(), run());
        assert!(first.2.iter().all(|it| it.len() > 500));
        assert!(
            first == second,
            "{testee} gives other bytes the second time"
        );
    }
}
