//! Known failures: each rule of a list.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::records::record;
use dpm_spec::Code;
use dpm_spec::conformance::{Known, Setting, Standing, Verdict, settings};
use proptest::prelude::*;

const TEN: &str = "core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda";
const FIVE: &str = "core/dpmpp-2m/rows/vp-linear:n=5:grid=lambda";
const SUMS: &str = "core/dpmpp-2m/sums/vp-linear:n=5:grid=lambda";

/// A list after a run of these cases.
fn after(text: &str, cases: &[(&str, Verdict)]) -> Known {
    let mut known = Known::parse(text, "known.txt").unwrap();
    for (id, verdict) in cases {
        known.judge(&record(id, *verdict, "off by 3 u\nand more"));
    }
    known
}

/// The list as it is rewritten after a run of these cases, none of which then makes it fail.
fn blessed(text: &str, cases: &[(&str, Verdict)]) -> String {
    let mut known = Known::parse(text, "known.txt").unwrap().to_bless();
    for (id, verdict) in cases {
        let record = record(id, *verdict, "off by 3 u\nand more");
        assert!(!known.judge(&record).fails_the_run());
    }
    assert_eq!(known.ending(), []);
    known.blessed().unwrap()
}

fn complaints(text: &str, cases: &[(&str, Verdict)]) -> Vec<String> {
    let errors = after(text, cases).ending();
    assert!(errors.iter().all(|error| error.code == Code::Known));
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_listed_failure_is_expected_and_the_run_stands() {
    let mut known = Known::parse(&format!("{TEN}  # the table is in f32\n"), "k").unwrap();
    let failing = record(TEN, Verdict::Deviates, "");
    assert_eq!(
        known.judge(&failing),
        Standing::Expected("the table is in f32")
    );
    assert!(!known.judge(&failing).fails_the_run());
    assert_eq!(
        known.judge(&record(FIVE, Verdict::Fails, "")),
        Standing::Unexpected
    );
    assert!(
        known
            .judge(&record(FIVE, Verdict::Fails, ""))
            .fails_the_run()
    );
    for verdict in [
        Verdict::Exact,
        Verdict::Conforms,
        Verdict::Imprecise,
        Verdict::Skipped,
        Verdict::NotApplicable,
    ] {
        assert_eq!(known.judge(&record(SUMS, verdict, "")), Standing::Fine);
    }
    for verdict in [Verdict::Skipped, Verdict::NotApplicable] {
        assert_eq!(known.judge(&record(TEN, verdict, "")), Standing::Fine);
    }
    assert_eq!(known.ending(), []);
}

#[test]
fn a_listed_case_that_passes_makes_the_run_fail() {
    let list = format!("{TEN} # why\n");
    let mut known = Known::parse(&list, "k").unwrap();
    let passing = record(TEN, Verdict::Imprecise, "");
    assert_eq!(known.judge(&passing), Standing::Surprising("why"));
    assert!(known.judge(&passing).fails_the_run());
    let said = complaints(&list, &[(TEN, Verdict::Exact)]);
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains(TEN) && said[0].contains("known.txt, line 1"),
        "{said:?}"
    );
    // Every case that a wide entry matches is expected to fail.
    let wide = "\n\ncore/dpmpp-2m/rows # why\n";
    let said = complaints(wide, &[(TEN, Verdict::Exact), (FIVE, Verdict::Fails)]);
    assert!(
        said.len() == 1 && said[0].contains("line 3") && said[0].contains(TEN),
        "{said:?}"
    );
}

#[test]
fn an_entry_that_matches_nothing_that_was_run_fails_unless_it_was_not_chosen() {
    // No case of the edition.
    let said = complaints(
        "core/dpmpp-2m/rows/vp-linear:n=9 # why",
        &[(TEN, Verdict::Fails)],
    );
    assert!(
        said.len() == 1 && said[0].contains("matches no case that was run"),
        "{said:?}"
    );
    // A case of the edition that this run has not chosen: another shard has it.
    assert_eq!(
        complaints(&format!("{FIVE} # why"), &[(TEN, Verdict::Fails)]),
        [""; 0]
    );
    // Chosen, but never asked: not declared, or refused.
    for verdict in [Verdict::NotApplicable, Verdict::Skipped] {
        let said = complaints(&format!("{FIVE} # why"), &[(FIVE, verdict)]);
        assert!(
            said.len() == 1 && said[0].contains("no case that was run"),
            "{said:?}"
        );
    }
    // A wide entry of which some were not declared and the rest is in another shard.
    let wide = "core/dpmpp-2m/rows/vp-linear # why";
    assert_eq!(complaints(wide, &[(FIVE, Verdict::NotApplicable)]), [""; 0]);
}

