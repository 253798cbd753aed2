//! The command line keeps its contract: what it prints, where, with which exit code.
#![cfg(feature = "cli")]

mod blessed;
mod check;
mod contract;
mod explain;
mod explore;
mod files;
mod formats;
#[cfg(feature = "oracle")]
mod order;
mod refusals;
mod report;
mod sample;
mod schema;
mod transcripts;

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

/// What one run of `dpm-spec` gave.
struct Run {
    code: i32,
    out: String,
    log: String,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dpm-spec"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = command(arguments).output().unwrap();
    let log = String::from_utf8(stderr).unwrap();
    assert!(!log.contains("panicked"), "{arguments:?}: {log}");
    Run {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        log,
    }
}

fn fine(arguments: &[&str]) -> String {
    let Run { code, out, log } = run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {log}");
    out
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// An empty directory of this test's own.
fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// `plan` with the usual schedule and grid and these further arguments.
fn plan<'a>(further: &[&'a str]) -> Vec<&'a str> {
    let usual = [
        "plan",
        "--solver",
        "dpmpp-2m",
        "--schedule",
        "vp-linear",
        "--grid",
        "lambda",
        "--steps",
        "5",
    ];
    [&usual, further].concat()
}
