//! What came of asking samplers, as a section of the report's page.

use super::results::{Header, grouped};
use crate::conformance::{Counts, Record, Verdict, printable};
use crate::error::Error;
use serde::Serialize;
use serde_json::{Value, json};

/// Failing cases that are listed.
const SHOWN: usize = 5;

/// A sampler that was asked, or why it was not.
#[derive(Debug)]
pub struct Tested {
    /// What was asked: `profile quick`.
    pub asked: String,
    /// How `dpm-spec check` is told of it.
    pub command: String,
    /// Who it is; none if it could not be asked.
    pub testee: Option<Header>,
    /// How many cases came to each verdict.
    pub counts: Counts,
    /// The first failing cases.
    pub failures: Vec<Record>,
    /// What else was wrong, or why it could not be asked.
    pub complaints: Vec<Error>,
}

/// A row of the table.
#[derive(Serialize)]
pub(super) struct Row {
    name: String,
    asked: String,
    command: String,
    counts: Vec<String>,
    failures: Vec<(String, String)>,
    complaint: String,
}

impl Tested {
    /// Of a sampler of which nothing is known yet.
    pub fn new(asked: &str, command: &str) -> Self {
        Tested {
            asked: asked.to_owned(),
            command: command.to_owned(),
            testee: None,
            counts: Counts::default(),
            failures: Vec::new(),
            complaints: Vec::new(),
        }
    }

    /// Takes note of a case.
    pub fn take(&mut self, record: Record) {
        self.counts.add(record.verdict);
        if record.verdict.is_failure() && self.failures.len() < SHOWN {
            self.failures.push(record);
        }
    }

    /// Whether it was asked and nothing failed.
    pub fn passes(&self) -> bool {
        self.counts.asked() > 0 && self.failures.is_empty() && self.complaints.is_empty()
    }

    /// As the document of `dpm-spec report --json` has it.
    pub fn to_json(&self) -> Value {
        let mut document = json!({
            "testee": self.testee.as_ref().map(|it| &it.testee),
            "complaints": self.complaints.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "asked": self.asked,
            "command": self.command,
            "failures": self.failures,
        });
        for (name, count) in self.counts.to_json() {
            document[name] = count;
        }
        document
    }

    pub(super) fn row(&self) -> Row {
        let complaints = self.complaints.iter().map(ToString::to_string);
        let complaints: Vec<String> = complaints.collect();
        let failure = |it: &Record| (printable(&it.id), printable(&it.message));
        Row {
            name: self.testee.as_ref().map(Header::name).unwrap_or_default(),
            asked: self.asked.clone(),
            command: printable(&self.command),
            counts: Verdict::ALL
                .iter()
                .map(|it| grouped(self.counts.of(*it)))
                .collect(),
            failures: self.failures.iter().map(failure).collect(),
            complaint: printable(&complaints.join("; ")),
        }
    }
}
