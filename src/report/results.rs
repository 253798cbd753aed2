//! One run's results as they come, and the views that show them.

use super::badge::Badge;
use super::conformance::Page;
use super::junit::Junit;
use super::ndjson::Ndjson;
use super::summary::Summary;
use crate::conformance::{
    Counts, Declaration, EDITION, Profile, Record, Standing, headline, printable,
};
use crate::error::{Error, Result};
use crate::file::Reserved;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// The name of the format, in its first line.
pub(super) const FORMAT: &str = "dpm-spec/results";

/// Its version.
pub(super) const VERSION: u64 = 1;

/// Characters of a name.
const NAME: usize = 120;

/// Who was asked, and what: the first line of a run's results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    format: String,
    version: u64,
    /// Version of the crate that asked.
    #[serde(rename = "crate")]
    pub made_by: String,
    /// Edition of the suite.
    pub edition: String,
    /// Profile.
    pub profile: String,
    /// What `dpm-spec check` was told of the testee: `--builtin cpu-f32`, or `--` and its command,
    /// before them `--timeout` if it was not the usual one.
    pub command: Vec<String>,
    /// What the testee said of itself.
    pub testee: Map<String, Value>,
}

impl Header {
    /// Of a run of this crate. `command` is what `dpm-spec check` was told of the testee.
    pub fn new(testee: &Declaration, profile: Profile, command: Vec<String>) -> Self {
        let testee = match testee.to_json() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            edition: EDITION.to_owned(),
            profile: profile.name().to_owned(),
            command,
            testee,
        }
    }

    /// Whether a file of this format and version says so.
    pub(super) fn is_current(&self) -> bool {
        self.format == FORMAT && self.version == VERSION
    }

    /// A text that the testee says of itself, such as `language`, as it can be shown.
    pub(super) fn said(&self, field: &str) -> String {
        let text = self.testee.get(field).and_then(Value::as_str);
        headline(text.unwrap_or_default(), NAME)
    }

    /// The testee's name and version.
    pub(super) fn name(&self) -> String {
        let parts = [self.said("name"), self.said("version")];
        parts.join(" ").trim_end().to_owned()
    }

    /// The command that asks one case again.
    pub(super) fn reproduction(&self, id: &str) -> String {
        let axis = |key: &str| id.split(':').find_map(|it| it.strip_prefix(key));
        if let (Some(seed), Some(case)) = (axis("seed="), axis("case=")) {
            return self.told(&["dpm-spec", "explore", "--seed", seed, "--case", case]);
        }
        let mut words = vec!["dpm-spec", "check"];
        if self.edition != EDITION {
            words.extend(["--edition", &self.edition]);
        }
        if self.profile != Profile::Core.name() {
            words.extend(["--profile", &self.profile]);
        }
        words.extend(["--only", id]);
        self.told(&words)
    }

    /// A command line that ends with what was told of the testee.
    fn told(&self, words: &[&str]) -> String {
        let words = words.iter().copied();
        let words = words.chain(self.command.iter().map(String::as_str));
        words.map(quoted).collect::<Vec<String>>().join(" ")
    }

    /// Whether two runs are parts of one: everything is the same but for the command.
    pub fn is_of(&self, other: &Header) -> bool {
        let parts = |it: &Header| (it.made_by.clone(), it.edition.clone(), it.profile.clone());
        parts(self) == parts(other) && self.testee == other.testee
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%^".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", printable(word).replace('\'', "'\\''")),
    }
}

/// A count with its thousands apart: `12,345`.
pub(super) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What shows results, one after the other; nothing in it grows with the number of cases that pass.
pub trait View {
    /// A testee's results begin.
    ///
    /// # Errors
    /// `E-FILE` if its file cannot be written, as everywhere here.
    fn begin(&mut self, header: &Header) -> Result<()>;

    /// A case was judged.
    ///
    /// # Errors
    /// As above.
    fn take(&mut self, record: &Record, standing: Standing<'_>) -> Result<()>;

    /// The testee's results end; `complaints` are what is wrong beside the cases.
    ///
    /// # Errors
    /// As above.
    fn end(&mut self, counts: &Counts, complaints: &[Error]) -> Result<()>;

    /// All testees were shown; the file is put in its place.
    ///
    /// # Errors
    /// As above.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// The files that views write; none for the ones that nobody asked for.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// One result a line.
    pub ndjson: Option<PathBuf>,
    /// JUnit's XML.
    pub junit: Option<PathBuf>,
    /// The page.
    pub report: Option<PathBuf>,
    /// The badge.
    pub badge: Option<PathBuf>,
}

/// All views of a run: the files that were asked for, and the text.
#[derive(Default)]
pub struct Views {
    files: Vec<Box<dyn View>>,
    summary: Summary,
    counts: Counts,
}

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} files, {:?}", self.files.len(), self.counts)
    }
}

impl Views {
    /// Opens every file, before anything is asked.
    ///
    /// # Errors
    /// `E-FILE` for one that cannot be written or that another run is writing.
    pub fn open(files: &Files) -> Result<Self> {
        type Made = fn(Reserved) -> Box<dyn View>;
        let made: [(&Option<PathBuf>, Made); 4] = [
            (&files.ndjson, |file| Box::new(Ndjson::new(file))),
            (&files.junit, |file| Box::new(Junit::new(file))),
            (&files.report, |file| Box::new(Page::new(file))),
            (&files.badge, |file| Box::new(Badge::new(file))),
        ];
        let mut views = Views::default();
        for (path, view) in made {
            if let Some(path) = path {
                views.files.push(view(Reserved::new(path)?));
            }
        }
        Ok(views)
    }

    fn all(&mut self) -> impl Iterator<Item = &mut dyn View> {
        let summary: &mut dyn View = &mut self.summary;
        [summary]
            .into_iter()
            .chain(self.files.iter_mut().map(|it| it.as_mut() as _))
    }

    /// A testee's results begin.
    ///
    /// # Errors
    /// `E-FILE`, as everywhere here.
    pub fn begin(&mut self, header: &Header) -> Result<()> {
        self.counts = Counts::default();
        self.all().try_for_each(|view| view.begin(header))
    }

    /// A case was judged.
    ///
    /// # Errors
    /// As above.
    pub fn take(&mut self, record: &Record, standing: Standing<'_>) -> Result<()> {
        self.counts.add(record.verdict);
        self.all().try_for_each(|view| view.take(record, standing))
    }

    /// The testee's results end; `complaints` are what is wrong beside the cases.
    ///
    /// # Errors
    /// As above.
    pub fn end(&mut self, complaints: &[Error]) -> Result<()> {
        let counts = self.counts;
        self.all()
            .try_for_each(|view| view.end(&counts, complaints))
    }

    /// All testees were shown: every file is put in its place.
    ///
    /// # Errors
    /// As above.
    pub fn finish(self) -> Result<Conclusion> {
        self.files.into_iter().try_for_each(View::finish)?;
        Ok(self.summary.conclusion())
    }
}

/// What a person is told at the end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// Counts, and the first failing cases of each testee.
    pub text: String,
    /// Whether something was asked of every testee, and nothing makes the run fail.
    pub passes: bool,
}
