//! This machine as one device among others.

use super::bandwidth::bandwidth;
use super::stepper::{Options, Stepper};
use crate::device::{Device, Stepping, Tensor, no_tensor};
use crate::error::Result;
use crate::fused::{Format, Lowering, Program, Shape, Stage};
use crate::sample::Bandwidth;
use std::hint::black_box;

/// The CPU, with all of its cores.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cpu;

impl Device for Cpu {
    fn name(&self) -> String {
        let threads = rayon::current_num_threads();
        format!("CPU ({}; {threads} threads)", std::env::consts::ARCH)
    }

    /// Asks for what a host program may have set for this thread, and compilers for a build.
    fn arrays(&self) -> usize {
        Lowering::ARRAYS
    }

    fn probe(&self) -> Result<Vec<(&'static str, bool)>> {
        let near = black_box(1.0 + 1.0 / 4096.0);
        let square = black_box(-1.0 - 1.0 / 2048.0);
        let one = black_box(1.0_f32);
        let half_unit = black_box(f32::EPSILON / 2.0);
        let tiny = black_box(f32::MIN_POSITIVE);
        Ok(vec![
            ("fuses", near * near + square != 0.0_f32),
            ("rearranges", (one + half_unit) - one == half_unit),
            (
                "rounds_to_nearest",
                one + half_unit == 1.0
                    && one + 1.5 * half_unit == 1.0 + f32::EPSILON
                    && -one - 1.5 * half_unit == -1.0 - f32::EPSILON,
            ),
            ("keeps_subnormals", black_box(tiny * 0.5) * 2.0 == tiny),
        ])
    }

    fn stepper(
        &self,
        program: &Program<f32>,
        shape: Shape,
        format: Format,
        _deterministic: bool,
    ) -> Result<Box<dyn Stepping>> {
        let options = Options {
            format,
            ..Options::default()
        };
        Ok(Box::new(ByHand {
            stepper: Stepper::new(program, shape, options)?,
            program: program.clone(),
            format,
            calls: 0,
            answers: vec![vec![0.0; shape.len()]; 2],
        }))
    }
}

/// A stepper, and what was written to it.
struct ByHand {
    stepper: Stepper,
    program: Program<f32>,
    format: Format,
    /// Calls that are done.
    calls: usize,
    /// What the networks returned, as stored.
    answers: Vec<Vec<f32>>,
}

impl Stepping for ByHand {
    fn start(&mut self, state: usize, values: &[f32]) -> Result<()> {
        self.calls = 0;
        self.stepper.start(state, values)
    }

    /// The start has done it.
    fn prepare(&mut self) -> Result<()> {
        Ok(())
    }

    fn read(&self, tensor: Tensor) -> Result<Vec<f32>> {
        let found = match tensor {
            Tensor::Shown => {
                let shown = self.program.stages.iter().find_map(|stage| match stage {
                    Stage::Call { call, input, .. } if *call == self.calls => Some(*input),
                    _ => None,
                });
                shown.and_then(|input| self.stepper.state(input))
            }
            Tensor::State(i) => self.stepper.state(i),
            Tensor::Output(i) => self.stepper.output(i),
            Tensor::Conditional => return Ok(self.answers[0].clone()),
            Tensor::Unconditional => return Ok(self.answers[1].clone()),
            Tensor::Noise => None,
        };
        found
            .map(|view| view.to_f32())
            .ok_or_else(|| no_tensor(tensor))
    }

    fn write(&mut self, tensor: Tensor, values: &[f32]) -> Result<()> {
        let call = self.stepper.call();
        let (network, place) = match (tensor, call) {
            (Tensor::Conditional, Some(call)) => (Some(0), Some(call.output)),
            (Tensor::Unconditional, Some(call)) => (Some(1), call.unconditional),
            (Tensor::Noise, Some(call)) => (None, call.noise.map(|(_, place)| place)),
            _ => (None, None),
        };
        place.ok_or_else(|| no_tensor(tensor))?.write(values)?;
        if let Some(network) = network {
            let stored = values.iter().map(|value| self.format.stored(*value));
            self.answers[network] = stored.collect();
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<()> {
        self.stepper.advance()?;
        self.calls += 1;
        Ok(())
    }

    fn bandwidth(&mut self, call: usize) -> Result<Bandwidth> {
        bandwidth(&mut self.stepper, call)
    }
}
