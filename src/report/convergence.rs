//! Errors against steps as a table, as JSON and as CSV.

use super::csv::quoted;
use super::figure::{Axis, Figure, Line, Scale, Triangle};
use super::terminal::push_table;
use crate::converge::{Convergence, Measure, Point, Study};
use crate::solver::Solver;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a study is made of: name of the part, its id.
fn parts(study: &Study) -> [(&'static str, String); 7] {
    let recipe = &study.recipe;
    let mut solver = short(&recipe.solver);
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

/// A solver's id, with its parameters where they are not the usual ones.
fn short(solver: &Solver) -> String {
    match Solver::parse(solver.entry.id).is_ok_and(|usual| usual == *solver) {
        true => solver.entry.id.to_owned(),
        false => solver.to_string(),
    }
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
                .map(|result| short(&result.study.recipe.solver))
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

/// Aligned text: what all rows share, then one row a study, with the slope of the last two columns
/// and the proven one that it tends to.
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
    let ends = ["slope", "proven"];
    let head: Vec<&str> = [""].into_iter().chain(columns).chain(ends).collect();
    let row = |(name, result): (String, &Convergence)| {
        let errors = result.points.iter().map(|point| error(point.error));
        let proven = proven(result).map_or("-".to_owned(), |order| order.to_string());
        let ends = [slope(result.order()), proven];
        std::iter::once(name).chain(errors).chain(ends).collect()
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

/// True if the studies share the numbers of model calls, but not of steps.
fn by_calls(results: &[Convergence]) -> bool {
    let shared = |number: fn(&Point) -> usize| {
        let of = |result: &Convergence| result.points.iter().map(number).collect::<Vec<usize>>();
        results.windows(2).all(|pair| of(&pair[0]) == of(&pair[1]))
    };
    !shared(|point| point.steps) && shared(|point| point.calls)
}

fn columns(results: &[Convergence]) -> Vec<String> {
    let calls = by_calls(results);
    let column = |point: &Point| match calls {
        true => format!("{} calls", point.calls),
        false => format!("N={}", point.steps),
    };
    let points = results.iter().take(1).flat_map(|result| &result.points);
    points.map(column).collect()
}

/// The errors over steps or model calls as lines, with a triangle for each proven order.
pub fn figure(results: &[Convergence]) -> Figure {
    let labels = Labels::new(results);
    let calls = by_calls(results);
    let place = |point: &Point| {
        let across = if calls { point.calls } else { point.steps };
        (across as f64, point.error.unwrap_or(f64::INFINITY))
    };
    let line = |(name, result): (&String, &Convergence)| Line {
        name: name.clone(),
        points: result.points.iter().map(place).collect(),
        dashed: false,
    };
    let mut lines: Vec<Line> = labels.names.iter().zip(results).map(line).collect();
    let triangles = triangles(results, &lines);
    lines.extend(floors(results, &lines));
    let axis = |name: &str, scale| Axis {
        name: name.to_owned(),
        scale,
    };
    let measure = results.first().map(|result| result.study.measure);
    let (what, meaning) = match measure {
        Some(Measure::Local) => ("Local error", Measure::Local.meaning()),
        Some(measure) if measure.is_weak() => ("Weak error", measure.meaning()),
        _ => ("Error", Measure::Global.meaning()),
    };
    let across = if calls { "model calls" } else { "steps" };
    let shared = labels
        .shared
        .iter()
        .filter_map(|(part, value)| match *part {
            "policy" => None,
            "grid" if !value.starts_with("lambda from") => Some(format!("{value} grid")),
            _ => value.split(':').next().map(str::to_owned),
        });
    let shared: Vec<String> = shared.filter(|word| word != "big").collect();
    Figure {
        title: format!("{what} against {across}: {}", shared.join(", ")),
        across: axis(across, Scale::Counts),
        up: axis(
            meaning.split(':').next_back().unwrap_or(meaning).trim(),
            Scale::Log,
        ),
        triangles,
        lines,
    }
}

/// The unit roundoff of every number type that an error comes down to.
fn floors(results: &[Convergence], lines: &[Line]) -> Vec<Line> {
    let across = || {
        lines
            .iter()
            .flat_map(|line| &line.points)
            .map(|point| point.0)
    };
    let ends = [
        across().fold(f64::INFINITY, f64::min),
        across().fold(0.0, f64::max),
    ];
    let mut floors: Vec<Line> = Vec::new();
    for result in results {
        let backend = result.study.backend;
        let reached = |point: &Point| point.error.is_some_and(|error| error < result.floor());
        let name = format!("u of {}", backend.numbers());
        let known = floors.iter().any(|floor| floor.name == name);
        if !known && result.points.iter().any(reached) {
            floors.push(Line {
                name,
                points: ends.map(|x| (x, backend.unit())).to_vec(),
                dashed: true,
            });
        }
    }
    floors
}

/// One triangle for each proven order, where a line of that slope has most room below it.
fn triangles(results: &[Convergence], lines: &[Line]) -> Vec<Triangle> {
    let mut roomiest: BTreeMap<u32, (f64, (f64, f64))> = BTreeMap::new();
    for (result, line) in results.iter().zip(lines) {
        let Some(order) = proven(result) else {
            continue;
        };
        for pair in line.points.windows(2) {
            let Some(room) = room(pair, f64::from(order), lines) else {
                continue;
            };
            let best = roomiest.entry(order).or_insert((room, pair[0]));
            if room > best.0 {
                *best = (room, pair[0]);
            }
        }
    }
    let triangle = |(order, (_, near))| Triangle {
        order: f64::from(order),
        near,
    };
    roomiest.into_iter().map(triangle).collect()
}

/// Share of the figure's height that a triangle's shift and its label take.
const LABEL: f64 = 0.1;

/// ln of the free factor below a piece of a line and a triangle of that order; none if the piece
/// has another slope, or no room for a label.
fn room(pair: &[(f64, f64)], order: f64, lines: &[Line]) -> Option<f64> {
    let [(x, left), (end, right)] = *pair else {
        return None;
    };
    let slope = (left / right).ln() / (end / x).ln();
    let points = || lines.iter().flat_map(|line| &line.points);
    let finite = || {
        points()
            .map(|point| point.1)
            .filter(|value| value.is_finite())
    };
    let (least, most) = (
        finite().fold(f64::INFINITY, f64::min),
        finite().fold(0.0, f64::max),
    );
    let below = |x: f64, value: f64| {
        let lower = points().filter(|point| point.0 == x && point.1 < value);
        let nearest = lower.fold(least, |nearest, point| nearest.max(point.1));
        (value / nearest).ln()
    };
    let room = (below(x, left) - order * std::f64::consts::LN_2).min(below(end, right));
    let needed = LABEL * (most / least).ln();
    (room > needed && (slope - order).abs() < 0.3).then_some(room)
}

/// The proven order, in a build that proves.
#[cfg(feature = "oracle")]
fn proven(result: &Convergence) -> Option<u32> {
    crate::converge::proven(&result.study)
}

#[cfg(not(feature = "oracle"))]
fn proven(_: &Convergence) -> Option<u32> {
    None
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
        entry.insert("proven".to_owned(), json!(proven(result)));
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
