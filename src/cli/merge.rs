//! `dpm-spec merge`: one report from the results of several runs.

use super::answer::{Answer, Text};
use super::results;
use clap::Args;
use dpm_spec::report::Merged;
use dpm_spec::{Code, Error, Result};
use std::fs::File;
use std::path::PathBuf;

/// Options of `merge`.
#[derive(Args)]
pub(crate) struct Options {
    /// Results that `check --ndjson` wrote: shards of a run, runs of several testees
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    results: results::Outputs,
}

/// Before every line of a testee's document within the whole.
const MARGIN: &str = "    ";

/// Reads all results, then shows them; the answer is that of the runs together.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let mut merged = Merged::default();
    for path in &options.files {
        let place = path.display().to_string();
        let file = File::open(path).map_err(|error| {
            let remedy = "give files that `dpm-spec check --ndjson` wrote";
            Error::new(Code::File, error.to_string(), &place, remedy)
        })?;
        merged.add(file, &place)?;
    }
    let mut results = options.results.open(json, MARGIN)?;
    let mut document = Text::from("{\n  \"runs\": [".to_owned());
    let runs = merged.runs();
    let many = runs.len();
    for (run, number) in runs.into_iter().zip(1..) {
        results.begin(&run.header)?;
        for record in run.records {
            results.take(&record)?;
        }
        let last = number == many;
        let before = if number == 1 { "" } else { "," };
        document.push(Text::from(format!("{before}\n{MARGIN}")));
        document.push(results.end(Vec::new(), last)?.unwrap_or_default());
    }
    document.push(Text::from("\n  ]\n}".to_owned()));
    results.finish(json.then_some(document))
}
