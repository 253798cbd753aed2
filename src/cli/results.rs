//! Where the results of `check` and `merge` go.

use super::answer::{Answer, Text, print_log};
use super::document::Document;
use clap::Args;
use dpm_spec::conformance::{Known, Record};
use dpm_spec::file::{read_text, write_whole};
use dpm_spec::report::{Conclusion, Files, Header, Views};
use dpm_spec::{Error, Result};
use std::path::PathBuf;

/// Options of both.
#[derive(Args)]
pub(crate) struct Outputs {
    /// Cases that are known to fail: `PATTERN  # reason` a line
    #[arg(long, value_name = "FILE")]
    known_failing: Option<PathBuf>,
    /// Write that list anew from what fails, which then counts as known; made if missing
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
    json: bool,
    /// What every line of a document begins with.
    margin: &'static str,
    document: Option<Document>,
}

impl Outputs {
    /// Reads the list of known failures and opens every file.
    pub(crate) fn open(&self, json: bool, margin: &'static str) -> Result<Results<'_>> {
        let known = match &self.known_failing {
            Some(path) if !self.bless_known || path.exists() => {
                Known::parse(&read_text(path)?, &path.display().to_string())?
            }
            Some(path) => Known::parse("", &path.display().to_string())?,
            None => Known::default(),
        };
        Ok(Results {
            options: self,
            known: match self.bless_known {
                true => known.to_bless(),
                false => known,
            },
            views: Views::open(&Files {
                ndjson: self.ndjson.clone(),
                junit: self.junit.clone(),
                report: self.report.clone(),
                badge: self.badge.clone(),
            })?,
            json,
            margin,
            document: None,
        })
    }
}

impl Results<'_> {
    /// A testee's results begin.
    pub(crate) fn begin(&mut self, header: &Header) -> Result<()> {
        if self.json {
            self.document = Some(Document::new(header)?);
        }
        self.views.begin(header)
    }

    /// A case was judged.
    pub(crate) fn take(&mut self, record: &Record) -> Result<()> {
        let standing = self.known.judge(record);
        self.views.take(record, standing)?;
        let document = self.document.as_mut();
        document.map_or(Ok(()), |it| it.take(record, self.margin))
    }

    /// A testee's results end, the last one's too if `last`; `complaints` are what else is wrong.
    pub(crate) fn end(&mut self, mut complaints: Vec<Error>, last: bool) -> Result<Option<Text>> {
        if last {
            complaints.extend(self.known.ending());
        }
        self.views.end(&complaints)?;
        for complaint in &complaints {
            print_log(&format!("error: {complaint}"));
        }
        let document = self.document.take();
        let document = document.map(|it| it.finished(&complaints, self.margin));
        document.transpose()
    }

    /// Every file is put in its place.
    pub(crate) fn finish(self, document: Option<Text>) -> Result<Answer> {
        let Conclusion { text, passes } = self.views.finish()?;
        if let (Some(path), Some(list)) = (&self.options.known_failing, self.known.blessed()) {
            write_whole(path, list.as_bytes())?;
        }
        let mut text = document.unwrap_or_else(|| Text::from(text));
        if self.json {
            text.push(Text::from("\n".to_owned()));
        }
        Ok(Answer { text, yes: passes })
    }
}
