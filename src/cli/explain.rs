//! `dpm-spec explain`: one hop from an id to everything about it.

use super::answer::Answer;
use clap::Args;
use dpm_spec::Result;
use dpm_spec::spec::{Explanation, explain};
use serde_json::json;
use std::fmt::Write;

/// Options of `explain`.
#[derive(Args)]
pub(crate) struct Options {
    /// A solver, schedule, grid, policy, prediction, error code or clause, e.g. dpmpp-2m, karras, E-GRID-ORDER, SOLVER-2M-1
    id: String,
}

/// Explains every meaning of the id.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let found = explain(&options.id)?;
    if json {
        return Ok(Answer::json(&json!({ "explained": found })));
    }
    let texts: Vec<String> = found.iter().map(as_text).collect();
    Ok(Answer::yes(texts.join("\n")))
}

fn as_text(explanation: &Explanation) -> String {
    let Explanation {
        kind,
        id,
        summary,
        parameters,
        order,
        also,
        page,
        clauses,
        formulas,
        source,
        tests,
        golden,
        papers,
        bibtex,
    } = explanation;
    let mut text = format!("{id}: {kind}\n  {summary}\n");
    let golden = golden.clone().unwrap_or_default();
    for (name, fact) in [
        ("parameters", parameters.as_str()),
        ("order", order),
        ("also", &also.join("; ")),
        ("paper", &papers.join("; ")),
        ("source", source),
        ("page", page),
        ("tests", &tests.join(", ")),
        ("golden", &golden),
    ] {
        if !fact.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {name:12}{fact}");
        }
    }
    for clause in clauses {
        let _ = writeln!(text, "\n  {}: {}", clause.id, clause.text);
    }
    for formula in formulas {
        let latex = formula.latex.replace('\n', "\n    ");
        let _ = writeln!(text, "\n  {}\n    {latex}", formula.name);
    }
    for entry in bibtex {
        let _ = write!(text, "\n{entry}\n");
    }
    text
}
