//! Which finding explains what of a library is not as it should be.

use crate::conformance::{Pattern, Record, Verdict, printable};
use crate::error::{Code, Error, Result};
use serde::Deserialize;

/// Cases that are named one by one when they are not explained.
const SHOWN: usize = 10;

/// The explanations, and what they have been asked for so far.
#[derive(Debug, Default)]
pub struct Explained {
    entries: Vec<Entry>,
    /// Libraries of which something was asked.
    seen: Vec<String>,
    unexplained: Vec<String>,
    more: usize,
}

#[derive(Debug)]
struct Entry {
    said: Said,
    cases: Vec<Pattern>,
    used: bool,
}

/// An entry as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// The library, as its testee names it.
    library: String,
    verdicts: Vec<Verdict>,
    /// Patterns of `--only`.
    cases: Vec<String>,
    /// The steps at which it is so, if not at all.
    #[serde(default)]
    steps: Vec<usize>,
    /// What the message has to contain.
    #[serde(default)]
    says: String,
    /// The page: its file without `.md`.
    finding: String,
}

impl Explained {
    /// Parses a list of objects with `library`, `verdicts`, `cases` (patterns) and `finding`; where
    /// it is so only in part also `steps`, and what the message `says`.
    ///
    /// # Errors
    /// `E-FORMAT` for another text; what [`Pattern::parse`] says.
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        let said: Vec<Said> = serde_json::from_str(text).map_err(|error| {
            let remedy = "give a list of objects with library, verdicts, cases and finding";
            Error::new(Code::Format, error.to_string(), place, remedy)
        })?;
        let entry = |said: Said| {
            let cases = said.cases.iter().map(|text| Pattern::parse(text));
            let cases = cases.collect::<Result<_>>();
            Ok(Entry {
                cases: cases.map_err(|error| error.at(place))?,
                said,
                used: false,
            })
        };
        Ok(Explained {
            entries: said.into_iter().map(entry).collect::<Result<_>>()?,
            ..Explained::default()
        })
    }

    /// The finding that explains a case which is not as it should be: its file without `.md`.
    pub(super) fn finding(&mut self, library: &str, record: &Record) -> Option<&str> {
        let verdict = record.verdict;
        if ![Verdict::NotApplicable, Verdict::Skipped].contains(&verdict) {
            self.see(library);
        }
        if ![Verdict::Imprecise, Verdict::Deviates, Verdict::Fails].contains(&verdict) {
            return None;
        }
        let meant = |Entry { said, cases, .. }: &&mut Entry| {
            said.library == library
                && said.verdicts.contains(&verdict)
                && (said.steps.is_empty() || said.steps.contains(&record.steps))
                && record.message.contains(&said.says)
                && cases.iter().any(|it| it.matches(&record.id))
        };
        let Some(entry) = self.entries.iter_mut().find(meant) else {
            if self.unexplained.len() < SHOWN {
                let id = printable(&record.id);
                self.unexplained.push(format!(
                    "{}: {id} {verdict}, unexplained",
                    printable(library)
                ));
            } else {
                self.more += 1;
            }
            return None;
        };
        entry.used = true;
        Some(&entry.said.finding)
    }

    fn see(&mut self, library: &str) {
        if !self.seen.iter().any(|it| it == library) {
            self.seen.push(library.to_owned());
        }
    }

    /// What is not explained, and what explains nothing of a library that was asked.
    pub fn complaints(&self) -> Vec<String> {
        let mut all = self.unexplained.clone();
        if self.more > 0 {
            all.push(format!("and {} more", self.more));
        }
        let idle = |it: &&Entry| !it.used && self.seen.contains(&it.said.library);
        let idle = self.entries.iter().filter(idle).map(|it| {
            let Said {
                library,
                cases,
                finding,
                ..
            } = &it.said;
            let cases = cases.join(", ");
            printable(&format!("{library}: {cases} ({finding}) explains nothing"))
        });
        all.extend(idle);
        all
    }
}
