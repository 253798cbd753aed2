//! The `dpm-spec` command line; the contract stands in `README.md`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
