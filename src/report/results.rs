//! One run's results as they come, and the views that show them.

use super::ndjson::Ndjson;
use crate::conformance::{Counts, Declaration, EDITION, Profile, Record, Standing};
use crate::error::{Error, Result};
use crate::file::Reserved;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// The name of the format, in its first line.
pub(super) const FORMAT: &str = "dpm-spec/results";

/// Its version.
pub(super) const VERSION: u64 = 1;

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
    /// How the testee was named to `dpm-spec check`: `--builtin cpu-f32`, or `--` and its command.
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

    /// Whether two runs are parts of one: everything is the same but for the command.
    pub fn is_of(&self, other: &Header) -> bool {
        let parts = |it: &Header| (it.made_by.clone(), it.edition.clone(), it.profile.clone());
        parts(self) == parts(other) && self.testee == other.testee
    }
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
}

/// All views of a run.
#[derive(Default)]
pub struct Views {
    views: Vec<Box<dyn View>>,
    counts: Counts,
}

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} views, {:?}", self.views.len(), self.counts)
    }
}

impl Views {
    /// Opens every file, before anything is asked.
    ///
    /// # Errors
    /// `E-FILE` for one that cannot be written or that another run is writing.
    pub fn open(files: &Files) -> Result<Self> {
        let mut views: Vec<Box<dyn View>> = Vec::new();
        if let Some(path) = &files.ndjson {
            views.push(Box::new(Ndjson::new(Reserved::new(path)?)));
        }
        Ok(Views {
            views,
            counts: Counts::default(),
        })
    }

    /// A testee's results begin.
    ///
    /// # Errors
    /// `E-FILE`, as everywhere here.
    pub fn begin(&mut self, header: &Header) -> Result<()> {
        self.counts = Counts::default();
        self.views
            .iter_mut()
            .try_for_each(|view| view.begin(header))
    }

    /// A case was judged.
    ///
    /// # Errors
    /// As above.
    pub fn take(&mut self, record: &Record, standing: Standing<'_>) -> Result<()> {
        self.counts.add(record.verdict);
        self.views
            .iter_mut()
            .try_for_each(|view| view.take(record, standing))
    }

    /// The testee's results end; `complaints` are what is wrong beside the cases.
    ///
    /// # Errors
    /// As above.
    pub fn end(&mut self, complaints: &[Error]) -> Result<()> {
        let counts = self.counts;
        self.views
            .iter_mut()
            .try_for_each(|view| view.end(&counts, complaints))
    }

    /// All testees were shown: every file is put in its place.
    ///
    /// # Errors
    /// As above.
    pub fn finish(self) -> Result<()> {
        self.views.into_iter().try_for_each(View::finish)
    }
}
