//! `dpm-spec check`: whether a sampler computes what it says.

use super::answer::{Answer, print_log};
use super::progress::bar;
use clap::Args;
use dpm_spec::builtin::Builtin;
use dpm_spec::conformance::{
    Counts, Declaration, EDITION, Profile, Record, Shard, Source, Verdict, run as asked, settings,
};
use dpm_spec::{Code, Error, Result};
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

/// Options of `check`.
#[derive(Args)]
pub(crate) struct Options {
    /// core: every MUST; all: every SHOULD too; quick: every MUST in 3, 5 and 10 steps
    #[arg(long, default_value = "core")]
    profile: String,
    /// Edition of the suite
    #[arg(long, default_value = EDITION)]
    edition: String,
    /// Ask one of this crate's own backends: cpu-f64, cpu-f32, cpu-f16, gpu-f32 or gpu-f16
    #[arg(long, value_name = "BACKEND")]
    builtin: String,
    /// Testees that are asked at once [default: one a core]
    #[arg(long, value_name = "J")]
    jobs: Option<NonZeroUsize>,
    /// Ask the K-th of N parts
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
}

/// Asks the chosen cases; the answer is no if any deviates or fails.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let profile = Profile::parse(&options.profile)?;
    let shard = options.shard.as_deref().map(Shard::parse).transpose()?;
    known_edition(&options.edition)?;
    let settings = settings();
    let settings = match shard {
        Some(shard) => shard.part(settings),
        None => settings,
    };
    let jobs = options.jobs.or(available_parallelism().ok());
    let bar = bar(settings.len());
    let mut found = Found::default();
    let ending = asked(
        &Own(&options.builtin),
        jobs.unwrap_or(NonZeroUsize::MIN),
        &settings,
        &|case| profile.has(case),
        |_, outcomes| {
            outcomes.into_iter().for_each(|it| found.add(it.into()));
            bar.inc(1);
            Ok(())
        },
    )?;
    bar.finish_and_clear();
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

/// This crate's own backends.
struct Own<'a>(&'a str);

impl Source for Own<'_> {
    type Sampler = Builtin;

    fn open(&self, _job: usize) -> Result<Builtin> {
        Builtin::open(self.0)
    }

    fn close(&self, _sampler: Builtin) -> Result<()> {
        Ok(())
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
