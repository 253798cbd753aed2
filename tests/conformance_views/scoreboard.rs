//! Many libraries in one table: what is counted, what has to be explained, and the pages in `docs`.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::records::record;
use super::runs::{header, place, shown};
use dpm_spec::conformance::{Known, Record, Verdict};
use dpm_spec::report::{Explained, Files, Scoreboard};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A library's results, as `check --ndjson` writes them.
fn results(name: &str, records: &[Record]) -> String {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = place(&format!("scoreboard-{number}.ndjson"));
    let files = Files {
        ndjson: Some(path.clone()),
        ..Files::default()
    };
    shown(
        &files,
        &[(header(name), records.to_vec())],
        &Known::default(),
    );
    fs::read_to_string(path).unwrap()
}

const RIGHT: &str = "core/dpmpp-2m/calls/vp-linear:n=10:grid=lambda";
const WRONG: &str = "core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda";
const OTHER: &str = "core/dpmpp-2m/rows/vp-linear:n=5:grid=lambda";

fn some() -> Vec<Record> {
    vec![
        record(RIGHT, Verdict::Exact, ""),
        record(WRONG, Verdict::Deviates, "the result is off"),
        record(OTHER, Verdict::Conforms, ""),
    ]
}

fn board(explained: &mut Explained, libraries: &[(&str, Vec<Record>)]) -> Scoreboard {
    let mut board = Scoreboard::default();
    for (name, records) in libraries {
        let text = results(name, records);
        board.add(text.as_bytes(), name, explained).unwrap();
    }
    board
}

fn explained(text: &str) -> Explained {
    Explained::parse(text, "e.json").unwrap()
}

#[test]
fn cells_count_what_is_right_and_lead_to_what_explains_the_rest() {
    let mut known = explained(
        r#"[{"library": "mine", "verdicts": ["deviates"], "cases": ["core/dpmpp-2m/rows"], "steps": [10], "says": "off", "finding": "099-off"}]"#,
    );
    let board = board(&mut known, &[("mine", some())]);
    assert_eq!(known.complaints(), [""; 0]);
    let cells = &board.libraries[0].solvers[0].cells;
    let told = |check: &str| {
        let cell = cells.iter().find(|cell| cell.check == check).unwrap();
        (cell.good, cell.deviates)
    };
    assert_eq!((told("calls"), told("rows")), ((1, 0), (1, 1)));
    let row = "| dpmpp-2m | 1 | **1 of 2 deviates** [099](findings/099-off.md) |";
    assert!(board.markdown().contains(row), "{}", board.markdown());
    assert!(board.html().unwrap().contains("findings/099-off.md"));
    let text = board.to_json().unwrap();
    assert_eq!(Scoreboard::from_json(&text, "b.json").unwrap(), board);
}

#[test]
fn what_is_not_explained_is_named_and_so_is_what_explains_nothing() {
    let mut none = Explained::default();
    board(&mut none, &[("mine", some())]);
    let complaint = format!("mine: {WRONG} deviates, unexplained");
    assert_eq!(none.complaints(), [complaint.as_str()]);
    for elsewhere in [
        r#"[{"library": "mine", "verdicts": ["fails"], "cases": ["core/dpmpp-2m"], "finding": "099-off"}]"#,
        r#"[{"library": "mine", "verdicts": ["deviates"], "cases": ["core/ddim"], "finding": "099-off"}]"#,
        r#"[{"library": "mine", "verdicts": ["deviates"], "cases": ["core/dpmpp-2m"], "steps": [5], "finding": "099-off"}]"#,
        r#"[{"library": "mine", "verdicts": ["deviates"], "cases": ["core/dpmpp-2m"], "says": "on", "finding": "099-off"}]"#,
    ] {
        let mut idle = explained(elsewhere);
        board(&mut idle, &[("mine", some())]);
        let complaints = idle.complaints();
        assert_eq!(complaints[0], complaint);
        assert!(
            complaints[1].ends_with("(099-off) explains nothing"),
            "{complaints:?}"
        );
    }
}

/// An entry for a library that is not there complains of nothing.
#[test]
fn a_library_that_refuses_everything_stands_there_with_its_reason() {
    let mut known = explained(
        r#"[{"library": "gone", "verdicts": ["deviates"], "cases": ["core"], "finding": "099-off"}]"#,
    );
    let reason = "gone >= 1, < 2 is needed; it is not installed";
    let records = vec![record(RIGHT, Verdict::Skipped, reason)];
    let mut board = board(&mut known, &[("gone", records), ("mine", vec![])]);
    board.skip("unbuilt", "it could not be built");
    assert_eq!(known.complaints(), [""; 0]);
    let told = board.markdown();
    let unbuilt = "## unbuilt\n\nSkipped: it could not be built\n";
    assert!(told.contains(unbuilt), "{told}");
    assert!(
        told.contains("Skipped: gone >= 1, &lt; 2 is needed"),
        "{told}"
    );
}

#[test]
fn a_malformed_list_of_explanations_says_where() {
    for (text, what) in [
        ("[{}]", "library"),
        ("{", "sequence"),
        (
            r#"[{"library": "a", "verdicts": ["wrong"], "cases": [], "finding": ""}]"#,
            "wrong",
        ),
        (
            r#"[{"library": "a", "verdicts": [], "cases": ["a b"], "finding": ""}]"#,
            "blank",
        ),
    ] {
        let error = Explained::parse(text, "e.json").unwrap_err();
        assert!(error.place.contains("e.json"), "{error}");
        assert!(error.to_string().contains(what), "{error}");
    }
}

/// The pages are what `dpm-spec scoreboard` makes of the counts beside them, and every finding that
/// they lead to is there.
#[test]
fn the_pages_in_docs_are_made_of_their_counts() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let read = |name: &str| fs::read_to_string(docs.join(name)).unwrap();
    let board = Scoreboard::from_json(&read("scoreboard.json"), "docs/scoreboard.json").unwrap();
    assert!(board.libraries.len() > 10);
    assert_eq!(read("scoreboard.md"), board.markdown());
    assert_eq!(read("scoreboard.html"), board.html().unwrap());
    let cells = board.libraries.iter().flat_map(|it| &it.solvers);
    for cell in cells.flat_map(|line| &line.cells) {
        let wrong = cell.imprecise + cell.deviates + cell.fails;
        assert_eq!(cell.findings.is_empty(), wrong == 0, "{cell:?}");
        for finding in &cell.findings {
            assert!(
                docs.join(format!("findings/{finding}.md")).is_file(),
                "{finding}"
            );
        }
    }
}
