//! Continuous batching: samples of one batch at different steps, each with its own row of numbers.

mod rows;
mod text;

pub use self::text::lanes_texts;

use self::rows::{HISTORY, features, steps};
use super::arrays::{PACK, bytes};
use super::device::Gpu;
use super::kernels::{GROUP, Kernel, compile, filled, storage_entry, uniform_entry, workgroups};
use super::stepper::Options;
use super::tensor;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Program, Shape};
use crate::noise::Noise;
use crate::plan::Node;
use bytemuck::{Pod, Zeroable};
use std::collections::BTreeSet;
use wgpu::BufferUsages;

/// The lane of no sample.
const IDLE: u32 = u32::MAX;

#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct Span {
    packs: u32,
    first: u32,
    packs_a_sample: u32,
    samples: u32,
}

/// A batch whose samples begin, advance and end independently, along any of a set of plans.
///
/// For each step the host gives every sample's node to its model, which reads [`Lanes::input`] and
/// writes [`Lanes::output`], and then records [`Lanes::encode`]. Arrays are `[samples][stride]`: a
/// sample takes whole packs of 16 bytes.
#[derive(Debug)]
pub struct Lanes {
    gpu: Gpu,
    format: Format,
    elements: usize,
    plans: Vec<Steps>,
    /// Plan and step of every sample.
    at: Vec<Option<(usize, usize)>>,
    lanes: wgpu::Buffer,
    arrays: Arrays,
    step: (Kernel, wgpu::BindGroup, (u32, u32)),
    next: (Kernel, wgpu::BindGroup, (u32, u32)),
}

/// The steps of one plan.
#[derive(Debug)]
struct Steps {
    first_row: usize,
    nodes: Vec<Node<f32>>,
}

#[derive(Debug)]
struct Arrays {
    state: wgpu::Buffer,
    conditional: wgpu::Buffer,
    unconditional: Option<wgpu::Buffer>,
    noise: Option<wgpu::Buffer>,
    outputs: Vec<wgpu::Buffer>,
}

