//! `dpm-spec check`: whether a sampler computes what it says.

use super::answer::{Answer, print_log};
use super::progress::bar;
use super::testee::{Command, Own, Replay, Testee};
use clap::Args;
use dpm_spec::conformance::{
    Counts, Declaration, EDITION, Ending, Profile, Record, Shard, Source, Verdict, run as asked,
    settings,
};
use dpm_spec::protocol::{Asked, Player, Recorder};
use dpm_spec::{Code, Error, Result};
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

/// Options of `check`.
#[derive(Args)]
pub(crate) struct Options {
    /// core: every MUST; all: every SHOULD too; quick: every MUST in 3, 5 and 10 steps
    #[arg(long, default_value = "core")]
    profile: String,
    /// Edition of the suite
    #[arg(long, default_value = EDITION)]
    edition: String,
    #[command(flatten)]
    testee: Testee,
    /// Testees that are asked at once [default: one a core]
    #[arg(long, value_name = "J")]
    jobs: Option<NonZeroUsize>,
    /// Ask the K-th of N parts
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Seconds that a testee may take to start, for a run, and to end
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// Write down all that is said to a testee and by it; asks one testee at a time
    #[arg(
        long,
        value_name = "FILE",
        requires = "command",
        conflicts_with = "jobs"
    )]
    record: Option<PathBuf>,
}

/// Asks the chosen cases; the answer is no if any deviates or fails.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    known_edition(&options.edition)?;
    let testee = &options.testee;
    let own = Asked {
        profile: options.profile.clone(),
        only: Vec::new(),
        shard: options.shard.clone(),
    };
    let several = options.jobs.or(available_parallelism().ok());
    let several = several.unwrap_or(NonZeroUsize::MIN);
    let one = NonZeroUsize::MIN;
    let (found, ending) = match (&testee.replay, &testee.builtin, &options.record) {
        (Some(path), ..) => {
            let player = Player::open(path)?;
            let asked = player.asked().clone();
            ask(&Replay::new(player), one, &asked)?
        }
        (_, Some(name), _) => ask(&Own(name), several, &own)?,
        (.., record) => {
            let recorder = record
                .as_deref()
                .map(|path| Recorder::new(path, &testee.command, &own))
                .transpose()?;
            let source = Command {
                command: &testee.command,
                timeout: options.timeout,
                recorder: recorder.as_ref(),
            };
            let jobs = if recorder.is_some() { one } else { several };
            let asked = ask(&source, jobs, &own);
            // Written to the end even if nothing came of the run: then it shows why.
            recorder.map_or(Ok(()), |it| it.finish())?;
            asked?
        }
    };
    for complaint in &ending.complaints {
        print_log(&format!("error: {complaint}"));
    }
    let text = match json {
        true => format!("{:#}\n", found.document(&ending.testee)),
        false => found.text(&ending.testee),
    };
    Ok(Answer {
        text,
        yes: found.passes() && ending.complaints.is_empty(),
    })
}

fn ask<S: Source>(source: &S, jobs: NonZeroUsize, what: &Asked) -> Result<(Found, Ending)> {
    let profile = Profile::parse(&what.profile)?;
    let shard = what.shard.as_deref().map(Shard::parse).transpose()?;
    let settings = settings();
    let settings = match shard {
        Some(shard) => shard.part(settings),
        None => settings,
    };
    let bar = bar(settings.len());
    let mut found = Found::default();
    let chosen = |case: &_| profile.has(case);
    let ending = asked(source, jobs, &settings, &chosen, |_, outcomes| {
        outcomes.into_iter().for_each(|it| found.add(it.into()));
        bar.inc(1);
        Ok(())
    })?;
    bar.finish_and_clear();
    Ok((found, ending))
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
    duration.ok_or_else(|| "give a number of seconds above 0".to_owned())
}

fn known_edition(edition: &str) -> Result<()> {
    match edition == EDITION {
        true => Ok(()),
        false => Err(Error::new(
            Code::Parameter,
            format!("unknown edition `{edition}`"),
            "--edition",
            format!("choose {EDITION}"),
        )),
    }
}

/// What came of the cases.
#[derive(Default)]
struct Found {
    counts: Counts,
    records: Vec<Record>,
}

impl Found {
    fn add(&mut self, record: Record) {
        self.counts.add(record.verdict);
        self.records.push(record);
    }

    fn failures(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|it| it.verdict.is_failure())
    }

    fn passes(&self) -> bool {
        self.counts.asked() > 0 && self.failures().next().is_none()
    }

    /// The keys that scripts rely on.
    fn document(&self, testee: &Declaration) -> Value {
        let mut document = json!({
            "testee": testee.to_json(),
            "edition": EDITION,
            "cases": self.counts.total(),
            "results": self.records,
        });
        for verdict in Verdict::ALL {
            document[verdict.name().replace('-', "_")] = json!(self.counts.of(verdict));
        }
        document
    }

    fn text(&self, testee: &Declaration) -> String {
        let counts = Verdict::ALL.map(|verdict| format!("{} {verdict}", self.counts.of(verdict)));
        let mut text = format!(
            "{}, edition {EDITION}: {}\n",
            testee.name,
            counts.join(", ")
        );
        for record in self.failures().take(10) {
            text.push_str(&format!(
                "{}: {}\n    {}\n",
                record.id, record.verdict, record.message
            ));
        }
        text
    }
}
