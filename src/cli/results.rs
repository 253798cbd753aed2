//! Where the results of `check` and `merge` go.

use super::answer::{Answer, described, print_log};
use clap::Args;
use dpm_spec::conformance::{Counts, Known, Record};
use dpm_spec::file::{read_text, write_whole};
use dpm_spec::report::{Conclusion, Files, Header, Views};
use dpm_spec::{Error, Result};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Options of both.
#[derive(Args)]
pub(crate) struct Outputs {
    /// Cases that are known to fail: `PATTERN  # reason` a line
    #[arg(long, value_name = "FILE")]
    known_failing: Option<PathBuf>,
    /// Write that list anew from what fails; made if missing
    #[arg(long, requires = "known_failing")]
    bless_known: bool,
    /// Write a self-contained page
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Write JUnit's XML
    #[arg(long, value_name = "FILE.xml")]
    junit: Option<PathBuf>,
    /// Write one result a line
    #[arg(long, value_name = "FILE")]
    ndjson: Option<PathBuf>,
    /// Write a badge
    #[arg(long, value_name = "FILE.svg")]
    badge: Option<PathBuf>,
}

/// What is made of results as they come.
pub(crate) struct Results<'a> {
    options: &'a Outputs,
    known: Known,
    views: Views,
    document: Option<Document>,
}

impl Outputs {
    /// Reads the list of known failures and opens every file.
    pub(crate) fn open(&self, json: bool) -> Result<Results<'_>> {
        let known = match &self.known_failing {
            Some(path) if !self.bless_known || path.exists() => {
                Known::parse(&read_text(path)?, &path.display().to_string())?
            }
            Some(path) => Known::parse("", &path.display().to_string())?,
            None => Known::default(),
        };
        Ok(Results {
            options: self,
            known,
            views: Views::open(&Files {
                ndjson: self.ndjson.clone(),
                junit: self.junit.clone(),
                report: self.report.clone(),
                badge: self.badge.clone(),
            })?,
            document: json.then(Document::default),
        })
    }
}

impl Results<'_> {
    /// A testee's results begin.
    pub(crate) fn begin(&mut self, header: &Header) -> Result<()> {
        if let Some(document) = &mut self.document {
            document.header = Some(header.clone());
        }
        self.views.begin(header)
    }

    /// A case was judged.
    pub(crate) fn take(&mut self, record: Record) -> Result<()> {
        let standing = self.known.judge(&record);
        self.views.take(&record, standing)?;
        if let Some(document) = &mut self.document {
            document.counts.add(record.verdict);
            document.records.push(record);
        }
        Ok(())
    }

    /// A testee's results end, the last one's too if `last`; `complaints` are what else is wrong.
    pub(crate) fn end(&mut self, mut complaints: Vec<Error>, last: bool) -> Result<Option<Value>> {
        if last && !self.options.bless_known {
            complaints.extend(self.known.ending());
        }
        self.views.end(&complaints)?;
        for complaint in &complaints {
            print_log(&format!("error: {complaint}"));
        }
        let document = self.document.as_mut().map(std::mem::take);
        Ok(document.map(|it| it.finished(&complaints)))
    }

    /// Every file is put in its place.
    pub(crate) fn finish(self, document: Option<&Value>) -> Result<Answer> {
        let Conclusion { text, passes } = self.views.finish()?;
        let blessed = self.options.known_failing.as_deref();
        if let Some(path) = blessed.filter(|_| self.options.bless_known) {
            write_whole(path, self.known.blessed().as_bytes())?;
        }
        Ok(Answer {
            text: document.map_or(text, |it| format!("{it:#}\n")),
            yes: passes,
        })
    }
}

/// The answer for programs: all keys of `--json`.
#[derive(Default)]
struct Document {
    header: Option<Header>,
    counts: Counts,
    records: Vec<Record>,
}

impl Document {
    fn finished(self, complaints: &[Error]) -> Value {
        let header = self.header.as_ref();
        let mut document = json!({
            "testee": header.map(|it| &it.testee),
            "edition": header.map(|it| &it.edition),
            "unasked": header.map(|it| &it.unasked),
            "results": self.records,
            "complaints": complaints.iter().map(described).collect::<Vec<_>>(),
        });
        for (name, count) in self.counts.to_json() {
            document[name] = count;
        }
        document
    }
}
