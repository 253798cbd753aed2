//! A plan step by step: what each step multiplies the state, the model outputs and the noise with.

use super::decimal::decimal;
use super::figure::{Axis, Figure, Line, Scale};
use crate::error::Result;
use crate::plan::{Instruction, Operand, PlanFile, Value};
use serde::Serialize;

/// One row of the table of steps.
#[derive(Serialize)]
pub(super) struct Row {
    step: usize,
    label: String,
    lambda: String,
    weights: Vec<String>,
}

/// What a weight belongs to: the state, model outputs from the newest to older ones, the noise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Factor {
    State,
    Output(usize),
    Noise,
}

impl Factor {
    fn name(self) -> String {
        match self {
            Factor::State => "state".to_owned(),
            Factor::Output(0) => "newest output".to_owned(),
            Factor::Output(1) => "output before it".to_owned(),
            Factor::Output(age) => format!("output {age} before it"),
            Factor::Noise => "noise".to_owned(),
        }
    }
}

/// One combination of the program, and the node that its state belongs to.
struct Step<'a> {
    node: usize,
    weights: Vec<(Factor, &'a Value)>,
}

/// The table's head and rows.
pub(super) fn table(file: &PlanFile, digits: usize) -> Result<(Vec<String>, Vec<Row>)> {
    let steps = steps(file);
    let factors = factors(&steps);
    let mut rows = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let node = &file.plan.nodes[step.node];
        let written =
            |value: Option<&Value>| value.map_or(Ok(String::new()), |value| decimal(value, digits));
        let weight = |factor: &Factor| {
            step.weights
                .iter()
                .find(|(of, _)| of == factor)
                .map(|(_, value)| *value)
        };
        rows.push(Row {
            step: index + 1,
            label: written(node.label.as_ref())?,
            lambda: written(node.point.lambda.finite())?,
            weights: factors
                .iter()
                .map(|factor| written(weight(factor)))
                .collect::<Result<_>>()?,
        });
    }
    Ok((factors.into_iter().map(Factor::name).collect(), rows))
}

/// The same numbers as a picture.
pub(super) fn picture(file: &PlanFile, title: &str) -> Result<String> {
    let steps = steps(file);
    let lines = factors(&steps).into_iter().map(|factor| {
        let weight = |step: &Step<'_>| {
            step.weights
                .iter()
                .find(|(of, _)| *of == factor)
                .map(|(_, value)| value.f64)
        };
        let points = steps
            .iter()
            .enumerate()
            .filter_map(|(index, step)| Some((index as f64 + 1.0, weight(step)?)));
        Line {
            name: factor.name(),
            points: points.collect(),
            dashed: false,
        }
    });
    let axis = |name: &str, scale| Axis {
        name: name.to_owned(),
        scale,
    };
    let figure = Figure {
        title: title.to_owned(),
        across: axis("step", Scale::Linear),
        up: axis("weight", Scale::Linear),
        lines: lines.collect(),
        triangles: Vec::new(),
    };
    figure.svg()
}

fn steps(file: &PlanFile) -> Vec<Step<'_>> {
    let (mut steps, mut newest, mut node) = (Vec::new(), 0, 0);
    for instruction in &file.plan.program {
        match instruction {
            Instruction::Evaluate {
                node: at, output, ..
            } => (newest, node) = (*output, *at),
            Instruction::Combine { terms, .. } => {
                let weights = terms
                    .iter()
                    .map(|(operand, weight)| (factor(*operand, newest), weight));
                steps.push(Step {
                    node,
                    weights: weights.collect(),
                });
            }
        }
    }
    steps
}

fn factor(operand: Operand, newest: usize) -> Factor {
    match operand {
        Operand::State(_) => Factor::State,
        Operand::Output(index) => Factor::Output(newest.saturating_sub(index)),
        Operand::Noise(_) => Factor::Noise,
    }
}

fn factors(steps: &[Step<'_>]) -> Vec<Factor> {
    let mut factors: Vec<Factor> = steps
        .iter()
        .flat_map(|step| step.weights.iter().map(|(factor, _)| *factor))
        .collect();
    factors.sort();
    factors.dedup();
    factors
}
