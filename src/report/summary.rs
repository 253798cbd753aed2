//! A run as a person reads it in a terminal.

use super::recipes::Recipes;
use super::results::{Conclusion, Header, View};
use crate::conformance::{Counts, Record, Standing, Verdict, headline, printable};
use crate::error::{Error, Result};

/// Failing cases that are shown in full.
const SHOWN: usize = 10;

/// Characters of the reason why nothing was asked.
const REASON: usize = 200;

/// Counts, the first failing cases with what makes them fail and the command that repeats them, and
/// apart from all that the orders of the recipes.
#[derive(Debug, Default)]
pub(super) struct Summary {
    text: String,
    header: Option<Header>,
    /// The failing cases of the testee, as far as they are shown.
    failures: String,
    failing: usize,
    expected: usize,
    /// The first reason that the testee gave for a refusal.
    refused: Option<String>,
    recipes: Recipes,
    /// Whether anything so far is not as it should be.
    fails: bool,
}

impl Summary {
    /// What came of all testees.
    pub(super) fn conclusion(self) -> Conclusion {
        Conclusion {
            passes: !self.fails && !self.text.is_empty(),
            text: self.text,
        }
    }
}

impl View for Summary {
    fn begin(&mut self, header: &Header) -> Result<()> {
        self.header = Some(header.clone());
        self.failures.clear();
        (self.failing, self.expected) = (0, 0);
        self.refused = None;
        self.recipes = Recipes::default();
        Ok(())
    }

    fn take(&mut self, record: &Record, standing: Standing<'_>) -> Result<()> {
        self.recipes.take(record);
        self.expected += usize::from(matches!(standing, Standing::Expected(_)));
        if record.verdict == Verdict::Skipped && self.refused.is_none() {
            self.refused = Some(headline(&record.message, REASON));
        }
        if !standing.fails_the_run() {
            return Ok(());
        }
        self.failing += 1;
        let Some(header) = self.header.as_ref().filter(|_| self.failing <= SHOWN) else {
            return Ok(());
        };
        let told = told(record, standing);
        let command = header.reproduction(&record.id);
        let lines = [told.why, clause(record), source(record), command];
        let lines = lines.iter().filter(|line| !line.is_empty());
        self.failures
            .push_str(&format!("{}: {}\n", printable(&record.id), told.what));
        lines.for_each(|line| self.failures.push_str(&format!("    {line}\n")));
        Ok(())
    }

    fn end(&mut self, counts: &Counts, complaints: &[Error]) -> Result<()> {
        let Some(header) = &self.header else {
            return Ok(());
        };
        let verdicts = Verdict::ALL.map(|verdict| format!("{} {verdict}", counts.of(verdict)));
        let (name, edition) = (header.name(), printable(&header.edition));
        let verdicts = verdicts.join(", ");
        self.text
            .push_str(&format!("{name}, edition {edition}: {verdicts}\n"));
        if self.expected > 0 {
            let expected = self.expected;
            self.text
                .push_str(&format!("{expected} of them known to fail\n"));
        }
        if let Some(reason) = self.refused.take().filter(|_| counts.asked() == 0) {
            self.text.push_str(&format!("all refused: {reason}\n"));
        }
        for line in header.unasked() {
            self.text.push_str(&format!("{line}\n"));
        }
        self.text.push_str(&self.failures);
        if let Some(more) = self.failing.checked_sub(SHOWN + 1) {
            self.text.push_str(&format!("and {} more\n", more + 1));
        }
        let recipes = self.recipes.lines();
        if !recipes.is_empty() {
            self.text
                .push_str("true of these recipes, whoever computes them:\n");
        }
        for line in recipes {
            self.text.push_str(&format!("    {line}\n"));
        }
        self.fails |= self.failing > 0 || !complaints.is_empty() || counts.asked() == 0;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// What is said of a case that makes a run fail.
pub(super) struct Told {
    /// In a word or two.
    pub(super) what: String,
    /// At length; one line for each of the message's.
    pub(super) why: String,
}

/// What is said of a case that makes a run fail, or that is shown for another reason.
pub(super) fn told(record: &Record, standing: Standing<'_>) -> Told {
    let why = printable(&record.message);
    match standing {
        Standing::Surprising(reason) => Told {
            what: format!("{}, though known to fail", record.verdict),
            why: format!("the list says: {}", printable(reason)),
        },
        _ => Told {
            what: record.verdict.to_string(),
            why,
        },
    }
}

/// The clause that a case tests, and the mistake that it catches; empty for a check of another edition.
fn clause(record: &Record) -> String {
    let clause = record.clause().zip(record.looks_at());
    clause.map_or_else(String::new, |(clause, check)| {
        format!("{clause}: {}", check.catches())
    })
}

/// Where the formula of a case comes from, if that is known.
fn source(record: &Record) -> String {
    match record.source() {
        source if source.is_empty() => source,
        source => format!("source: {source}"),
    }
}
