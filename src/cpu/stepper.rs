//! Runs a program on this machine; the host runs its model between the steps.

use super::arrays::{Arrays, Storage, View, ViewMut};
use super::kernel::Element;
use super::pass::Workers;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Pass, Program, Shape, Stage};
use crate::noise::Noise;
use crate::plan::Node;
use pulp::Arch;

/// How a stepper is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Storage of all arrays.
    pub format: Format,
    /// Threads for tensors of 64 Ki elements and more, at least 1; none: one a core. Smaller ones
    /// are stepped on the caller's thread. Results do not depend on it.
    pub threads: Option<usize>,
    /// Where stochastic solvers' noise comes from.
    pub noise: Noise,
    /// The most bytes that all arrays together may take; none: what the machine gives.
    pub budget: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            format: Format::F32,
            threads: None,
            noise: Noise::Host,
            budget: None,
        }
    }
}

/// A model call: what the host does between two steps.
#[derive(Debug)]
pub struct Call<'a> {
    /// Index of the call, from 0.
    pub index: usize,
    /// The node: label, alpha, sigma, lambda.
    pub node: &'a Node<f32>,
    /// What the model reads; scaled already, where the network wants it scaled.
    pub input: View<'a>,
    /// What it writes; the conditional output under guidance.
    pub output: ViewMut<'a>,
    /// The unconditional output, under guidance.
    pub unconditional: Option<ViewMut<'a>>,
    /// Standard normal noise to be filled in before the step, if it is the host's, and its number
    /// in the plan.
    pub noise: Option<(usize, ViewMut<'a>)>,
}

/// A program on this machine, with the bits of [`Program::run`].
///
/// [`Stepper::start`], then for each call the model and [`Stepper::advance`], then
/// [`Stepper::result`].
#[derive(Debug)]
pub struct Stepper {
    program: Program<f32>,
    shape: Shape,
    options: Options,
    workers: Workers,
    arch: Arch,
    storage: Storage,
    /// Which start states the host has given.
    given: Vec<bool>,
    /// The stage that is next, once all start states are there: a call, or the end.
    stage: Option<usize>,
    /// Whether the host has taken the call that is next.
    called: bool,
}

impl Stepper {
    /// A stepper for a batch.
    ///
    /// # Errors
    /// `E-SHAPE` for an empty tensor; `E-MEMORY` beyond the budget or the machine; `E-PARAMETER` for
    /// 0 threads or a step of two noises from the host; `E-ENVIRONMENT` if threads cannot be started.
    pub fn new(program: &Program<f32>, shape: Shape, options: Options) -> Result<Self> {
        if options.noise == Noise::Host {
            program.one_noise_a_step()?;
        }
        Ok(Stepper {
            program: program.clone(),
            shape,
            options,
            workers: Workers::new(options.threads)?,
            arch: vectors(options.format),
            storage: Storage::allocate(program, shape, options)?,
            given: vec![false; program.initial.states],
            stage: None,
            called: false,
        })
    }

    /// Another batch of samples of the same size. The run begins anew; on an error all is as before.
    ///
    /// # Errors
    /// `E-SHAPE` and `E-MEMORY` as [`Stepper::new`].
    pub fn resize(&mut self, batch: usize) -> Result<()> {
        let shape = Shape {
            batch,
            ..self.shape
        };
        self.storage = Storage::allocate(&self.program, shape, self.options)?;
        self.shape = shape;
        self.restart();
        Ok(())
    }

    /// Writes a start state, rounded to the format; `state` is below the program's
    /// `initial.states`. During a run it begins a new one, which needs all of them again.
    ///
    /// # Errors
    /// `E-SHAPE` for another length than the tensor has, or a state that the program does not take.
    pub fn start(&mut self, state: usize, values: &[f32]) -> Result<()> {
        if state >= self.given.len() {
            return Err(Error::new(
                Code::Shape,
                format!("start state {state}"),
                "start",
                format!("the program takes {}", self.given.len()),
            ));
        }
        let tensor = match &mut self.storage {
            Storage::F32(arrays) => ViewMut::F32(&mut arrays.states[state]),
            Storage::F16(arrays) => ViewMut::F16(&mut arrays.states[state]),
        };
        tensor.write(values).map_err(|error| error.at("start"))?;
        if self.stage.is_some() {
            self.restart();
        }
        self.given[state] = true;
        if !self.given.contains(&false) {
            self.run(0);
        }
        Ok(())
    }

