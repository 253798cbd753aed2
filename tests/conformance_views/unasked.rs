//! What a sampler declares and no case asks: every view says it.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::records::record;
use super::runs::{TEN, place, seen, shown};
use dpm_spec::conformance::{Declaration, Known, Precision, Profile, Verdict};
use dpm_spec::report::{Files, Header, Merged};
use std::fs;

fn header() -> Header {
    let testee = Declaration::new("mine", Precision::F32);
    let testee = testee.solvers(["dpmpp-2m", "dpmpp-2s:r1=0.25"]).unwrap();
    let testee = testee.schedules(["vp-linear"]).unwrap();
    let command = vec!["--builtin".to_owned(), "cpu-f32".to_owned()];
    Header::new(&testee, Profile::Core, command).of_edition(&testee)
}

#[test]
fn text_and_page_have_a_line_for_each_and_the_run_passes() {
    let run = (header(), vec![record(TEN, Verdict::Exact, "")]);
    let seen = seen("unasked", &[run], "");
    let words = "declared, but asked by no case of edition 2026.1: solver dpmpp-2s:r1=1";
    let text = &seen.conclusion.text;
    let line = format!("{words}/4 (dpm-spec explore asks it)");
    let lines = text.lines().filter(|it| it.starts_with("declared"));
    assert_eq!(lines.collect::<Vec<_>>(), [line], "{text}");
    assert!(seen.conclusion.passes);
    assert_eq!(seen.page.matches(words).count(), 1);
}

#[test]
fn the_stream_carries_it_into_merged_reports() {
    let path = place("unasked.ndjson");
    let files = Files {
        ndjson: Some(path.clone()),
        ..Files::default()
    };
    let run = (header(), vec![record(TEN, Verdict::Exact, "")]);
    shown(&files, &[run], &Known::default());
    let text = fs::read_to_string(path).unwrap();
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let item = serde_json::json!({"kind": "solver", "id": "dpmpp-2s:r1=1/4", "explored": true});
    assert_eq!(first["unasked"], serde_json::json!([item]));
    let mut merged = Merged::default();
    merged.add(text.as_bytes(), "a").unwrap();
    assert_eq!(merged.runs()[0].header, header());
    // A line that lacks a part of it is no line of results.
    let cut = text.replace(",\"explored\":true", "");
    assert_ne!(cut, text);
    assert!(Merged::default().add(cut.as_bytes(), "a").is_err());
}
