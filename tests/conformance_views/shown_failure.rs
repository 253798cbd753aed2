//! The failure that the guide shows is the one that its sampler gets.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::guide::blocks;
use super::paper::{Mistake, Paper};
use super::runs::shown;
use dpm_spec::conformance::{
    Known, Only, Profile, Record, Sampler, Session, Setting, Verdict, settings,
};
use dpm_spec::report::{Files, Header};

#[test]
fn the_failure_in_the_guide_is_that_of_a_sampler_which_assumes_equal_steps() {
    let blocks = blocks("");
    let block = blocks
        .iter()
        .find(|it| it.contains(": deviates\n"))
        .unwrap();
    let (id, _) = block.split_once(": ").unwrap();
    let settings = settings();
    let only = Only::parse(&[id.to_owned()], &settings).unwrap();
    let mut sampler = Paper::new(Mistake::EqualStepsAssumed);
    let command = ["--", "./equal-steps"].map(str::to_owned).into();
    let header = Header::new(&sampler.declaration(), Profile::Core, command);
    let mut session = Session::new(&mut sampler).unwrap();
    let chosen = |setting: &&Setting| setting.cases().any(|case| only.has(&case));
    let outcomes = settings.iter().filter(chosen);
    let outcomes = outcomes.flat_map(|setting| session.ask(setting, |case| only.has(case)));
    let records: Vec<Record> = outcomes.map(Record::from).collect();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].verdict, Verdict::Deviates);
    let text = shown(&Files::default(), &[(header, records)], &Known::default()).text;
    assert!(text.contains(block.as_str()), "{text}");
}
