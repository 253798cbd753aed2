//! The buffers of a stepper, and how a tensor is cut where a binding cannot hold it.

use super::device::Gpu;
use super::kernels::GROUP;
use super::stepper::Options;
use super::variant::Array;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Program, Shape, Stage};
use crate::noise::Noise;
use bytemuck::{Pod, Zeroable};

/// Bytes that one invocation reads from an array at once.
pub(crate) const PACK: u64 = 16;

/// The buffers of a stepper, each of [`bytes`] at least.
///
/// A host application may put its own in their place before the stepper is made: they need
/// `STORAGE`, for reading back also `COPY_SRC`.
#[derive(Clone, Debug)]
pub struct Arrays {
    /// States; the first ones hold the start.
    pub states: Vec<wgpu::Buffer>,
    /// Predictions that later steps read.
    pub outputs: Vec<wgpu::Buffer>,
    /// What the model writes; the conditional output under guidance.
    pub conditional: wgpu::Buffer,
    /// The unconditional output, under guidance.
    pub unconditional: Option<wgpu::Buffer>,
    /// Noise from the host, where the program draws any.
    pub noise: Option<wgpu::Buffer>,
}

/// Bytes of a tensor: whole packs of 16.
pub fn bytes(shape: Shape, format: Format) -> u64 {
    let bytes = (shape.len() as u64).saturating_mul(format.bytes());
    bytes.div_ceil(PACK).saturating_mul(PACK)
}

/// Whether a program needs an unconditional output, and noise.
fn needs<T>(program: &Program<T>) -> (bool, bool) {
    let mut unconditional = false;
    let mut noise = false;
    for stage in &program.stages {
        if let Stage::Pass(pass) = stage {
            unconditional |= pass
                .conversion
                .as_ref()
                .is_some_and(|c| c.unconditional.is_some());
            noise |= pass.noises().next().is_some();
        }
    }
    (unconditional, noise)
}

impl Arrays {
    /// Zero-filled buffers for a program.
    ///
    /// # Errors
    /// `E-MEMORY` if they exceed the budget or the device, `E-SHAPE` for an empty tensor.
    pub fn allocate<T>(
        gpu: &Gpu,
        program: &Program<T>,
        shape: Shape,
        options: Options,
    ) -> Result<Self> {
        let Options {
            format,
            noise,
            budget,
            ..
        } = options;
        if shape.is_empty() {
            return Err(Error::new(
                Code::Shape,
                format!("{} samples of {} elements", shape.batch, shape.elements),
                "shape",
                "give at least one sample of one element",
            ));
        }
        let size = bytes(shape, format);
        let (guided, stochastic) = needs(program);
        let noise = stochastic && noise == Noise::Host;
        let count = program.states + program.outputs + 1 + usize::from(guided) + usize::from(noise);
        let total = size.saturating_mul(count as u64);
        let most = gpu.device().limits().max_buffer_size;
        let over = budget.filter(|budget| total > *budget);
        if size > most || over.is_some() {
            let what = match over {
                Some(budget) => {
                    format!("{count} arrays of {size} bytes; the budget is {budget} bytes")
                }
                None => format!(
                    "an array of {size} bytes; a buffer of this device holds at most {most}"
                ),
            };
            return Err(Error::new(
                Code::Memory,
                what,
                "shape",
                "choose a smaller batch, f16, or a larger budget",
            ));
        }
        gpu.scoped("arrays", || {
            let buffer = |label: &str| {
                gpu.device().create_buffer(&wgpu::BufferDescriptor {
                    label: Some(label),
                    size,
                    usage: wgpu::BufferUsages::STORAGE
                        | wgpu::BufferUsages::COPY_SRC
                        | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                })
            };
            Arrays {
                states: (0..program.states).map(|_| buffer("state")).collect(),
                outputs: (0..program.outputs).map(|_| buffer("prediction")).collect(),
                conditional: buffer("output"),
                unconditional: guided.then(|| buffer("unconditional")),
                noise: noise.then(|| buffer("noise")),
            }
        })
    }

    pub(crate) fn get(&self, array: Array) -> Option<&wgpu::Buffer> {
        match array {
            Array::State(i) => self.states.get(i),
            Array::Output(i) => self.outputs.get(i),
            Array::Conditional => Some(&self.conditional),
            Array::Unconditional => self.unconditional.as_ref(),
            Array::Noise => self.noise.as_ref(),
            Array::NormalTable | Array::Quantiles | Array::Rows | Array::Rotation => None,
        }
    }

