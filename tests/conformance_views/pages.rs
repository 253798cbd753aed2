//! The page: failures first, everything counted, bounded, and safe to show.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::records::record;
use super::runs::{FIVE, HOSTILE, NOISE, TEN, as_xml, header, place, results, seen};
use dpm_spec::conformance::{Counts, Record, Setting, Standing, Verdict, settings};
use dpm_spec::report::{Files, Views};
use roxmltree::{Document, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

#[test]
fn the_page_shows_failures_first_and_needs_nothing_else() {
    let results = results();
    let page = seen("page", &[(header("mine"), results.clone())], "").page;
    for outside in [
        "http:",
        "https:",
        "src=",
        "url(",
        "@import",
        "<link",
        "<script",
        "javascript:",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    let document = as_xml(&page);
    let document = Document::parse(&document).unwrap();
    let count = |verdict| results.iter().filter(|it| it.verdict == verdict).count();
    let failing = count(Verdict::Deviates) + count(Verdict::Fails);
    let groups: Vec<&str> = document
        .descendants()
        .filter_map(|it| it.attribute("class")?.strip_prefix("group "))
        .collect();
    assert!(groups.is_sorted_by_key(|it| {
        ["failing", "known", "imprecise", "skipped"]
            .iter()
            .position(|kind| kind == it)
    }));
    // Every case that fails is there, with its command, for there are few.
    let codes = document.descendants().filter(|it| it.has_tag_name("code"));
    let codes: BTreeSet<&str> = codes.filter_map(|it| it.text()).collect();
    for id in results
        .iter()
        .filter(|it| it.verdict.is_failure())
        .map(|it| &it.id)
    {
        // As a shell takes it.
        let word = match id.contains('<') {
            true => format!("'{id}'"),
            false => id.clone(),
        };
        let command = format!("dpm-spec check --profile all --only {word} --builtin cpu-f32");
        assert!(
            codes.contains(id.as_str()) && codes.contains(command.as_str()),
            "{id}"
        );
    }
    assert!(page.contains(&format!("<h1>{failing} of ")));
    // Every link leads to a place of the page.
    let ids: BTreeSet<&str> = document
        .descendants()
        .filter_map(|it| it.attribute("id"))
        .collect();
    let links: Vec<&str> = document
        .descendants()
        .filter_map(|it| it.attribute("href"))
        .collect();
    assert!(!links.is_empty());
    for link in links {
        assert!(ids.contains(link.trim_start_matches('#')), "{link}");
    }
}

#[test]
fn the_table_counts_what_was_asked() {
    let results = results();
    let page = seen("table", &[(header("mine"), results.clone())], "").page;
    let document = as_xml(&page);
    let document = Document::parse(&document).unwrap();
    let mut rows = 0;
    for row in document.descendants().filter(|it| it.has_tag_name("tr")) {
        let Some(solver) = row
            .children()
            .find(|it| it.attribute("scope") == Some("row"))
        else {
            continue;
        };
        rows += 1;
        let solver = solver.text().unwrap();
        for cell in row.children().filter(|it| it.has_tag_name("td")) {
            let check = cell.attribute("data-name").unwrap();
            let mut counts = Counts::default();
            let of = results
                .iter()
                .filter(|it| it.solver == solver && it.check == check);
            of.for_each(|it| counts.add(it.verdict));
            let failing = counts.of(Verdict::Deviates) + counts.of(Verdict::Fails);
            let expected = match (failing, counts.asked()) {
                (0, 0) => "none".to_owned(),
                (0, asked) => asked.to_string(),
                (failing, asked) => format!("{failing} of {asked} fail"),
            };
            let first = cell.children().find(|it| it.is_element()).unwrap();
            assert_eq!(first.text().unwrap(), expected, "{solver}, {check}");
        }
    }
    assert!(rows > 10, "{rows}");
}

#[test]
fn testees_of_one_name_are_told_apart() {
    let in_language = |language: &str| {
        let mut testee = header("mine");
        testee.testee.insert("language".to_owned(), language.into());
        (testee, vec![record(TEN, Verdict::Exact, "")])
    };
    let testees = [
        in_language("python"),
        in_language("c"),
        (header("other"), Vec::new()),
    ];
    let page = seen("same-name", &testees, "").page;
    for language in ["python", "c"] {
        assert!(page.contains(&format!("({language}, ")), "{language}");
    }
    assert!(
        !page.contains("other 1 ("),
        "a name of its own needs nothing more"
    );
}

#[test]
fn nothing_of_a_testee_reaches_a_page_as_markup_or_a_terminal_as_a_command() {
    let mut testee = header(HOSTILE);
    testee.command = vec!["--".to_owned(), HOSTILE.to_owned()];
    for field in ["version", "language", "time"] {
        testee.testee.insert(field.to_owned(), HOSTILE.into());
    }
    let hostile = |id: &str, verdict| Record {
        nearest: Some(HOSTILE.to_owned()),
        ..record(id, verdict, HOSTILE)
    };
    let records = vec![
        hostile(TEN, Verdict::Fails),
        hostile(FIVE, Verdict::Imprecise),
        hostile(NOISE, Verdict::Skipped),
    ];
    let seen = seen(
        "hostile",
        &[(testee.clone(), records.clone()), (testee, records)],
        "",
    );
    let texts = [&seen.page, &seen.junit, &seen.badge, &seen.conclusion.text];
    for text in texts {
        let hidden = text
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(hidden, None);
    }
    for text in &texts[..3] {
        assert!(!text.contains("<script"), "{text}");
    }
    assert!(Document::parse(&as_xml(&seen.page)).is_ok());
    assert!(Document::parse(&seen.junit).is_ok());
}

/// Three testees that fail everything, and say much about it and about themselves.
#[test]
fn a_page_stays_small_however_much_fails() {
    let settings = settings();
    let message = "what went wrong, at length; ".repeat(50);
    let cases = settings.iter().flat_map(Setting::cases);
    let records: Vec<Record> = cases
        .zip(0..)
        .map(|(case, k)| record(&case.to_string(), Verdict::ALL[2 + k % 5], &message))
        .collect();
    let file = place("large.html");
    let files = Files {
        report: Some(file.clone()),
        ..Files::default()
    };
    let mut views = Views::open(&files).unwrap();
    for name in ["a", "b", "c"] {
        let mut header = header(&name.repeat(100_000));
        header.command = vec!["--".to_owned(), name.repeat(100_000)];
        views.begin(&header).unwrap();
        for record in &records {
            let standing = match record.verdict.is_failure() {
                true => Standing::Unexpected,
                false => Standing::Fine,
            };
            views.take(record, standing).unwrap();
        }
        views.end(&[]).unwrap();
    }
    views.finish().unwrap();
    let size = fs::metadata(&file).unwrap().len();
    assert!(size < 3 << 20, "{size} bytes");
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.contains(" more in the results.") || page.contains(" cases in the results."));
    assert!(Document::parse(&as_xml(&page)).is_ok());
}

#[test]
fn several_testees_are_a_table_of_solvers_and_testees() {
    let runs = ["one", "two"].map(|name| (header(name), results()));
    let page = seen("matrix", &runs, "").page;
    let document = as_xml(&page);
    let document = Document::parse(&document).unwrap();
    let heads = document
        .descendants()
        .filter(|it| it.attribute("scope") == Some("col"));
    let words = |it: Node<'_, '_>| -> String {
        let texts = it.descendants().filter(Node::is_text);
        texts.filter_map(|it| it.text()).collect()
    };
    let heads: Vec<String> = heads.map(words).collect();
    assert_eq!(heads[..3], ["solver", "one", "two"]);
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let make = || {
        seen(
            "again",
            &[(header("mine"), results())],
            &format!("{TEN} # x"),
        )
    };
    let (first, second) = (make(), make());
    assert_eq!(first.page, second.page);
    assert_eq!(first.junit, second.junit);
    assert_eq!(first.badge, second.badge);
    assert_eq!(first.conclusion, second.conclusion);
}

/// Relative luminance of `#rrggbb`, as WCAG 2.1 defines it.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        match value <= 0.03928 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn every_text_stands_out_from_its_ground_in_light_and_dark() {
    let page = seen("contrast", &[], "").page;
    // The later of two rules of one name holds, and the dark ones are in a block of their own.
    let mut colours = [BTreeMap::new(), BTreeMap::new()];
    let mut dark = 0;
    for line in page.lines() {
        match line {
            "}" => dark = 0,
            _ if line.contains("prefers-color-scheme: dark") => dark = 1,
            _ => {}
        }
        for declared in line.split("--").skip(1) {
            if let Some((name, rest)) = declared.split_once(": #") {
                colours[dark].insert(name.to_owned(), format!("#{}", &rest[..6]));
            }
        }
    }
    for of in &colours {
        for ground in ["page", "panel"] {
            for ink in ["ink", "soft", "good", "fair", "bad"] {
                let both = [luminance(&of[ground]), luminance(&of[ink])];
                let ratio = (both[0].max(both[1]) + 0.05) / (both[0].min(both[1]) + 0.05);
                assert!(ratio >= 4.5, "{ink} on {ground}: {ratio}");
            }
        }
    }
}
