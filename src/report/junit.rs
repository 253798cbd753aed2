//! Results for continuous integration: JUnit's XML, one suite a solver of a testee.

use super::results::{Header, View};
use super::summary::told;
use crate::conformance::{Counts, Record, Standing, Verdict, printable};
use crate::error::{Error, Result};
use crate::file::Reserved;

/// Writes suites as they become whole; cases that the testee does not claim are counted only.
#[derive(Debug)]
pub(super) struct Junit {
    file: Reserved,
    header: Option<Header>,
    suite: Suite,
    begun: bool,
}

/// The cases of one solver.
#[derive(Debug, Default)]
struct Suite {
    solver: String,
    cases: String,
    tests: usize,
    failures: usize,
    skipped: usize,
    not_applicable: usize,
}

impl Junit {
    pub(super) fn new(file: Reserved) -> Self {
        Junit {
            file,
            header: None,
            suite: Suite::default(),
            begun: false,
        }
    }

    /// Writes the head of the file, once.
    fn open(&mut self) -> Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.file
            .write(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dpm-spec\">\n")
    }

    /// Writes the suite so far and begins another one.
    fn next(&mut self, solver: &str) -> Result<()> {
        let next = Suite {
            solver: solver.to_owned(),
            ..Suite::default()
        };
        let suite = std::mem::replace(&mut self.suite, next);
        let Some(header) = self
            .header
            .as_ref()
            .filter(|_| suite.tests + suite.not_applicable > 0)
        else {
            return Ok(());
        };
        let text = format!(
            "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n\
             <properties>\n{}</properties>\n{}</testsuite>\n",
            escaped(&format!("{}: {}", header.name(), suite.solver)),
            suite.tests,
            suite.failures,
            suite.skipped,
            properties(header, suite.not_applicable),
            suite.cases,
        );
        self.file.write(text.as_bytes())
    }
}

fn properties(header: &Header, not_applicable: usize) -> String {
    let properties = [
        ("edition", header.edition.clone()),
        ("profile", header.profile.clone()),
        ("crate", header.made_by.clone()),
        ("not-applicable", not_applicable.to_string()),
    ];
    let lines = properties.map(|(name, value)| {
        format!(
            "<property name=\"{name}\" value=\"{}\"/>\n",
            escaped(&value)
        )
    });
    lines.concat()
}

impl Suite {
    /// A case; `inside` is empty if all is well.
    fn push(&mut self, class: &str, name: &str, inside: &str) {
        let head = format!(
            "<testcase classname=\"{}\" name=\"{}\"",
            escaped(class),
            escaped(name)
        );
        let end = match inside {
            "" => "/>\n".to_owned(),
            _ => format!(">{inside}</testcase>\n"),
        };
        self.tests += 1;
        self.cases.push_str(&(head + &end));
    }
}

impl View for Junit {
    fn begin(&mut self, header: &Header) -> Result<()> {
        self.open()?;
        self.header = Some(header.clone());
        Ok(())
    }

    fn take(&mut self, record: &Record, standing: Standing<'_>) -> Result<()> {
        if record.solver != self.suite.solver {
            self.next(&record.solver)?;
        }
        let Some(header) = &self.header else {
            return Ok(());
        };
        let inside = match (record.verdict, standing) {
            (Verdict::NotApplicable, _) => {
                self.suite.not_applicable += 1;
                return Ok(());
            }
            (_, Standing::Unexpected | Standing::Surprising(_)) => {
                self.suite.failures += 1;
                let told = told(record, standing);
                let text = [told.why.clone(), header.reproduction(&record.id)].join("\n");
                let message = format!("{}: {}", told.what, told.why);
                failure(record.verdict.name(), &message, &text)
            }
            (_, Standing::Expected(reason)) => {
                self.suite.skipped += 1;
                skipped(&format!("known to fail: {reason}"))
            }
            (Verdict::Skipped, _) => {
                self.suite.skipped += 1;
                skipped(&record.message)
            }
            (Verdict::Imprecise, _) => {
                format!(
                    "<system-out>imprecise: {}</system-out>",
                    escaped(&record.message)
                )
            }
            _ => String::new(),
        };
        let class = format!("{}.{}.{}", header.name(), record.solver, record.check);
        self.suite.push(&class, &record.id, &inside);
        Ok(())
    }

    /// Complaints are cases of a suite of their own: no run fails without a failing test.
    fn end(&mut self, _: &Counts, complaints: &[Error]) -> Result<()> {
        self.next("run")?;
        let Some(header) = &self.header else {
            return Ok(());
        };
        let class = format!("{}.run", header.name());
        for complaint in complaints {
            self.suite.failures += 1;
            let text = complaint.to_string();
            let inside = failure(complaint.code.text(), &complaint.what, &text);
            self.suite.push(&class, &complaint.place, &inside);
        }
        self.next("")
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.open()?;
        self.file.write(b"</testsuites>\n")?;
        self.file.finish()
    }
}

fn failure(kind: &str, message: &str, text: &str) -> String {
    let lines: Vec<String> = text.lines().map(escaped).collect();
    format!(
        "<failure type=\"{kind}\" message=\"{}\">{}</failure>",
        escaped(message),
        lines.join("\n")
    )
}

fn skipped(message: &str) -> String {
    format!("<skipped message=\"{}\"/>", escaped(message))
}

/// Text as XML 1.0 can hold it: what it has no way to write is no longer there, see [`printable`].
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in printable(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
