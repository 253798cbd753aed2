//! What a testee writes to standard error is shown with the failure that it belongs to.

use super::command::check;
use super::hostile::{Way, all};
use serde_json::Value;

fn way(name: &str) -> Way {
    let mut ways = all().into_iter();
    ways.find(|it| it.name == name).unwrap()
}

/// The messages of the failing cases.
fn messages(way: &Way, cases: &str) -> Vec<String> {
    let options = ["--json", "--jobs", "1"];
    let printed = check(way, cases, way.timeout(), &options).output().unwrap();
    let document: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let results = document["results"].as_array().unwrap();
    let failing = results.iter().filter(|it| it["verdict"] == "fails");
    let messages = failing.map(|it| it["message"].as_str().unwrap().to_owned());
    messages.collect()
}

/// Its runs are numbered, and each says its number: what an earlier run wrote is never shown.
#[test]
fn an_error_comes_with_what_was_written_since_it_was_asked_and_nothing_older() {
    let messages = messages(&way("errors"), "core/ddim/rows/vp-linear");
    assert!(messages.len() > 20, "{messages:?}");
    let mut before = 0;
    for message in messages {
        let number = message.strip_prefix("no luck; standard error: no luck in run ");
        let number: u32 = number
            .and_then(|it| it.parse().ok())
            .unwrap_or_else(|| panic!("{message}"));
        assert!(number > before, "{message}");
        before = number;
    }
}

#[test]
fn an_error_comes_with_a_bounded_part_of_a_flood_and_no_control_characters() {
    for name in [
        "errors-while-a-grandchild-floods-stderr",
        "terminal-control-in-an-error",
    ] {
        let messages = messages(&way(name), "core/ddim/rows/vp-linear:n=3:grid=lambda");
        let [message] = messages.as_slice() else {
            panic!("{messages:?}")
        };
        assert!(message.len() < 2000, "{message}");
        assert!(!message.contains(|it: char| it.is_control()), "{message:?}");
    }
}
