//! One case of the edition, asked by its id.

use dpm_spec::conformance::{Case, Finding, Sampler, Session, Setting, Verdict, cases};
use dpm_spec::plan::hexadecimal;

/// The case of an id.
pub(crate) fn case(id: &str) -> Case {
    let mut all = cases().into_iter();
    let found = all.find(|case| case.to_string() == id);
    found.unwrap_or_else(|| panic!("the edition has no {id}"))
}

/// What a sampler comes to in a case.
pub(crate) fn found(sampler: &mut impl Sampler, case: &Case) -> Finding {
    let setting = Setting {
        subject: case.subject,
        ground: case.ground.clone(),
        request: case.request.clone(),
    };
    let mut session = Session::new(sampler).unwrap();
    let outcomes = session.ask(&setting, |it| it.check == case.check);
    let [outcome] = outcomes.as_slice() else {
        panic!("{} outcomes of {case}", outcomes.len());
    };
    assert_eq!(outcome.case.to_string(), case.to_string());
    outcome.finding.clone()
}

/// The amount from which on a verdict is not good any more.
pub(crate) fn limit(verdict: impl Fn(f64) -> Verdict) -> f64 {
    let passes = |amount: f64| {
        let verdict = verdict(amount.exp2());
        [Verdict::Exact, Verdict::Conforms].contains(&verdict)
    };
    let (mut low, mut high) = (-40.0_f64, 3.0_f64);
    assert!(passes(low) && !passes(high));
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        match passes(middle) {
            true => low = middle,
            false => high = middle,
        }
    }
    low.exp2()
}

/// A number of a message, decimal and hexadecimal.
pub(crate) fn shown(value: f64) -> String {
    format!("{value} ({})", hexadecimal(value))
}

/// A number, the right one, and how far it is off in u: of a message that has them behind `words`,
/// with `between` them. Every number is told in hexadecimal, too.
pub(crate) fn beside(message: &str, words: &str, between: &str) -> [f64; 3] {
    let numbers = message.strip_prefix(words);
    let numbers = numbers.unwrap_or_else(|| panic!("{words}: {message}"));
    let (got, rest) = numbers.split_once(between).unwrap();
    let (right, off) = rest.split_once(", off by ").unwrap();
    let number = |text: &str| -> f64 {
        let (decimal, hex) = text.split_once(" (").unwrap();
        let value = decimal.trim().parse().unwrap();
        assert_eq!(hex, format!("{})", hexadecimal(value)), "{message}");
        value
    };
    let (units, _) = off.split_once(" u").unwrap();
    [number(got), number(right), units.parse().unwrap()]
}
