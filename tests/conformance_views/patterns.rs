//! Patterns match whole components only, and an id is a pattern of its own case.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use dpm_spec::Code;
use dpm_spec::conformance::{Only, Pattern, Setting, settings};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn ids() -> Vec<String> {
    let settings = settings();
    let cases = settings.iter().flat_map(Setting::cases);
    cases.map(|case| case.to_string()).collect()
}

fn matched<'a>(pattern: &str, ids: &'a [String]) -> Vec<&'a str> {
    let pattern = Pattern::parse(pattern).unwrap();
    let found = ids.iter().filter(|id| pattern.matches(id));
    found.map(String::as_str).collect()
}

/// Only cases that agree in level, solver, check and schedule can be confused; they are compared all with all.
#[test]
fn every_id_of_the_edition_taken_as_a_pattern_matches_itself_and_no_other() {
    let ids = ids();
    let mut alike: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for id in &ids {
        alike
            .entry(id.split(':').next().unwrap())
            .or_default()
            .push(id);
    }
    for group in alike.values() {
        for id in group {
            let pattern = Pattern::parse(id).unwrap();
            assert!(pattern.is_id(), "{id}");
            let found: Vec<&&str> = group.iter().filter(|it| pattern.matches(it)).collect();
            assert_eq!(found, [id], "{id}");
        }
    }
    // And from group to group.
    for group in alike.values() {
        let pattern = Pattern::parse(group[0]).unwrap();
        let firsts = alike.values().filter(|it| pattern.matches(it[0]));
        assert_eq!(firsts.count(), 1, "{pattern}");
    }
}

#[test]
fn a_pattern_that_more_than_one_case_could_match_is_no_id() {
    for (pattern, is_id) in [
        ("core/ddim/rows/vp-linear:n=5:grid=lambda", true),
        ("core/ddim/rows/vp-linear:n=5:grid=lambda:*", false),
        ("core/ddim/rows/vp-linear:n=5", false),
        ("core/ddim/rows/vp-linear:grid=lambda", false),
        ("core/ddim/rows/*:n=5:grid=lambda", false),
        ("core/*/rows/vp-linear:n=5:grid=lambda", false),
        ("core/ddim/rows", false),
        ("*", false),
    ] {
        assert_eq!(Pattern::parse(pattern).unwrap().is_id(), is_id, "{pattern}");
    }
}

#[test]
fn a_pattern_chooses_what_the_same_words_choose_from_the_ids() {
    let ids = ids();
    let chosen = |wanted: &dyn Fn([&str; 4], &[&str]) -> bool| -> Vec<&str> {
        let chosen = ids.iter().filter(|id| {
            let parts: Vec<&str> = id.split('/').collect();
            let axes: Vec<&str> = parts[3].split(':').collect();
            wanted([parts[0], parts[1], parts[2], axes[0]], &axes[1..])
        });
        chosen.map(String::as_str).collect()
    };
    let cases: [(&str, Vec<&str>); 9] = [
        ("*", chosen(&|_, _| true)),
        ("should", chosen(&|[level, ..], _| level == "should")),
        (
            "core/dpmpp-2m",
            chosen(&|[level, solver, ..], _| level == "core" && solver == "dpmpp-2m"),
        ),
        ("*/*/rows", chosen(&|[_, _, check, _], _| check == "rows")),
        (
            "core/*/rows/vp-linear",
            chosen(&|[_, _, check, schedule], _| check == "rows" && schedule == "vp-linear"),
        ),
        (
            "core/*/rows/vp-linear:n=10",
            chosen(&|[_, _, check, schedule], axes| {
                check == "rows" && schedule == "vp-linear" && axes.contains(&"n=10")
            }),
        ),
        ("*/*/*/*:n=1", chosen(&|_, axes| axes.contains(&"n=1"))),
        (
            "*/*/*/*:ends=zero:n=1",
            chosen(&|_, axes| axes.contains(&"n=1") && axes.contains(&"ends=zero")),
        ),
        (
            "*/*/*/*:grid=lambda:*:n=10",
            chosen(&|_, axes| {
                axes.len() == 3 && axes.contains(&"n=10") && axes.contains(&"grid=lambda")
            }),
        ),
    ];
    for (pattern, expected) in cases {
        let found = matched(pattern, &ids);
        assert!(!found.is_empty(), "{pattern}");
        assert_eq!(found, expected, "{pattern}");
    }
}

