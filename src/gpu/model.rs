//! Exact denoisers on the device, so that whole trajectories run there: twin of `src/cpu/model.rs`.

use super::arrays::{COUNTED, PACK, bytes, spans};
use super::device::Gpu;
use super::dispatch::{Bound, Dispatch};
use super::kernels::{GROUP, Kernel, compile, filled, storage_entry, uniform_entry, workgroups};
use super::segment::{entry, stride};
use super::shader::{select, storage};
use super::stepper::{Call, Options};
use super::variant::Array;
use crate::cpu::Denoiser;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Shape};
use crate::noise::Noise;
use crate::problem::Network;
use bytemuck::{Pod, Zeroable};
use std::collections::BTreeSet;
use wgpu::BufferUsages;

/// A part of a tensor at a call, as the kernel reads it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct Span {
    packs: u32,
    phase: u32,
    elements: u32,
    dimension: u32,
    components: u32,
    row: u32,
    zero: u32,
    rest: u32,
}

/// What a dispatch covers: its span but for the row, its bytes of a tensor, and its workgroups.
#[derive(Clone, Copy, Debug)]
struct Part {
    span: Span,
    offset: u64,
    size: u64,
    groups: (u32, u32),
}

/// A [`Denoiser`] on a device, for tensors of one shape.
#[derive(Debug)]
pub struct GpuDenoiser {
    gpu: Gpu,
    denoiser: Denoiser,
    kernel: Kernel,
    parts: Vec<Part>,
    /// [network][call][part].
    spans: wgpu::Buffer,
    rows: wgpu::Buffer,
    rotation: Option<wgpu::Buffer>,
    bytes: u64,
}

impl GpuDenoiser {
    /// Compiles the kernel and uploads the numbers of all calls; of `options` format and determinism
    /// count.
    ///
    /// # Errors
    /// `E-SHAPE` for an empty tensor or, of a rotated problem, samples that are not of whole groups;
    /// `E-MEMORY` for samples of more than 2^31 elements; `E-DEVICE`.
    pub fn new(gpu: &Gpu, denoiser: &Denoiser, shape: Shape, options: Options) -> Result<Self> {
        let parts = parts(denoiser, shape, options.format, &gpu.device().limits())?;
        let mut entries = vec![uniform_entry(0, false)];
        let bindings = bindings(denoiser, Network::Conditional).into_iter();
        entries.extend(bindings.map(|(binding, _, written)| storage_entry(binding, !written)));
        let kernel = compile(gpu, "model", text(denoiser, options), &entries)?;
        let spans = table(gpu, denoiser, &parts);
        let rotation = denoiser.rotation.as_ref();
        let rows: &[u8] = bytemuck::cast_slice(&denoiser.rows);
        gpu.scoped("model", || GpuDenoiser {
            gpu: gpu.clone(),
            denoiser: denoiser.clone(),
            kernel,
            parts,
            spans: filled(gpu, "model spans", BufferUsages::UNIFORM, &spans),
            rows: filled(gpu, "model rows", BufferUsages::STORAGE, rows),
            rotation: rotation.map(|matrix| {
                let bytes = bytemuck::cast_slice(matrix);
                filled(gpu, "rotation", BufferUsages::STORAGE, bytes)
            }),
            bytes: bytes(shape, options.format),
        })
    }

    /// Records a model call: `output` becomes what the network returns for `input`, another buffer.
    ///
    /// # Errors
    /// `E-PARAMETER` for a call or network that is not there; `E-SHAPE` for a buffer that is too
    /// small, or both at once; `E-DEVICE`.
    pub fn encode(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        call: usize,
        network: Network,
        input: &wgpu::Buffer,
        output: &wgpu::Buffer,
    ) -> Result<()> {
        let place = self.denoiser.place(call, network)?;
        if let Some(small) = [input, output].iter().find(|b| b.size() < self.bytes) {
            return Err(Error::new(
                Code::Shape,
                format!("a buffer of {} bytes", small.size()),
                "model",
                format!("give buffers of at least {} bytes", self.bytes),
            ));
        }
        if input == output {
            return Err(Error::new(
                Code::Shape,
                "input and output are one buffer",
                "model",
                "give the output a buffer of its own",
            ));
        }
        let calls = place / (self.denoiser.dimension * self.denoiser.components);
        self.gpu.scoped("model", || {
            let mut recorded = encoder.begin_compute_pass(&Default::default());
            recorded.set_pipeline(&self.kernel.pipeline);
            for (k, part) in self.parts.iter().enumerate() {
                let span = (calls * self.parts.len() + k) as u64 * stride::<Span>(&self.gpu);
                let bound = self.bind(network, span, part, input, output);
                recorded.set_bind_group(0, &bound, &[]);
                recorded.dispatch_workgroups(part.groups.0, part.groups.1, 1);
            }
        })
    }

    /// Records what the networks return at a stepper's call: the conditional one, under guidance
    /// also the unconditional one.
    ///
    /// # Errors
    /// As [`GpuDenoiser::encode`].
    pub fn encode_call(&self, encoder: &mut wgpu::CommandEncoder, call: &Call<'_>) -> Result<()> {
        let (index, input) = (call.index, call.input);
        self.encode(encoder, index, Network::Conditional, input, call.output)?;
        match call.unconditional {
            Some(output) => self.encode(encoder, index, Network::Unconditional, input, output),
            None => Ok(()),
        }
    }

