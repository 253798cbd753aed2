//! `dpm-spec list`: every id with its parameters.

use super::answer::Answer;
use clap::{Args, ValueEnum};
use dpm_spec::Code;
use dpm_spec::conformance::{self, Case, Check};
use dpm_spec::grid::Grid;
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::Problem;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What to list.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Solvers,
    Schedules,
    Grids,
    Policies,
    Predictions,
    Problems,
    Cases,
    Codes,
}

/// Options of `list`.
#[derive(Args)]
pub(crate) struct Options {
    /// One kind; without it, every kind but the cases
    kind: Option<Kind>,
}

/// One line of a list: the id, and named facts about it.
struct Row {
    id: String,
    facts: Vec<(&'static str, Cow<'static, str>)>,
}

/// Lists one kind or all.
pub(crate) fn run(options: &Options, json: bool) -> Answer {
    let kinds: Vec<Kind> = match options.kind {
        Some(kind) => vec![kind],
        // Tens of thousands of cases would bury the rest: they are listed by name only.
        None => {
            let kinds = Kind::value_variants().iter().copied();
            kinds.filter(|kind| *kind != Kind::Cases).collect()
        }
    };
    match json {
        true => as_json(&kinds),
        false => as_text(&kinds),
    }
}

fn rows(kind: Kind) -> Vec<Row> {
    let pairs = |name: &'static str, ids: &'static [(&str, &str)]| -> Vec<Row> {
        let row = |(id, fact): &(&str, &'static str)| Row {
            id: (*id).to_owned(),
            facts: vec![(name, (*fact).into())],
        };
        ids.iter().map(row).collect()
    };
    match kind {
        Kind::Solvers => Solver::ENTRIES
            .iter()
            .map(|entry| Row {
                id: entry.id.to_owned(),
                facts: vec![
                    ("parameters", entry.parameters.into()),
                    ("order", entry.order.into()),
                    ("also", entry.also.into()),
                ],
            })
            .collect(),
        Kind::Schedules => pairs("parameters", Schedule::IDS),
        Kind::Grids => pairs("parameters", Grid::IDS),
        Kind::Policies => pairs("values", Policy::IDS),
        Kind::Predictions => pairs("output", Prediction::IDS),
        Kind::Problems => pairs("parameters", Problem::IDS),
        Kind::Cases => cases(),
        Kind::Codes => Code::ALL
            .iter()
            .map(|code| Row {
                id: code.text().to_owned(),
                facts: vec![("meaning", code.meaning().into())],
            })
            .collect(),
    }
}

fn cases() -> Vec<Row> {
    // Hundreds of cases have one source.
    let mut sources: BTreeMap<(Check, &str, String), String> = BTreeMap::new();
    let row = |case: &Case| {
        let of = (case.check, case.solver(), case.ground.1.to_string());
        let source = sources.entry(of).or_insert_with(|| case.source());
        Row {
            id: case.to_string(),
            facts: vec![
                ("level", case.level.requires().into()),
                ("clause", case.clause().into()),
                ("catches", case.check.catches().into()),
                ("source", source.clone().into()),
            ],
        }
    };
    conformance::cases().iter().map(row).collect()
}

fn as_text(kinds: &[Kind]) -> Answer {
    let mut text = String::new();
    for kind in kinds {
        let rows = rows(*kind);
        if kinds.len() > 1 {
            push(&mut text, format_args!("{}", name(*kind)));
        }
        let width = |column: usize| {
            rows.iter()
                .map(|row| row.facts.get(column).map_or(0, |(_, fact)| fact.len()))
                .max()
                .unwrap_or(0)
        };
        let columns = rows.first().map_or(0, |row| row.facts.len());
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let id_width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
        for row in &rows {
            let mut line = format!("  {:id_width$}", row.id);
            for ((_, fact), width) in row.facts.iter().zip(&widths) {
                let _ = write!(line, "  {fact:width$}");
            }
            push(&mut text, format_args!("{}", line.trim_end()));
        }
    }
    Answer::yes(text)
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

fn as_json(kinds: &[Kind]) -> Answer {
    let mut document = Map::new();
    for kind in kinds {
        let list: Vec<Value> = rows(*kind)
            .into_iter()
            .map(|row| {
                let mut object = Map::from_iter([("id".to_owned(), json!(row.id))]);
                object.extend(
                    row.facts
                        .into_iter()
                        .map(|(key, fact)| (key.to_owned(), json!(fact))),
                );
                Value::Object(object)
            })
            .collect();
        document.insert(name(*kind), Value::Array(list));
    }
    Answer::json(&Value::Object(document))
}

fn name(kind: Kind) -> String {
    kind.to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}