impl Lanes {
    /// A batch of `shape.batch` idle samples that may follow the given programs.
    ///
    /// # Errors
    /// `E-PARAMETER` if a program is not multistep (one pass a call, from the state shown), takes
    /// more than two earlier predictions, exact start states or a scaled input, or thresholds
    /// dynamically, and if the noise is not the host's; `E-MEMORY` beyond the budget, a binding or a buffer; `E-SHAPE`.
    pub fn new(
        gpu: &Gpu,
        programs: &[Program<f32>],
        shape: Shape,
        options: Options,
    ) -> Result<Self> {
        if options.noise != Noise::Host {
            return Err(Error::new(
                Code::Parameter,
                format!("{:?}", options.noise),
                "lanes",
                "give every sample its noise, such as that of `noise::fill`",
            ));
        }
        let mut rows = Vec::new();
        let mut plans = Vec::new();
        for (k, program) in programs.iter().enumerate() {
            let first_row = rows.len();
            let (steps, nodes) = steps(program).map_err(|e| e.at(format!("program {k}")))?;
            rows.extend(steps);
            plans.push(Steps { first_row, nodes });
        }
        if rows.is_empty() || shape.is_empty() {
            return Err(Error::new(
                Code::Shape,
                "nothing to run",
                "lanes",
                "give at least one program, sample and element",
            ));
        }
        let features = features(&rows, options);
        let sample = bytes(Shape { batch: 1, ..shape }, options.format);
        let size = sample.saturating_mul(shape.batch as u64);
        let buffers = Arrays::count(&features) as u64;
        let limits = gpu.device().limits();
        let groups = limits.max_compute_workgroups_per_dimension;
        let samples = u64::from(groups) * u64::from(GROUP);
        let most = limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size)
            .min(u64::from(u32::MAX) * PACK)
            .min(u64::from(groups).pow(2) * u64::from(GROUP) * PACK);
        if size > most
            || shape.batch as u64 > samples
            || options
                .budget
                .is_some_and(|budget| size.saturating_mul(buffers) > budget)
        {
            return Err(Error::new(
                Code::Memory,
                format!("{buffers} arrays of {size} bytes"),
                "lanes",
                format!(
                    "choose at most {samples} samples: an array may take {most} bytes, all of them the budget"
                ),
            ));
        }
        let storage_buffers = buffers + 2;
        if storage_buffers > gpu.arrays() as u64 {
            return Err(Error::new(
                Code::Parameter,
                format!("a step binds {storage_buffers} buffers"),
                "lanes",
                format!(
                    "this device binds {}: leave out guidance, noise or an order",
                    gpu.arrays()
                ),
            ));
        }
        let span = Span {
            packs: (size / PACK) as u32,
            first: 0,
            packs_a_sample: (sample / PACK) as u32,
            samples: shape.batch as u32,
        };
        let idle = vec![IDLE; shape.batch];
        let (rows, span_buffer, lanes) = gpu.scoped("lanes", || {
            (
                filled(
                    gpu,
                    "rows",
                    BufferUsages::STORAGE,
                    bytemuck::cast_slice(&rows),
                ),
                filled(
                    gpu,
                    "span",
                    BufferUsages::UNIFORM,
                    bytemuck::bytes_of(&span),
                ),
                filled(
                    gpu,
                    "lanes",
                    BufferUsages::STORAGE,
                    bytemuck::cast_slice(&idle),
                ),
            )
        })?;
        let arrays = gpu.scoped("lanes", || Arrays::new(gpu, &features, size))?;
        let head = [
            (0, &rows, Some(true)),
            (1, &span_buffer, None),
            (2, &lanes, Some(false)),
        ];
        let bound = head
            .into_iter()
            .chain(arrays.bindings())
            .collect::<Vec<_>>();
        let packs = workgroups(u64::from(span.packs), GROUP, groups);
        let step = ready(gpu, text::step(options.format, &features), &bound, packs)?;
        let samples = workgroups(u64::from(span.samples), GROUP, groups);
        let next = ready(gpu, text::next(), &head, samples)?;
        Ok(Lanes {
            gpu: gpu.clone(),
            format: options.format,
            elements: shape.elements,
            plans,
            at: vec![None; shape.batch],
            lanes,
            arrays,
            step,
            next,
        })
    }

    /// Puts a sample at the start of a plan, whatever it did before. Takes effect before the work
    /// that is submitted next: submit what is recorded first.
    ///
    /// # Errors
    /// `E-SHAPE` for a sample or plan that there is not, or another number of values than elements.
    pub fn begin(&mut self, sample: usize, plan: usize, start: &[f32]) -> Result<()> {
        if sample >= self.at.len() || plan >= self.plans.len() || start.len() != self.elements {
            return Err(Error::new(
                Code::Shape,
                format!("sample {sample}, plan {plan}, {} values", start.len()),
                "begin",
                format!(
                    "give a sample below {}, a plan below {}, {} values",
                    self.at.len(),
                    self.plans.len(),
                    self.elements
                ),
            ));
        }
        let mut packed = tensor::packed(start, self.format);
        packed.resize(self.stride() * self.format.bytes() as usize, 0);
        let row = [self.plans[plan].first_row as u32];
        self.gpu.scoped("begin", || {
            let queue = self.gpu.queue();
            queue.write_buffer(&self.arrays.state, (sample * packed.len()) as u64, &packed);
            queue.write_buffer(&self.lanes, sample as u64 * 4, bytemuck::cast_slice(&row));
        })?;
        self.at[sample] = Some((plan, 0));
        Ok(())
    }

    /// The node at which a sample stands; none if it is idle: its run is done, or never began.
    pub fn node(&self, sample: usize) -> Option<&Node<f32>> {
        let (plan, step) = (*self.at.get(sample)?)?;
        self.plans[plan].nodes.get(step)
    }

    /// Records one step of every sample that is not idle; submit it, for the samples count as
    /// advanced.
    ///
    /// # Errors
    /// `E-DEVICE`.
    pub fn encode(&mut self, encoder: &mut wgpu::CommandEncoder) -> Result<()> {
        self.gpu.scoped("encode", || {
            let mut recorded = encoder.begin_compute_pass(&Default::default());
            for (kernel, bound, groups) in [&self.step, &self.next] {
                recorded.set_pipeline(&kernel.pipeline);
                recorded.set_bind_group(0, bound, &[]);
                recorded.dispatch_workgroups(groups.0, groups.1, 1);
            }
        })?;
        for at in &mut self.at {
            *at = at.and_then(|(plan, step)| {
                (step + 1 < self.plans[plan].nodes.len()).then_some((plan, step + 1))
            });
        }
        Ok(())
    }

    /// Elements from one sample to the next in every array.
    pub fn stride(&self) -> usize {
        let one = Shape {
            batch: 1,
            elements: self.elements,
        };
        (bytes(one, self.format) / self.format.bytes()) as usize
    }

    /// What the model reads: the states.
    pub fn input(&self) -> &wgpu::Buffer {
        &self.arrays.state
    }

    /// What the model writes; the conditional output under guidance.
    pub fn output(&self) -> &wgpu::Buffer {
        &self.arrays.conditional
    }

    /// The unconditional output, if a program has guidance.
    pub fn unconditional(&self) -> Option<&wgpu::Buffer> {
        self.arrays.unconditional.as_ref()
    }

    /// Standard normal noise from the host, if a program draws any.
    pub fn noise(&self) -> Option<&wgpu::Buffer> {
        self.arrays.noise.as_ref()
    }

    /// The state of one sample, read back; waits.
    ///
    /// # Errors
    /// `E-DEVICE`; `E-SHAPE` for a sample that there is not.
    pub fn download(&self, sample: usize) -> Result<Vec<f32>> {
        let values = tensor::unpacked(&self.gpu.read(&self.arrays.state)?, self.format);
        let found = values.chunks_exact(self.stride()).nth(sample);
        let found = found.and_then(|sample| sample.get(..self.elements));
        found.map(<[f32]>::to_vec).ok_or_else(|| {
            Error::new(
                Code::Shape,
                format!("sample {sample}"),
                "download",
                format!("give one below {}", self.at.len()),
            )
        })
    }
}

