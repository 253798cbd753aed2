//! `dpm-spec merge`: one report from the results of several runs.

use super::answer::Answer;
use super::results;
use clap::Args;
use dpm_spec::report::Merged;
use dpm_spec::{Code, Error, Result};
use serde_json::{Value, json};
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
    let mut documents = Vec::new();
    let mut results = options.results.open(json)?;
    let runs = merged.runs();
    let many = runs.len();
    for (run, number) in runs.into_iter().zip(1..) {
        results.begin(&run.header)?;
        for record in run.records {
            results.take(record)?;
        }
        documents.extend(results.end(Vec::new(), number == many)?);
    }
    let document: Value = json!({ "runs": documents });
    results.finish(json.then_some(&document))
}
