//! The pages on errors are transcripts: every command on them gives what the page shows, byte for
//! byte, figures too.
//!
//! `DPM_SPEC_BLESS=1 cargo test --features full --test convergence_page` runs the commands anew and
//! writes their output and figures into the pages; the prose between is written by hand.
#![cfg(all(feature = "cli", feature = "oracle"))]

#[path = "../docs/examples/blind_on_gaussian.rs"]
mod example;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGES: [&str; 3] = [
    "docs/convergence.md",
    "docs/convergence-measures.md",
    "docs/rounding.md",
];
const FIGURES: &str = "docs/figures";

#[test]
fn every_command_on_the_convergence_pages_gives_what_the_page_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("convergence_page");
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(place.join(FIGURES)).unwrap();
    let bless = std::env::var_os("DPM_SPEC_BLESS").is_some();
    let mut shown = String::new();
    for page in PAGES {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let made = regenerated(&text, &place);
        if bless {
            fs::write(root.join(page), &made).unwrap();
        } else {
            compare(page, &text, &made);
        }
        shown.push_str(&text);
    }
    let figures = files(&place.join(FIGURES));
    if bless {
        for name in &figures {
            let (from, to) = (place.join(FIGURES), root.join(FIGURES));
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
        return;
    }
    let kept = files(&root.join(FIGURES));
    assert_eq!(
        kept, figures,
        "{FIGURES} holds what the pages draw, no more"
    );
    for name in &figures {
        let kept = fs::read(root.join(FIGURES).join(name)).unwrap_or_default();
        let drawn = fs::read(place.join(FIGURES).join(name)).unwrap();
        assert!(
            kept == drawn,
            "{FIGURES}/{name} differs; `make docs` draws it anew"
        );
        assert!(
            shown.contains(&format!("(figures/{name})")),
            "no page shows {name}"
        );
    }
}

fn compare(page: &str, old: &str, new: &str) {
    for (line, (old, new)) in old.lines().zip(new.lines()).enumerate() {
        assert_eq!(
            old,
            new,
            "{page}:{} differs; `make docs` writes it anew",
            line + 1
        );
    }
    assert_eq!(
        old.lines().count(),
        new.lines().count(),
        "{page}: `make docs`"
    );
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The page with every console block's output replaced by what its command prints now.
fn regenerated(page: &str, place: &Path) -> String {
    let mut made = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        made.push_str(line);
        made.push('\n');
        if line != "```console" {
            continue;
        }
        let mut command = String::new();
        for line in lines.by_ref() {
            made.push_str(line);
            made.push('\n');
            let part = line.trim_start_matches("$ ").trim();
            command.push_str(part.trim_end_matches('\\'));
            if !part.ends_with('\\') {
                break;
            }
        }
        for line in lines.by_ref() {
            if line == "```" {
                break;
            }
        }
        made.push_str(&output(&command, place));
        made.push_str("```\n");
    }
    made
}

fn output(command: &str, place: &Path) -> String {
    let words: Vec<String> = command
        .split_whitespace()
        .map(|word| word.replace('\'', ""))
        .collect();
    if command.starts_with("cargo run --example blind_on_gaussian") {
        return example::table().unwrap();
    }
    assert_eq!(words[0], "dpm-spec", "{command}");
    let output = Command::new(env!("CARGO_BIN_EXE_dpm-spec"))
        .args(&words[1..])
        .current_dir(place)
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{command}: {log}");
    String::from_utf8(output.stdout).unwrap()
}
