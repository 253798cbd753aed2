//! A plan lowered to fused passes: what one kernel reads, computes and writes.
//!
//! A plan speaks of ever new states and outputs. A [`Program`] keeps them in a few arrays that are
//! used again: one pass converts what the network returned, applies guidance, updates the state (in
//! place, where the old one is not needed any more) and keeps the prediction for later steps. It is
//! the one definition that the reference run here, the CPU stepper and the GPU stepper share.
//!
//! Per element, left to right, one rounding an operation, nothing fused:
//! m = kx x + kc conditional + ku unconditional, then the sum of the terms in the plan's order.
//! Registers are not rounded to the storage format; what is stored is, and is read back rounded.

mod bound;
mod dynamic;
mod enclosure;
mod format;
mod half;
mod lower;
mod run;

pub use bound::{Element, Shown};
pub(crate) use dynamic::thresholded;
pub use enclosure::{Enclosure, Response};
pub use format::{Format, Shape};
pub use half::{from_f16, to_f16};

use crate::arithmetic::Rational;
use crate::error::Result;
#[cfg(feature = "cpu")]
use crate::error::{Code, Error};
use crate::plan::{Initial, Node};
use crate::threshold::Threshold;
#[cfg(feature = "cpu")]
use std::collections::BTreeSet;

/// Where an operand of a pass comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The state array of this number.
    State(usize),
    /// The prediction converted in this pass, not rounded.
    Register,
    /// The output array of this number: a prediction kept by an earlier pass.
    Output(usize),
    /// The plan's noise of this number.
    Noise(usize),
}

/// m = kx x + kc conditional + ku unconditional.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion<T> {
    /// State array shown and kx; none where kx = 0.
    pub state: Option<(usize, T)>,
    /// kc: weight of the network's output, of the conditional one under guidance.
    pub conditional: T,
    /// ku: weight of the unconditional output; none without guidance.
    pub unconditional: Option<T>,
    /// m is clipped to [-clip, clip].
    pub clip: Option<T>,
    /// Output array that keeps m; none if no later pass reads it.
    pub keep: Option<usize>,
}

/// target = sum of weight times source.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum<T> {
    /// State array written; it may be one that the pass reads.
    pub target: usize,
    /// The terms, in the order of summation; a state comes first, a noise last.
    pub terms: Vec<(Source, T)>,
}

/// One pass over the elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass<T> {
    /// Converts the outputs of the last call.
    pub conversion: Option<Conversion<T>>,
    /// Makes a state.
    pub sum: Option<Sum<T>>,
}

/// What happens between two model calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage<T> {
    /// The model: its input is a state array as it stands.
    Call {
        /// Index of the call, from 0.
        call: usize,
        /// Index of the node.
        node: usize,
        /// State array shown.
        input: usize,
    },
    /// A fused pass.
    Pass(Pass<T>),
    /// Dynamic thresholding of an output array in place, sample by sample.
    Threshold {
        /// The output array.
        output: usize,
    },
}

/// A plan as fused passes with numbers of type `T`.
#[derive(Clone, Debug, PartialEq)]
pub struct Program<T> {
    /// The start; state k is given in state array k.
    pub initial: Initial<T>,
    /// The plan's nodes.
    pub nodes: Vec<Node<T>>,
    /// Model calls, passes and thresholds, in order.
    pub stages: Vec<Stage<T>>,
    /// Number of state arrays.
    pub states: usize,
    /// Number of output arrays.
    pub outputs: usize,
    /// State array of the result.
    pub result: usize,
    /// Number of model calls.
    pub calls: usize,
    /// Number of noises.
    pub noises: usize,
    /// Thresholding of data predictions.
    pub threshold: Option<Threshold>,
}

/// What a backend asks of the passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lowering {
    /// Guidance scale G: the prediction is G conditional + (1-G) unconditional.
    pub guidance: Option<Rational>,
    /// The most arrays that a pass may touch, at least 4.
    pub arrays: usize,
}

impl Lowering {
    /// What every wgpu device binds: eight storage buffers a stage.
    pub const ARRAYS: usize = 8;

    /// No guidance, [`Lowering::ARRAYS`] arrays.
    pub fn plain() -> Self {
        Lowering {
            guidance: None,
            arrays: Self::ARRAYS,
        }
    }

    /// With guidance scale G, any finite rational.
    pub fn guided(guidance: Rational) -> Self {
        Lowering {
            guidance: Some(guidance),
            ..Self::plain()
        }
    }
}

impl<T> Pass<T> {
    /// The arrays that the pass touches; conditional and unconditional outputs count one each.
    pub fn arrays(&self) -> usize {
        self.touched().0
    }

    /// Numbers of the noises that the pass adds.
    pub fn noises(&self) -> impl Iterator<Item = usize> {
        let terms = self.sum.iter().flat_map(|sum| &sum.terms);
        terms.filter_map(|(source, _)| match source {
            Source::Noise(number) => Some(*number),
            _ => None,
        })
    }

    /// Times that the pass goes through an array: each once for reading, once for writing.
    pub fn accesses(&self) -> usize {
        let (touched, fresh) = self.touched();
        let kept = self
            .conversion
            .as_ref()
            .is_some_and(|conversion| conversion.keep.is_some());
        touched - fresh + usize::from(kept) + usize::from(self.sum.is_some())
    }

