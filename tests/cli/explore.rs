//! `explore`: a seed is a set of cases, and what is found can be asked again alone.

use super::{Run, directory, fine, json, run};
use std::fs;

const ASK: [&str; 6] = ["explore", "--builtin", "cpu-f32", "--count", "40", "--seed"];

#[test]
fn a_seed_gives_the_same_cases_every_time_and_another_seed_others() {
    let asked = |seed: &str| fine(&[&["--json"], &ASK[..], &[seed]].concat());
    let first = asked("7");
    assert_eq!(first, asked("7"));
    assert_ne!(first, asked("8"));
    let document = json(&first);
    assert!(document["exact"].as_u64().unwrap() > 100, "{first}");
    assert_eq!(document["deviates"], 0);
}

#[test]
fn a_case_alone_is_the_case_among_others_and_its_results_can_be_merged() {
    let place = directory("explored");
    let at = |name: &str| place.join(name).display().to_string();
    fine(&[&ASK[..], &["3", "--ndjson", &at("all")]].concat());
    let lines = fs::read_to_string(at("all")).unwrap();
    let case: Vec<&str> = lines.lines().filter(|it| it.contains(":case=11")).collect();
    assert!(case.len() > 4);
    let alone = [
        "explore",
        "--builtin",
        "cpu-f32",
        "--seed",
        "3",
        "--case",
        "11",
    ];
    fine(&[&alone[..], &["--ndjson", &at("one")]].concat());
    let one = fs::read_to_string(at("one")).unwrap();
    let (first, last) = (one.find('\n').unwrap(), one.trim_end().rfind('\n').unwrap());
    assert_eq!(one[first + 1..last].lines().collect::<Vec<_>>(), case);
    let text = fine(&["merge", &at("one"), &at("all")]);
    assert_eq!(text, fine(&["merge", &at("all")]));
}

#[test]
fn a_sampler_is_named_exactly_once() {
    for arguments in [&["--seed", "1"][..], &["--builtin", "cpu-f32"], &[]] {
        let Run { code, log, .. } = run(&[&["explore"], arguments].concat());
        assert!(code == 2 && log.contains("E-USAGE"), "{arguments:?}: {log}");
    }
}
