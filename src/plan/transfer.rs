//! The transfer matrix: what a sampler does, whatever its program looks like.

use super::{Instruction, Operand, Plan};
use crate::arithmetic::Real;
use nalgebra::{DMatrix, RowDVector, Scalar};
use std::collections::BTreeSet;

/// How many columns of each kind a transfer matrix has: given states, model outputs, noises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Given states.
    pub states: usize,
    /// Raw network outputs F, before conversion.
    pub outputs: usize,
    /// Noises.
    pub noises: usize,
}

impl<T: Real + Scalar> Plan<T> {
    /// The columns of [`Plan::transfer`].
    pub fn columns(&self) -> Columns {
        Columns {
            states: self.initial.states,
            outputs: self.calls(),
            noises: self.noises(),
        }
    }

    /// One row per model call (the state shown, before `input_scale`) and one for the result, in the
    /// basis (given states, raw network outputs, noises). Thresholding is left out: it is not linear.
    pub fn transfer(&self) -> DMatrix<T> {
        let Response { mut shown, made } = self.respond(&BTreeSet::new());
        shown.extend(made.into_iter().last());
        DMatrix::from_rows(&shown)
    }

    /// The same for a run step by step, in which every step starts from the first given state anew
    /// while outputs are kept: one row per model call, and one for the end of each step.
    pub fn transfer_by_step(&self) -> DMatrix<T> {
        let ends = self.step_ends();
        let Response { mut shown, made } = self.respond(&ends);
        let given = self.initial.states;
        let ended = made.into_iter().enumerate();
        shown.extend(ended.filter_map(|(i, row)| ends.contains(&(given + i)).then_some(row)));
        DMatrix::from_rows(&shown)
    }

    /// Rows of a program whose steps from `restarts` on start from the first given state anew.
    fn respond(&self, restarts: &BTreeSet<usize>) -> Response<T> {
        let Columns {
            states,
            outputs,
            noises,
        } = self.columns();
        let width = states + outputs + noises;
        let (zero, one) = (self.initial.scale.like(0, 1), self.initial.scale.like(1, 1));
        let unit = |column: usize| {
            let entry = |_, j| if j == column { &one } else { &zero }.clone();
            RowDVector::from_fn(width, entry)
        };
        let scaled = |row: &RowDVector<T>, weight: &T| row.map(|x| x * weight);
        let sum = |a: RowDVector<T>, b: &RowDVector<T>| a.zip_map(b, |x, y| x + &y);
        let mut state_rows: Vec<RowDVector<T>> = (0..states).map(unit).collect();
        let mut output_rows: Vec<RowDVector<T>> = Vec::with_capacity(outputs);
        let mut shown: Vec<RowDVector<T>> = Vec::with_capacity(outputs + 1);
        let mut made = Vec::new();
        for instruction in &self.program {
            match instruction {
                Instruction::Evaluate {
                    state,
                    output,
                    state_weight,
                    output_weight,
                    ..
                } => {
                    let row = &state_rows[*state];
                    shown.push(row.clone());
                    output_rows.push(sum(
                        scaled(row, state_weight),
                        &scaled(&unit(states + output), output_weight),
                    ));
                }
                Instruction::Combine { target, terms } => {
                    let rows = terms.iter().map(|(operand, weight)| match operand {
                        Operand::State(i) => scaled(&state_rows[*i], weight),
                        Operand::Output(i) => scaled(&output_rows[*i], weight),
                        Operand::Noise(i) => scaled(&unit(states + outputs + i), weight),
                    });
                    let row = rows.reduce(|a, b| sum(a, &b));
                    let row = row.unwrap_or_else(|| unit(width));
                    state_rows.push(match restarts.contains(target) {
                        true => unit(0),
                        false => row.clone(),
                    });
                    made.push(row);
                }
            }
        }
        Response { shown, made }
    }
}

/// What a program shows and makes.
struct Response<T: Scalar> {
    /// The states shown, call by call.
    shown: Vec<RowDVector<T>>,
    /// The states made, in order.
    made: Vec<RowDVector<T>>,
}

impl<T> Plan<T> {
    /// The states that end a step: those that no other combination of the same step follows.
    pub fn step_ends(&self) -> BTreeSet<usize> {
        let combinations = self.program.iter().filter_map(|it| match it {
            Instruction::Combine { target, terms } => {
                let source = terms.iter().find_map(|(operand, _)| match operand {
                    Operand::State(source) => Some(*source),
                    _ => None,
                });
                Some((*target, source))
            }
            Instruction::Evaluate { .. } => None,
        });
        let combinations: Vec<(usize, Option<usize>)> = combinations.collect();
        let followers = combinations.iter().skip(1).map(|(_, source)| *source);
        let followers = followers.chain([None]);
        let pairs = combinations.iter().zip(followers);
        pairs
            .filter(|((_, source), follower)| source.is_none() || source != follower)
            .map(|((target, _), _)| *target)
            .collect()
    }
}
