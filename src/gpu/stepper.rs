//! Runs a program on a device; the host records its model between the steps.

use super::arrays::{Arrays, bytes};
use super::device::Gpu;
use super::kernels::Ready;
use super::segment::{Segment, rows, segments};
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Pass, Program, Shape};
use crate::noise::Noise;
use crate::plan::Node;
use std::sync::Arc;

/// How a stepper is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Storage of all arrays.
    pub format: Format,
    /// Rounds as IEEE 754 says on every adapter: nothing fused, nothing rearranged.
    pub deterministic: bool,
    /// Where stochastic solvers' noise comes from.
    pub noise: Noise,
    /// The most bytes that all arrays together may take; none: what the device gives.
    pub budget: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            format: Format::F32,
            deterministic: false,
            noise: Noise::Host,
            budget: None,
        }
    }
}

/// A model call: what the host records between two steps.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Index of the call, from 0.
    pub index: usize,
    /// The node: label, alpha, sigma, lambda.
    pub node: &'a Node<f32>,
    /// What the model reads; scaled already, where the network wants it scaled.
    pub input: &'a wgpu::Buffer,
    /// What it writes; the conditional output under guidance.
    pub output: &'a wgpu::Buffer,
    /// The unconditional output, under guidance.
    pub unconditional: Option<&'a wgpu::Buffer>,
    /// Standard normal noise to be filled in before the step, and its number in the plan; if the
    /// step adds any and it is the host's.
    pub noise: Option<(usize, &'a wgpu::Buffer)>,
}

/// A program on a device.
///
/// For each call the host records its model, which reads `input` and writes `output`, and then
/// [`Stepper::encode`] into the same encoder: nothing is read back between the steps.
#[derive(Debug)]
pub struct Stepper {
    gpu: Gpu,
    program: Program<f32>,
    shape: Shape,
    options: Options,
    arrays: Arrays,
    rows: wgpu::Buffer,
    /// What to dispatch before the first call, and after each.
    segments: Vec<Segment>,
    /// The call that is next.
    next: usize,
    /// A start was written, and what comes before the first call recorded.
    started: bool,
    prepared: bool,
}

impl Stepper {
    /// A stepper with buffers of its own.
    ///
    /// # Errors
    /// `E-MEMORY`, `E-SHAPE`; `E-PARAMETER` if a pass touches more arrays than the device binds, or a
    /// step adds two noises from the host; `E-DEVICE`.
    pub fn new(gpu: &Gpu, program: &Program<f32>, shape: Shape, options: Options) -> Result<Self> {
        let arrays = Arrays::allocate(gpu, program, shape, options)?;
        Stepper::on(gpu, program, shape, options, arrays)
    }

    /// A stepper on given buffers, such as those that the host's model reads and writes.
    ///
    /// # Errors
    /// As [`Stepper::new`]; `E-SHAPE` for a buffer that is missing, too small or no `STORAGE`.
    pub fn on(
        gpu: &Gpu,
        program: &Program<f32>,
        shape: Shape,
        options: Options,
        arrays: Arrays,
    ) -> Result<Self> {
        if options.noise == Noise::Host {
            program.one_noise_a_step()?;
        }
        let rows = rows(gpu, program)?;
        let segments = segments(gpu, program, shape, options, &arrays, &rows)?;
        Ok(Stepper {
            gpu: gpu.clone(),
            program: program.clone(),
            shape,
            options,
            arrays,
            rows,
            segments,
            next: 0,
            started: false,
            prepared: false,
        })
    }

    /// Another batch of samples of the same size; kernels stay. Buffers stay if all are large enough,
    /// otherwise all are replaced by new ones, a host's too: take them from [`Stepper::arrays`]
    /// again. The run begins anew; on an error all is as before.
    ///
    /// # Errors
    /// As [`Stepper::new`].
    pub fn resize(&mut self, batch: usize) -> Result<()> {
        let shape = Shape {
            batch,
            ..self.shape
        };
        let Options { format, noise, .. } = self.options;
        let size = bytes(shape, format);
        let fits = !shape.is_empty() && self.arrays.check(&self.program, size, noise).is_ok();
        let arrays = match fits {
            true => self.arrays.clone(),
            false => Arrays::allocate(&self.gpu, &self.program, shape, self.options)?,
        };
        let (gpu, rows) = (&self.gpu, &self.rows);
        self.segments = segments(gpu, &self.program, shape, self.options, &arrays, rows)?;
        self.arrays = arrays;
        self.shape = shape;
        self.restart();
        Ok(())
    }

    fn restart(&mut self) {
        self.next = 0;
        self.started = false;
        self.prepared = false;
    }

    /// Compiles and runs every kernel once, so that the first step is as quick as the others; before
    /// the start, for it writes to the arrays.
    ///
    /// # Errors
    /// `E-DEVICE`; `E-ORDER` after the start.
    pub fn warm_up(&mut self) -> Result<()> {
        self.at(
            self.next == 0 && !self.started,
            "warm_up",
            "do it before the start",
        )?;
        let mut encoder = self
            .gpu
            .device()
            .create_command_encoder(&Default::default());
        {
            let mut recorded = encoder.begin_compute_pass(&Default::default());
            let mut seen = Vec::new();
            for ready in self.segments.iter().flat_map(|segment| &segment.ready) {
                if !seen.iter().any(|kernel| Arc::ptr_eq(kernel, &ready.kernel)) {
                    seen.push(Arc::clone(&ready.kernel));
                    Ready {
                        groups: (1, 1),
                        ..ready.clone()
                    }
                    .encode(&mut recorded);
                }
            }
        }
        self.gpu.submit(encoder)
    }

