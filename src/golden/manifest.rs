//! The MANIFEST of the published plans: a SHA-256 and a path a line, as `sha256sum` writes them.

use crate::error::{Code, Error, Result};
use crate::file::{read_text, sha256};
use crate::plan::{DATA_CRATE, DATA_VERSION, PlanFile};
use std::fmt;
use std::path::Path;

/// Its file name.
pub const MANIFEST: &str = "MANIFEST";

/// What is published, and the hash of every file; `sha256sum -c MANIFEST` checks the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    entries: Vec<Listed>,
}

/// A line of the MANIFEST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Path relative to the MANIFEST, `/` between folders.
    pub path: String,
}

impl Manifest {
    /// The manifest of files in the order given.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let listed = |(path, text): (&str, &str)| Listed {
            sha256: sha256(text.as_bytes()),
            path: path.to_owned(),
        };
        Manifest {
            entries: files.into_iter().map(listed).collect(),
        }
    }

    /// Reads the MANIFEST of a directory.
    ///
    /// # Errors
    /// `E-FILE`; `E-FORMAT` naming the line that is malformed.
    pub fn open(directory: &Path) -> Result<Self> {
        let path = directory.join(MANIFEST);
        Self::parse(&read_text(&path)?).map_err(|e| e.at(path.display()))
    }

    /// Reads a MANIFEST of this data version.
    ///
    /// # Errors
    /// `E-FORMAT` naming the line that is malformed.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |line: usize, what: &str| {
            let remedy = "restore the MANIFEST as published";
            Error::new(Code::Format, what, format!("line {line}"), remedy)
        };
        let mut lines = text.lines();
        if lines.next() != Some(&header()) {
            return Err(wrong(1, "not the header of this data version"));
        }
        let mut entries: Vec<Listed> = Vec::new();
        for (i, line) in lines.enumerate() {
            let (sha256, path) = line
                .split_once("  ")
                .ok_or_else(|| wrong(i + 2, "not a hash, two spaces and a path"))?;
            let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            if sha256.len() != 64 || !sha256.bytes().all(digit) {
                return Err(wrong(i + 2, "the hash is not 64 hexadecimal digits"));
            }
            let plain = |part: &str| {
                !part.starts_with('.')
                    && !part.is_empty()
                    && part
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
            };
            if !path.split('/').all(plain) {
                return Err(wrong(i + 2, "the path is not relative and plain"));
            }
            if entries
                .last()
                .is_some_and(|last| last.path.as_str() >= path)
            {
                return Err(wrong(i + 2, "the paths are not sorted"));
            }
            entries.push(Listed {
                sha256: sha256.to_owned(),
                path: path.to_owned(),
            });
        }
        Ok(Manifest { entries })
    }

    /// The lines.
    pub fn entries(&self) -> &[Listed] {
        &self.entries
    }

    /// Reads a published file and checks its hash.
    ///
    /// # Errors
    /// `E-MANIFEST` if the path is not listed, the file is missing or has another hash.
    pub fn text(&self, directory: &Path, path: &str) -> Result<String> {
        let listed = self.entries.iter().find(|listed| listed.path == path);
        let Some(listed) = listed else {
            return Err(differs("the file is not in the MANIFEST", path));
        };
        let text = match read_text(&directory.join(path)) {
            Err(e) if e.code == Code::File => {
                return Err(differs(
                    &format!("the file cannot be read: {}", e.what),
                    path,
                ));
            }
            other => other?,
        };
        if sha256(text.as_bytes()) == listed.sha256 {
            return Ok(text);
        }
        Err(differs(
            "the file's SHA-256 differs from the MANIFEST's",
            path,
        ))
    }

    /// Reads a published plan and checks its hash.
    ///
    /// # Errors
    /// Those of [`Manifest::text`] and [`PlanFile::parse`].
    pub fn plan(&self, directory: &Path, path: &str) -> Result<PlanFile> {
        PlanFile::parse(&self.text(directory, path)?).map_err(|e| e.at(path))
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", header())?;
        for Listed { sha256, path } in &self.entries {
            writeln!(f, "{sha256}  {path}")?;
        }
        Ok(())
    }
}

fn header() -> String {
    format!(
        "# dpm-spec golden data version {DATA_VERSION}, first published by crate version {DATA_CRATE}"
    )
}

pub(super) fn differs(what: &str, path: &str) -> Error {
    let remedy = "restore the published files, or write them anew with `dpm-spec golden`";
    Error::new(Code::Manifest, what, path, remedy)
}
