//! A conversation in a file: recorded, and replayed without the testee.

use super::lines::{Line, Lines};
use super::link::{Link, Live};
use super::message::PROTOCOL;
use crate::conformance::EDITION;
use crate::error::{Code, Error, Result};
use crate::file::Reserved;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The longest line of a transcript, in bytes: a message's longest line, every byte escaped.
const LONGEST: usize = 6 * super::LONGEST + 1024;

/// Which cases were asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The profile.
    pub profile: String,
    /// Patterns of ids; empty for all.
    pub only: Vec<String>,
    /// K/N.
    pub shard: Option<String>,
    /// Seconds that the testee was given, if they were not the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// One line of a transcript.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase", deny_unknown_fields)]
enum Event {
    /// The first line.
    Transcript {
        protocol: u64,
        edition: String,
        command: Vec<String>,
        #[serde(flatten)]
        asked: Asked,
    },
    /// The testee was started.
    Start {},
    /// A line to the testee.
    Sent { text: String },
    /// A line of the testee's.
    Received { line: usize, text: String },
    /// The end of what it wrote to standard error since it was asked.
    Log { text: String },
    /// It did something else.
    Fault {
        what: String,
        place: String,
        remedy: String,
    },
    /// It was killed; the end of its standard error.
    End { log: String },
    /// It ended as it should.
    Finish {},
}

impl Event {
    fn fault(error: &Error) -> Self {
        let Error {
            what,
            place,
            remedy,
            ..
        } = error.clone();
        Event::Fault {
            what,
            place,
            remedy,
        }
    }
}

/// A transcript that is being written. All clones write the same one.
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    file: Option<Reserved>,
    failed: Option<Error>,
}

impl Recorder {
    /// Opens a file for the transcript of a testee.
    ///
    /// # Errors
    /// `E-FILE`.
    pub fn new(path: &Path, command: &[String], asked: &Asked) -> Result<Self> {
        let recorder = Recorder(Arc::new(Mutex::new(State {
            file: Some(Reserved::new(path)?),
            failed: None,
        })));
        recorder.note(&Event::Transcript {
            protocol: PROTOCOL,
            edition: EDITION.to_owned(),
            command: command.to_vec(),
            asked: asked.clone(),
        });
        Ok(recorder)
    }

    /// Puts the transcript in its place.
    ///
    /// # Errors
    /// `E-FILE`, also for what could not be written before.
    pub fn finish(&self) -> Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (state.failed.take(), state.file.take()) {
            (Some(error), _) => Err(error),
            (None, Some(file)) => file.finish(),
            (None, None) => Ok(()),
        }
    }

    fn note(&self, event: &Event) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(mut line) = serde_json::to_vec(event) else {
            return;
        };
        line.push(b'\n');
        let written = state.file.as_mut().map_or(Ok(()), |it| it.write(&line));
        if let Err(error) = written {
            state.failed.get_or_insert(error);
        }
    }
}

/// A process whose lines are written down.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) link: Live,
    pub(super) recorder: Recorder,
}

impl Recorded {
    /// Notes what came of something, and passes it on.
    fn noted<T>(&self, result: Result<T>, event: impl FnOnce(&T) -> Event) -> Result<T> {
        let event = result.as_ref().map_or_else(Event::fault, event);
        self.recorder.note(&event);
        result
    }
}

impl Link for Recorded {
    fn start(&mut self) -> Result<()> {
        let started = self.link.start();
        self.noted(started, |()| Event::Start {})
    }

    fn send(&mut self, line: &str, first: bool) -> Result<()> {
        let sent = self.link.send(line, first);
        let text = line.to_owned();
        self.noted(sent, |()| Event::Sent { text })
    }

    fn receive(&mut self) -> Result<Line> {
        let received = self.link.receive();
        self.noted(received, |line| Event::Received {
            line: line.number,
            text: line.text.clone(),
        })
    }

    fn log(&mut self) -> String {
        let text = self.link.log();
        self.recorder.note(&Event::Log { text: text.clone() });
        text
    }

