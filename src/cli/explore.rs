//! `dpm-spec explore`: random cases.

use super::answer::Answer;
use super::check::Ask;
use super::results;
use super::testee::{Command, Own, Timeout, told};
use clap::Args;
use dpm_spec::conformance::{Only, Profile, Sampler, Setting, Source, explored};
use dpm_spec::{Code, Error, Result};
use std::num::{NonZeroU64, NonZeroUsize};
use std::thread::available_parallelism;

/// Options of `explore`.
#[derive(Args)]
pub(crate) struct Options {
    /// Which random settings: the same ones every time for one seed and one declaration
    #[arg(long, value_name = "N")]
    seed: u64,
    /// How many settings, each of which answers several cases
    #[arg(long, value_name = "K", default_value = "200")]
    count: NonZeroU64,
    /// Only this setting
    #[arg(long, value_name = "K", conflicts_with = "count")]
    case: Option<u64>,
    #[command(flatten)]
    asked: Asked,
    /// Testees that are asked at once [default: one a core]
    #[arg(long, value_name = "J")]
    jobs: Option<NonZeroUsize>,
    /// Seconds that a testee may take to start, for a run, and to end
    #[arg(long, value_name = "SECONDS", default_value_t = Timeout::USUAL)]
    timeout: Timeout,
    #[command(flatten)]
    results: results::Outputs,
}

/// Exactly one of them.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Asked {
    /// Ask one of this crate's own backends
    #[arg(long, value_name = "BACKEND")]
    builtin: Option<String>,
    /// Command that starts a testee (spec/protocol.md)
    #[arg(last = true, value_name = "TESTEE")]
    command: Vec<String>,
}

/// Asks random settings; the answer is no if any deviates or fails.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    match &options.asked.builtin {
        Some(name) => {
            let words = vec!["--builtin".to_owned(), name.clone()];
            ask(options, &Own(name), words, json)
        }
        None => {
            let command = &options.asked.command;
            let source = Command {
                command,
                timeout: options.timeout.0,
                recorder: None,
            };
            let words = told(command, options.timeout.unusual().as_deref());
            ask(options, &source, words, json)
        }
    }
}

fn ask<S: Source>(
    options: &Options,
    source: &S,
    command: Vec<String>,
    json: bool,
) -> Result<Answer> {
    let sampler = source.open(0)?;
    let declared = sampler.declaration();
    source.close(sampler)?;
    let numbers = match options.case {
        Some(number) => number..number.saturating_add(1),
        None => 0..options.count.get(),
    };
    let found = numbers.filter_map(|number| explored(options.seed, number, &declared));
    let settings: Vec<Setting> = found.collect();
    if settings.is_empty() {
        return Err(Error::new(
            Code::Declaration,
            "nothing that it declares goes together in one setting",
            format!("testee `{}`", declared.name),
            "declare a solver with a schedule, a prediction and a state space that it takes",
        ));
    }
    let ask = Ask {
        profile: Profile::All,
        only: Only::default(),
        shown: Only::default(),
        settings,
        command,
        results: options.results.open(json, "")?,
    };
    let jobs = options.jobs.or(available_parallelism().ok());
    ask.of(source, jobs.unwrap_or(NonZeroUsize::MIN))
}
