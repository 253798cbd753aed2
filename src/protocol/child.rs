//! A testee's process: lines in, lines out, and nothing that it does makes us wait for ever.
//!
//! Each pipe has a thread. None is ever joined: a process that has left the group may hold a pipe
//! open for as long as it likes.

use super::excerpt::{excerpt, shortened};
use super::group::Group;
use super::lines::{Line, Lines};
use crate::error::{Code, Error, Result};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::process::{ChildStderr, ChildStdin, Command, Stdio};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// The last bytes of standard error that are kept.
const KEPT: usize = 8 << 10;
/// The last characters of them that a message shows.
const SHOWN: usize = 400;
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
    log: Arc<Mutex<VecDeque<u8>>>,
    logged: Receiver<()>,
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
        let (done, logged) = sync_channel(1);
        let log = Arc::new(Mutex::new(VecDeque::new()));
        let stdin = stdin.ok_or_else(missing)?;
        let mut lines = Lines::new(stdout.ok_or_else(missing)?);
        let (stderr, kept) = (stderr.ok_or_else(missing)?, Arc::clone(&log));
        Builder::new().spawn(move || write(stdin, &written))?;
        Builder::new().spawn(move || {
            while let Some(line) = lines.read().transpose() {
                let last = line.is_err();
                if read.send(line).is_err() || last {
                    break;
                }
            }
        })?;
        Builder::new().spawn(move || {
            keep(stderr, &kept);
            // Nobody may be listening any more.
            let _ = done.send(());
        })?;
        Ok(Child {
            group,
            input: Some(input),
            output,
            log,
            logged,
            hasty: false,
        })
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
        // Once the process has ended its log is complete.
        let _ = self.logged.recv_timeout(GRACE);
        let kept: Vec<u8> = locked(&self.log).iter().copied().collect();
        let text = String::from_utf8_lossy(&kept);
        let text = text.trim_end();
        let skipped = text.chars().count().saturating_sub(SHOWN);
        let tail: String = text.chars().skip(skipped).collect();
        let dots = if skipped > 0 { "..." } else { "" };
        format!("{dots}{}", shortened(&tail, SHOWN))
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

fn keep(mut stderr: ChildStderr, log: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stderr.read(&mut buffer) {
        let mut log = locked(log);
        log.extend(&buffer[..count]);
        let old = log.len().saturating_sub(KEPT);
        log.drain(..old);
    }
}

fn locked(log: &Mutex<VecDeque<u8>>) -> MutexGuard<'_, VecDeque<u8>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
