//! A plan: a sampler as a straight-line program of two instructions, and what can be done with it.
//!
//! `Evaluate` calls the model and converts its output; `Combine` is a linear combination. Every
//! sampler here is a few of these a step. Format and meaning: `spec/plan.md`.

mod builder;
mod derive;
mod file;
pub(crate) mod formulas;
mod node;
mod number;
mod rounded;
mod run;
mod singlestep;
mod transfer;

pub use derive::{Request, derive, derive_on};
pub use file::{Certificate, DATA_CRATE, DATA_VERSION, FORMAT, Kind, PlanFile, VERSION};
pub use node::Node;
pub use number::{
    DIGITS, Value, decimal, hexadecimal, parse_decimal, parse_f32, parse_f64, parse_pattern,
    pattern,
};
pub use rounded::double_double_plan;
pub use run::Call;
pub use transfer::Columns;

pub(crate) use node::prepare;

use crate::error::Result;
use crate::threshold::Threshold;

/// A term's operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operand {
    /// State s_i.
    State(usize),
    /// Converted model output m_i.
    Output(usize),
    /// Noise z_i, standard normal.
    Noise(usize),
}

/// One instruction.
#[derive(Clone, Debug, PartialEq)]
pub enum Instruction<T> {
    /// m_output = `state_weight` s_state + `output_weight` F(input_scale s_state, label), then thresholded.
    Evaluate {
        /// Index of the node.
        node: usize,
        /// State shown.
        state: usize,
        /// Output made.
        output: usize,
        /// Weight of the state.
        state_weight: T,
        /// Weight of the network's output.
        output_weight: T,
    },
    /// s_target = sum of coefficient times operand.
    Combine {
        /// State made.
        target: usize,
        /// The terms.
        terms: Vec<(Operand, T)>,
    },
}

/// Where a run begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Initial<T> {
    /// s0 = scale times standard normal noise, if sampling starts from noise.
    pub scale: T,
    /// How many states are given: s0, or s0 to s_{k-1} for exact start-up.
    pub states: usize,
    /// Index of the first node in the whole grid; if not 0, s0 = alpha x_0 + sigma eps at the first node.
    pub start_at: usize,
}

/// A sampler's program with numbers of type `T`.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<T> {
    /// The start.
    pub initial: Initial<T>,
    /// Nodes in the order of evaluation; the last one is the end.
    pub nodes: Vec<Node<T>>,
    /// The program; the last target is the result.
    pub program: Vec<Instruction<T>>,
    /// Thresholding of every data prediction.
    pub threshold: Option<Threshold>,
}

impl<T> Plan<T> {
    /// The same plan with every number replaced; the text names the number's place.
    ///
    /// # Errors
    /// The first error of `replace`.
    pub fn try_map<U>(
        &self,
        mut replace: impl FnMut(&T, &dyn Fn() -> String) -> Result<U>,
    ) -> Result<Plan<U>> {
        let initial = Initial {
            scale: replace(&self.initial.scale, &|| "initial.scale".to_owned())?,
            states: self.initial.states,
            start_at: self.initial.start_at,
        };
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for (i, node) in self.nodes.iter().enumerate() {
            nodes.push(node.try_map(i, &mut replace)?);
        }
        let mut program = Vec::with_capacity(self.program.len());
        for (i, instruction) in self.program.iter().enumerate() {
            program.push(instruction.try_map(i, &mut replace)?);
        }
        Ok(Plan {
            initial,
            nodes,
            program,
            threshold: self.threshold,
        })
    }

    /// Number of model calls.
    pub fn calls(&self) -> usize {
        self.program
            .iter()
            .filter(|i| matches!(i, Instruction::Evaluate { .. }))
            .count()
    }

    /// Number of noises drawn.
    pub fn noises(&self) -> usize {
        let drawn = |i: &Instruction<T>| match i {
            Instruction::Combine { terms, .. } => terms
                .iter()
                .filter(|(operand, _)| matches!(operand, Operand::Noise(_)))
                .count(),
            Instruction::Evaluate { .. } => 0,
        };
        self.program.iter().map(drawn).sum()
    }
}

impl<T> Instruction<T> {
    fn try_map<U>(
        &self,
        index: usize,
        replace: &mut impl FnMut(&T, &dyn Fn() -> String) -> Result<U>,
    ) -> Result<Instruction<U>> {
        Ok(match self {
            Instruction::Evaluate {
                node,
                state,
                output,
                state_weight,
                output_weight,
            } => Instruction::Evaluate {
                node: *node,
                state: *state,
                output: *output,
                state_weight: replace(state_weight, &|| {
                    format!("program[{index}].evaluate.convert.state")
                })?,
                output_weight: replace(output_weight, &|| {
                    format!("program[{index}].evaluate.convert.output")
                })?,
            },
            Instruction::Combine { target, terms } => {
                let mut mapped = Vec::with_capacity(terms.len());
                for (operand, weight) in terms {
                    mapped.push((
                        *operand,
                        replace(weight, &|| format!("program[{index}].combine.{operand}"))?,
                    ));
                }
                Instruction::Combine {
                    target: *target,
                    terms: mapped,
                }
            }
        })
    }
}

impl std::fmt::Display for Operand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Operand::State(i) => write!(f, "s{i}"),
            Operand::Output(i) => write!(f, "m{i}"),
            Operand::Noise(i) => write!(f, "z{i}"),
        }
    }
}