#[test]
fn a_list_is_refused_with_its_line() {
    for (text, line, words) in [
        (TEN.to_owned(), 1, "has no reason"),
        (format!("# head\n\n{TEN} #  \n"), 3, "has no reason"),
        (format!("{TEN} because\n"), 1, "blanks"),
        (
            format!("{TEN} # a\n{FIVE} # b\n{TEN} # c\n"),
            3,
            "line 1 already",
        ),
        (
            format!("{TEN} # a\ncore/dpmpp-2m/rows/vp-linear:grid=lambda:n=10 # b"),
            2,
            "line 1 already",
        ),
        ("core//rows # why".to_owned(), 1, "component is empty"),
    ] {
        let said = Known::parse(&text, "k.txt").unwrap_err().to_string();
        assert!(said.contains(&format!("k.txt, line {line}")), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn blank_lines_comments_crlf_and_a_byte_order_mark_are_fine() {
    let text = format!("\u{feff}# ours\r\n\r\n{TEN}\t#  why # indeed \r\n   \r\n# end");
    let mut known = Known::parse(&text, "k").unwrap();
    let failing = record(TEN, Verdict::Fails, "");
    assert_eq!(known.judge(&failing), Standing::Expected("why # indeed"));
}

#[test]
fn a_rewritten_list_is_sorted_keeps_what_still_fails_and_adds_what_is_new() {
    let list = format!(
        "# Ours.\n\n# Rounded times.\n{SUMS} # times\n{FIVE} # passes now\ncore/ddim # not asked here\ncore/x # nothing\n"
    );
    let run = [
        (SUMS, Verdict::Fails),
        (FIVE, Verdict::Exact),
        (TEN, Verdict::Deviates),
    ];
    let rewritten = blessed(&list, &run);
    let expected = format!(
        "# Ours.\n\ncore/ddim  # not asked here\n{TEN}  # off by 3 u\n# Rounded times.\n{SUMS}  # times\n"
    );
    assert_eq!(rewritten, expected);
    // Read again after the same run it has nothing to complain of, and stays as it is.
    assert_eq!(after(&rewritten, &run).ending(), []);
    assert_eq!(blessed(&rewritten, &run), rewritten);
}

#[test]
fn a_wide_entry_of_which_a_part_passes_becomes_the_ids_that_fail() {
    let run = [
        (SUMS, Verdict::Exact),
        (FIVE, Verdict::Fails),
        (TEN, Verdict::Fails),
    ];
    let list = format!("core/dpmpp-2m # wide\n{TEN} # own\n");
    let rewritten = blessed(&list, &run);
    assert_eq!(rewritten, format!("{TEN}  # own\n{FIVE}  # wide\n"));
    assert_eq!(after(&rewritten, &run).ending(), []);
}

#[test]
fn a_list_is_rewritten_only_when_it_is_to_be_and_every_case_was_run() {
    let mut known = Known::parse("core/ddim # why\n", "known.txt").unwrap();
    assert_eq!(known.blessed(), None);
    known = known.to_bless();
    assert_eq!(known.blessed().as_deref(), Some("core/ddim  # why\n"));
    let why = "not run: the testee broke three times in a row; last: E-PROTOCOL";
    let left_alone = record(TEN, Verdict::Fails, why);
    assert_eq!(known.judge(&left_alone), Standing::Unexpected);
    assert_eq!(known.blessed(), None);
    let said = known.ending();
    assert!(said.len() == 1 && said[0].code == Code::Known, "{said:?}");
    assert!(said[0].to_string().contains("cases not run: 1"), "{said:?}");
}

#[test]
fn a_reason_from_a_message_is_one_short_line_that_can_be_read_again() {
    for message in [
        "",
        "\n\n  \n",
        "a\u{1b}[31mb\0c\u{202e}d",
        "x".repeat(5000).as_str(),
        "# ## #\nb",
        "\r\r",
    ] {
        let mut known = Known::default().to_bless();
        known.judge(&record(TEN, Verdict::Fails, message));
        let text = known.blessed().unwrap();
        assert_eq!(text.lines().count(), 1, "{text:?}");
        let hidden = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!text.contains(hidden) && text.len() < 200, "{text:?}");
        let mut again = Known::parse(&text, "k").unwrap();
        assert!(matches!(
            again.judge(&record(TEN, Verdict::Fails, "")),
            Standing::Expected(_)
        ));
    }
}

/// A list as long as a careless one gets: every case of a solver, after a whole edition.
#[test]
fn a_long_list_is_judged_in_time() {
    let settings = settings();
    let cases = settings.iter().flat_map(Setting::cases);
    let ids: Vec<String> = cases.map(|case| case.to_string()).collect();
    let list: String = ids.iter().map(|id| format!("{id} # why\n")).collect();
    let mut known = Known::parse(&list, "k").unwrap();
    for id in &ids {
        assert_eq!(
            known.judge(&record(id, Verdict::Fails, "")),
            Standing::Expected("why")
        );
    }
    assert_eq!(known.ending(), []);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_of_lists_panic(text in any::<String>()) {
        let _ = Known::parse(&text, "k");
    }
}

proptest! {
    // Each case goes through the whole edition several times.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_rewritten_list_can_always_be_read_and_stays(
        lines in prop::collection::vec("(core/(dpmpp-2m|ddim)(/rows)? {0,2}# ?(a|b c)|# c|)", 0..6),
        five in 0..7_usize,
        ten in 0..7_usize,
    ) {
        if Known::parse(&lines.join("\n"), "k").is_ok() {
            let run = [(FIVE, Verdict::ALL[five]), (TEN, Verdict::ALL[ten])];
            let rewritten = blessed(&lines.join("\n"), &run);
            prop_assert_eq!(&blessed(&rewritten, &run), &rewritten);
        }
    }
}
