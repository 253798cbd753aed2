//! The network that a problem's denoiser makes: what it has to return, so that its conversion is the
//! exact prediction.

use super::Model;
use crate::arithmetic::Real;
use crate::error::Result;
use crate::plan::{Instruction, Node, Plan};
use crate::solver::Side;

/// A model call of a plan.
pub(crate) struct Evaluation<'a, T> {
    /// Index of the node.
    pub(crate) node: usize,
    at: &'a Node<T>,
    state_weight: &'a T,
    output_weight: &'a T,
    side: Side,
}

impl<'a, T: Real> Evaluation<'a, T> {
    /// The calls of a plan in order; `side` is the prediction that it integrates.
    pub(crate) fn all(plan: &'a Plan<T>, side: Side) -> Vec<Self> {
        let evaluation = |instruction: &'a Instruction<T>| match instruction {
            Instruction::Evaluate {
                node,
                state_weight,
                output_weight,
                ..
            } => Some(Evaluation {
                node: *node,
                at: &plan.nodes[*node],
                state_weight,
                output_weight,
                side,
            }),
            Instruction::Combine { .. } => None,
        };
        plan.program.iter().filter_map(evaluation).collect()
    }

    /// The network's output for an input as it is shown, input_scale times the state; one number a
    /// component of the problem.
    pub(crate) fn answer(&self, model: &Model<T>, input: &[T]) -> Result<Vec<T>> {
        let (alpha, sigma) = (&self.at.point.alpha, &self.at.point.sigma);
        let ratio = sigma.clone() / alpha;
        let tau = ratio.clone() * &ratio;
        let unscaled = |x: &T| x.clone() / &self.at.input_scale;
        let state: Vec<T> = input.iter().map(unscaled).collect();
        let z: Vec<T> = state.iter().map(|x| x.clone() / alpha).collect();
        let data = model.denoise(&tau, &z)?;
        let answer = |(x, data): (&T, T)| {
            let prediction = match self.side {
                Side::Data => data,
                Side::Noise => (x.clone() - &(data * alpha)) / sigma,
            };
            (prediction - &(x.clone() * self.state_weight)) / self.output_weight
        };
        Ok(state.iter().zip(data).map(answer).collect())
    }
}
