//! Arguments in, one answer out: results on standard output, progress on standard error.
//!
//! Exit codes: 0 fine; 1 the answer is no; 2 bad usage or bad input; 3 the environment lacks something;
//! 130 and 143 ended by SIGINT and SIGTERM.

mod answer;
mod check;
mod converge;
mod document;
mod explain;
mod explore;
mod golden;
#[cfg(unix)]
mod interrupt;
mod list;
mod merge;
mod order;
mod plan;
mod progress;
mod report;
mod request;
mod results;
mod sample;
mod scoreboard;
mod survey;
mod testee;
mod verify;

use answer::Answer;
use clap::{Parser, Subcommand, error::ErrorKind};
use dpm_spec::{Code, Error, Result};
use std::process::ExitCode;

/// The executable, verified specification of the samplers of diffusion models.
#[derive(Parser)]
#[command(name = "dpm-spec", version, max_term_width = 100)]
struct Arguments {
    /// Print one JSON document on standard output; errors too
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the ids: solvers, schedules, grids, policies, predictions, problems, cases, error codes
    List(list::Options),
    /// Explain an id or an error code: clause, formula, source, test, names elsewhere, paper
    Explain(explain::Options),
    /// Derive a sampler's coefficients
    Plan(Box<plan::Options>),
    /// Write the published set of certified plans, or check it
    Golden(golden::Options),
    /// Re-derive plan files by an independent route and compare every digit
    Verify(verify::Options),
    /// Prove the order of every solver, exactly
    Order(order::Options),
    /// Measure errors against steps on problems with exact solutions
    Converge(Box<converge::Options>),
    /// Run the production path on a problem with an exact solution: rounding, error, speed
    Sample(Box<sample::Options>),
    /// Ask a sampler what it computes, and compare it with the specification
    Check(Box<check::Options>),
    /// Ask a sampler random cases
    Explore(Box<explore::Options>),
    /// Make one report of the results of several runs
    Merge(Box<merge::Options>),
    /// Put the results of many libraries into one table
    Scoreboard(scoreboard::Options),
    /// The main job on this machine: one self-contained HTML page
    Report(report::Options),
}

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    #[cfg(unix)]
    interrupt::heed();
    let (json, outcome) = match Arguments::try_parse() {
        Ok(Arguments { json, command }) => (json, run(command, json)),
        Err(error) => (asked_for_json(), usage(&error)),
    };
    let printed = outcome.and_then(|answer| {
        let yes = answer.yes;
        answer.print().map(|()| yes)
    });
    let code = match printed {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(error) => {
            answer::print_error(&error, json);
            exit_code(error.code)
        }
    };
    ExitCode::from(code)
}

fn run(command: Command, json: bool) -> Result<Answer> {
    match command {
        Command::List(options) => Ok(list::run(&options, json)),
        Command::Explain(options) => explain::run(&options, json),
        Command::Plan(options) => plan::run(&options, json),
        Command::Golden(options) => golden::run(&options, json),
        Command::Verify(options) => verify::run(&options, json),
        Command::Order(options) => order::run(&options, json),
        Command::Converge(options) => converge::run(&options, json),
        Command::Sample(options) => sample::run(&options, json),
        Command::Check(options) => check::run(&options, json),
        Command::Explore(options) => explore::run(&options, json),
        Command::Merge(options) => merge::run(&options, json),
        Command::Scoreboard(options) => scoreboard::run(&options, json),
        Command::Report(options) => report::run(&options, json),
    }
}

/// Help and version are answers; everything else that clap refuses is an `E-USAGE`.
fn usage(error: &clap::Error) -> Result<Answer> {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Err(Error::new(
            Code::Usage,
            "no command given",
            "command line",
            "see `dpm-spec --help`",
        ));
    }
    let text = error.render().to_string();
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return Ok(Answer::yes(text));
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("the command line is malformed");
    let what: Vec<&str> = std::iter::once(first.trim_start_matches("error: "))
        .chain(
            lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more")),
        )
        .collect();
    let command = std::env::args().nth(1).unwrap_or_default();
    let known = [
        "list",
        "explain",
        "plan",
        "golden",
        "verify",
        "order",
        "converge",
        "sample",
        "check",
        "explore",
        "merge",
        "scoreboard",
        "report",
    ]
    .contains(&command.as_str());
    let remedy = match known {
        true => format!("see `dpm-spec {command} --help`"),
        false => "see `dpm-spec --help`".to_owned(),
    };
    Err(Error::new(
        Code::Usage,
        what.join(" "),
        "command line",
        remedy,
    ))
}

/// Whether `--json` was given, when the rest could not be parsed.
fn asked_for_json() -> bool {
    std::env::args_os()
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json")
}

fn exit_code(code: Code) -> u8 {
    match code {
        Code::Verify | Code::Manifest | Code::Undecided => 1,
        Code::Feature | Code::Environment | Code::Testee => 3,
        _ => 2,
    }
}
