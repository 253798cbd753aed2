//! The document of `check --json` and `merge --json`. Counts stand before the results in it, so
//! that the results wait in a file without a name: memory does not grow with them.

use super::answer::{Text, described};
use dpm_spec::conformance::{Counts, Record};
use dpm_spec::report::Header;
use dpm_spec::{Code, Error, Result};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

/// The answer for programs, of one testee: all keys of `--json`.
pub(crate) struct Document {
    header: Header,
    counts: Counts,
    results: BufWriter<File>,
}

impl Document {
    /// Of a testee of which nothing is known yet.
    pub(crate) fn new(header: &Header) -> Result<Self> {
        Ok(Document {
            header: header.clone(),
            counts: Counts::default(),
            results: BufWriter::new(tempfile::tempfile().map_err(unwritable)?),
        })
    }

    /// A case was judged. `margin` is what every line of the document begins with.
    pub(crate) fn take(&mut self, record: &Record, margin: &str) -> Result<()> {
        let comma = if self.counts.total() > 0 { "," } else { "" };
        self.counts.add(record.verdict);
        let text = indented(&json!(record), &format!("{margin}    "));
        let written = write!(self.results, "{comma}\n{margin}    {text}");
        written.map_err(unwritable)
    }

    /// The whole of it; it begins and ends within a line.
    pub(crate) fn finished(self, complaints: &[Error], margin: &str) -> Result<Text> {
        let mut document = json!({
            "testee": self.header.testee,
            "edition": self.header.edition,
            "results": [],
            "complaints": complaints.iter().map(described).collect::<Vec<_>>(),
        });
        for (name, count) in self.counts.to_json() {
            document[name] = count;
        }
        let whole = indented(&document, margin);
        // No text holds the end of a line or a quotation mark as it is: this is the key.
        let key = format!("\n{margin}  \"results\": [");
        let Some((head, tail)) = whole.split_once(&key).filter(|_| self.counts.total() > 0) else {
            return Ok(Text::from(whole));
        };
        let mut results = self
            .results
            .into_inner()
            .map_err(|it| unwritable(it.into_error()))?;
        results.rewind().map_err(unwritable)?;
        let mut text = Text::from(format!("{head}{key}"));
        text.push_file(results);
        text.push(Text::from(format!("\n{margin}  {tail}")));
        Ok(text)
    }
}

/// JSON over several lines, each but the first behind a margin.
fn indented(value: &Value, margin: &str) -> String {
    format!("{value:#}").replace('\n', &format!("\n{margin}"))
}

fn unwritable(error: io::Error) -> Error {
    Error::new(
        Code::Environment,
        format!("results cannot be kept: {error}"),
        std::env::temp_dir().display().to_string(),
        "make room there, or let TMPDIR name another directory",
    )
}
