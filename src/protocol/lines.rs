//! Lines of UTF-8 from a stream that may hold anything, in bounded memory.

use super::excerpt::excerpt;
use crate::error::{Code, Error, Result};
use std::io::{BufRead, BufReader, Read};

/// The longest line, in bytes.
pub const LONGEST: usize = 1 << 20;

/// A line without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// Its text, at most [`LONGEST`] bytes.
    pub text: String,
}

/// The lines of a stream.
#[derive(Debug)]
pub struct Lines<R> {
    source: BufReader<R>,
    number: usize,
    longest: usize,
}

impl<R: Read> Lines<R> {
    /// The lines of `source`, from its first byte.
    pub fn new(source: R) -> Self {
        Lines::bounded(source, LONGEST)
    }

    /// Lines of at most `longest` bytes.
    pub(super) fn bounded(source: R, longest: usize) -> Self {
        Lines {
            source: BufReader::new(source),
            number: 0,
            longest,
        }
    }

    /// The next line; none at the end. CRLF ends a line, too.
    ///
    /// # Errors
    /// `E-PROTOCOL` for a line that is too long, not UTF-8, holds NUL, begins with a byte order
    /// mark, or has no end. What follows it should not be read.
    pub fn read(&mut self) -> Result<Option<Line>> {
        self.number += 1;
        let (number, longest) = (self.number, self.longest);
        let failed = |what: String, remedy: &str| {
            Err(Error::new(
                Code::Protocol,
                what,
                format!("line {number}"),
                remedy,
            ))
        };
        let mut bytes = Vec::new();
        let mut bounded = (&mut self.source).take(longest as u64 + 1);
        if let Err(error) = bounded.read_until(b'\n', &mut bytes) {
            return failed(format!("cannot be read: {error}"), "write on");
        }
        let ended = bytes.pop_if(|last| *last == b'\n').is_some();
        if bytes.is_empty() && !ended {
            return Ok(None);
        }
        bytes.pop_if(|last| *last == b'\r');
        let quoted =
            |bytes: &[u8]| excerpt(&String::from_utf8_lossy(&bytes[..bytes.len().min(512)]));
        match unfit(&bytes) {
            Some(what) => {
                let what = format!("{what}: `{}`", quoted(&bytes));
                return failed(what, "write UTF-8 without a byte order mark");
            }
            None if ended => {}
            None if bytes.len() >= longest => {
                let what = format!("longer than {longest} bytes: `{}`", quoted(&bytes));
                return failed(what, "write one message a line");
            }
            None => {
                let what = format!("the output ends in the middle of it: `{}`", quoted(&bytes));
                return failed(what, "end every line, and flush");
            }
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Line { number, text })),
            Err(error) => {
                let position = error.utf8_error().valid_up_to();
                let what = format!(
                    "byte {position} is not UTF-8: `{}`",
                    quoted(error.as_bytes())
                );
                failed(what, "write UTF-8")
            }
        }
    }
}

/// What no line may hold.
fn unfit(bytes: &[u8]) -> Option<String> {
    let marks: [(&[u8], &str); 3] = [
        (&[0xef, 0xbb, 0xbf], "begins with a byte order mark"),
        (&[0xff, 0xfe], "is UTF-16"),
        (&[0xfe, 0xff], "is UTF-16"),
    ];
    let mark = marks.iter().find(|(mark, _)| bytes.starts_with(mark));
    let nul = || {
        let position = bytes.iter().position(|byte| *byte == 0)?;
        Some(format!("byte {position} is NUL, as in UTF-16"))
    };
    mark.map(|(_, what)| (*what).to_owned()).or_else(nul)
}
