//! Every step of a run beside what any conforming device may compute.

use super::{CHECKED, Rounding};
use crate::device::{Stepping, Tensor};
use crate::error::Result;
use crate::fused::{Element, Enclosure, Format, Pass, Program, Shape, Source, Stage, thresholded};
use crate::threshold::Threshold;

/// u of the bounds: a rounding in either direction.
const UNIT: f64 = 1.0 / (1 << 23) as f64;

/// The steps of a program, compared at a selection of elements.
pub(super) struct Steps<'a> {
    program: &'a Program<f32>,
    format: Format,
    shape: Shape,
    elements: Vec<usize>,
    pub(super) rounding: Rounding,
}

/// The arrays of a stepper.
struct Arrays {
    states: Vec<Vec<f32>>,
    outputs: Vec<Vec<f32>>,
    networks: Vec<Vec<f32>>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(program: &'a Program<f32>, format: Format, shape: Shape) -> Self {
        let length = shape.len();
        let every = length.div_ceil(CHECKED).max(1);
        Steps {
            program,
            format,
            shape,
            elements: (0..length).step_by(every).collect(),
            rounding: Rounding {
                within_bound: true,
                ..Rounding::default()
            },
        }
    }

    /// Makes the step after a call, whose outputs are written, and compares.
    pub(super) fn step(&mut self, call: usize, stepper: &mut dyn Stepping) -> Result<()> {
        let program = self.program;
        let begin = |stage: &Stage<f32>| matches!(stage, Stage::Call { call: k, .. } if *k == call);
        let stages = program
            .stages
            .iter()
            .skip_while(|stage| !begin(stage))
            .skip(1);
        let stages: Vec<&Stage<f32>> = stages
            .take_while(|stage| !matches!(stage, Stage::Call { .. }))
            .collect();
        let before = self.arrays(stepper)?;
        stepper.advance()?;
        let after = self.arrays(stepper)?;
        self.threshold(&stages, &before, &after);
        for at in self.elements.clone() {
            let mut element = before.element(at);
            let mut written: Vec<(Source, f64)> = Vec::new();
            for stage in &stages {
                match stage {
                    Stage::Pass(pass) => {
                        let sizes = sizes(pass, &element);
                        written.retain(|(array, _)| sizes.iter().all(|(new, _)| new != array));
                        written.extend(sizes);
                        element.pass(pass, self.format);
                    }
                    // The passes after it begin with what it left.
                    Stage::Threshold { output } => {
                        element.outputs[*output] = Enclosure::exact(after.outputs[*output][at]);
                        written.retain(|(array, _)| *array != Source::Output(*output));
                    }
                    Stage::Call { .. } => {}
                }
            }
            for (array, size) in written {
                let (allowed, found) = match array {
                    Source::State(i) => (&element.states[i], after.states[i][at]),
                    Source::Output(i) => (&element.outputs[i], after.outputs[i][at]),
                    Source::Register | Source::Noise(_) => continue,
                };
                self.note(allowed, found, size);
            }
        }
        Ok(())
    }

    /// Compares what dynamic thresholding left, on every element: a quantile hangs on all of them.
    fn threshold(&mut self, stages: &[&Stage<f32>], before: &Arrays, after: &Arrays) {
        let Some(Threshold::Dynamic { ratio, max }) = self.program.threshold else {
            return;
        };
        for (k, stage) in stages.iter().enumerate() {
            let Stage::Threshold { output } = stage else {
                continue;
            };
            let converted = |at: usize| {
                let mut element = before.element(at);
                for stage in &stages[..k] {
                    if let Stage::Pass(pass) = stage {
                        element.pass(pass, self.format);
                    }
                }
                element.outputs.swap_remove(*output)
            };
            for (sample, found) in after.outputs[*output]
                .chunks(self.shape.elements)
                .enumerate()
            {
                let first = sample * self.shape.elements;
                let given = (first..first + found.len()).map(converted);
                let given: Vec<Enclosure> = given.collect();
                let allowed = thresholded(&given, (ratio, max), |_| 0);
                let mut pairs = found.iter().zip(&allowed);
                self.rounding.within_bound &= found.len() == allowed.len()
                    && pairs.all(|(x, allowed)| allowed.admits(*x, self.format));
            }
        }
    }

    fn note(&mut self, allowed: &Enclosure, found: f32, size: f64) {
        self.rounding.within_bound &= allowed.admits(found, Format::F32);
        let error = (f64::from(found) - allowed.centre()).abs() / (UNIT * size);
        let bound = allowed.radius() / (UNIT * size);
        let Rounding {
            max_error_u,
            bound_u,
            ..
        } = &mut self.rounding;
        // Nothing is promised of an overflow, and nothing of 0 = 0 is to be told.
        let told = bound.is_finite() && error.is_finite();
        if told && (*bound_u == 0.0 || error * *bound_u > *max_error_u * bound) {
            (*max_error_u, *bound_u) = (error, bound);
        }
    }

    fn arrays(&self, stepper: &dyn Stepping) -> Result<Arrays> {
        let all = |count: usize, tensor: fn(usize) -> Tensor| -> Result<Vec<Vec<f32>>> {
            (0..count).map(|i| stepper.read(tensor(i))).collect()
        };
        let guided = self.program.passes().any(|pass| {
            let conversion = pass.conversion.as_ref();
            conversion.is_some_and(|conversion| conversion.unconditional.is_some())
        });
        let mut networks = vec![stepper.read(Tensor::Conditional)?];
        if guided {
            networks.push(stepper.read(Tensor::Unconditional)?);
        }
        Ok(Arrays {
            states: all(self.program.states, Tensor::State)?,
            outputs: all(self.program.outputs, Tensor::Output)?,
            networks,
        })
    }
}

impl Arrays {
    /// One element of all arrays.
    fn element(&self, at: usize) -> Element {
        let all = |arrays: &[Vec<f32>]| -> Vec<Enclosure> {
            let exact = |values: &Vec<f32>| Enclosure::exact(values[at]);
            arrays.iter().map(exact).collect()
        };
        let mut element = Element::new(0, 0);
        element.states = all(&self.states);
        element.outputs = all(&self.outputs);
        element.networks = all(&self.networks);
        element
    }
}

/// The arrays that a pass writes, each with the sum of the magnitudes of its terms.
fn sizes(pass: &Pass<f32>, element: &Element) -> Vec<(Source, f64)> {
    let term = |weight: f32, number: &Enclosure| (f64::from(weight) * number.centre()).abs();
    let mut written = Vec::new();
    let mut register = 0.0;
    if let Some(conversion) = &pass.conversion {
        let networks = [Some(conversion.conditional), conversion.unconditional];
        let networks = networks.into_iter().flatten().zip(&element.networks);
        register = networks.map(|(weight, number)| term(weight, number)).sum();
        if let Some((state, weight)) = conversion.state {
            register += term(weight, &element.states[state]);
        }
        written.extend(
            conversion
                .keep
                .map(|array| (Source::Output(array), register)),
        );
    }
    if let Some(sum) = &pass.sum {
        let size = |(source, weight): &(Source, f32)| match source {
            Source::State(i) => term(*weight, &element.states[*i]),
            Source::Output(i) => term(*weight, &element.outputs[*i]),
            Source::Register => f64::from(*weight).abs() * register,
            Source::Noise(_) => term(*weight, &element.noise),
        };
        written.push((Source::State(sum.target), sum.terms.iter().map(size).sum()));
    }
    written
}