    /// The call that is next; none before the start and at the end.
    pub fn call(&mut self) -> Option<Call<'_>> {
        let Some(Stage::Call { call, node, input }) = self.program.stages.get(self.stage?) else {
            return None;
        };
        self.called = true;
        let noise = self.program.noise_after(*call);
        let seen = Seen {
            index: *call,
            node: &self.program.nodes[*node],
            input: *input,
            noise,
        };
        Some(match &mut self.storage {
            Storage::F32(arrays) => seen.on(arrays),
            Storage::F16(arrays) => seen.on(arrays),
        })
    }

    /// Computes the step after the call that is next, up to the call after it.
    ///
    /// # Errors
    /// `E-ORDER` before the start, before [`Stepper::call`], and at the end.
    pub fn advance(&mut self) -> Result<()> {
        let (stage, end) = (self.stage.unwrap_or(0), self.program.stages.len());
        if self.stage.is_none() || stage >= end || !self.called {
            let (what, remedy) = match self.stage {
                None => ("the run has not begun", "give every start state"),
                Some(_) if stage >= end => ("all calls are done", "take the result"),
                Some(_) => ("the model was not called", "fill the output of `call`"),
            };
            return Err(Error::new(Code::Order, what, "advance", remedy));
        }
        self.run(stage + 1);
        Ok(())
    }

    /// The result, after the last step.
    ///
    /// # Errors
    /// `E-ORDER` before that.
    pub fn result(&self) -> Result<View<'_>> {
        let done = self.stage == Some(self.program.stages.len());
        let result = done.then(|| self.state(self.program.result)).flatten();
        result.ok_or_else(|| {
            Error::new(
                Code::Order,
                "the run is not at its end",
                "result",
                format!("start, then do {} calls and steps", self.program.calls),
            )
        })
    }

    /// A state array as it stands; none from the program's `states` on.
    pub fn state(&self, state: usize) -> Option<View<'_>> {
        Some(match &self.storage {
            Storage::F32(arrays) => View::F32(arrays.states.get(state)?),
            Storage::F16(arrays) => View::F16(arrays.states.get(state)?),
        })
    }

    /// A kept prediction as it stands; none from the program's `outputs` on.
    pub fn output(&self, output: usize) -> Option<View<'_>> {
        Some(match &self.storage {
            Storage::F32(arrays) => View::F32(arrays.outputs.get(output)?),
            Storage::F16(arrays) => View::F16(arrays.outputs.get(output)?),
        })
    }

    /// Model calls of a run.
    pub fn calls(&self) -> usize {
        self.program.calls
    }

    /// The tensor's shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Computes the step after a call once more, whatever the arrays hold.
    pub(super) fn repeat(&mut self, call: usize) {
        let begin = |stage: &Stage<f32>| matches!(stage, Stage::Call { call: k, .. } if *k == call);
        if let Some(stage) = self.program.stages.iter().position(begin) {
            self.run(stage + 1);
        }
    }

    /// Bytes that the passes after a call read and write.
    pub(super) fn traffic(&self, call: usize) -> u64 {
        let arrays: usize = self.program.passes_after(call).map(Pass::accesses).sum();
        arrays as u64 * self.shape.len() as u64 * self.options.format.bytes()
    }

    fn restart(&mut self) {
        self.given.fill(false);
        self.stage = None;
        self.called = false;
    }

    /// Runs the stages from this one on, up to the next call.
    fn run(&mut self, mut stage: usize) {
        let Stepper {
            program,
            shape,
            workers,
            arch,
            storage,
            ..
        } = self;
        while let Some(next) = program.stages.get(stage) {
            match (next, &mut *storage, program.threshold) {
                (Stage::Call { .. }, ..) => break,
                (Stage::Pass(pass), Storage::F32(arrays), _) => arrays.pass(pass, workers, *arch),
                (Stage::Pass(pass), Storage::F16(arrays), _) => arrays.pass(pass, workers, *arch),
                (Stage::Threshold { output }, Storage::F32(arrays), Some(rule)) => {
                    arrays.threshold(*output, rule, *shape, workers);
                }
                (Stage::Threshold { output }, Storage::F16(arrays), Some(rule)) => {
                    arrays.threshold(*output, rule, *shape, workers);
                }
                (Stage::Threshold { .. }, _, None) => {}
            }
            stage += 1;
        }
        self.stage = Some(stage);
        self.called = false;
    }
}

/// The vectors to compute with: those of 512 bits make the conversions of f16 twice as fast; in f32,
/// where memory is the limit, they were found up to 1.5 times slower beyond the caches.
fn vectors(format: Format) -> Arch {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let (Format::F32, Some(narrow)) = (format, pulp::x86::V3::try_new()) {
        return Arch::V3(narrow);
    }
    Arch::new()
}

/// A call before its tensors are borrowed.
struct Seen<'a> {
    index: usize,
    node: &'a Node<f32>,
    input: usize,
    noise: Option<usize>,
}

impl<'a> Seen<'a> {
    fn on<E: Element>(self, arrays: &'a mut Arrays<E>) -> Call<'a> {
        let Arrays {
            states,
            conditional,
            unconditional,
            noise,
            ..
        } = arrays;
        let guided = !unconditional.is_empty();
        let drawn = self.noise.filter(|_| !noise.is_empty());
        Call {
            index: self.index,
            node: self.node,
            input: E::shown(&states[self.input]),
            output: E::shown_mut(conditional),
            unconditional: guided.then(|| E::shown_mut(unconditional)),
            noise: drawn.map(|k| (k, E::shown_mut(noise))),
        }
    }
}
