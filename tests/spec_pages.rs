//! The normative pages say what the code computes, and what is known of its mutants is about lines
//! that exist; `make spec` writes the generated blocks of the pages anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test is built from fails the test"
)]

use dpm_spec::solver::Solver;
use dpm_spec::spec::{COMMAND, clause_prefix, references, regenerated};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Set to write the pages instead of checking them.
const BLESS: &str = "DPM_SPEC_BLESS";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown page under `spec/`.
fn pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("spec")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn generated_blocks_are_what_the_code_prints() {
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        let fresh =
            regenerated(&page).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if std::env::var_os(BLESS).is_some() {
            if fresh != page {
                fs::write(&path, fresh).unwrap();
            }
            continue;
        }
        let differs = page.lines().zip(fresh.lines()).position(|(a, b)| a != b);
        let line = differs.unwrap_or(page.lines().count()) + 1;
        assert!(
            fresh == page,
            "{}, line {line}, is not what the code prints; run `{COMMAND}`",
            path.display()
        );
    }
}

#[test]
fn every_solver_has_its_page() {
    for entry in Solver::ENTRIES {
        let path = root().join(format!("spec/solvers/{}.md", entry.id));
        let page = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            page.starts_with(&format!("# {}\n", entry.id)),
            "{} is missing or has another title",
            path.display()
        );
    }
}

/// One clause: its id and its text up to the next blank line or clause.
struct Clause {
    id: String,
    text: String,
    page: PathBuf,
}

fn clauses() -> Vec<Clause> {
    let mut found: Vec<Clause> = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for line in text.lines().filter(|line| line.starts_with("- **")) {
            let Some((id, text)) = line["- **".len()..].split_once("** ") else {
                continue;
            };
            found.push(Clause {
                id: id.to_owned(),
                text: text.to_owned(),
                page: page.clone(),
            });
        }
    }
    found
}

#[test]
fn clauses_are_numbered_from_one_and_name_source_and_test() {
    let mut last: HashMap<(PathBuf, String), usize> = HashMap::new();
    let mut owner: HashMap<String, PathBuf> = HashMap::new();
    for Clause { id, text, page } in clauses() {
        let (prefix, number) = id.rsplit_once('-').unwrap();
        let number: usize = number
            .parse()
            .unwrap_or_else(|_| panic!("{id} has no number"));
        let before = last.insert((page.clone(), prefix.to_owned()), number);
        assert_eq!(
            number,
            before.unwrap_or(0) + 1,
            "{id} in {}",
            page.display()
        );
        let home = owner
            .entry(prefix.to_owned())
            .or_insert_with(|| page.clone());
        assert_eq!(*home, page, "{prefix} is used on two pages");
        for part in ["*Source:* ", "*Test:* "] {
            assert_eq!(text.matches(part).count(), 1, "{id} lacks {part}");
        }
    }
    for entry in Solver::ENTRIES {
        let prefix = clause_prefix(entry.id);
        let page = owner
            .get(&prefix)
            .unwrap_or_else(|| panic!("no clause {prefix}-1"));
        assert!(
            page.ends_with(format!("{}.md", entry.id)),
            "{prefix} on another page"
        );
    }
}

#[test]
fn links_lead_to_files_and_headings() {
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        for target in page
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if target.starts_with("http") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let linked = match file {
                "" => path.clone(),
                _ => path.parent().unwrap().join(file),
            };
            assert!(
                linked.exists(),
                "{}: {target} leads nowhere",
                path.display()
            );
            if !heading.is_empty() {
                let text = fs::read_to_string(&linked).unwrap();
                let slug = |line: &str| {
                    line.trim_start_matches('#')
                        .trim()
                        .to_lowercase()
                        .replace(' ', "-")
                };
                let found = text
                    .lines()
                    .any(|line| line.starts_with('#') && slug(line) == heading);
                assert!(found, "{}: no heading {target}", path.display());
            }
        }
    }
}

#[test]
fn citations_are_in_the_bibliography() {
    let known: Vec<&str> = references().map(|reference| reference.key).collect();
    let cited = |text: &str, place: &str| {
        for key in text
            .split('[')
            .skip(1)
            .filter_map(|rest| rest.split(']').next())
        {
            let is_key = key
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
                && key.chars().any(|c| c.is_ascii_digit())
                && key.len() > 6;
            assert!(!is_key || known.contains(&key), "{place} cites {key}");
        }
    };
    for Clause { id, text, .. } in clauses() {
        cited(text.split("*Source:*").nth(1).unwrap(), &id);
    }
    for entry in Solver::ENTRIES {
        cited(entry.source, entry.id);
        assert!(
            !dpm_spec::spec::cited(entry.source).is_empty(),
            "{} cites nothing",
            entry.id
        );
    }
}

#[test]
fn every_mutant_with_a_reason_stands_on_a_line_that_exists() {
    let reasons = fs::read_to_string(root().join("tests/mutants/reasons.txt")).unwrap();
    for entry in reasons.lines().filter(|line| line.starts_with("src/")) {
        let (file, _) = entry.split_once(": ").expect(entry);
        let source = fs::read_to_string(root().join(file)).expect(entry);
        // The second mutant of one name on a line is marked so.
        let entry = entry.strip_suffix(" (2)").unwrap_or(entry);
        let mut lines = source.lines().map(|line| format!(" | {}", line.trim()));
        assert!(lines.any(|line| entry.ends_with(&line)), "{entry}");
    }
}
