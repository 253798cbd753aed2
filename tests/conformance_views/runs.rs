//! Runs made by hand, and shown in the views.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::records::record;
use dpm_spec::conformance::{
    Declaration, Known, Precision, Profile, Record, Setting, Verdict, everything, settings,
};
use dpm_spec::report::{Conclusion, Files, Header, Views};
use std::fs;
use std::path::PathBuf;

pub(crate) const TEN: &str = "core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda";
pub(crate) const FIVE: &str = "core/dpmpp-2m/rows/vp-linear:n=5:grid=lambda";
pub(crate) const NOISE: &str = "should/dpmpp-2m/noise/vp-linear:n=5:grid=lambda";

/// What a testee may call itself.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\u{1b}[2J\0\u{202e}'\"&amp;]]>";

pub(crate) fn header(name: &str) -> Header {
    let testee: Declaration = everything(name, Precision::F32).unwrap();
    let command = vec!["--builtin".to_owned(), "cpu-f32".to_owned()];
    Header::new(&testee, Profile::All, command)
}

pub(crate) fn place(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("conformance_views");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// Shows runs, each with the same list of known failures.
pub(crate) fn shown(files: &Files, runs: &[(Header, Vec<Record>)], known: &Known) -> Conclusion {
    let mut views = Views::open(files).unwrap();
    for (header, records) in runs {
        let mut known = known.clone();
        views.begin(header).unwrap();
        for record in records {
            views.take(record, known.judge(record)).unwrap();
        }
        views.end(&known.ending()).unwrap();
    }
    views.finish().unwrap()
}

/// Some cases of every solver, with every verdict and every kind of field.
pub(crate) fn results() -> Vec<Record> {
    let settings = settings();
    let cases = settings.iter().flat_map(Setting::cases).step_by(701);
    let made = cases.zip(0..).map(|(case, k)| {
        let verdict = Verdict::ALL[k % Verdict::ALL.len()];
        let messages = ["", "\u{1b}[31m\"<script>\0\u{2028}'&\u{fffe}\nsecond line"];
        Record {
            max_error_u: (k % 3 == 0).then_some(k as f64 / 7.0),
            nearest: (k % 5 == 0).then(|| "Adams-Bashforth 2 in t".to_owned()),
            ..record(&case.to_string(), verdict, messages[k % 2])
        }
    });
    made.collect()
}

/// What every view says of runs.
pub(crate) struct Seen {
    pub(crate) junit: String,
    pub(crate) page: String,
    pub(crate) badge: String,
    pub(crate) conclusion: Conclusion,
}

pub(crate) fn seen(name: &str, runs: &[(Header, Vec<Record>)], known: &str) -> Seen {
    let file = |end: &str| Some(place(&format!("{name}.{end}")));
    let files = Files {
        ndjson: None,
        junit: file("xml"),
        report: file("html"),
        badge: file("svg"),
    };
    let conclusion = shown(&files, runs, &Known::parse(known, "known.txt").unwrap());
    let text = |path: Option<std::path::PathBuf>| fs::read_to_string(path.unwrap()).unwrap();
    Seen {
        junit: text(files.junit),
        page: text(files.report),
        badge: text(files.badge),
        conclusion,
    }
}

/// The page as XML: HTML may leave the ends of `meta` out.
pub(crate) fn as_xml(page: &str) -> String {
    let lines = page.lines().filter(|line| !line.starts_with("<meta"));
    let lines: Vec<&str> = lines
        .skip_while(|line| *line != "<html lang=\"en\">")
        .collect();
    lines.join("\n")
}
