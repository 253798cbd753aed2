//! The transfer matrix: what a sampler does, whatever its program looks like.

use super::{Instruction, Operand, Plan};
use crate::arithmetic::Real;
use nalgebra::{DMatrix, RowDVector, Scalar};

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
        let Columns {
            states,
            outputs,
            noises,
        } = self.columns();
        let width = states + outputs + noises;
        let (zero, one) = (self.initial.scale.like(0, 1), self.initial.scale.like(1, 1));
        let unit = |column: usize| {
            RowDVector::from_fn(width, |_, j| {
                if j == column {
                    one.clone()
                } else {
                    zero.clone()
                }
            })
        };
        let scaled = |row: &RowDVector<T>, weight: &T| row.map(|x| x * weight);
        let sum = |a: RowDVector<T>, b: &RowDVector<T>| a.zip_map(b, |x, y| x + &y);
        let mut state_rows: Vec<RowDVector<T>> = (0..states).map(unit).collect();
        let mut output_rows: Vec<RowDVector<T>> = Vec::with_capacity(outputs);
        let mut shown: Vec<RowDVector<T>> = Vec::with_capacity(outputs + 1);
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
                Instruction::Combine { terms, .. } => {
                    let rows = terms.iter().map(|(operand, weight)| match operand {
                        Operand::State(i) => scaled(&state_rows[*i], weight),
                        Operand::Output(i) => scaled(&output_rows[*i], weight),
                        Operand::Noise(i) => scaled(&unit(states + outputs + i), weight),
                    });
                    state_rows.push(
                        rows.reduce(|a, b| sum(a, &b))
                            .unwrap_or_else(|| unit(width)),
                    );
                }
            }
        }
        shown.extend(state_rows.pop());
        DMatrix::from_rows(&shown)
    }
}
