//! Lists of known failures: cases that are asked, expected to fail, and say why.
//! Clauses: `CONFORM-KNOWN-*` of `spec/conformance.md`.

use super::case::Setting;
use super::edition::settings;
use super::pattern::{Pattern, canonical};
use super::printable::headline;
use super::record::Record;
use super::verdict::Verdict;
use crate::error::{Code, Error, Result};
use std::collections::HashMap;

/// Characters of a reason that is taken from a message.
const REASON: usize = 100;

/// Where a case stands with a list of known failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It does not fail, and nobody said that it would.
    Fine,
    /// It fails, and the list says why.
    Expected(&'a str),
    /// It fails, and is on no list.
    Unexpected,
    /// It is on the list for this reason, but does not fail.
    Surprising(&'a str),
}

impl Standing<'_> {
    /// Whether the case makes the run fail.
    pub fn fails_the_run(self) -> bool {
        matches!(self, Standing::Unexpected | Standing::Surprising(_))
    }
}

#[derive(Clone, Debug)]
struct Entry {
    pattern: Pattern,
    reason: String,
    line: usize,
    /// The comment that stands directly above it.
    comment: Vec<String>,
    /// Cases that it matched, whatever came of them.
    matched: usize,
    failed: usize,
    /// The ids that failed, if the list is to be rewritten.
    failing: Vec<String>,
    passed: usize,
    /// The first case that passed.
    first_passed: String,
}

impl Entry {
    fn take(&mut self, record: &Record, rewritten: bool) {
        self.matched += 1;
        match record.verdict {
            Verdict::NotApplicable | Verdict::Skipped => {}
            verdict if verdict.is_failure() => {
                self.failed += 1;
                self.failing.extend(rewritten.then(|| record.id.clone()));
            }
            _ => {
                self.passed += 1;
                if self.passed == 1 {
                    self.first_passed.clone_from(&record.id);
                }
            }
        }
    }

    /// Whether it matched nothing that was run, and everything that it matches was at hand.
    fn is_idle(&self, left: usize) -> bool {
        self.failed == 0 && self.passed == 0 && left == 0
    }
}

/// A list of known failures, and what a run has said of its entries so far.
#[derive(Clone, Debug, Default)]
pub struct Known {
    place: String,
    /// Comments that belong to no entry.
    head: Vec<String>,
    entries: Vec<Entry>,
    /// Entries that are ids, by their canonical form.
    ids: HashMap<String, usize>,
    /// The other entries.
    wide: Vec<usize>,
    /// Whether it is to be rewritten after the run.
    rewritten: bool,
    /// Failures on no line of the list, with the reason that the rewritten list gives.
    fresh: Vec<(String, String)>,
    /// Cases that were not run because the testee broke.
    not_run: usize,
}

