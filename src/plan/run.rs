//! Running a plan on the CPU, in any arithmetic.

use super::{Instruction, Node, Operand, Plan};
use crate::arithmetic::Real;
use crate::error::{Code, Error, Result};

/// A model call: where, and with what.
#[derive(Debug)]
pub struct Call<'a, T> {
    /// Index of the call, from 0.
    pub index: usize,
    /// The node: label, alpha, sigma, lambda.
    pub node: &'a Node<T>,
    /// The network's input: input_scale times the state.
    pub input: &'a [T],
}

impl<T: Real> Plan<T> {
    /// Runs the program on the given start states (one, or as many as `initial.states`).
    ///
    /// `model` returns the network's output for a call; `noise(k)` the k-th standard normal vector.
    ///
    /// # Errors
    /// `E-SHAPE` if a vector has another length than the start state; the model's own errors.
    pub fn run(
        &self,
        start: &[Vec<T>],
        model: impl FnMut(&Call<'_, T>) -> Result<Vec<T>>,
        noise: impl FnMut(usize) -> Result<Vec<T>>,
    ) -> Result<Vec<T>> {
        self.run_visited(start, model, noise, |_, _| Ok(()))
    }

    /// As [`Plan::run`]; `visit` sees every state that is made, with its index, and may replace it.
    ///
    /// # Errors
    /// As [`Plan::run`]; the visitor's own errors.
    pub fn run_visited(
        &self,
        start: &[Vec<T>],
        mut model: impl FnMut(&Call<'_, T>) -> Result<Vec<T>>,
        mut noise: impl FnMut(usize) -> Result<Vec<T>>,
        mut visit: impl FnMut(usize, &mut Vec<T>) -> Result<()>,
    ) -> Result<Vec<T>> {
        let length = start.first().map_or(0, Vec::len);
        if start.len() != self.initial.states || start.iter().any(|state| state.len() != length) {
            return Err(Error::new(
                Code::Shape,
                format!("{} start states", start.len()),
                "start",
                format!("give {} states of equal length", self.initial.states),
            ));
        }
        let mut states: Vec<Vec<T>> = start.to_vec();
        let mut outputs: Vec<Vec<T>> = Vec::new();
        for instruction in &self.program {
            match instruction {
                Instruction::Evaluate {
                    node,
                    state,
                    output,
                    state_weight,
                    output_weight,
                } => {
                    let node = &self.nodes[*node];
                    let input: Vec<T> = states[*state]
                        .iter()
                        .map(|x| x.clone() * &node.input_scale)
                        .collect();
                    let made = checked(
                        model(&Call {
                            index: *output,
                            node,
                            input: &input,
                        })?,
                        length,
                        "model output",
                    )?;
                    let converted = states[*state].iter().zip(made);
                    let mut converted: Vec<T> = converted
                        .map(|(x, f)| x.clone() * state_weight + &(f * output_weight))
                        .collect();
                    if let Some(threshold) = self.threshold {
                        threshold.apply(&mut converted);
                    }
                    outputs.push(converted);
                }
                Instruction::Combine { target, terms } => {
                    let mut result: Option<Vec<T>> = None;
                    for (operand, weight) in terms {
                        let drawn;
                        let vector = match operand {
                            Operand::State(i) => &states[*i],
                            Operand::Output(i) => &outputs[*i],
                            Operand::Noise(i) => {
                                drawn = checked(noise(*i)?, length, "noise")?;
                                &drawn
                            }
                        };
                        result = Some(match result {
                            None => vector.iter().map(|x| x.clone() * weight).collect(),
                            Some(sum) => sum
                                .into_iter()
                                .zip(vector)
                                .map(|(s, x)| s + &(x.clone() * weight))
                                .collect(),
                        });
                    }
                    let mut state = result.unwrap_or_default();
                    visit(*target, &mut state)?;
                    states.push(state);
                }
            }
        }
        Ok(states.pop().unwrap_or_default())
    }
}

fn checked<T>(vector: Vec<T>, length: usize, what: &str) -> Result<Vec<T>> {
    if vector.len() == length {
        return Ok(vector);
    }
    let remedy = format!("return {length} components, as many as the start state has");
    Err(Error::new(
        Code::Shape,
        format!("{} components", vector.len()),
        what,
        remedy,
    ))
}
