//! A plan as facts, a table of nodes and a list of equations: what every format writes.

use super::decimal::decimal;
use crate::error::Result;
use crate::plan::{Instruction, Kind, Node, PlanFile, Value};
use crate::schedule::Lambda;
use crate::threshold::Threshold;

/// A table of text.
pub(super) struct Table {
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

/// `target` = sum of weight times factor.
pub(super) struct Equation {
    pub(super) target: String,
    /// Weight, and what it multiplies: `s0`, `m1`, `z0` or `F(s0, node 0)`.
    pub(super) terms: Vec<(String, String)>,
}

/// What the plan is, one named line each.
pub(super) fn facts(file: &PlanFile) -> Vec<(&'static str, String)> {
    let request = &file.request;
    let recipe = &request.recipe;
    let solver = &recipe.solver;
    let (prediction, space) = (recipe.prediction.name(), recipe.state_space.name());
    let mut facts = vec![
        ("solver", solver.to_string()),
        (
            "order",
            solver
                .order_note()
                .unwrap_or_else(|| solver.entry.order.to_owned()),
        ),
        ("schedule", request.schedule.to_string()),
        ("grid", format!("{}, {} steps", request.grid, request.steps)),
        ("policy", request.policy().to_string()),
        (
            "network",
            format!("predicts {prediction}; states in {space} coordinates"),
        ),
    ];
    if solver.entry.stochastic {
        facts.push(("eta", recipe.eta.to_string()));
    }
    facts.extend(recipe.threshold.map(|rule| ("threshold", threshold(rule))));
    if request.start_at > 0 {
        let start = format!(
            "at node {} of the grid: x = alpha x_0 + sigma eps there",
            request.start_at
        );
        facts.push(("start", start));
    }
    facts.push(("cost", cost(file)));
    facts.push(("certificate", certificate(file)));
    facts
}

fn threshold(rule: Threshold) -> String {
    match rule {
        Threshold::Static { bound } => format!("static, bound {bound}"),
        Threshold::Dynamic { ratio, max: None } => format!("dynamic, quantile {ratio}"),
        Threshold::Dynamic {
            ratio,
            max: Some(max),
        } => format!("dynamic, quantile {ratio}, at most {max}"),
    }
}

pub(super) fn cost(file: &PlanFile) -> String {
    let several = |count: usize| if count == 1 { "" } else { "s" };
    let (calls, noises) = (file.plan.calls(), file.plan.noises());
    match noises {
        0 => format!("{calls} model call{}", several(calls)),
        _ => format!(
            "{calls} model call{}, {noises} noise{}",
            several(calls),
            several(noises)
        ),
    }
}

fn certificate(file: &PlanFile) -> String {
    match file.certificate.kind {
        Kind::Ball { bits } => {
            format!(
                "every number correctly rounded from rigorous enclosures of at most {bits} bits"
            )
        }
        Kind::DoubleDouble => {
            "double-double, rounded once; not certified (the feature `oracle` certifies)".to_owned()
        }
    }
}

/// One row a node; a column in which no node says anything is left out.
pub(super) fn nodes(file: &PlanFile, digits: usize) -> Result<Table> {
    let head = [
        "node",
        "t",
        "alpha",
        "sigma",
        "lambda",
        "label",
        "input scale",
    ];
    let mut rows = Vec::with_capacity(file.plan.nodes.len());
    for (index, node) in file.plan.nodes.iter().enumerate() {
        rows.push(node_row(index, node, digits)?);
    }
    let says_nothing = |column: usize| match head[column] {
        "label" => rows
            .iter()
            .all(|row| row[column].is_empty() || row[column] == row[1]),
        "input scale" => rows.iter().all(|row| row[column] == "1"),
        _ => false,
    };
    let kept: Vec<usize> = (0..head.len())
        .filter(|column| !says_nothing(*column))
        .collect();
    Ok(Table {
        head: kept.iter().map(|column| head[*column]).collect(),
        rows: rows
            .iter()
            .map(|row| kept.iter().map(|column| row[*column].clone()).collect())
            .collect(),
    })
}

fn node_row(index: usize, node: &Node<Value>, digits: usize) -> Result<[String; 7]> {
    let optional = |value: &Option<Value>| match value {
        Some(value) => decimal(value, digits),
        None => Ok(String::new()),
    };
    let lambda = match &node.point.lambda {
        Lambda::Finite(lambda) => decimal(lambda, digits)?,
        Lambda::NoNoise => "inf".to_owned(),
        Lambda::NoSignal => "-inf".to_owned(),
    };
    Ok([
        index.to_string(),
        optional(&node.point.t)?,
        decimal(&node.point.alpha, digits)?,
        decimal(&node.point.sigma, digits)?,
        lambda,
        optional(&node.label)?,
        decimal(&node.input_scale, digits)?,
    ])
}

/// The program, one equation an instruction; weights that are exactly zero are left out.
pub(super) fn equations(file: &PlanFile, digits: usize) -> Result<Vec<Equation>> {
    file.plan
        .program
        .iter()
        .map(|instruction| equation(instruction, digits))
        .collect()
}

fn equation(instruction: &Instruction<Value>, digits: usize) -> Result<Equation> {
    let (target, terms): (String, Vec<(&Value, String)>) = match instruction {
        Instruction::Evaluate {
            node,
            state,
            output,
            state_weight,
            output_weight,
        } => {
            let call = format!("F(s{state}, node {node})");
            (
                format!("m{output}"),
                vec![(state_weight, format!("s{state}")), (output_weight, call)],
            )
        }
        Instruction::Combine { target, terms } => {
            let named = terms
                .iter()
                .map(|(operand, weight)| (weight, operand.to_string()));
            (format!("s{target}"), named.collect())
        }
    };
    let mut written = Vec::with_capacity(terms.len());
    for (weight, factor) in terms {
        let text = decimal(weight, digits)?;
        if text != "0" {
            written.push((text, factor));
        }
    }
    Ok(Equation {
        target,
        terms: written,
    })
}
