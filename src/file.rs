//! Files read whole and written whole: never half-written, never larger than sensible.

use crate::error::{Code, Error, Result};
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

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
    let failed = |e: io::Error| {
        Error::new(
            Code::File,
            format!("could not write: {e}"),
            path.display().to_string(),
            "choose a file in a directory that exists and can be written",
        )
    };
    // A link is followed: its target is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&target) {
        Ok(kind) if kind.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
        Ok(kind) if !kind.is_file() => {
            let mut file = OpenOptions::new()
                .write(true)
                .open(&target)
                .map_err(failed)?;
            return file.write_all(bytes).map_err(failed);
        }
        _ => {}
    }
    let beside = beside(&target).ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        // The first error is the one to tell; a leftover that cannot be removed is part of it.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(failed)
}

/// SHA-256, 64 lower-case hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn beside(target: &Path) -> Option<PathBuf> {
    let name = target.file_name()?.to_string_lossy();
    Some(target.with_file_name(format!(".{name}.{}.partial", std::process::id())))
}
