//! JUnit, the text and the badge: well-formed and complete.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::records::record;
use super::runs::{FIVE, HOSTILE, NOISE, TEN, header, results, seen};
use dpm_spec::conformance::{Record, Setting, Verdict, settings};
use roxmltree::{Document, Node};
use std::collections::BTreeSet;

fn number(node: Node<'_, '_>, name: &str) -> usize {
    node.attribute(name).unwrap().parse().unwrap()
}

#[test]
fn junit_is_xml_whose_numbers_are_those_of_its_cases() {
    let results = results();
    let seen = seen(
        "junit",
        &[
            (header(HOSTILE), results.clone()),
            (header("b"), results.clone()),
        ],
        "",
    );
    let document = Document::parse(&seen.junit).unwrap();
    let suites: Vec<Node<'_, '_>> = document
        .root_element()
        .children()
        .filter(Node::is_element)
        .collect();
    assert_eq!(document.root_element().tag_name().name(), "testsuites");
    let mut failures = 0;
    let mut names = BTreeSet::new();
    for suite in &suites {
        assert_eq!(suite.tag_name().name(), "testsuite");
        let cases = |inside: &str| {
            let cases = suite.children().filter(|it| it.has_tag_name("testcase"));
            cases
                .filter(|it| inside.is_empty() || it.children().any(|it| it.has_tag_name(inside)))
                .count()
        };
        assert_eq!(number(*suite, "tests"), cases(""));
        assert_eq!(number(*suite, "failures"), cases("failure"));
        assert_eq!(number(*suite, "skipped"), cases("skipped"));
        assert!(names.insert(suite.attribute("name").unwrap()), "{names:?}");
        failures += number(*suite, "failures");
    }
    let of = |verdicts: &[Verdict]| {
        results
            .iter()
            .filter(|it| verdicts.contains(&it.verdict))
            .count()
    };
    assert_eq!(failures, 2 * of(&[Verdict::Deviates, Verdict::Fails]));
    let sum = |name: &str| suites.iter().map(|it| number(*it, name)).sum::<usize>();
    assert_eq!(sum("skipped"), 2 * of(&[Verdict::Skipped]));
    assert_eq!(
        sum("tests"),
        2 * (results.len() - of(&[Verdict::NotApplicable]))
    );
    let claimed = document
        .descendants()
        .filter(|it| it.attribute("name") == Some("not-applicable"));
    let claimed: usize = claimed.map(|it| number(it, "value")).sum();
    assert_eq!(claimed, 2 * of(&[Verdict::NotApplicable]));
}

#[test]
fn every_failure_in_junit_says_what_and_how_to_see_it_again() {
    let records = vec![
        record(TEN, Verdict::Deviates, "row 3\nis off"),
        record(NOISE, Verdict::Fails, ""),
    ];
    let seen = seen("failure", &[(header("mine"), records)], "");
    let document = Document::parse(&seen.junit).unwrap();
    let failures = document
        .descendants()
        .filter(|it| it.has_tag_name("failure"));
    let failures: Vec<Node<'_, '_>> = failures.collect();
    assert_eq!(
        failures[0].attribute("message"),
        Some("deviates: row 3\\nis off")
    );
    assert_eq!(failures[0].parent().unwrap().attribute("name"), Some(TEN));
    for (failure, id) in failures.iter().zip([TEN, NOISE]) {
        let command = format!("dpm-spec check --profile all --only {id} --builtin cpu-f32");
        assert!(failure.text().unwrap().ends_with(&command), "{failure:?}");
    }
}

#[test]
fn known_failures_fail_nothing_and_what_is_wrong_with_their_list_does() {
    let known = format!("{TEN} # old\n{FIVE} # gone\ncore/ddim/rows/vp-linear:n=9 # never\n");
    let records = |five| {
        vec![
            record(TEN, Verdict::Deviates, "row 3"),
            record(FIVE, five, ""),
        ]
    };
    let fine = seen(
        "known",
        &[(header("mine"), records(Verdict::Fails))],
        &format!("{TEN} # old\n{FIVE} # b"),
    );
    assert!(fine.conclusion.passes);
    assert!(fine.conclusion.text.contains("2 of them known to fail"));
    assert!(fine.page.contains("All 2 cases pass") && fine.page.contains("as known: old"));
    let document = Document::parse(&fine.junit).unwrap();
    assert!(!document.descendants().any(|it| it.has_tag_name("failure")));
    let skipped = document.descendants().find(|it| it.has_tag_name("skipped"));
    assert_eq!(
        skipped.unwrap().attribute("message"),
        Some("known to fail: old")
    );

    let stale = seen(
        "stale",
        &[(header("mine"), records(Verdict::Exact))],
        &known,
    );
    assert!(!stale.conclusion.passes);
    assert!(stale.conclusion.text.contains(&format!(
        "{FIVE}: exact, though known to fail\n    the list says: gone"
    )));
    let document = Document::parse(&stale.junit).unwrap();
    let failed = document
        .descendants()
        .filter(|it| it.has_tag_name("failure"));
    let failed: Vec<&str> = failed
        .map(|it| it.parent().unwrap().attribute("name").unwrap())
        .collect();
    assert_eq!(failed, [FIVE, "known.txt, line 2", "known.txt, line 3"]);
    assert!(stale.page.contains("n=9` matches no case that was run"));
}

