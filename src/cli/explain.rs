//! `dpm-spec explain`: one hop from an id to everything about it.

use super::answer::Answer;
use super::sources::{self, Definition};
use clap::Args;
use dpm_spec::grid::Grid;
use dpm_spec::id::suggestion;
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};
use dpm_spec::spec::{block, cited, clause_prefix, in_full};
use dpm_spec::{Code, Error, Result};
use serde_json::{Map, Value, json};

/// Options of `explain`.
#[derive(Args)]
pub(crate) struct Options {
    /// A solver, schedule, grid, policy, prediction or error code, e.g. dpmpp-2m, karras, E-GRID-ORDER
    id: String,
}

/// What there is to say about one id.
struct Explanation {
    kind: &'static str,
    id: String,
    facts: Vec<(&'static str, String)>,
    bibtex: Vec<&'static str>,
}

/// Explains every meaning of the id: `flow` is a schedule, a grid and a prediction.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let id = options.id.as_str();
    let name = id.split([':', '=']).next().unwrap_or(id);
    let mut found = Vec::new();
    if Solver::ENTRIES.iter().any(|entry| entry.id == name) {
        found.push(solver(&Solver::parse(id)?));
    }
    if let Some(parameters) = of(Schedule::IDS, name) {
        let facts = vec![
            ("parameters", parameters.to_owned()),
            ("clause", "spec/schedules.md".to_owned()),
        ];
        found.push(explanation(
            "schedule",
            name.to_owned(),
            sources::schedule(name),
            facts,
        ));
    }
    if let Some(parameters) = of(Grid::IDS, name) {
        let facts = vec![
            ("parameters", parameters.to_owned()),
            ("clause", "spec/grids.md".to_owned()),
        ];
        found.push(explanation(
            "grid",
            name.to_owned(),
            sources::grid(name),
            facts,
        ));
    }
    if let Some(values) = of(Policy::IDS, name) {
        let facts = vec![
            ("values", values.to_owned()),
            ("clause", "spec/policy.md".to_owned()),
        ];
        found.push(explanation(
            "policy",
            name.to_owned(),
            sources::policy(name),
            facts,
        ));
    }
    if let Some(output) = of(Prediction::IDS, name) {
        let facts = vec![
            ("output", output.to_owned()),
            ("clause", "spec/predictions.md".to_owned()),
        ];
        found.push(explanation(
            "prediction",
            name.to_owned(),
            sources::prediction(name),
            facts,
        ));
    }
    if let Some(code) = Code::ALL.iter().find(|code| code.text() == name) {
        let facts = vec![("meaning", code.meaning().to_owned())];
        found.push(Explanation {
            kind: "error code",
            id: name.to_owned(),
            facts,
            bibtex: Vec::new(),
        });
    }
    if found.is_empty() {
        return Err(unknown(name));
    }
    Ok(if json {
        as_json(found)
    } else {
        Answer::yes(as_text(&found))
    })
}

fn of(ids: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    ids.iter()
        .find(|(id, _)| *id == name)
        .map(|(_, fact)| *fact)
}

fn solver(solver: &Solver) -> Explanation {
    let entry = solver.entry;
    let form = match (entry.side, entry.stochastic) {
        (Side::Data, false) => "data prediction",
        (Side::Noise, false) => "noise prediction",
        (Side::Data, true) => "data prediction, stochastic (takes eta)",
        (Side::Noise, true) => "noise prediction, stochastic (takes eta)",
    };
    let page = format!("spec/solvers/{}.md", entry.id);
    let mut facts = vec![
        ("form", form.to_owned()),
        ("parameters", entry.parameters.to_owned()),
        ("order", entry.order.to_owned()),
        ("order note", solver.order_note().unwrap_or_default()),
        ("also called", entry.also.to_owned()),
        ("paper", entry.source.to_owned()),
        (
            "clauses",
            format!("{}-* in {page}", clause_prefix(entry.id)),
        ),
    ];
    for part in ["increment", "weights", "step"] {
        let formula = block(&format!("solver/{solver}/{part}"));
        facts.extend(formula.map(|block| (part, block.latex())));
    }
    explanation(
        "solver",
        solver.to_string(),
        sources::solver(entry.stem),
        facts,
    )
}

fn explanation(
    kind: &'static str,
    id: String,
    definition: Option<Definition>,
    mut facts: Vec<(&'static str, String)>,
) -> Explanation {
    let mut citations = String::new();
    if let Some(definition) = definition {
        facts.insert(0, ("what", definition.documentation));
        facts.push(("source", definition.place));
        citations = definition.citations;
    }
    facts.retain(|(_, fact)| !fact.is_empty());
    for (_, fact) in &mut facts {
        citations.push_str(fact);
        *fact = in_full(fact);
    }
    let bibtex = cited(&citations)
        .into_iter()
        .map(|paper| paper.bibtex)
        .collect();
    Explanation {
        kind,
        id,
        facts,
        bibtex,
    }
}

fn unknown(name: &str) -> Error {
    let ids = [Schedule::IDS, Grid::IDS, Policy::IDS, Prediction::IDS].concat();
    let names: Vec<&str> = Solver::ENTRIES
        .iter()
        .map(|entry| entry.id)
        .chain(ids.iter().map(|(id, _)| *id))
        .chain(Code::ALL.iter().map(|code| code.text()))
        .collect();
    Error::new(
        Code::UnknownId,
        format!("unknown id `{name}`"),
        "explain",
        suggestion(name, &names),
    )
}

fn as_text(found: &[Explanation]) -> String {
    let mut text = String::new();
    for explanation in found {
        let Explanation {
            kind,
            id,
            facts,
            bibtex,
        } = explanation;
        text.push_str(&format!("{id}: {kind}\n"));
        for (name, fact) in facts {
            let fact = fact.replace('\n', "\n              ");
            text.push_str(&format!("  {name:12}{fact}\n"));
        }
        for entry in bibtex {
            text.push_str(&format!("\n{entry}\n"));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn as_json(found: Vec<Explanation>) -> Answer {
    let list: Vec<Value> = found
        .into_iter()
        .map(
            |Explanation {
                 kind,
                 id,
                 facts,
                 bibtex,
             }| {
                let mut object = Map::from_iter([
                    ("id".to_owned(), json!(id)),
                    ("kind".to_owned(), json!(kind)),
                ]);
                object.extend(
                    facts
                        .into_iter()
                        .map(|(name, fact)| (name.replace(' ', "_"), json!(fact))),
                );
                object.insert("bibtex".to_owned(), json!(bibtex));
                Value::Object(object)
            },
        )
        .collect();
    Answer::json(&json!({ "explained": list }))
}