    fn bind(
        &self,
        network: Network,
        span: u64,
        part: &Part,
        input: &wgpu::Buffer,
        output: &wgpu::Buffer,
    ) -> wgpu::BindGroup {
        let mut entries = vec![entry(0, &self.spans, span, size_of::<Span>() as u64)];
        for (binding, array, _) in bindings(&self.denoiser, network) {
            let rotation = self.rotation.as_ref();
            entries.extend(match array {
                Array::Rows => Some(entry(binding, &self.rows, 0, self.rows.size())),
                Array::Rotation => rotation.map(|matrix| entry(binding, matrix, 0, matrix.size())),
                INPUT => Some(entry(binding, input, part.offset, part.size)),
                _ => Some(entry(binding, output, part.offset, part.size)),
            });
        }
        let device = self.gpu.device();
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("model"),
            layout: &self.kernel.layout,
            entries: &entries,
        })
    }
}

/// What [`GpuDenoiser::encode`] dispatches at a call, from the first state to the output of the
/// network; no device is asked.
///
/// # Errors
/// As [`GpuDenoiser::new`]; `E-PARAMETER` for a call or network that is not there.
pub fn model_dispatches(
    denoiser: &Denoiser,
    (call, network): (usize, Network),
    shape: Shape,
    options: Options,
    limits: &wgpu::Limits,
) -> Result<Vec<Dispatch>> {
    let place = denoiser.place(call, network)?;
    let parts = parts(denoiser, shape, options.format, limits)?;
    let rotation = denoiser.rotation.as_deref().unwrap_or_default();
    let bound = |part: &Part| {
        let bindings = bindings(denoiser, network).into_iter();
        let bound = bindings.map(|(binding, array, written)| match array {
            Array::Rows => Bound::filled(binding, array, written, &denoiser.rows),
            Array::Rotation => Bound::filled(binding, array, written, rotation),
            _ => Bound {
                binding,
                array,
                written,
                part: (part.offset, part.size),
                content: None,
            },
        });
        bound.collect()
    };
    let made = parts.iter().map(|part| Dispatch {
        wgsl: text(denoiser, options),
        uniforms: vec![(0, bytemuck::bytes_of(&part.at(place)).to_vec())],
        bindings: bound(part),
        groups: part.groups,
    });
    Ok(made.collect())
}

/// What the network reads.
const INPUT: Array = Array::State(0);

/// Binding, array and whether it is written.
fn bindings(denoiser: &Denoiser, network: Network) -> Vec<(u32, Array, bool)> {
    let output = match network {
        Network::Conditional => Array::Conditional,
        Network::Unconditional => Array::Unconditional,
    };
    let mut bindings = vec![
        (1, Array::Rows, false),
        (2, INPUT, false),
        (3, output, true),
    ];
    let rotation = denoiser.rotation.as_ref();
    bindings.extend(rotation.map(|_| (4, Array::Rotation, false)));
    bindings
}

impl Part {
    /// The span at the call whose rows begin there.
    fn at(&self, row: usize) -> Span {
        Span {
            row: row as u32,
            ..self.span
        }
    }
}

/// The kernel's text for the networks of a problem.
fn text(denoiser: &Denoiser, options: Options) -> String {
    let conditions = [
        ("f16", options.format == Format::F16),
        ("barrier", options.deterministic),
        ("mixture", denoiser.components > 1),
        ("rotated", denoiser.rotation.is_some()),
    ];
    let held = conditions.iter().filter(|(_, holds)| *holds);
    let features: BTreeSet<String> = held.map(|(name, _)| (*name).to_owned()).collect();
    let text = concat!(include_str!("model.wgsl"), include_str!("model_exp.wgsl"));
    format!("{}\n{}", storage(options.format), select(text, &features))
}

/// The spans of every part at every call, as bytes.
fn table(gpu: &Gpu, denoiser: &Denoiser, parts: &[Part]) -> Vec<u8> {
    let per_call = denoiser.dimension * denoiser.components;
    let stride = stride::<Span>(gpu) as usize;
    let mut table = Vec::new();
    for row in (0..denoiser.rows.len()).step_by(per_call) {
        for part in parts {
            let place = table.len();
            table.extend_from_slice(bytemuck::bytes_of(&part.at(row)));
            table.resize(place + stride, 0);
        }
    }
    table
}

/// Cuts a tensor where a binding cannot hold it, of a rotated problem between two groups.
fn parts(
    denoiser: &Denoiser,
    shape: Shape,
    format: Format,
    limits: &wgpu::Limits,
) -> Result<Vec<Part>> {
    if shape.is_empty() {
        return Err(Error::new(
            Code::Shape,
            "an empty tensor",
            "shape",
            "give at least one sample of one element",
        ));
    }
    if denoiser.rotation.is_some() {
        denoiser.whole(shape.elements)?;
    }
    let mut limits = limits.clone();
    let groups = limits.max_compute_workgroups_per_dimension;
    // a part of whole groups begins at a multiple of the dimension, too
    limits.min_storage_buffer_offset_alignment = limits
        .min_storage_buffer_offset_alignment
        .max(PACK as u32)
        .saturating_mul(denoiser.dimension as u32);
    let pieces = spans(shape, format, Noise::Host, &limits)?;
    if shape.elements as u64 > COUNTED {
        return Err(Error::new(
            Code::Memory,
            format!("{} elements a sample", shape.elements),
            "shape",
            "choose at most 2^31",
        ));
    }
    let part = |piece: &super::arrays::Span| Part {
        span: Span {
            packs: piece.packs,
            phase: piece.offset,
            elements: piece.elements,
            dimension: denoiser.dimension as u32,
            components: denoiser.components as u32,
            row: 0,
            zero: 0,
            rest: 0,
        },
        offset: u64::from(piece.first) * PACK,
        size: u64::from(piece.packs) * PACK,
        groups: workgroups(u64::from(piece.packs), GROUP, groups),
    };
    Ok(pieces.iter().map(part).collect())
}
