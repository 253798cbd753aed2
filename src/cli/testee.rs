//! Who is asked by `dpm-spec check`.

use clap::Args;
use dpm_spec::builtin::Builtin;
use dpm_spec::conformance::Source;
use dpm_spec::protocol::{Player, Recorder, Remote};
use dpm_spec::{Code, Error, Result};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Seconds that a testee may take to start, for a run, and to end.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Timeout(pub(crate) Duration);

impl Timeout {
    /// What nobody needs to ask for.
    pub(crate) const USUAL: Timeout = Timeout(Duration::from_secs(10));

    /// How it was asked for; none if it need not be.
    pub(crate) fn unusual(self) -> Option<String> {
        (self != Timeout::USUAL).then(|| self.to_string())
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.as_secs_f64())
    }
}

impl FromStr for Timeout {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
        let duration = seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
        let duration = duration.ok_or_else(|| "give a number of seconds above 0".to_owned());
        duration.map(Timeout)
    }
}

/// A testee's command, as `check` and `explore` take it.
pub(crate) fn told(command: &[String], timeout: Option<&str>) -> Vec<String> {
    let timeout = timeout.map(|text| ["--timeout".to_owned(), text.to_owned()]);
    let words = timeout.into_iter().flatten();
    let words = words.chain(["--".to_owned()]);
    words.chain(command.iter().cloned()).collect()
}

/// Exactly one of them.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Testee {
    /// Ask one of this crate's own backends: cpu-f64, cpu-f32, cpu-f16, gpu-f32 or gpu-f16
    #[arg(long, value_name = "BACKEND")]
    pub(crate) builtin: Option<String>,
    /// Ask a transcript that `--record` wrote, about the cases that it holds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "shard", "jobs", "timeout"])]
    pub(crate) replay: Option<PathBuf>,
    /// Command that starts a testee (spec/protocol.md)
    #[arg(last = true, value_name = "TESTEE")]
    pub(crate) command: Vec<String>,
}

/// This crate's own backends.
pub(crate) struct Own<'a>(pub(crate) &'a str);

impl Source for Own<'_> {
    type Sampler = Builtin;

    fn open(&self, _job: usize) -> Result<Builtin> {
        Builtin::open(self.0)
    }

    fn close(&self, _sampler: Builtin) -> Result<()> {
        Ok(())
    }
}

/// A command.
pub(crate) struct Command<'a> {
    pub(crate) command: &'a [String],
    pub(crate) timeout: Duration,
    pub(crate) recorder: Option<&'a Recorder>,
}

impl Source for Command<'_> {
    type Sampler = Remote;

    fn open(&self, _job: usize) -> Result<Remote> {
        match self.recorder {
            None => Remote::start(self.command, self.timeout),
            Some(recorder) => Remote::recorded(self.command, self.timeout, recorder.clone()),
        }
    }

    fn close(&self, sampler: Remote) -> Result<()> {
        sampler.end()
    }
}

/// A transcript.
pub(crate) struct Replay(Mutex<Option<Player>>);

impl Replay {
    pub(crate) fn new(player: Player) -> Self {
        Replay(Mutex::new(Some(player)))
    }
}

impl Source for Replay {
    type Sampler = Remote;

    fn open(&self, _job: usize) -> Result<Remote> {
        let player = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let spent = || {
            Error::new(
                Code::Parameter,
                "a transcript can be replayed once",
                "--jobs",
                "leave --jobs out",
            )
        };
        Remote::replayed(player.ok_or_else(spent)?)
    }

    fn close(&self, sampler: Remote) -> Result<()> {
        sampler.end()
    }
}
