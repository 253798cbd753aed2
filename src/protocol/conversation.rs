//! Messages in turn: a request, its reply.

use super::hello::Greeting;
use super::link::Link;
use super::message::{PROTOCOL, Reply, Request, at, read_reply, write_message};
use super::schema::Violation;
use crate::conformance::EDITION;
use crate::error::{Code, Error, Result};

/// A testee that is spoken to.
#[derive(Debug)]
pub(super) struct Conversation {
    link: Box<dyn Link>,
    seq: u64,
}

/// A reply and where it stands.
pub(super) struct Said {
    pub(super) line: usize,
    pub(super) reply: Reply,
}

impl Conversation {
    pub(super) fn new(link: Box<dyn Link>) -> Self {
        Conversation { link, seq: 0 }
    }

    /// Starts the testee and exchanges hellos.
    ///
    /// # Errors
    /// `E-TESTEE`; it is not running.
    pub(super) fn start(&mut self) -> Result<Greeting> {
        self.link.start()?;
        self.seq = 0;
        let hello = Request::Hello {
            protocol: PROTOCOL,
            edition: EDITION.to_owned(),
        };
        let greeted = self.say(&hello, true).and_then(|said| match said.reply {
            Reply::Hello(hello) => {
                let greeting = Greeting::new(*hello);
                greeting.map_err(|violation| at(said.line, &violation))
            }
            reply => Err(unexpected(said.line, &reply, "hello")),
        });
        greeted.map_err(|error| {
            let error = self.end(error);
            Error::new(
                Code::Testee,
                format!("no valid hello: {}", error.what),
                error.place,
                error.remedy,
            )
        })
    }

    /// Asks for something new.
    ///
    /// # Errors
    /// `E-PROTOCOL`; it should be ended.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Said> {
        self.seq += 1;
        self.say(request, true)
    }

    /// Answers what the testee asks in reply to a request.
    ///
    /// # Errors
    /// `E-PROTOCOL`; it should be ended.
    pub(super) fn answer(&mut self, request: &Request) -> Result<Said> {
        self.say(request, false)
    }

    /// Says bye, and waits for the testee's exit.
    ///
    /// # Errors
    /// `E-PROTOCOL` for another reply, a further one, and an exit that is not clean or not in time.
    pub(super) fn finish(&mut self) -> Result<()> {
        let left = self.ask(&Request::Bye {});
        let left = left.and_then(|said| match said.reply {
            Reply::Bye {} => self.link.finish(),
            reply => Err(unexpected(said.line, &reply, "bye")),
        });
        left.map_err(|error| self.end(error))
    }

    /// Kills the testee; the error with the end of what it wrote to standard error.
    pub(super) fn end(&mut self, mut error: Error) -> Error {
        error.what = with_log(error.what, &self.link.end());
        error
    }

    /// What the testee says went wrong, with the end of what it wrote to standard error since it
    /// was asked.
    pub(super) fn explained(&mut self, message: String) -> String {
        with_log(message, &self.link.log())
    }

    fn say(&mut self, request: &Request, first: bool) -> Result<Said> {
        self.link.send(&write_message(self.seq, request)?, first)?;
        let line = self.link.receive()?;
        let (seq, reply) = read_reply(&line)?;
        let line = line.number;
        match seq == self.seq {
            true => Ok(Said { line, reply }),
            false => {
                let what = format!("{seq} where {} is asked", self.seq);
                Err(at(line, &Violation::new("seq", what)))
            }
        }
    }
}

fn with_log(what: String, log: &str) -> String {
    match log {
        "" => what,
        _ => format!("{what}; standard error: {log}"),
    }
}

/// A reply that nobody has asked for.
pub(super) fn unexpected(line: usize, reply: &Reply, request: &str) -> Error {
    let what = format!("`{}` is no reply to `{request}`", reply.name());
    at(line, &Violation::new("type", what))
}