impl Known {
    /// Reads a list: one `PATTERN  # reason` a line; empty lines and lines that begin with `#` are
    /// free. `place` is how errors name the file.
    ///
    /// # Errors
    /// `E-FORMAT` with the line for an entry without a reason or a second entry of one pattern;
    /// what [`Pattern::parse`] says.
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        let mut known = Known {
            place: place.to_owned(),
            ..Known::default()
        };
        let mut comment = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, content) in (1..).zip(text.lines().map(str::trim)) {
            if content.is_empty() {
                known.head.append(&mut comment);
            } else if content.starts_with('#') {
                comment.push(content.to_owned());
            } else {
                let entry = entry(content, line, std::mem::take(&mut comment));
                let entry = entry.map_err(|error| error.at(known.at(line)))?;
                let name = canonical(&entry.pattern.to_string());
                if let Some(first) = seen.insert(name, line) {
                    return Err(Error::new(
                        Code::Format,
                        format!("`{}` stands on line {first} already", entry.pattern),
                        known.at(line),
                        "remove one of the two lines",
                    ));
                }
                known.push(entry);
            }
        }
        known.head.append(&mut comment);
        Ok(known)
    }

    /// The same list, to be rewritten after the run: what fails comes onto it and is expected
    /// from now on, what passes goes.
    pub fn to_bless(mut self) -> Self {
        self.rewritten = true;
        self
    }

    fn push(&mut self, entry: Entry) {
        let place = self.entries.len();
        match entry.pattern.is_id() {
            true => {
                self.ids
                    .insert(canonical(&entry.pattern.to_string()), place);
            }
            false => self.wide.push(place),
        }
        self.entries.push(entry);
    }

    fn at(&self, line: usize) -> String {
        format!("{}, line {line}", self.place)
    }

    /// Takes note of a case that was judged.
    pub fn judge(&mut self, record: &Record) -> Standing<'_> {
        let id = self.ids.get(&canonical(&record.id)).copied();
        let wide = self.wide.iter().copied();
        let wide = wide.filter(|place| self.entries[*place].pattern.matches(&record.id));
        let places: Vec<usize> = id.into_iter().chain(wide).collect();
        for place in &places {
            self.entries[*place].take(record, self.rewritten);
        }
        let listed = places
            .first()
            .map(|place| self.entries[*place].reason.as_str());
        let asked = !matches!(record.verdict, Verdict::NotApplicable | Verdict::Skipped);
        let failed = record.verdict.is_failure();
        self.not_run += usize::from(failed && !record.was_run());
        match (failed, listed) {
            (true, Some(reason)) => Standing::Expected(reason),
            (true, None) if self.rewritten && record.was_run() => {
                self.fresh.push((record.id.clone(), reason(record)));
                let last = self.fresh.last();
                last.map_or(Standing::Unexpected, |(_, it)| Standing::Expected(it))
            }
            (true, None) => Standing::Unexpected,
            (false, Some(reason)) if asked && !self.rewritten => Standing::Surprising(reason),
            (false, _) => Standing::Fine,
        }
    }

    /// What is wrong with the list itself after a run, line by line: `E-KNOWN` for an entry that
    /// matched a case that passes, and for one that matches no case that was run, unless the
    /// edition has one that this run did not choose. If it is to be rewritten, only what keeps it
    /// from being so: `E-KNOWN` for cases that were not run.
    pub fn ending(&self) -> Vec<Error> {
        if self.rewritten {
            return Vec::from_iter(self.unfit());
        }
        let left = self.left();
        let complaints = self.entries.iter().zip(left).filter_map(|(entry, left)| {
            let what = match entry.passed {
                0 if entry.is_idle(left) => {
                    format!("`{}` matches no case that was run", entry.pattern)
                }
                0 => return None,
                1 => format!("{} is expected to fail and passes", entry.first_passed),
                many => format!(
                    "{many} cases that `{}` expects to fail pass, first {}",
                    entry.pattern, entry.first_passed
                ),
            };
            let remedy = "remove or narrow the entry, or let --bless-known rewrite the list";
            Some(Error::new(Code::Known, what, self.at(entry.line), remedy))
        });
        complaints.collect()
    }

    fn unfit(&self) -> Option<Error> {
        let broke = || {
            Error::new(
                Code::Known,
                format!(
                    "stays as it was: the testee broke; cases not run: {}",
                    self.not_run
                ),
                &self.place,
                "mend what breaks it, or choose other cases, and bless again",
            )
        };
        (self.not_run > 0).then(broke)
    }

    /// How many cases of the edition each entry matches that were not asked in this run; counted
    /// only for entries that nothing else speaks for.
    fn left(&self) -> Vec<usize> {
        let mut left = vec![0_usize; self.entries.len()];
        let idle = (0..left.len()).filter(|place| self.entries[*place].is_idle(0));
        let idle: Vec<usize> = idle.collect();
        if idle.is_empty() {
            return left;
        }
        for id in settings()
            .iter()
            .flat_map(Setting::cases)
            .map(|case| case.to_string())
        {
            for place in &idle {
                left[*place] += usize::from(self.entries[*place].pattern.matches(&id));
            }
        }
        for place in idle {
            left[place] = left[place].saturating_sub(self.entries[place].matched);
        }
        left
    }

    /// The list as this run would have it, sorted: entries that still fail or were not asked keep
    /// their reasons and comments, those that pass or match nothing go, new failures come with the
    /// first line of their message. A wide entry of which a part passes becomes the ids that fail.
    /// None if it is not [to be rewritten](Known::to_bless), or if cases were not run.
    pub fn blessed(&self) -> Option<String> {
        if !self.rewritten || self.not_run > 0 {
            return None;
        }
        let mut lines: Vec<(String, Vec<String>, String)> = Vec::new();
        for (entry, left) in self.entries.iter().zip(self.left()) {
            if entry.is_idle(left) {
                continue;
            }
            let kept = match entry.passed {
                0 => vec![entry.pattern.to_string()],
                _ => self.narrowed(entry),
            };
            let mut comment = entry.comment.clone();
            for pattern in kept {
                lines.push((pattern, std::mem::take(&mut comment), entry.reason.clone()));
            }
        }
        let fresh = self.fresh.iter().cloned();
        lines.extend(fresh.map(|(id, reason)| (id, Vec::new(), reason)));
        lines.sort();
        lines.dedup_by(|later, first| later.0 == first.0);
        let mut text = String::new();
        for line in &self.head {
            text.push_str(line);
            text.push('\n');
        }
        if !(self.head.is_empty() || lines.is_empty()) {
            text.push('\n');
        }
        for (pattern, comment, reason) in lines {
            for line in comment {
                text.push_str(&line);
                text.push('\n');
            }
            text.push_str(&format!("{pattern}  # {reason}\n"));
        }
        Some(text)
    }

    /// The failing ids of an entry that no entry of their own stands for.
    fn narrowed(&self, entry: &Entry) -> Vec<String> {
        let failing = entry.failing.iter();
        let own = |id: &&String| !self.ids.contains_key(&canonical(id));
        failing.filter(own).cloned().collect()
    }
}

fn entry(content: &str, line: usize, comment: Vec<String>) -> Result<Entry> {
    let (pattern, reason) = content.split_once('#').unwrap_or((content, ""));
    let pattern = Pattern::parse(pattern.trim())?;
    let reason = headline(reason, usize::MAX);
    if reason.is_empty() {
        return Err(Error::new(
            Code::Format,
            format!("`{pattern}` has no reason"),
            "",
            "write PATTERN  # why it is known to fail",
        ));
    }
    Ok(Entry {
        pattern,
        reason,
        line,
        comment,
        matched: 0,
        failed: 0,
        failing: Vec::new(),
        passed: 0,
        first_passed: String::new(),
    })
}

fn reason(record: &Record) -> String {
    match headline(&record.message, REASON) {
        message if message.is_empty() => record.verdict.name().to_owned(),
        message => message,
    }
}
