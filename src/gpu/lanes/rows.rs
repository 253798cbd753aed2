//! A multistep program as rows of numbers, one a step.

use super::super::stepper::Options;
use crate::error::{Code, Error, Result};
use crate::fused::{Pass, Program, Source, Stage};
use crate::plan::Node;
use bytemuck::{Pod, Zeroable};
use std::collections::BTreeSet;

/// Predictions of earlier steps that a row may weigh.
pub(super) const HISTORY: usize = 2;
/// Numbers of one step as the kernel reads them.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub(super) struct Row {
    state: f32,
    conditional: f32,
    unconditional: f32,
    base: f32,
    converted: f32,
    outputs: [f32; HISTORY],
    noise: f32,
    clip: f32,
    last: u32,
    zero: u32,
}

/// The rows and nodes of a multistep program.
pub(super) fn steps(program: &Program<f32>) -> Result<(Vec<Row>, Vec<Node<f32>>)> {
    let unfit = |what: &str| {
        Err(Error::new(
            Code::Parameter,
            what,
            "lanes",
            "give a multistep plan of order at most 3 from one start state, on a network that takes the state as it is",
        ))
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut nodes = Vec::new();
    // The call whose prediction each output array holds.
    let mut holds = vec![0; program.outputs];
    let mut open = false;
    if program.initial.states != 1 {
        return unfit("several start states");
    }
    for stage in &program.stages {
        match stage {
            Stage::Call { node, input: 0, .. } if !open => {
                nodes.push(program.nodes[*node].clone());
                open = true;
            }
            Stage::Pass(pass) if open => {
                let Some(row) = row(pass, &holds, rows.len()) else {
                    return unfit("a pass that is no multistep step");
                };
                if let Some(keep) = pass
                    .conversion
                    .as_ref()
                    .and_then(|conversion| conversion.keep)
                {
                    holds[keep] = rows.len();
                }
                rows.push(row);
                open = false;
            }
            _ => return unfit("a stage that is neither a call on the state nor its step"),
        }
    }
    if let Some(last) = rows.last_mut() {
        last.last = 1;
    }
    Ok((rows, nodes))
}

fn row(pass: &Pass<f32>, holds: &[usize], call: usize) -> Option<Row> {
    let (conversion, sum) = (pass.conversion.as_ref()?, pass.sum.as_ref()?);
    let shown = conversion.state;
    let mut row = Row {
        state: shown.map_or(0.0, |(_, weight)| weight),
        conditional: conversion.conditional,
        unconditional: conversion.unconditional.unwrap_or(0.0),
        clip: conversion.clip.unwrap_or(f32::INFINITY),
        ..Row::default()
    };
    let mut newest = 0;
    for (source, weight) in &sum.terms {
        match source {
            Source::State(0) if newest == 0 => row.base = *weight,
            Source::Register if newest == 0 => row.converted = *weight,
            Source::Output(output) => {
                // The kernel adds newer predictions first.
                let age = call - holds[*output];
                if age <= newest || age > HISTORY {
                    return None;
                }
                row.outputs[age - 1] = *weight;
                newest = age;
            }
            Source::Noise(_) => row.noise = *weight,
            _ => return None,
        }
    }
    (sum.target == 0).then_some(row)
}

/// What any row needs.
pub(super) fn features(rows: &[Row], options: Options) -> BTreeSet<String> {
    let mut features = BTreeSet::new();
    let oldest = |row: &Row| {
        row.outputs
            .iter()
            .rposition(|weight| *weight != 0.0)
            .map_or(0, |k| k + 1)
    };
    let depth = rows.iter().map(oldest).max().unwrap_or(0);
    features.extend((1..=depth).map(|k| format!("output{k}")));
    for (name, used) in [
        (
            "unconditional",
            rows.iter().any(|row| row.unconditional != 0.0),
        ),
        ("noise", rows.iter().any(|row| row.noise != 0.0)),
        ("clip", rows.iter().any(|row| row.clip < f32::INFINITY)),
        ("barrier", options.deterministic),
    ] {
        features.extend(used.then(|| name.to_owned()));
    }
    features
}
