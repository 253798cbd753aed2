//! A testee's process: lines in, lines out, and nothing that it does makes us wait for ever.
//!
//! Each pipe has a thread. None is ever joined: a process that has left the group may hold a pipe
//! open for as long as it likes.

use super::excerpt::excerpt;
use super::group::Group;
use super::lines::{Line, Lines};
use super::log::Log;
use crate::error::{Code, Error, Result};
use std::io::{self, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel,
};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// How often a silent process is asked whether it has ended.
const GLANCE: Duration = Duration::from_millis(50);
/// How long the pipes of a process that has ended are still read.
const GRACE: Duration = Duration::from_millis(200);

/// Until when an answer is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    start: Instant,
    limit: Duration,
}

impl Deadline {
    /// A time from now.
    pub(super) fn within(limit: Duration) -> Self {
        let start = Instant::now();
        Deadline { start, limit }
    }

    fn left(self) -> Duration {
        self.limit.saturating_sub(self.start.elapsed())
    }

    fn seconds(self) -> f64 {
        self.limit.as_secs_f64()
    }
}

#[derive(Debug)]
pub(super) struct Child {
    group: Group,
    input: Option<SyncSender<String>>,
    output: Receiver<Result<Line>>,
    log: Log,
    /// It has replied to what it has not read.
    hasty: bool,
}

impl Child {
    /// Starts a command with pipes to all of its standard streams.
    pub(super) fn start(program: &str, arguments: &[String]) -> io::Result<Child> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut group = Group::start(&mut command)?;
        let leader = group.leader();
        let (stdin, stdout) = (leader.stdin.take(), leader.stdout.take());
        let stderr = leader.stderr.take();
        let missing = || io::Error::other("a pipe is missing");
        let (input, written) = sync_channel(1);
        let (read, output) = sync_channel(0);
        let stdin = stdin.ok_or_else(missing)?;
        let mut lines = Lines::new(stdout.ok_or_else(missing)?);
        let log = Log::of(stderr.ok_or_else(missing)?)?;
        Builder::new().spawn(move || write(stdin, &written))?;
        Builder::new().spawn(move || {
            while let Some(line) = lines.read().transpose() {
                let last = line.is_err();
                if read.send(line).is_err() || last {
                    break;
                }
            }
        })?;
        Ok(Child {
            group,
            input: Some(input),
            output,
            log,
            hasty: false,
        })
    }

    /// What it has written to standard error until now is of the past.
    pub(super) fn mark(&self) {
        self.log.mark();
    }

    /// The end of what it has written to standard error since then.
    pub(super) fn log(&self) -> String {
        self.log.since_mark()
    }

    /// Hands a line over to be written.
    pub(super) fn send(&mut self, line: &str) {
        let sent = self.input.as_ref().map(|it| it.try_send(line.to_owned()));
        // The writer ends where the process has closed its input; the next reading says more.
        self.hasty |= matches!(sent, Some(Err(TrySendError::Full(_))));
    }

    /// The next line.
    ///
    /// # Errors
    /// `E-PROTOCOL`: none came until `deadline`, the process has ended, or the line is malformed.
    pub(super) fn receive(&mut self, deadline: Deadline) -> Result<Line> {
        if self.hasty {
            return Err(fault(
                "replies to what it has not read",
                "read a message, then reply to it",
            ));
        }
        loop {
            let left = deadline.left();
            match self.output.recv_timeout(left.min(GLANCE)) {
                Ok(line) => return line,
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = self.group.wait(left.max(GLANCE));
                    return Err(self.gone(ended));
                }
                Err(RecvTimeoutError::Timeout) if self.group.has_ended() => {
                    return match self.output.recv_timeout(GRACE) {
                        Ok(line) => line,
                        Err(_) => Err(self.gone(true)),
                    };
                }
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    return Err(fault(
                        &format!("no reply within {} s", deadline.seconds()),
                        "reply and flush, or allow more time",
                    ));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Closes the input and waits for an exit with status 0 and no further line.
    ///
    /// # Errors
    /// `E-PROTOCOL` for anything else.
    pub(super) fn finish(&mut self, deadline: Deadline) -> Result<()> {
        self.input = None;
        let next = loop {
            match self.output.try_recv() {
                Err(TryRecvError::Empty) if self.group.has_ended() => {
                    break self.output.recv_timeout(GRACE).ok();
                }
                Err(TryRecvError::Empty) if !deadline.left().is_zero() => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(TryRecvError::Disconnected) => {
                    self.group.wait(deadline.left());
                    break None;
                }
                next => break next.ok(),
            }
        };
        match next.transpose()? {
            Some(line) => Err(Error::new(
                Code::Protocol,
                format!("a line after bye: `{}`", excerpt(&line.text)),
                format!("line {}", line.number),
                "send one reply a message",
            )),
            None if !self.group.has_ended() => Err(fault(
                &format!("runs on {} s after bye", deadline.seconds()),
                "exit after bye, and at the end of standard input",
            )),
            None => match self.group.kill() {
                Some(status) if status.success() => Ok(()),
                _ => Err(self.gone(true)),
            },
        }
    }

    /// Kills the process with all that it has started; the end of its standard error.
    pub(super) fn end(&mut self) -> String {
        self.group.kill();
        self.log.last(GRACE)
    }

    fn gone(&mut self, ended: bool) -> Error {
        match ended.then(|| self.group.kill()).flatten() {
            Some(status) => fault(&format!("ended with {status}"), "stay until bye"),
            None => fault("closed its standard output", "stay until bye"),
        }
    }
}

fn fault(what: &str, remedy: &str) -> Error {
    Error::new(Code::Protocol, what, "testee", remedy)
}

fn write(mut stdin: ChildStdin, lines: &Receiver<String>) {
    for mut line in lines {
        line.push('\n');
        if stdin.write_all(line.as_bytes()).is_err() {
            break;
        }
    }
}
