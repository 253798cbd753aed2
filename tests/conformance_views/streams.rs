//! The stream of results: what is written is read again, and shards add up.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::records::record;
use super::runs::{header, place, results, shown};
use dpm_spec::Code;
use dpm_spec::conformance::{
    Counts, EDITION, Finding, Known, Outcome, Record, Subject, Verdict, cases,
};
use dpm_spec::report::{Event, Files, Header, Merged, Reader};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;

/// The stream that a run writes.
fn written(name: &str, runs: &[(Header, Vec<Record>)]) -> String {
    let path = place(name);
    let files = Files {
        ndjson: Some(path.clone()),
        ..Files::default()
    };
    shown(&files, runs, &Known::default());
    fs::read_to_string(path).unwrap()
}

fn read(text: &str) -> dpm_spec::Result<Vec<Event>> {
    let mut reader = Reader::new(text.as_bytes(), "r.ndjson");
    let mut events = Vec::new();
    while let Some(event) = reader.read()? {
        events.push(event);
    }
    Ok(events)
}

#[test]
fn what_is_written_is_read_again_and_twice_the_same() {
    let results = results();
    let text = written("round.ndjson", &[(header("mine"), results.clone())]);
    assert_eq!(
        text,
        written("round.ndjson", &[(header("mine"), results.clone())])
    );
    assert_eq!(text.lines().count(), results.len() + 2);
    let mut events = vec![Event::Begin(Box::new(header("mine")))];
    events.extend(results.into_iter().map(Event::Case));
    events.push(Event::End);
    assert_eq!(read(&text).unwrap(), events);
}

#[test]
fn the_stream_has_the_keys_that_scripts_rely_on() {
    let text = written("keys.ndjson", &[(header("mine"), results())]);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(lines[0]["format"], "dpm-spec/results");
    assert_eq!(lines[0]["version"], 1);
    assert_eq!(lines[0]["edition"], EDITION);
    assert_eq!(lines[0]["crate"], env!("CARGO_PKG_VERSION"));
    assert_eq!(lines[0]["profile"], "all");
    assert_eq!(lines[0]["command"][1], "cpu-f32");
    assert_eq!(lines[0]["testee"]["name"], "mine");
    let mut counts = Counts::default();
    results().iter().for_each(|it| counts.add(it.verdict));
    let last = &lines.last().unwrap()["counts"];
    assert_eq!(last["cases"], counts.total());
    assert_eq!(last["not_applicable"], counts.of(Verdict::NotApplicable));
    assert_eq!(last["deviates"], counts.of(Verdict::Deviates));
}

#[test]
fn shards_in_any_order_merge_to_the_bytes_of_the_whole() {
    let results = results();
    let whole = written("whole.ndjson", &[(header("mine"), results.clone())]);
    let shard = |k: usize| {
        let part = results.iter().skip(k).step_by(3).cloned().collect();
        written(&format!("shard{k}.ndjson"), &[(header("mine"), part)])
    };
    let mut merged = Merged::default();
    // Two in one file, the third by itself, and one of them again.
    merged.add((shard(2) + &shard(0)).as_bytes(), "a").unwrap();
    merged.add(shard(1).as_bytes(), "b").unwrap();
    merged.add(shard(2).as_bytes(), "c").unwrap();
    let runs = merged.runs();
    assert_eq!(runs.len(), 1);
    let path = place("merged.ndjson");
    let files = Files {
        ndjson: Some(path.clone()),
        ..Files::default()
    };
    let runs = runs.into_iter().map(|run| (run.header, run.records));
    shown(&files, &runs.collect::<Vec<_>>(), &Known::default());
    assert_eq!(fs::read_to_string(path).unwrap(), whole);
}

