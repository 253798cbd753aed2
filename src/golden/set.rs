//! The whole published set: writing it, and checking that it is what this build derives.

use super::catalogue::{Published, published};
use super::certify::certify;
use super::manifest::{MANIFEST, Manifest, differs};
use crate::error::{Code, Error, Result};
use crate::file::write_whole;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Files beside the plans that are written by hand.
const BY_HAND: &[&str] = &["README.md", "ERRATA.md", "LICENSE"];

/// Certifies every published plan and writes it, then the MANIFEST.
///
/// `progress` gets each path when its plan is certified, from several threads.
///
/// # Errors
/// Those of [`certify`]; `E-FILE`. A file is written whole or not at all.
pub fn write(directory: &Path, progress: &(dyn Fn(&str) + Sync)) -> Result<Manifest> {
    let plans = published()?;
    let texts = texts(&plans, progress)?;
    let mut folders: Vec<&str> = plans.iter().filter_map(folder).collect();
    folders.dedup();
    for folder in folders {
        let folder = directory.join(folder);
        fs::create_dir_all(&folder).map_err(|e| {
            let what = format!("could not make the directory: {e}");
            let place = folder.display().to_string();
            Error::new(
                Code::File,
                what,
                place,
                "choose a directory that can be written",
            )
        })?;
    }
    for (plan, text) in plans.iter().zip(&texts) {
        write_whole(&directory.join(&plan.path), text.as_bytes())?;
    }
    let paths = plans.iter().map(|plan| plan.path.as_str());
    let manifest = Manifest::of(paths.zip(texts.iter().map(String::as_str)));
    write_whole(&directory.join(MANIFEST), manifest.to_string().as_bytes())?;
    Ok(manifest)
}

fn folder(plan: &Published) -> Option<&str> {
    plan.path.rsplit_once('/').map(|(folder, _)| folder)
}

/// Certifies every published plan anew and compares it with its file, byte for byte.
///
/// # Errors
/// `E-MANIFEST` for a file that is missing, extra or has another hash; `E-VERIFY` naming the first
/// place that differs; those of [`certify`].
pub fn check(directory: &Path, progress: &(dyn Fn(&str) + Sync)) -> Result<()> {
    let plans = published()?;
    check_names(directory, &plans)?;
    check_plans(directory, &plans, progress)
}

/// As [`check`], on some of the published plans and their lines of the MANIFEST only.
///
/// # Errors
/// As [`check`].
pub fn check_plans(
    directory: &Path,
    plans: &[Published],
    progress: &(dyn Fn(&str) + Sync),
) -> Result<()> {
    let manifest = Manifest::open(directory)?;
    let read = |plan: &Published| manifest.text(directory, &plan.path);
    let found: Vec<String> = plans.iter().map(read).collect::<Result<_>>()?;
    let derived = texts(plans, progress)?;
    for ((plan, found), derived) in plans.iter().zip(&found).zip(&derived) {
        if found != derived {
            return Err(difference(&plan.path, found, derived));
        }
    }
    Ok(())
}

/// The MANIFEST lists what is published, and the directory holds that and nothing else.
fn check_names(directory: &Path, plans: &[Published]) -> Result<()> {
    let manifest = Manifest::open(directory)?;
    let listed = |path: &str| manifest.entries().iter().any(|entry| entry.path == path);
    let known = |path: &str| plans.iter().any(|plan| plan.path == path);
    if let Some(plan) = plans.iter().find(|plan| !listed(&plan.path)) {
        return Err(differs("the plan is not in the MANIFEST", &plan.path));
    }
    if let Some(extra) = manifest.entries().iter().find(|entry| !known(&entry.path)) {
        return Err(differs(
            "the MANIFEST lists a plan that is not published",
            &extra.path,
        ));
    }
    let present = files(directory, "")?;
    if let Some(extra) = present
        .iter()
        .find(|path| !known(path) && *path != MANIFEST && !BY_HAND.contains(&path.as_str()))
    {
        return Err(differs("the file is not a published one", extra));
    }
    Ok(())
}

/// Paths of all files below `prefix`, sorted.
fn files(directory: &Path, prefix: &str) -> Result<Vec<String>> {
    let unreadable = |e: std::io::Error| {
        let place = directory.join(prefix).display().to_string();
        Error::new(
            Code::File,
            e.to_string(),
            place,
            "give a readable directory",
        )
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(directory.join(prefix)).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(unreadable)?.is_dir() {
            found.extend(files(directory, &format!("{name}/"))?);
        } else {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

/// The texts of the plans' files, certified on as many threads as the machine has.
fn texts(plans: &[Published], progress: &(dyn Fn(&str) + Sync)) -> Result<Vec<String>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        while let Some(plan) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
            let text = certify(&plan.request).map(|file| file.to_json());
            made.push((plan, text.map_err(|e| e.at(&plan.path))));
            progress(&plan.path);
        }
        made
    };
    let threads = thread::available_parallelism().map_or(1, |n| n.get());
    let mut made = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(plans.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined
            .collect::<thread::Result<Vec<_>>>()
            .map(|parts| parts.concat())
    })
    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    made.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    made.into_iter().map(|(_, text)| text).collect()
}

/// The first place where two texts differ.
fn difference(path: &str, found: &str, derived: &str) -> Error {
    let same = found
        .bytes()
        .zip(derived.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let before = &derived.as_bytes()[..same];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    // plan files are ASCII; other text is shown as far as it is
    let shown = |text: &str| {
        let rest = text.get(same.saturating_sub(20)..).unwrap_or_default();
        rest.chars().take(60).collect::<String>()
    };
    let what = format!(
        "`{}` stands where `{}` is derived",
        shown(found),
        shown(derived)
    );
    let place = format!("{path}, line {line}, column {column}");
    Error::new(Code::Verify, what, place, "restore the published file")
}
