//! The line to a testee.

use super::child::{Child, Deadline};
use super::excerpt::excerpt;
use super::lines::Line;
use crate::error::{Code, Error, Result};
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

/// Lines to and from a testee: a process, one that is recorded, or a transcript.
pub(super) trait Link: fmt::Debug + Send {
    /// Starts it.
    ///
    /// # Errors
    /// `E-TESTEE`.
    fn start(&mut self) -> Result<()>;

    /// Hands a line over; the time allowed for all replies begins with it if `first`.
    ///
    /// # Errors
    /// `E-PROTOCOL`.
    fn send(&mut self, line: &str, first: bool) -> Result<()>;

    /// The next line.
    ///
    /// # Errors
    /// `E-PROTOCOL`: none came in time, the testee has ended, or the line is malformed.
    fn receive(&mut self) -> Result<Line>;

    /// The end of what it wrote to standard error since the last first line.
    fn log(&mut self) -> String;

    /// Waits for its end after the last message.
    ///
    /// # Errors
    /// `E-PROTOCOL` for a further line and for another end than a clean one in time.
    fn finish(&mut self) -> Result<()>;

    /// Kills it; the end of its standard error.
    fn end(&mut self) -> String;
}

/// A process.
#[derive(Debug)]
pub(super) struct Live {
    command: Vec<String>,
    timeout: Duration,
    running: Option<(Child, Deadline)>,
}

impl Live {
    pub(super) fn new(command: &[String], timeout: Duration) -> Self {
        Live {
            command: command.to_vec(),
            timeout,
            running: None,
        }
    }

    fn running(&mut self) -> Result<&mut (Child, Deadline)> {
        let idle = || Error::new(Code::Protocol, "not running", "testee", "start it");
        self.running.as_mut().ok_or_else(idle)
    }
}

impl Link for Live {
    fn start(&mut self) -> Result<()> {
        let failed = |what: String| {
            let place = format!("`{}`", excerpt(&self.command.join(" ")));
            let remedy = "give a command that starts a testee of spec/protocol.md";
            Error::new(Code::Testee, what, place, remedy)
        };
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| failed("no command".to_owned()))?;
        let child = Child::start(program, arguments).map_err(|error| {
            failed(match error.kind() {
                ErrorKind::NotFound => "not found".to_owned(),
                ErrorKind::PermissionDenied => "not executable".to_owned(),
                _ => error.to_string(),
            })
        })?;
        self.running = Some((child, Deadline::within(self.timeout)));
        Ok(())
    }

    fn send(&mut self, line: &str, first: bool) -> Result<()> {
        let timeout = self.timeout;
        let (child, deadline) = self.running()?;
        if first {
            child.mark();
            *deadline = Deadline::within(timeout);
        }
        child.send(line);
        Ok(())
    }

    fn receive(&mut self) -> Result<Line> {
        let (child, deadline) = self.running()?;
        child.receive(*deadline)
    }

    fn log(&mut self) -> String {
        let child = self.running.as_ref();
        child.map_or_else(String::new, |(child, _)| child.log())
    }

    fn finish(&mut self) -> Result<()> {
        let (child, deadline) = self.running()?;
        child.finish(*deadline)
    }

    fn end(&mut self) -> String {
        let child = self.running.take();
        child.map_or_else(String::new, |(mut child, _)| child.end())
    }
}
