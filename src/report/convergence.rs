//! Errors against steps as a table, as JSON and as CSV.

use super::csv::quoted;
use super::terminal::push_table;
use crate::converge::{Convergence, Point, Study};
use serde_json::{Map, Value, json};

/// What a study is made of: name of the part, its id.
fn parts(study: &Study) -> [(&'static str, String); 7] {
    let recipe = &study.recipe;
    let mut solver = recipe.solver.to_string();
    if recipe.solver.entry.stochastic {
        solver.push_str(&format!(" eta={}", recipe.eta));
    }
    [
        ("solver", solver),
        ("problem", study.problem.to_string()),
        ("schedule", study.schedule.to_string()),
        ("grid", study.refinement.to_string()),
        ("policy", recipe.policy.to_string()),
        ("backend", study.backend.to_string()),
        ("measure", study.measure.name().to_owned()),
    ]
}

/// What several studies share, and a name for each of what they do not.
pub struct Labels {
    /// Name of the part and its id.
    pub shared: Vec<(&'static str, String)>,
    /// One name a study: short, and enough to tell them apart.
    pub names: Vec<String>,
}

impl Labels {
    /// Compares the studies part by part; the policy's choices are parts of their own.
    pub fn new(results: &[Convergence]) -> Self {
        let studies: Vec<Vec<(&str, String)>> = results
            .iter()
            .map(|result| choices(&result.study))
            .collect();
        let mut labels = Labels {
            shared: Vec::new(),
            names: vec![String::new(); results.len()],
        };
        let count = studies.iter().map(Vec::len).max().unwrap_or(0);
        for i in 0..count {
            let told = || studies.iter().filter_map(|parts| parts.get(i));
            let mut told = told().filter(|(_, value)| !value.is_empty());
            let Some((part, first)) = told.next() else {
                continue;
            };
            if told.all(|(_, value)| value == first) {
                match labels.shared.last_mut().filter(|(last, _)| last == part) {
                    Some((_, text)) => *text = format!("{text},{first}"),
                    None => labels.shared.push((part, first.clone())),
                }
                continue;
            }
            for (name, parts) in labels.names.iter_mut().zip(&studies) {
                let value = parts.get(i).map_or("", |(_, value)| value);
                let gap = if name.is_empty() || value.is_empty() {
                    ""
                } else {
                    ", "
                };
                *name = format!("{name}{gap}{value}");
            }
        }
        if labels.names.iter().all(String::is_empty) {
            labels.names = results
                .iter()
                .map(|result| result.study.recipe.solver.to_string())
                .collect();
            labels.shared.retain(|(part, _)| *part != "solver");
        }
        labels
    }
}

/// The parts, each choice of the policy its own; start-up is said where there is one.
fn choices(study: &Study) -> Vec<(&'static str, String)> {
    let alone = study.recipe.solver.needs_no_start_up();
    let mut choices = Vec::new();
    for (part, value) in parts(study) {
        match part {
            "policy" => choices.extend(value.split(',').map(|choice| {
                let silent = alone && choice.starts_with("start=");
                (
                    part,
                    if silent {
                        String::new()
                    } else {
                        choice.to_owned()
                    },
                )
            })),
            "measure" => {}
            _ => choices.push((part, value)),
        }
    }
    choices
}

/// Aligned text: what all rows share, then one row a study, with the slope of the last two columns.
pub fn table(results: &[Convergence]) -> String {
    let meaning = results.first().map(|result| result.study.measure.meaning());
    let mut text = format!("{}\n", meaning.unwrap_or_default());
    let labels = Labels::new(results);
    for (part, value) in &labels.shared {
        text.push_str(&format!("{part:9} {value}\n"));
    }
    text.push('\n');
    let columns = columns(results);
    let columns = columns.iter().map(String::as_str);
    let head: Vec<&str> = [""].into_iter().chain(columns).chain(["slope"]).collect();
    let row = |(name, result): (String, &Convergence)| {
        let errors = result.points.iter().map(|point| error(point.error));
        let order = slope(result.order());
        std::iter::once(name).chain(errors).chain([order]).collect()
    };
    let rows: Vec<Vec<String>> = labels.names.into_iter().zip(results).map(row).collect();
    push_table(&mut text, &head, &rows, 1);
    text
}

/// Aligned text: the slopes between neighbouring columns of [`table`].
pub fn slopes(results: &[Convergence]) -> String {
    let columns = columns(results);
    let columns = columns.iter().skip(1).map(String::as_str);
    let head: Vec<&str> = ["slope to"].into_iter().chain(columns).collect();
    let row = |(name, result): (String, &Convergence)| {
        let slopes = result.slopes().into_iter().map(slope);
        std::iter::once(name).chain(slopes).collect()
    };
    let names = Labels::new(results).names.into_iter();
    let rows: Vec<Vec<String>> = names.zip(results).map(row).collect();
    let mut text = String::new();
    push_table(&mut text, &head, &rows, 1);
    text
}

/// The numbers of steps, unless the studies share only the numbers of model calls.
fn columns(results: &[Convergence]) -> Vec<String> {
    let Some(first) = results.first() else {
        return Vec::new();
    };
    let shared = |number: fn(&Point) -> usize| {
        let of = |result: &Convergence| result.points.iter().map(number).collect::<Vec<usize>>();
        results.iter().all(|result| of(result) == of(first))
    };
    let calls = !shared(|point| point.steps) && shared(|point| point.calls);
    let column = |point: &Point| match calls {
        true => format!("{} calls", point.calls),
        false => format!("N={}", point.steps),
    };
    first.points.iter().map(column).collect()
}

/// Three significant digits.
fn error(value: Option<f64>) -> String {
    value.map_or("diverged".to_owned(), |value| format!("{value:.2e}"))
}

fn slope(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |slope| format!("{slope:.2}"))
}

/// The results as the command line's JSON.
pub fn document(results: &[Convergence]) -> Value {
    let point = |point: &Point| {
        let mut known = json!({"steps": point.steps, "calls": point.calls, "error": point.error});
        if point.error.is_none() {
            known["diverged"] = json!(true);
        }
        known
    };
    let entry = |result: &Convergence| {
        let words = parts(&result.study).into_iter();
        let mut entry: Map<String, Value> = words
            .map(|(part, value)| (part.to_owned(), json!(value)))
            .collect();
        entry.insert(
            "points".to_owned(),
            result.points.iter().map(point).collect(),
        );
        entry.insert("slopes".to_owned(), json!(result.slopes()));
        entry.insert("order".to_owned(), json!(result.order()));
        Value::Object(entry)
    };
    results.iter().map(entry).collect()
}

/// One row a run under a header; an empty error is a divergence.
pub fn rows(results: &[Convergence]) -> String {
    let mut text =
        "solver,problem,schedule,grid,policy,backend,measure,steps,calls,error\n".to_owned();
    for result in results {
        let words = parts(&result.study).map(|(_, value)| quoted(&value));
        for Point {
            steps,
            calls,
            error,
        } in &result.points
        {
            let error = error.map_or_else(String::new, |error| format!("{error:e}"));
            text.push_str(&format!("{},{steps},{calls},{error}\n", words.join(",")));
        }
    }
    text
}
