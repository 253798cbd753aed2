//! Errors against steps as a table, as JSON and as CSV.

use super::csv::quoted;
use super::terminal::push_table;
use crate::converge::{Convergence, Measure, Point, Study};
use crate::policy::Policy;
use crate::solver::Family;
use serde_json::{Value, json};

/// What a study is made of, in words: name of the part, its id.
fn parts(study: &Study) -> [(&'static str, String); 7] {
    let mut solver = study.recipe.solver.to_string();
    if study.recipe.solver.entry.stochastic {
        solver = format!("{solver} eta={}", study.recipe.eta);
    }
    [
        ("solver", solver),
        ("problem", study.problem.to_string()),
        ("schedule", study.schedule.to_string()),
        ("grid", study.refinement.to_string()),
        ("policy", study.recipe.policy.to_string()),
        ("backend", study.backend.to_string()),
        ("measure", study.measure.name().to_owned()),
    ]
}

/// The parts, with one part for each choice of the policy; start-up is no part of a single-step solver.
fn fine_parts(study: &Study) -> Vec<String> {
    let policy = study.recipe.policy.to_string();
    let choices = policy.split(',').map(|choice| {
        let own = choice.starts_with("start=")
            && study.recipe.solver.method.family() == Family::Singlestep;
        if own {
            String::new()
        } else {
            choice.to_owned()
        }
    });
    let others = parts(study)
        .into_iter()
        .filter(|(name, _)| *name != "policy");
    others.map(|(_, part)| part).chain(choices).collect()
}

/// One name a study, of the parts that differ between studies: short, and enough to tell them apart.
pub fn names(studies: &[&Study]) -> Vec<String> {
    let all: Vec<Vec<String>> = studies.iter().map(|study| fine_parts(study)).collect();
    let differs = |i: usize| {
        let mut values = all
            .iter()
            .filter_map(|parts| parts.get(i))
            .filter(|part| !part.is_empty());
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    let count = all.iter().map(Vec::len).max().unwrap_or(0);
    let mut kept: Vec<usize> = (0..count).filter(|i| differs(*i)).collect();
    if kept.is_empty() {
        kept.push(0);
    }
    let name = |parts: &Vec<String>| {
        let words = kept
            .iter()
            .filter_map(|i| parts.get(*i))
            .filter(|part| !part.is_empty());
        words.map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    all.iter().map(name).collect()
}

/// Aligned text: what all rows share, then one row a study, with the slope of the last doubling.
pub fn table(results: &[Convergence]) -> String {
    let studies: Vec<&Study> = results.iter().map(|result| &result.study).collect();
    let Some(first) = results.first() else {
        return String::new();
    };
    let mut text = match first.study.measure {
        Measure::Global => "error of the result: max |x_N/alpha_N - exact|\n".to_owned(),
        Measure::Local => {
            "error of the worst step from exact data: max |x/alpha - exact|\n".to_owned()
        }
    };
    // The start-up policy of the solvers that have one speaks for all.
    let multistep = |study: &&&Study| study.recipe.solver.method.family() == Family::Multistep;
    let speaker = studies
        .iter()
        .find(multistep)
        .copied()
        .unwrap_or(&first.study);
    let alike = |i: usize, value: &str| studies.iter().all(|study| parts(study)[i].1 == value);
    let policies = studies
        .iter()
        .filter(multistep)
        .map(|study| study.recipe.policy);
    let one_policy =
        policies.clone().min_by_key(Policy::to_string) == policies.max_by_key(Policy::to_string);
    for (i, (part, value)) in parts(speaker).into_iter().enumerate() {
        if part != "measure" && (alike(i, &value) || (part == "policy" && one_policy)) {
            text.push_str(&format!("{part:9} {value}\n"));
        }
    }
    text.push('\n');
    let columns = columns(results);
    let columns = columns.iter().map(String::as_str);
    let head: Vec<&str> = [""].into_iter().chain(columns).chain(["slope"]).collect();
    let rows: Vec<Vec<String>> = names(&studies)
        .into_iter()
        .zip(results)
        .map(|(name, result)| {
            let errors = result.points.iter().map(|point| error(point.error));
            let order = slope(result.order());
            std::iter::once(name).chain(errors).chain([order]).collect()
        })
        .collect();
    push_table(&mut text, &head, &rows, 1);
    text
}

/// The numbers of steps if all studies share them, else of model calls, else of the first study.
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

/// Aligned text: the slopes between neighbouring columns of [`table`].
pub fn slopes(results: &[Convergence]) -> String {
    let studies: Vec<&Study> = results.iter().map(|result| &result.study).collect();
    let columns = columns(results);
    let columns = columns.iter().skip(1).map(String::as_str);
    let head: Vec<&str> = ["slope to"].into_iter().chain(columns).collect();
    let rows: Vec<Vec<String>> = names(&studies)
        .into_iter()
        .zip(results)
        .map(|(name, result)| {
            let slopes = result.slopes().into_iter().map(slope);
            std::iter::once(name).chain(slopes).collect()
        })
        .collect();
    let mut text = String::new();
    push_table(&mut text, &head, &rows, 1);
    text
}

fn slope(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |slope| format!("{slope:.2}"))
}

/// The results as the command line's JSON.
pub fn document(results: &[Convergence]) -> Value {
    let entry = |result: &Convergence| {
        let mut entry = serde_json::Map::new();
        for (part, value) in parts(&result.study) {
            entry.insert(part.to_owned(), json!(value));
        }
        let points = result.points.iter().map(|point| match point.error {
            Some(error) => json!({"steps": point.steps, "calls": point.calls, "error": error}),
            None => {
                json!({"steps": point.steps, "calls": point.calls, "error": null, "diverged": true})
            }
        });
        entry.insert("points".to_owned(), points.collect());
        entry.insert("slopes".to_owned(), json!(result.slopes()));
        entry.insert("order".to_owned(), json!(result.order()));
        Value::Object(entry)
    };
    results.iter().map(entry).collect()
}

/// One row a run; an empty error is a divergence.
pub fn rows(results: &[Convergence]) -> String {
    let mut text =
        "solver,problem,schedule,grid,policy,backend,measure,steps,calls,error\n".to_owned();
    for result in results {
        let words = parts(&result.study)
            .map(|(_, value)| quoted(&value))
            .join(",");
        for point in &result.points {
            let error = point
                .error
                .map(|error| format!("{error:e}"))
                .unwrap_or_default();
            text.push_str(&format!(
                "{words},{},{},{error}\n",
                point.steps, point.calls
            ));
        }
    }
    text
}