#[test]
fn testees_stay_apart() {
    let results = results();
    let one = written("one.ndjson", &[(header("one"), results.clone())]);
    let two = written("two.ndjson", &[(header("two"), results)]);
    let mut merged = Merged::default();
    merged.add((one + &two).as_bytes(), "both").unwrap();
    let runs = merged.runs();
    let names: Vec<&str> = runs
        .iter()
        .map(|run| run.header.testee["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["one", "two"]);
}

#[test]
fn one_case_with_two_verdicts_is_refused() {
    let id = "core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda";
    let with = |verdict: Verdict| {
        written(
            "clash.ndjson",
            &[(header("mine"), vec![record(id, verdict, "")])],
        )
    };
    let mut merged = Merged::default();
    merged.add(with(Verdict::Exact).as_bytes(), "a").unwrap();
    let error = merged
        .add(with(Verdict::Deviates).as_bytes(), "b")
        .unwrap_err();
    assert_eq!(
        (error.code, error.place.as_str()),
        (Code::Format, "b, line 2")
    );
    assert!(
        error.what.contains(id) && error.what.contains("exact"),
        "{error}"
    );
}

#[test]
fn what_is_no_stream_of_results_is_refused_with_line_and_field() {
    let id = "core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda";
    let good = written(
        "good.ndjson",
        &[(header("mine"), vec![record(id, Verdict::Exact, "")])],
    );
    let lines: Vec<&str> = good.lines().collect();
    assert!(read(&good).is_ok());
    let changed = |line: usize, from: &str, to: &str| {
        let mut lines: Vec<String> = lines.iter().map(|it| (*it).to_owned()).collect();
        assert!(lines[line].contains(from), "{from}");
        lines[line] = lines[line].replace(from, to);
        lines.join("\n") + "\n"
    };
    let cases = [
        (String::new(), "r.ndjson)", "no results"),
        (
            good.replace(lines[2], "").trim_end().to_owned() + "\n",
            "line 3",
            "cut off",
        ),
        (format!("{}\n{good}", lines[0]), "line 2", "cut off"),
        (format!("{}\n", lines[1]), "line 1", "begin with"),
        (good.trim_end().to_owned(), "line 3", "middle"),
        (
            changed(2, "\"exact\":1", "\"exact\":2"),
            "line 3, field: counts",
            "not those",
        ),
        (
            changed(0, "\"version\":1", "\"version\":2"),
            "line 1, field: format",
            "version 1",
        ),
        (
            changed(0, "\"profile\":\"all\"", "\"profile\":7"),
            "line 1, field: profile",
            "text",
        ),
        (
            changed(0, "\"name\":\"mine\"", "\"name\":[]"),
            "field: testee.name",
            "text",
        ),
        (
            changed(0, "\"command\":[", "\"command\":[1,"),
            "field: command",
            "list of texts",
        ),
        (
            changed(1, "\"message\":\"\"", "\"message\":null"),
            "line 2, field: message",
            "text",
        ),
        (
            changed(1, "\"message\":\"\"", "\"mesage\":\"\""),
            "line 2, field: message",
            "missing",
        ),
        (
            changed(1, "{", "{\"more\":1,"),
            "line 2, field: more",
            "unknown field",
        ),
        (
            changed(1, "\"exact\"", "\"exakt\""),
            "line 2, field: verdict",
            "did you mean `exact`",
        ),
        (
            changed(1, "\"max_error_u\":null", "\"max_error_u\":-1"),
            "field: max_error_u",
            "at least 0",
        ),
        (
            changed(1, "\"steps\":10", "\"steps\":11"),
            "field: steps",
            "not what the id says",
        ),
        (
            changed(1, "\"solver\":\"dpmpp-2m\"", "\"solver\":\"ddim\""),
            "field: solver",
            "id says",
        ),
        (
            changed(1, "\"check\":\"rows\"", "\"check\":\"sums\""),
            "field: check",
            "id says",
        ),
        (
            changed(1, id, "core/dpmpp-2m/rows"),
            "line 2, field: id",
            "no id of a case",
        ),
        (
            changed(1, id, "core/../rows/a b"),
            "line 2, field: id",
            "blanks",
        ),
        (
            changed(1, id, &id.replace("lambda", &"a".repeat(300))),
            "line 2, field: id",
            "longer than",
        ),
        (changed(1, "{", "{{"), "line 2", "no JSON"),
        (changed(1, lines[1], "[1]"), "line 2", "no JSON object"),
        (changed(1, lines[1], "\u{1b}[31m"), "line 2", "no JSON"),
    ];
    for (text, place, words) in cases {
        let error = read(&text).unwrap_err();
        let said = error.to_string();
        assert_eq!(error.code, Code::Format, "{said}");
        assert!(
            said.contains("r.ndjson") && said.contains(place) && said.contains(words),
            "{said}"
        );
        assert!(!said.contains('\u{1b}') && !said.contains('\n'), "{said:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_of_results_panic(bytes in any::<Vec<u8>>(), after in any::<bool>()) {
        let mut text = Vec::new();
        if after {
            text.extend(serde_json::to_vec(&header("mine")).unwrap());
            text.push(b'\n');
        }
        text.extend(bytes);
        let mut reader = Reader::new(text.as_slice(), "r");
        while let Ok(Some(_)) = reader.read() {}
    }
}

/// One of each subject and check: what a run of the whole edition writes can be merged.
#[test]
fn a_case_of_every_kind_is_read_again() {
    let mut kinds = BTreeSet::new();
    let cases = cases().into_iter();
    let one_each = cases.filter(|it| kinds.insert((it.check.name(), it.subject == Subject::Run)));
    let records: Vec<Record> = one_each
        .map(|case| {
            let finding = Finding::of(Verdict::Skipped, "nobody was asked");
            Record::from(Outcome { case, finding })
        })
        .collect();
    assert!(records.iter().any(|it| it.check == "threshold"));
    let text = written("kinds.ndjson", &[(header("mine"), records.clone())]);
    assert_eq!(read(&text).unwrap().len(), records.len() + 2);
}