    fn finish(&mut self) -> Result<()> {
        let finished = self.link.finish();
        self.noted(finished, |()| Event::Finish {})
    }

    fn end(&mut self) -> String {
        let log = self.link.end();
        self.recorder.note(&Event::End { log: log.clone() });
        log
    }
}

/// A transcript in the place of a testee.
#[derive(Debug)]
pub struct Player {
    lines: Lines<File>,
    place: String,
    command: Vec<String>,
    asked: Asked,
}

impl Player {
    /// Opens a transcript.
    ///
    /// # Errors
    /// `E-FILE`; `E-FORMAT` for anything but a transcript of this protocol and edition.
    pub fn open(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        let file = File::open(path).map_err(|error| {
            let remedy = "give a file that `dpm-spec check --record` wrote";
            Error::new(Code::File, error.to_string(), &place, remedy)
        })?;
        let mut player = Player {
            lines: Lines::bounded(file, LONGEST),
            place,
            command: Vec::new(),
            asked: Asked::default(),
        };
        match player.next()? {
            (
                _,
                Event::Transcript {
                    protocol: PROTOCOL,
                    edition,
                    command,
                    asked,
                },
            ) if edition == EDITION => Ok(Player {
                command,
                asked,
                ..player
            }),
            _ => Err(player.malformed(
                1,
                format!("not the start of a transcript of protocol {PROTOCOL}, edition {EDITION}"),
            )),
        }
    }

    /// How the testee was started.
    pub fn command(&self) -> &[String] {
        &self.command
    }

    /// Which cases were asked.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    fn next(&mut self) -> Result<(usize, Event)> {
        let line = self
            .lines
            .read()
            .map_err(|error| self.malformed_at(&error.place, error.what))?;
        let Some(line) = line else {
            return Err(self.malformed_at("the end", "the run asks for more than was recorded"));
        };
        let event = serde_json::from_str(&line.text);
        let event = event.map_err(|error| self.malformed(line.number, error.to_string()))?;
        match event {
            Event::Fault {
                what,
                place,
                remedy,
            } => Err(Error::new(Code::Protocol, what, place, remedy)),
            event => Ok((line.number, event)),
        }
    }

    /// The next event, if `wanted` makes something of it.
    fn take<T>(&mut self, wanted: impl FnOnce(Event) -> Option<T>) -> Result<T> {
        let (line, event) = self.next()?;
        let other =
            "the run goes on otherwise than recorded; replay it with the version that recorded it";
        wanted(event).ok_or_else(|| self.malformed(line, other))
    }

    fn malformed(&self, line: usize, what: impl Into<String>) -> Error {
        self.malformed_at(&format!("line {line}"), what)
    }

    fn malformed_at(&self, place: &str, what: impl Into<String>) -> Error {
        Error::new(
            Code::Format,
            what,
            format!("{}, {place}", self.place),
            "give a file that `dpm-spec check --record` wrote",
        )
    }
}

impl Link for Player {
    fn start(&mut self) -> Result<()> {
        self.take(|event| (event == Event::Start {}).then_some(()))
    }

    fn send(&mut self, line: &str, _first: bool) -> Result<()> {
        self.take(|event| matches!(event, Event::Sent { text } if text == line).then_some(()))
    }

    fn receive(&mut self) -> Result<Line> {
        self.take(|event| match event {
            Event::Received { line, text } => Some(Line { number: line, text }),
            _ => None,
        })
    }

    fn log(&mut self) -> String {
        let log = self.take(|event| match event {
            Event::Log { text } => Some(text),
            _ => None,
        });
        // What is wrong with the transcript is said by what is read next.
        log.unwrap_or_default()
    }

    fn finish(&mut self) -> Result<()> {
        self.take(|event| (event == Event::Finish {}).then_some(()))
    }

    fn end(&mut self) -> String {
        let log = self.take(|event| match event {
            Event::End { log } => Some(log),
            _ => None,
        });
        // As above.
        log.unwrap_or_default()
    }
}