    /// Every array is there and holds a tensor of `size` bytes.
    pub(crate) fn check<T>(&self, program: &Program<T>, size: u64, noise: Noise) -> Result<()> {
        let (guided, stochastic) = needs(program);
        let states = (0..program.states).map(Array::State);
        let outputs = (0..program.outputs).map(Array::Output);
        let mut wanted: Vec<Array> = states.chain(outputs).chain([Array::Conditional]).collect();
        wanted.extend(guided.then_some(Array::Unconditional));
        wanted.extend((stochastic && noise == Noise::Host).then_some(Array::Noise));
        let mut seen: Vec<&wgpu::Buffer> = Vec::new();
        for array in wanted {
            let unfit = |what: String, remedy: String| {
                Err(Error::new(Code::Shape, what, format!("{array:?}"), remedy))
            };
            let remedy = format!("give a buffer of at least {size} bytes with STORAGE");
            match self.get(array) {
                None => return unfit("no buffer".to_owned(), remedy),
                Some(buffer) if seen.contains(&buffer) => {
                    let remedy = "give every array a buffer of its own";
                    return unfit("a buffer of another array".to_owned(), remedy.to_owned());
                }
                Some(buffer) => {
                    let (bytes, usage) = (buffer.size(), buffer.usage());
                    if bytes < size || !usage.contains(wgpu::BufferUsages::STORAGE) {
                        return unfit(format!("a buffer of {bytes} bytes, {usage:?}"), remedy);
                    }
                    seen.push(buffer);
                }
            }
        }
        Ok(())
    }
}

/// A part of a tensor that one binding holds, as the kernel reads it.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub(crate) struct Span {
    /// Packs in this part.
    pub(crate) packs: u32,
    /// The first one's number in the tensor.
    pub(crate) first: u32,
    /// Elements of one sample.
    pub(crate) elements: u32,
    /// The sample that the first pack begins in.
    pub(crate) stream: u32,
    /// Seed of the noise, low word first.
    pub(crate) seed: [u32; 2],
    /// Elements of the sample before the first pack.
    pub(crate) offset: u32,
    pub(crate) rest: u32,
}

impl Span {
    /// First byte and bytes in an array.
    pub(crate) fn part(&self) -> (u64, u64) {
        (u64::from(self.first) * PACK, u64::from(self.packs) * PACK)
    }
}

/// The most elements of a span, and with generated noise of a sample.
pub(crate) const COUNTED: u64 = 1 << 31;

/// Cuts a tensor into spans, each of which one binding holds and one dispatch covers.
///
/// # Errors
/// `E-MEMORY` for more than 2^32 packs, with generated noise also for more than 2^31 elements a
/// sample, or a device that binds too little to cut.
pub(crate) fn spans(
    shape: Shape,
    format: Format,
    noise: Noise,
    limits: &wgpu::Limits,
) -> Result<Vec<Span>> {
    let packs = bytes(shape, format) / PACK;
    // A span begins where a binding may begin.
    let step = u64::from(limits.min_storage_buffer_offset_alignment)
        .div_ceil(PACK)
        .max(1);
    let bound = limits.max_storage_buffer_binding_size / PACK;
    let groups = u64::from(limits.max_compute_workgroups_per_dimension);
    let covered = groups
        .saturating_mul(groups)
        .saturating_mul(u64::from(GROUP));
    // Kernels count the elements of a span, and those of a sample before it, in 32 bits.
    let per_pack = PACK / format.bytes();
    let most = bound.min(covered).min(COUNTED / per_pack);
    let largest = if packs <= most {
        packs
    } else {
        most / step * step
    };
    if largest == 0 {
        return Err(Error::new(
            Code::Memory,
            format!(
                "a binding of at most {} bytes",
                limits.max_storage_buffer_binding_size
            ),
            "shape",
            "choose a device with larger limits",
        ));
    }
    if noise != Noise::Host && shape.elements as u64 > COUNTED {
        return Err(Error::new(
            Code::Memory,
            format!("{} elements a sample", shape.elements),
            "shape",
            "choose at most 2^31, or noise from the host",
        ));
    }
    let seed = match noise {
        Noise::Host => [0; 2],
        Noise::Philox { seed } => [seed as u32, (seed >> 32) as u32],
    };
    let elements = shape.elements as u64;
    let number = |value: u64| {
        u32::try_from(value).map_err(|_| {
            Error::new(
                Code::Memory,
                format!("{} elements", shape.len()),
                "shape",
                "choose fewer than 2^34 elements",
            )
        })
    };
    let mut spans = Vec::new();
    let mut first = 0;
    while first < packs {
        let here = largest.min(packs - first);
        spans.push(Span {
            packs: number(here)?,
            first: number(first)?,
            elements: number(elements)?,
            stream: number(first * per_pack / elements)?,
            seed,
            offset: number(first * per_pack % elements)?,
            rest: 0,
        });
        first += here;
    }
    Ok(spans)
}