#[test]
fn no_part_of_a_component_is_matched_and_axes_stand_in_any_order() {
    let id =
        "core/dpmpp-2m-exact/rows/discrete-scaled-linear:n=10:grid=leading:ends=zero:final=lower";
    let matches = |pattern: &str| Pattern::parse(pattern).unwrap().matches(id);
    for pattern in [
        "core/dpmpp-2m-exact/rows/discrete-scaled-linear:ends=zero:final=lower:grid=leading:n=10",
        "core/dpmpp-2m-exact/rows/discrete-scaled-linear:final=lower",
        "*/*/*/*:grid=leading",
        "*/*/*/*:n=10:grid=leading:*:*",
    ] {
        assert!(matches(pattern), "{pattern}");
    }
    assert!(
        !Pattern::parse("core/dpmpp-2m-exact/rows")
            .unwrap()
            .matches("core/dpmpp-2m-exact")
    );
    for pattern in [
        "core/dpmpp-2m",
        "core/dpmpp",
        "cor",
        "core/dpmpp-2m-exact/row",
        "*/*/*/discrete",
        "*/*/*/*:n=1",
        "*/*/*/*:n=10:grid=leading",
        "*/*/*/*:n=10:grid=leading:*",
        "*/*/*/*:n=10:grid=leading:*:*:*",
        "*/*/*/*:final=euler",
    ] {
        assert!(!matches(pattern), "{pattern}");
    }
}

#[test]
fn what_is_no_pattern_is_refused_and_says_what_would_be_one() {
    for (text, words) in [
        ("", "empty"),
        ("core//rows", "write * for any"),
        ("/core", "write * for any"),
        ("core/dpmpp-2m/", "write * for any"),
        ("core/x/rows/vp-linear:", "write * for any"),
        ("core/dpmpp-*", "whole component"),
        ("core/*/rows/vp-linear:n=*", "leave the axis out"),
        ("core/x/rows/y/z", "four components"),
        ("core/x/rows/y:n=1:n=2", "twice"),
        ("core/dpmpp-2m:n=10", "axes follow the schedule"),
        ("core/a:n=1/rows/y", "axes follow the schedule"),
        ("core/dpmpp-2m rows", "blanks"),
        ("core/\u{1b}[2J", "blanks"),
    ] {
        let error = Pattern::parse(text).unwrap_err();
        assert_eq!(error.code, Code::Parameter, "{text}");
        let said = error.to_string();
        assert!(said.contains(words), "{text}: {said}");
        assert!(!said.contains('\u{1b}'));
    }
}

#[test]
fn a_pattern_that_matches_nothing_names_the_nearest_component() {
    let settings = settings();
    let refused = |text: &str| {
        let texts = ["core/dpmpp-2m".to_owned(), text.to_owned()];
        Only::parse(&texts, &settings).unwrap_err().to_string()
    };
    for (text, words) in [
        ("cora", "level `cora`: did you mean `core`?"),
        ("core/dpmpp2m", "solver `dpmpp2m`: did you mean `dpmpp-2m`?"),
        ("*/dpmpp-2m/row", "check `row`: did you mean `rows`?"),
        (
            "core/ddim/rows/vp-liner:n=3",
            "schedule `vp-liner`: did you mean `vp-linear`?",
        ),
        ("core/ddim/rows/vp-linear:n=9", "list cases"),
        ("should/ddim/rows", "check `rows`"),
    ] {
        let said = refused(text);
        assert!(
            said.starts_with("E-PARAMETER") && said.contains(words),
            "{text}: {said}"
        );
    }
}

#[test]
fn only_chooses_what_any_pattern_matches_and_everything_without_one() {
    let settings = settings();
    let chosen = |texts: &[&str]| -> BTreeSet<String> {
        let texts: Vec<String> = texts.iter().map(|it| (*it).to_owned()).collect();
        let only = Only::parse(&texts, &settings).unwrap();
        let cases = settings.iter().flat_map(Setting::cases);
        cases
            .filter(|case| only.has(case))
            .map(|case| case.to_string())
            .collect()
    };
    let all: BTreeSet<String> = ids().into_iter().collect();
    assert_eq!(chosen(&[]), all);
    let (rows, two) = ("*/*/rows", "core/dpmpp-2m");
    let both: BTreeSet<String> = chosen(&[rows]).union(&chosen(&[two])).cloned().collect();
    assert_eq!(chosen(&[rows, two]), both);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_of_patterns_panic(text in any::<String>(), id in any::<String>()) {
        if let Ok(pattern) = Pattern::parse(&text) {
            pattern.matches(&id);
            prop_assert_eq!(pattern.to_string(), text);
        }
    }

    #[test]
    fn pieces_of_patterns_never_panic_and_a_whole_one_matches_itself(
        text in "(\\*|core|x|/|:|n=|grid=|1|a){0,12}",
    ) {
        if let Ok(pattern) = Pattern::parse(&text) {
            prop_assert!(!pattern.is_id() || pattern.matches(&text));
        }
    }
}
