//! What the page for users shows is so: its patterns, its list, its verdicts, its pictures.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use dpm_spec::conformance::{Known, Only, Verdict, settings};
use std::fs;

/// The blocks of `docs/conformance.md` in a language.
pub(crate) fn blocks(language: &str) -> Vec<String> {
    let page = fs::read_to_string("docs/conformance.md").unwrap();
    let start = format!("```{language}\n");
    let blocks = page.split(&start).skip(1);
    blocks
        .map(|it| it.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_patterns_and_the_list_of_the_guide_match_cases_of_the_edition() {
    let settings = settings();
    let patterns = blocks("patterns").concat();
    let patterns: Vec<String> = patterns.lines().map(str::to_owned).collect();
    assert!(patterns.len() > 3);
    Only::parse(&patterns, &settings).unwrap();
    let list = blocks("known").concat();
    // Nothing was asked yet: an entry that matches a case of the edition has nothing to complain of.
    let known = Known::parse(&list, "the list in the guide").unwrap();
    assert_eq!(known.ending(), []);
    assert!(list.lines().count() > 2);
}

#[test]
fn the_guide_explains_every_verdict() {
    let page = fs::read_to_string("docs/conformance.md").unwrap();
    for verdict in Verdict::ALL {
        assert!(page.contains(&format!("\n| `{verdict}` | ")), "{verdict}");
    }
}

#[test]
fn the_pictures_of_the_page_are_there_and_small() {
    let page = fs::read_to_string("docs/conformance.md").unwrap();
    for (name, width) in [("light", 1000_u32), ("dark", 1000), ("narrow", 400)] {
        let path = format!("captures/{name}.png");
        assert!(page.contains(&path), "{path}");
        let picture = fs::read(format!("docs/{path}")).unwrap();
        assert!(
            picture.starts_with(b"\x89PNG") && picture.len() < 300_000,
            "{path}"
        );
        assert_eq!(picture[16..20], width.to_be_bytes(), "{path}");
    }
}
