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
    /// A solver, schedule, grid, policy, prediction, problem, error code or clause, e.g. dpmpp-2m, karras, E-GRID-ORDER, SOLVER-2M-1
    id: String,
}

/// Explains every meaning of the id.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let found = explain(&options.id)?;
    if json {
        return Ok(Answer::json(&json!({ "explained": found })));
    }
    let texts: Vec<String> = found.iter().map(as_text).collect::<Result<_>>()?;
    Ok(Answer::yes(texts.join("\n")))
}

fn as_text(explanation: &Explanation) -> Result<String> {
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
        see,
        golden,
        papers,
        bibtex,
    } = explanation;
    let mut text = format!("{id}: {kind}\n  {summary}\n");
    let golden = golden.clone().unwrap_or_default();
    for (name, fact) in [
        ("parameters", parameters.as_str()),
        ("order", order),
        ("proof", &proof(explanation)?.unwrap_or_default()),
        ("also", &also.join("; ")),
        ("paper", &papers.join("; ")),
        ("source", source),
        ("page", page),
        ("tests", &tests.join(", ")),
        ("see", &see.join(", ")),
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
    Ok(text)
}

/// The order as proved now, if it is a solver's.
fn proof(explanation: &Explanation) -> Result<Option<String>> {
    if explanation.kind != "solver" {
        return Ok(None);
    }
    #[cfg(feature = "oracle")]
    {
        let proof = dpm_spec::order::prove(&dpm_spec::solver::Solver::parse(&explanation.id)?);
        let proven = proof.proven;
        let on = match proof.confirms() {
            true => "proved now",
            false => "NOT proved",
        };
        Ok(Some(format!(
            "{on}: {} on any grid, {} on smooth and {} on uniform ones from an exact start; {} after a ddim start",
            proven.arbitrary, proven.smooth, proven.uniform, proof.with_ddim_start
        )))
    }
    #[cfg(not(feature = "oracle"))]
    Ok(Some(format!(
        "dpm-spec order --solver {} (feature oracle)",
        explanation.id
    )))
}