#[test]
fn the_text_has_the_counts_ten_failures_and_one_command_for_each() {
    let mut records = vec![record(TEN, Verdict::Exact, "")];
    let settings = settings();
    let ids = settings
        .iter()
        .flat_map(Setting::cases)
        .map(|it| it.to_string());
    let ids: Vec<String> = ids
        .filter(|it| it.starts_with("core/ddim/rows"))
        .take(12)
        .collect();
    records.extend(
        ids.iter()
            .map(|id| record(id, Verdict::Deviates, "row 3\u{1b}[31m is off")),
    );
    let text = seen("text", &[(header("mine"), records)], "")
        .conclusion
        .text;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "mine, edition 2026.1: 1 exact, 0 conforms, 0 imprecise, 12 deviates, 0 fails, 0 not-applicable, 0 skipped"
    );
    assert_eq!(lines.len(), 1 + 5 * 10 + 1);
    assert_eq!(lines[1], format!("{}: deviates", ids[0]));
    assert_eq!(lines[2], "    row 3\\u{1b}[31m is off");
    assert!(
        lines[3].starts_with("    CONFORM-ROWS-1: a wrong formula"),
        "{}",
        lines[3]
    );
    assert!(
        lines[4].starts_with("    source: Song et al. 2021, "),
        "{}",
        lines[4]
    );
    assert_eq!(
        lines[5],
        format!(
            "    dpm-spec check --profile all --only {} --builtin cpu-f32",
            ids[0]
        )
    );
    assert_eq!(lines[51], "and 2 more");
}

#[test]
fn nothing_that_was_asked_is_no_pass() {
    let none = vec![record(TEN, Verdict::NotApplicable, "not declared")];
    let runs = [
        (header("mine"), vec![record(TEN, Verdict::Exact, "")]),
        (header("other"), none),
    ];
    assert!(seen("one", &runs[..1], "").conclusion.passes);
    assert!(!seen("none", &runs, "").conclusion.passes);
    let nobody = seen("nobody", &[], "");
    assert!(!nobody.conclusion.passes);
    assert!(Document::parse(&nobody.junit).is_ok());
}

#[test]
fn a_command_can_be_pasted_into_a_shell() {
    let testee = header("mine");
    let text = |command: &[&str]| {
        let mut header = testee.clone();
        header.command = command.iter().map(|it| (*it).to_owned()).collect();
        let records = vec![record(TEN, Verdict::Fails, "")];
        let text = seen("shell", &[(header, records)], "").conclusion.text;
        text.lines().last().unwrap().trim().to_owned()
    };
    let start = format!("dpm-spec check --profile all --only {TEN} ");
    assert_eq!(
        text(&["--", "python3", "my sampler.py"]),
        format!("{start}-- python3 'my sampler.py'")
    );
    assert_eq!(
        text(&["--", "it's", "$HOME", ""]),
        format!("{start}-- 'it'\\''s' '$HOME' ''")
    );
}

#[test]
fn the_badge_says_the_edition_and_the_worst() {
    let records = |verdicts: &[(Verdict, usize)]| -> Vec<Record> {
        let all = verdicts
            .iter()
            .flat_map(|(verdict, count)| vec![*verdict; *count]);
        all.map(|verdict| record(TEN, verdict, "")).collect()
    };
    for (verdicts, words) in [
        (
            &[
                (Verdict::Exact, 1200),
                (Verdict::Conforms, 34),
                (Verdict::Skipped, 1),
            ][..],
            "1,234 conform",
        ),
        (
            &[(Verdict::Exact, 2), (Verdict::Imprecise, 1)],
            "2 conform, 1 imprecise",
        ),
        (&[(Verdict::Exact, 2), (Verdict::Deviates, 3)], "3 deviate"),
        (
            &[(Verdict::Fails, 4), (Verdict::Deviates, 3)],
            "3 deviate, 4 fail",
        ),
        (&[(Verdict::NotApplicable, 4)], "nothing applies"),
    ] {
        let badge = seen("badge", &[(header("mine"), records(verdicts))], "").badge;
        let document = Document::parse(&badge).unwrap();
        let title = document.descendants().find(|it| it.has_tag_name("title"));
        assert_eq!(
            title.unwrap().text(),
            Some(format!("dpm-spec 2026.1: {words}").as_str())
        );
        let texts: Vec<&str> = document
            .descendants()
            .filter(|it| it.tag_name().name() == "text")
            .filter_map(|it| it.text())
            .collect();
        assert_eq!(texts, ["dpm-spec 2026.1", words]);
    }
}