impl Arrays {
    /// State, network output, and one for each of some features.
    fn count(features: &BTreeSet<String>) -> usize {
        2 + features
            .iter()
            .filter(|name| !matches!(name.as_str(), "clip" | "barrier"))
            .count()
    }

    fn new(gpu: &Gpu, features: &BTreeSet<String>, size: u64) -> Self {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        let buffer = |label: &str| {
            gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let wanted = |name: &str| features.contains(name).then(|| buffer(name));
        Arrays {
            state: buffer("state"),
            conditional: buffer("output"),
            unconditional: wanted("unconditional"),
            noise: wanted("noise"),
            outputs: (1..=HISTORY)
                .filter_map(|k| wanted(&format!("output{k}")))
                .collect(),
        }
    }

    /// Binding, buffer, and whether it is read only.
    fn bindings(&self) -> impl Iterator<Item = (u32, &wgpu::Buffer, Option<bool>)> {
        let first = [
            (3, &self.state, Some(false)),
            (4, &self.conditional, Some(true)),
        ];
        let guided = self
            .unconditional
            .iter()
            .map(|buffer| (5, buffer, Some(true)));
        let noise = self.noise.iter().map(|buffer| (6, buffer, Some(true)));
        let outputs = self
            .outputs
            .iter()
            .zip(7..)
            .map(|(buffer, at)| (at, buffer, Some(false)));
        first.into_iter().chain(guided).chain(noise).chain(outputs)
    }
}

/// A kernel with its arrays; a binding is a uniform, or storage that is read only or not.
fn ready(
    gpu: &Gpu,
    text: String,
    bound: &[(u32, &wgpu::Buffer, Option<bool>)],
    groups: (u32, u32),
) -> Result<(Kernel, wgpu::BindGroup, (u32, u32))> {
    let layout: Vec<_> = bound
        .iter()
        .map(|(binding, _, storage)| match storage {
            Some(read_only) => storage_entry(*binding, *read_only),
            None => uniform_entry(*binding, false),
        })
        .collect();
    let kernel = compile(gpu, "lanes", text, &layout)?;
    let entries: Vec<_> = bound
        .iter()
        .map(|(binding, buffer, _)| wgpu::BindGroupEntry {
            binding: *binding,
            resource: buffer.as_entire_binding(),
        })
        .collect();
    let group = gpu.scoped("lanes", || {
        gpu.device().create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("lanes"),
            layout: &kernel.layout,
            entries: &entries,
        })
    })?;
    Ok((kernel, group, groups))
}
