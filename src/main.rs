//! The `dpm-spec` command line; the contract stands in `README.md`.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
