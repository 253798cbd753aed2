//! Files read whole and written whole: never half-written, never larger than sensible.

use crate::error::{Code, Error, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Largest file read, in bytes; the largest plan of 1000 steps has a tenth of it.
pub const LARGEST: u64 = 64 << 20;

/// Reads a UTF-8 text file.
///
/// # Errors
/// `E-FILE` if it cannot be read, is a directory or larger than [`LARGEST`]; `E-FORMAT` if it is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    let place = path.display().to_string();
    let unreadable =
        |what: String| Error::new(Code::File, what, &place, "give a readable text file");
    let kind = fs::metadata(path).map_err(|e| unreadable(e.to_string()))?;
    if kind.is_dir() {
        return Err(unreadable("is a directory".to_owned()));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|e| unreadable(e.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(format!("is larger than {LARGEST} bytes")));
    }
    String::from_utf8(bytes).map_err(|e| {
        let position = e.utf8_error().valid_up_to();
        Error::new(
            Code::Format,
            format!("byte {position} is not UTF-8"),
            place,
            "give a UTF-8 text file",
        )
    })
}

/// Writes a file beside its place and renames it, so that readers see the old file or the whole new one.
///
/// What exists and is no regular file (a pipe, `/dev/null`) is written to directly.
///
/// # Errors
/// `E-FILE`; nothing is left behind.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = Reserved::new(path)?;
    file.write(bytes)?;
    file.finish()
}

/// Files that are being written beside their places by this process.
static PARTIAL: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn partial() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    PARTIAL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all files that are not whole, and lets no other be begun or put in its place: for a
/// process that is about to end.
pub fn remove_partial() {
    let partial = partial();
    for beside in partial.iter() {
        // Nobody is left to tell.
        let _ = fs::remove_file(beside);
    }
    std::mem::forget(partial);
}

/// A file that is being written: beside its place, locked against other runs, and renamed at the end.
///
/// Dropped before [`Reserved::finish`] it leaves nothing behind.
#[derive(Debug)]
pub struct Reserved {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    /// The file beside it and the place that it goes to; none for what is no regular file.
    move_to: Option<(PathBuf, PathBuf)>,
}

impl Reserved {
    /// Opens a file for writing.
    ///
    /// # Errors
    /// `E-FILE` if its directory cannot be written, or if someone else is writing it.
    pub fn new(path: &Path) -> Result<Self> {
        let failed = |e| unwritable(path, &e);
        // A link is followed: its target is replaced, not the link.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let kind = fs::metadata(&target);
        if kind.as_ref().is_ok_and(fs::Metadata::is_dir) {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let mut options = OpenOptions::new();
        options.write(true);
        if kind.is_ok_and(|kind| !kind.is_file()) {
            let file = options.open(&target).map_err(failed)?;
            return Ok(Reserved::of(path, file, None));
        }
        let name = target.file_name();
        let name = name.ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
        let beside = target.with_file_name(format!(".{}.partial", name.to_string_lossy()));
        // Nothing is made that [`remove_partial`] does not find.
        let mut partial = partial();
        let file = options
            .create(true)
            .truncate(false)
            .open(&beside)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    Code::File,
                    "is being written by another run, or twice by this one",
                    path.display().to_string(),
                    "wait for its end, or choose another file",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        partial.insert(beside.clone());
        file.set_len(0).map_err(failed)?;
        Ok(Reserved::of(path, file, Some((beside, target))))
    }

    fn of(path: &Path, file: File, move_to: Option<(PathBuf, PathBuf)>) -> Self {
        Reserved {
            path: path.to_owned(),
            file: Some(BufWriter::new(file)),
            move_to,
        }
    }

    /// Writes more of it.
    ///
    /// # Errors
    /// `E-FILE`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.file.as_mut().map_or(Ok(()), |it| it.write_all(bytes));
        written.map_err(|e| unwritable(&self.path, &e))
    }

    /// Puts the whole file in its place.
    ///
    /// # Errors
    /// `E-FILE`; the place is as it was.
    pub fn finish(mut self) -> Result<()> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        let moved = flushed.and_then(|()| match &self.move_to {
            Some((beside, target)) => {
                let mut partial = partial();
                fs::rename(beside, target).map(|()| {
                    partial.remove(beside);
                })
            }
            None => Ok(()),
        });
        moved.map_err(|e| unwritable(&self.path, &e))?;
        self.move_to = None;
        Ok(())
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some((beside, _)) = &self.move_to {
            let mut partial = partial();
            // Nothing is left to tell: the run has failed already, and says so.
            let _ = fs::remove_file(beside);
            partial.remove(beside);
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::new(
        Code::File,
        format!("could not write: {error}"),
        path.display().to_string(),
        "choose a file in a directory that exists and can be written",
    )
}

/// SHA-256, 64 lower-case hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
