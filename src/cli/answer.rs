//! What a command answers, and how it reaches standard output.

use dpm_spec::{Code, Error, Result};
use serde_json::json;
use std::fs::File;
use std::io::{self, ErrorKind, Write};

/// The text for standard output, and whether the answer is yes (exit code 0) or no (1).
pub(crate) struct Answer {
    pub(crate) text: Text,
    pub(crate) yes: bool,
}

/// Text of which what may be long waits in files.
#[derive(Default)]
pub(crate) struct Text(Vec<Part>);

enum Part {
    Words(String),
    /// From where it stands to its end.
    File(File),
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Text(vec![Part::Words(words)])
    }
}

impl Text {
    /// Adds a text.
    pub(crate) fn push(&mut self, more: Text) {
        self.0.extend(more.0);
    }

    /// Adds what a file holds, from where it stands.
    pub(crate) fn push_file(&mut self, file: File) {
        self.0.push(Part::File(file));
    }
}

impl Answer {
    /// A positive answer.
    pub(crate) fn yes(text: String) -> Self {
        let text = Text::from(text);
        Answer { text, yes: true }
    }

    /// A positive answer that is one JSON document.
    pub(crate) fn json(document: &serde_json::Value) -> Self {
        Answer::yes(format!("{document:#}\n"))
    }

    /// Writes the text to standard output.
    pub(crate) fn print(self) -> Result<()> {
        print(self.text)
    }
}

/// Writes to standard output; a reader that closed the pipe (`| head`) has what it wanted.
fn print(text: Text) -> Result<()> {
    let mut out = io::stdout().lock();
    let mut parts = text.0.into_iter();
    let written = parts.try_for_each(|part| match part {
        Part::Words(words) => out.write_all(words.as_bytes()),
        Part::File(mut file) => io::copy(&mut file, &mut out).map(|_| ()),
    });
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::new(
            Code::File,
            format!("could not write: {error}"),
            "standard output",
            "redirect it to a place that can be written",
        )),
        _ => Ok(()),
    }
}

/// One line on standard error, or a JSON document on standard output.
pub(crate) fn print_error(error: &Error, json: bool) {
    if json {
        let document = json!({ "error": described(error) });
        // Nothing is left to tell a reader who cannot be written to; the exit code stands.
        let _ = print(Text::from(format!("{document:#}\n")));
    } else {
        print_log(&format!("error: {error}"));
    }
}

/// An error as JSON.
pub(crate) fn described(error: &Error) -> serde_json::Value {
    json!({
        "code": error.code.text(),
        "what": error.what,
        "where": error.place,
        "remedy": error.remedy,
    })
}

/// One line on standard error; a closed one is no reason to fail.
pub(crate) fn print_log(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// What a command says that takes certified arithmetic and has none.
#[cfg(not(feature = "oracle"))]
pub(crate) fn lacks_oracle(command: &str) -> Error {
    Error::new(
        Code::Feature,
        "this build lacks the feature `oracle`",
        format!("dpm-spec {command}"),
        "cargo install dpm-spec --features cli,oracle",
    )
}