    /// Distinct arrays, and how many of them are written without being read.
    fn touched(&self) -> (usize, usize) {
        let mut read: Vec<Source> = Vec::new();
        let mut networks = 0;
        let mut written: Vec<Source> = Vec::new();
        if let Some(conversion) = &self.conversion {
            networks = conversion.networks();
            read.extend(
                conversion
                    .state
                    .iter()
                    .map(|(state, _)| Source::State(*state)),
            );
            written.extend(conversion.keep.map(Source::Output));
        }
        if let Some(sum) = &self.sum {
            read.extend(sum.terms.iter().map(|(source, _)| *source));
            written.push(Source::State(sum.target));
        }
        read.retain(|source| *source != Source::Register);
        read.sort_unstable();
        read.dedup();
        let fresh = written.iter().filter(|array| !read.contains(array)).count();
        (read.len() + networks + fresh, fresh)
    }

    /// The same pass with every number replaced.
    ///
    /// # Errors
    /// The first error of `replace`.
    pub fn try_map<U>(&self, mut replace: impl FnMut(&T) -> Result<U>) -> Result<Pass<U>> {
        let conversion = match &self.conversion {
            None => None,
            Some(conversion) => Some(Conversion {
                state: match &conversion.state {
                    None => None,
                    Some((state, weight)) => Some((*state, replace(weight)?)),
                },
                conditional: replace(&conversion.conditional)?,
                unconditional: conversion
                    .unconditional
                    .as_ref()
                    .map(&mut replace)
                    .transpose()?,
                clip: conversion.clip.as_ref().map(&mut replace).transpose()?,
                keep: conversion.keep,
            }),
        };
        let sum = match &self.sum {
            None => None,
            Some(sum) => {
                let mut terms = Vec::with_capacity(sum.terms.len());
                for (source, weight) in &sum.terms {
                    terms.push((*source, replace(weight)?));
                }
                Some(Sum {
                    target: sum.target,
                    terms,
                })
            }
        };
        Ok(Pass { conversion, sum })
    }
}

impl<T: Clone> Program<T> {
    /// The same program with every number replaced, as for the f32 program of a double-double one.
    ///
    /// # Errors
    /// The first error of `replace`.
    pub fn try_map<U>(&self, mut replace: impl FnMut(&T) -> Result<U>) -> Result<Program<U>> {
        let scale = replace(&self.initial.scale)?;
        let mut stages = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            stages.push(match stage {
                Stage::Call { call, node, input } => Stage::Call {
                    call: *call,
                    node: *node,
                    input: *input,
                },
                Stage::Pass(pass) => Stage::Pass(pass.try_map(&mut replace)?),
                Stage::Threshold { output } => Stage::Threshold { output: *output },
            });
        }
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for (i, node) in self.nodes.iter().enumerate() {
            nodes.push(node.try_map(i, &mut |value, _| replace(value))?);
        }
        Ok(Program {
            initial: Initial {
                scale,
                states: self.initial.states,
                start_at: self.initial.start_at,
            },
            nodes,
            stages,
            states: self.states,
            outputs: self.outputs,
            result: self.result,
            calls: self.calls,
            noises: self.noises,
            threshold: self.threshold,
        })
    }

    /// The passes between a call and the one after it.
    pub fn passes_after(&self, call: usize) -> impl Iterator<Item = &Pass<T>> {
        let is_call = |wanted: usize| move |stage: &Stage<T>| matches!(stage, Stage::Call { call, .. } if *call == wanted);
        let after = self
            .stages
            .iter()
            .skip_while(move |stage| !is_call(call)(stage))
            .skip(1);
        after
            .take_while(|stage| !matches!(stage, Stage::Call { .. }))
            .filter_map(|stage| match stage {
                Stage::Pass(pass) => Some(pass),
                _ => None,
            })
    }

    /// The noise that the step after a call adds, if any.
    pub fn noise_after(&self, call: usize) -> Option<usize> {
        self.passes_after(call).flat_map(Pass::noises).next()
    }

    /// Every noise is drawn after a call, one a step at most: a host has one array for it.
    ///
    /// # Errors
    /// `E-PARAMETER`.
    #[cfg(feature = "cpu")]
    pub(crate) fn one_noise_a_step(&self) -> Result<()> {
        let mut drawn: BTreeSet<usize> = self.passes().flat_map(Pass::noises).collect();
        for call in 0..self.calls {
            let noises: BTreeSet<usize> = self.passes_after(call).flat_map(Pass::noises).collect();
            if noises.len() > 1 {
                break;
            }
            drawn.retain(|noise| !noises.contains(noise));
        }
        match drawn.first() {
            None => Ok(()),
            Some(noise) => Err(Error::new(
                Code::Parameter,
                "two noises in one step, or one before the first call",
                format!("noise {noise}"),
                "lower a plan with one noise a step, or let the stepper make the noise",
            )),
        }
    }

    /// The passes in order.
    pub fn passes(&self) -> impl Iterator<Item = &Pass<T>> {
        self.stages.iter().filter_map(|stage| match stage {
            Stage::Pass(pass) => Some(pass),
            _ => None,
        })
    }
}