    /// Writes a start state in f32, rounded to the format; `state` is below the program's
    /// `initial.states`. Begins a new run.
    ///
    /// # Errors
    /// `E-SHAPE` for another length than the tensor has.
    pub fn start(&mut self, state: usize, values: &[f32]) -> Result<()> {
        if state >= self.program.initial.states {
            return Err(Error::new(
                Code::Shape,
                format!("start state {state}"),
                "start",
                format!("the program takes {}", self.program.initial.states),
            ));
        }
        self.upload(&self.arrays.states[state], values)?;
        self.restart();
        self.started = true;
        Ok(())
    }

    /// Writes a tensor of this stepper's shape, rounded to its format, into a buffer with `COPY_DST`.
    ///
    /// # Errors
    /// `E-SHAPE` for another length than the tensor has.
    pub fn upload(&self, buffer: &wgpu::Buffer, values: &[f32]) -> Result<()> {
        if values.len() != self.shape.len() {
            return Err(Error::new(
                Code::Shape,
                format!("{} values", values.len()),
                "upload",
                format!("give {} x {}", self.shape.batch, self.shape.elements),
            ));
        }
        let mut packed = super::tensor::packed(values, self.options.format);
        packed.resize(bytes(self.shape, self.options.format) as usize, 0);
        self.gpu.scoped("upload", || {
            self.gpu.queue().write_buffer(buffer, 0, &packed)
        })
    }

    /// A tensor of this stepper's shape and format read back as f32; waits.
    ///
    /// # Errors
    /// `E-DEVICE`.
    pub fn download(&self, buffer: &wgpu::Buffer) -> Result<Vec<f32>> {
        let size = bytes(self.shape, self.options.format).next_multiple_of(4);
        let bytes = self.gpu.read_first(buffer, size)?;
        let mut values = super::tensor::unpacked(&bytes, self.options.format);
        values.truncate(self.shape.len());
        Ok(values)
    }

    /// Model calls of a run.
    pub fn calls(&self) -> usize {
        self.program.calls
    }

    /// The call that is next; none at the end.
    pub fn call(&self) -> Option<Call<'_>> {
        let (node, input) = self.segments[self.next].call?;
        Some(Call {
            index: self.next,
            node: &self.program.nodes[node],
            input: &self.arrays.states[input],
            output: &self.arrays.conditional,
            unconditional: self.arrays.unconditional.as_ref(),
            noise: match self.options.noise {
                Noise::Host => self
                    .program
                    .noise_after(self.next)
                    .zip(self.arrays.noise.as_ref()),
                Noise::Philox { .. } => None,
            },
        })
    }

    /// Records what comes before the first call, if anything: the scaling of its input.
    ///
    /// # Errors
    /// `E-ORDER` after the first step; `E-DEVICE`.
    pub fn prepare(&mut self, encoder: &mut wgpu::CommandEncoder) -> Result<()> {
        self.at(self.next == 0, "prepare", "do it before the first step")?;
        self.gpu.scoped("prepare", || self.record(encoder, 0))?;
        self.prepared = true;
        Ok(())
    }

    /// Records the step after the call that is next, up to the call after it. A host may have filled
    /// the start buffers itself, so that a missing [`Stepper::start`] is no error.
    ///
    /// # Errors
    /// `E-ORDER` after the last step, or before [`Stepper::prepare`] where that has work to do;
    /// `E-DEVICE`.
    pub fn encode(&mut self, encoder: &mut wgpu::CommandEncoder) -> Result<()> {
        let open = self.next < self.program.calls;
        self.at(open, "encode", "take the result, or start a new run")?;
        let prepared = self.next > 0 || self.prepared || self.segments[0].ready.is_empty();
        self.at(
            prepared,
            "encode",
            "prepare first: the model's first input is made there",
        )?;
        self.gpu
            .scoped("encode", || self.record(encoder, self.next + 1))?;
        self.next += 1;
        Ok(())
    }

    /// Records what lies before call `segment`.
    pub(crate) fn record(&self, encoder: &mut wgpu::CommandEncoder, segment: usize) {
        let ready = &self.segments[segment].ready;
        if ready.is_empty() {
            return;
        }
        let mut recorded = encoder.begin_compute_pass(&Default::default());
        for ready in ready {
            ready.encode(&mut recorded);
        }
    }

    fn at(&self, right: bool, place: &str, remedy: &str) -> Result<()> {
        if right {
            return Ok(());
        }
        let what = match self.next {
            next if next == self.program.calls => format!("all {next} calls are done"),
            next => format!("call {next} of {} is next", self.program.calls),
        };
        Err(Error::new(Code::Order, what, place, remedy))
    }

    /// The state that is the result, after the last step.
    pub fn result(&self) -> &wgpu::Buffer {
        &self.arrays.states[self.program.result]
    }

    /// All buffers.
    pub fn arrays(&self) -> &Arrays {
        &self.arrays
    }

    /// The device.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// The tensor's shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Bytes that the passes after a call read and write.
    pub(crate) fn traffic(&self, call: usize) -> u64 {
        let made = |pass: &Pass<f32>| match self.options.noise {
            Noise::Host => 0,
            Noise::Philox { .. } => pass.noises().count(),
        };
        let passes = self.program.passes_after(call);
        let arrays: usize = passes.map(|pass| pass.accesses() - made(pass)).sum();
        arrays as u64 * bytes(self.shape, self.options.format)
    }
}
