//! `dpm-spec check`: whether a sampler computes what it says.

use super::answer::Answer;
use super::progress::bar;
use super::results;
use super::testee::{Command, Own, Replay, Testee, Timeout, told};
use clap::Args;
use dpm_spec::conformance::{
    Case, Declaration, EDITION, Only, Profile, Setting, Shard, Source, Verdict, chosen_settings,
    nothing_applies, run as asked,
};
use dpm_spec::protocol::{Asked, Player, Recorder};
use dpm_spec::report::Header;
use dpm_spec::{Code, Error, Result};
use std::num::NonZeroUsize;
use std::path::PathBuf;
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
    /// Only the cases of the profile, or of the transcript, that a pattern matches: `core/dpmpp-2m`,
    /// `core/*/rows/*:n=10`; repeatable
    #[arg(long, value_name = "PATTERN")]
    only: Vec<String>,
    #[command(flatten)]
    testee: Testee,
    /// Testees that are asked at once [default: one a core]
    #[arg(long, value_name = "J")]
    jobs: Option<NonZeroUsize>,
    /// Ask the K-th of N parts
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Seconds that a testee may take to start, for a run, and to end
    #[arg(long, value_name = "SECONDS", default_value_t = Timeout::USUAL)]
    timeout: Timeout,
    /// Write down all that is said to a testee and by it; asks one testee at a time
    #[arg(
        long,
        value_name = "FILE",
        requires = "command",
        conflicts_with = "jobs"
    )]
    record: Option<PathBuf>,
    #[command(flatten)]
    results: results::Outputs,
}

/// Asks the chosen cases; the answer is no if any deviates or fails that is not known to.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    known_edition(&options.edition)?;
    let testee = &options.testee;
    let given = Asked {
        profile: options.profile.clone(),
        only: options.only.clone(),
        shard: options.shard.clone(),
        timeout: options.timeout.unusual(),
    };
    let several = options.jobs.or(available_parallelism().ok());
    let several = several.unwrap_or(NonZeroUsize::MIN);
    let one = NonZeroUsize::MIN;
    let ask = |asked, command: &[String]| Ask::new(asked, command, &options.results, json);
    match (&testee.replay, &testee.builtin, &options.record) {
        (Some(path), ..) => {
            let player = Player::open(path)?;
            let asked = player.asked();
            let ask = ask(asked, &told(player.command(), asked.timeout.as_deref()))?;
            let ask = ask.showing(&options.only)?;
            ask.of(&Replay::new(player), one)
        }
        (_, Some(name), _) => {
            let ask = ask(&given, &["--builtin".to_owned(), name.clone()])?;
            ask.of(&Own(name), several)
        }
        (.., record) => {
            let ask = ask(&given, &told(&testee.command, given.timeout.as_deref()))?;
            let record = record.as_deref();
            let recorder = record.map(|path| Recorder::new(path, &testee.command, &given));
            let recorder = recorder.transpose()?;
            let source = Command {
                command: &testee.command,
                timeout: options.timeout.0,
                recorder: recorder.as_ref(),
            };
            let answer = ask.of(&source, if recorder.is_some() { one } else { several });
            // Written to the end even if nothing came of the run: then it shows why.
            recorder.map_or(Ok(()), |it| it.finish())?;
            answer
        }
    }
}

/// Which cases are asked, and where their results go.
pub(super) struct Ask<'a> {
    pub(super) profile: Profile,
    pub(super) only: Only,
    /// Which of them have their results shown.
    pub(super) shown: Only,
    pub(super) settings: Vec<Setting>,
    /// Whether they are the edition's.
    pub(super) fixed: bool,
    /// The testee, as `check` takes it.
    pub(super) command: Vec<String>,
    pub(super) results: results::Results<'a>,
}

impl<'a> Ask<'a> {
    fn new(
        asked: &Asked,
        command: &[String],
        results: &'a results::Outputs,
        json: bool,
    ) -> Result<Self> {
        let profile = Profile::parse(&asked.profile)?;
        let shard = asked.shard.as_deref().map(Shard::parse).transpose()?;
        let only = Only::of_edition(&asked.only)?;
        let settings = chosen_settings(|case| profile.has(case) && only.has(case));
        if settings.is_empty() {
            return Err(Error::new(
                Code::Parameter,
                format!("matches no case of profile {}", profile.name()),
                format!("--only {}", asked.only.join(" --only ")),
                "add --profile all, or choose cases of the profile",
            ));
        }
        Ok(Ask {
            profile,
            only,
            shown: Only::default(),
            settings: match shard {
                Some(shard) => shard.part(settings),
                None => settings,
            },
            fixed: true,
            command: command.to_vec(),
            results: results.open(json, "")?,
        })
    }

    /// Shows only the cases that a pattern matches: of a transcript everything is asked again.
    fn showing(self, patterns: &[String]) -> Result<Self> {
        let shown = Only::of_edition(patterns)?;
        let held = |it: Case| self.profile.has(&it) && self.only.has(&it) && shown.has(&it);
        if !self.settings.iter().flat_map(Setting::cases).any(held) {
            return Err(Error::new(
                Code::Parameter,
                "matches no case of the transcript",
                format!("--only {}", patterns.join(" --only ")),
                "choose cases that were recorded",
            ));
        }
        Ok(Ask { shown, ..self })
    }

    pub(super) fn of<S: Source>(self, source: &S, jobs: NonZeroUsize) -> Result<Answer> {
        let Ask {
            profile,
            only,
            shown,
            settings,
            fixed,
            command,
            mut results,
        } = self;
        let bar = bar(settings.len());
        let chosen = |case: &Case| profile.has(case) && only.has(case);
        let head = |testee: &Declaration, command| {
            let header = Header::new(testee, profile, command);
            match fixed {
                true => header.of_edition(testee),
                false => header,
            }
        };
        let mut command = Some(command);
        let mut applicable = false;
        let ending = asked(source, jobs, &settings, &chosen, |testee, outcomes| {
            if let Some(command) = command.take() {
                results.begin(&head(testee, command))?;
            }
            let outcomes = outcomes.into_iter();
            for outcome in outcomes.filter(|it| shown.has(&it.case)) {
                applicable |= outcome.finding.verdict != Verdict::NotApplicable;
                results.take(&outcome.into())?;
            }
            bar.inc(1);
            Ok(())
        })?;
        bar.finish_and_clear();
        if let Some(command) = command {
            results.begin(&head(&ending.testee, command))?;
        }
        let mut complaints = ending.complaints;
        if !applicable {
            complaints.push(nothing_applies(&ending.testee));
        }
        let document = results.end(complaints, true)?;
        results.finish(document)
    }
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
