//! The problem's networks, evaluated on the host in f64 and rounded once.

use crate::error::Result;
use crate::plan::Plan;
use crate::problem::{Evaluation, Model, Problem};
use crate::solver::Side;

/// One network, or the conditional and the unconditional one.
pub(super) struct Networks<'a> {
    models: Vec<Model<f64>>,
    evaluations: Vec<Evaluation<'a, f64>>,
    components: usize,
}

impl<'a> Networks<'a> {
    pub(super) fn new(problem: &Problem, plan: &'a Plan<f64>, side: Side) -> Result<Self> {
        let models = match problem {
            Problem::Guided(guided) => {
                let networks = guided.networks()?.into_iter();
                networks
                    .map(|normal| Model::Gaussian(normal.model(&1.0)))
                    .collect()
            }
            _ => vec![problem.model(&1.0)],
        };
        Ok(Networks {
            models,
            evaluations: Evaluation::all(plan, side),
            components: problem.dimension(),
        })
    }

    /// What each network returns for an input of any length.
    pub(super) fn answers(&self, call: usize, shown: &[f32]) -> Result<Vec<Vec<f32>>> {
        let evaluation = &self.evaluations[call];
        let answer = |model: &Model<f64>| {
            let mut output = Vec::with_capacity(shown.len());
            for input in shown.chunks(self.components) {
                let input: Vec<f64> = input.iter().map(|x| f64::from(*x)).collect();
                let exact = evaluation.answer(model, &input)?;
                output.extend(exact.into_iter().map(|x| x as f32));
            }
            Ok(output)
        };
        self.models.iter().map(answer).collect()
    }
}
