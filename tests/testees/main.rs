//! Samplers in other languages, through the modules of `testees/`: the examples conform, the wrong
//! one is rejected by name, and the modules keep the protocol.
#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test is built from fails the test"
)]

mod conversations;
mod examples;
mod failing;
mod peers;

use std::path::PathBuf;
use std::process::Command;

/// A path from the repository's root.
fn path(relative: &str) -> String {
    format!("{}/{relative}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs a command that has to succeed.
fn must(command: &mut Command) {
    let done = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; `make setup` installs what is missing")
    });
    let log = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && log.is_empty(),
        "{command:?}: {log}"
    );
}

/// An example of this crate, which cargo builds with its tests.
fn example(name: &str) -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_dpm-spec"));
    let program = program.with_file_name("examples").join(name);
    assert!(program.is_file(), "{program:?}: `cargo build --examples`");
    program.display().to_string()
}

/// Compiles a source in C or C++, every warning an error; the program.
fn compiled(compiler: &str, arguments: &[&str], source: &str, program: &str) -> String {
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(program);
    let mut command = Command::new(compiler);
    command.args(arguments);
    command.args(["-O1", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    command.arg(path(source)).arg("-I").arg(path("testees/c"));
    command.arg("-o").arg(&program).arg("-lm");
    must(&mut command);
    program.display().to_string()
}
