//! Which dispatches find the quantiles of a tensor's samples, and threshold it by them.

mod kind;

pub use self::kind::quantile_texts;

use self::kind::Kind;
use super::arrays::bytes;
use super::device::Gpu;
use super::dispatch::{Bound, Dispatch};
use super::kernels::{GROUP, Ready, workgroups};
use super::segment::{entry, stride, uniform};
use super::variant::Array;
use super::window::{Window, too_large, windows};
use crate::arithmetic::{Field, Rational};
use crate::cpu::Rank;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Shape};
use crate::threshold::Threshold;
use bytemuck::{Pod, Zeroable};
use wgpu::BufferUsages;

/// Elements of a sample that one workgroup searches alone; longer ones are cut into tiles.
const ALONE: usize = 1 << 16;
const TILE: usize = 1 << 14;
/// Words that the tiles of a sample share.
const SHARED: u32 = 8 + 256;
const ONE: u32 = 1.0_f32.to_bits();
/// Bits of the NaN that stands for no number.
const NAN: u32 = 0x7fc0_0000;

/// What a kernel reads beside the arrays; the fields are told in `quantile.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
struct Rule {
    sample: u32,
    lead: u32,
    taken: u32,
    elements: u32,
    tile: u32,
    stride: u32,
    round: u32,
    rank: u32,
    last: u32,
    fraction: u32,
    least: u32,
    most: u32,
    zero: u32,
    padding: [u32; 3],
}

/// A dispatch, whatever tensor it is bound to.
#[derive(Clone, Copy, Debug)]
struct Phase {
    kind: Kind,
    window: Window,
    rule: Rule,
    groups: (u32, u32),
}

/// The search for the quantiles of all samples of a tensor, without a device.
#[derive(Debug)]
pub(super) struct Search {
    format: Format,
    phases: Vec<Phase>,
    /// Words of `found` for one sample.
    stride: u32,
    /// Bytes of `found`.
    size: u64,
}

/// A search on a device, ready to be bound to a tensor.
#[derive(Debug)]
pub(crate) struct Quantiles {
    search: Search,
    rules: wgpu::Buffer,
    found: wgpu::Buffer,
}

/// The quantile of the magnitudes of every sample of a tensor, as [`quantile`](crate::cpu::quantile)
/// has it: exact, linear between neighbours, NaN if the sample holds one; waits.
///
/// An order statistic (a whole rank) has the same bits on every adapter; between two of them the
/// adapter rounds three times.
///
/// # Errors
/// `E-THRESHOLD` for a ratio outside (0, 1], `E-SHAPE` for an empty tensor or a buffer that is too
/// small or no `STORAGE`, `E-MEMORY`, `E-DEVICE`.
pub fn quantiles(
    gpu: &Gpu,
    buffer: &wgpu::Buffer,
    shape: Shape,
    format: Format,
    ratio: Rational,
) -> Result<Vec<f32>> {
    let size = bytes(shape, format);
    let fits = buffer.size() >= size && buffer.usage().contains(BufferUsages::STORAGE);
    if shape.is_empty() || !fits {
        return Err(Error::new(
            Code::Shape,
            format!("a buffer of {} bytes, {:?}", buffer.size(), buffer.usage()),
            "quantiles",
            format!("give elements, and a buffer of at least {size} bytes with STORAGE"),
        ));
    }
    Threshold::Dynamic { ratio, max: None }.check()?;
    let limits = gpu.device().limits();
    let search = Search::new(&limits, shape, format, ratio, (0, NAN), false)?;
    let quantiles = Quantiles::new(gpu, search)?;
    let ready = quantiles.bind(gpu, buffer)?;
    let mut encoder = gpu.device().create_command_encoder(&Default::default());
    gpu.scoped("quantiles", || {
        let mut recorded = encoder.begin_compute_pass(&Default::default());
        for ready in ready {
            ready.encode(&mut recorded);
        }
    })?;
    gpu.submit(encoder)?;
    let found: Vec<u32> = bytemuck::pod_collect_to_vec(&gpu.read(&quantiles.found)?);
    let found = found.chunks_exact(quantiles.search.stride as usize);
    Ok(found.map(|words| f32::from_bits(words[0])).collect())
}

impl Search {
    /// To threshold tensors of a shape.
    ///
    /// # Errors
    /// `E-THRESHOLD` if the rule is not dynamic or out of range; `E-MEMORY` if too little can be
    /// bound.
    pub(super) fn to_threshold(
        limits: &wgpu::Limits,
        shape: Shape,
        format: Format,
        rule: Threshold,
    ) -> Result<Self> {
        let Threshold::Dynamic { ratio, max } = rule.check()? else {
            return Err(Error::new(
                Code::Threshold,
                format!("{rule:?}"),
                "threshold",
                "clip in the conversion, as `Program::lower` does",
            ));
        };
        let most = max.map_or(f32::INFINITY, |max| 1.0_f32.constant(max));
        Search::new(limits, shape, format, ratio, (ONE, most.to_bits()), true)
    }

    fn new(
        limits: &wgpu::Limits,
        shape: Shape,
        format: Format,
        ratio: Rational,
        (least, most): (u32, u32),
        apply: bool,
    ) -> Result<Self> {
        let rank = Rank::new(ratio, shape.elements);
        let number = |value: usize| u32::try_from(value).map_err(|_| too_large(shape));
        let rule = Rule {
            elements: number(shape.elements)?,
            rank: number(rank.below)?,
            last: u32::from(rank.below + 1 == shape.elements),
            fraction: rank.fraction.to_bits(),
            least,
            most,
            ..Rule::default()
        };
        let phases = phases(shape, format, limits, rule, apply)?;
        let stride = phases.first().map_or(1, |first| first.rule.stride);
        let size = u64::from(stride) * 4 * shape.batch as u64;
        if size > limits.max_storage_buffer_binding_size {
            return Err(too_large(shape));
        }
        Ok(Search {
            format,
            phases,
            stride,
            size,
        })
    }

    /// What is dispatched for an array, in order.
    pub(super) fn dispatches(&self, array: Array) -> Vec<Dispatch> {
        let dispatch = |phase: &Phase| {
            let bound = phase.kind.bindings().map(|(binding, tensor, written)| {
                let (array, part) = match tensor {
                    true => (array, (phase.window.offset, phase.window.size)),
                    false => (Array::Quantiles, (0, self.size)),
                };
                Bound {
                    binding,
                    array,
                    written,
                    part,
                    content: None,
                }
            });
            Dispatch {
                wgsl: phase.kind.wgsl(self.format),
                uniforms: vec![(0, bytemuck::bytes_of(&phase.rule).to_vec())],
                bindings: bound.to_vec(),
                groups: phase.groups,
            }
        };
        self.phases.iter().map(dispatch).collect()
    }
}

impl Quantiles {
    /// To threshold tensors of a shape.
    ///
    /// # Errors
    /// As [`Search::to_threshold`]; `E-DEVICE`.
    pub(crate) fn to_threshold(
        gpu: &Gpu,
        shape: Shape,
        format: Format,
        rule: Threshold,
    ) -> Result<Self> {
        let limits = gpu.device().limits();
        Quantiles::new(gpu, Search::to_threshold(&limits, shape, format, rule)?)
    }

    fn new(gpu: &Gpu, search: Search) -> Result<Self> {
        let step = stride::<Rule>(gpu);
        let mut table = vec![0; step as usize * search.phases.len()];
        for (place, phase) in table.chunks_exact_mut(step as usize).zip(&search.phases) {
            place[..size_of::<Rule>()].copy_from_slice(bytemuck::bytes_of(&phase.rule));
        }
        let rules = uniform(gpu, "rules", table.len() as u64)?;
        let found = gpu.scoped("quantiles", || {
            gpu.queue().write_buffer(&rules, 0, &table);
            gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("quantiles"),
                size: search.size,
                usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            })
        })?;
        Ok(Quantiles {
            search,
            rules,
            found,
        })
    }

    /// What to dispatch for an array, in order.
    ///
    /// # Errors
    /// `E-DEVICE`.
    pub(crate) fn bind(&self, gpu: &Gpu, array: &wgpu::Buffer) -> Result<Vec<Ready>> {
        let mut ready = Vec::with_capacity(self.search.phases.len());
        for (k, phase) in self.search.phases.iter().enumerate() {
            let kernel = phase.kind.kernel(gpu, self.search.format)?;
            let Window { offset, size, .. } = phase.window;
            let mut entries = vec![entry(0, &self.rules, 0, size_of::<Rule>() as u64)];
            let bindings = phase.kind.bindings().into_iter();
            entries.extend(bindings.map(|(binding, tensor, _)| match tensor {
                true => entry(binding, array, offset, size),
                false => entry(binding, &self.found, 0, self.search.size),
            }));
            let arrays = gpu.scoped("threshold", || {
                gpu.device().create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some("threshold"),
                    layout: &kernel.layout,
                    entries: &entries,
                })
            })?;
            ready.push(Ready {
                kernel,
                arrays,
                row: (k as u64 * stride::<Rule>(gpu)) as u32,
                groups: phase.groups,
            });
        }
        Ok(ready)
    }
}

/// All dispatches, in order; `rule` says what is the same for all.
fn phases(
    shape: Shape,
    format: Format,
    limits: &wgpu::Limits,
    rule: Rule,
    apply: bool,
) -> Result<Vec<Phase>> {
    let most = limits.max_compute_workgroups_per_dimension;
    let rounds = match format {
        Format::F32 => 4,
        Format::F16 => 2,
    };
    let groups = windows(shape, format, limits)?;
    let alone = shape.elements <= ALONE && groups.iter().all(|windows| windows.len() == 1);
    let tile = shape.elements.div_ceil(most as usize).max(TILE);
    let rule = Rule {
        tile: tile as u32,
        stride: if alone { 1 } else { SHARED },
        ..rule
    };
    let mut made = Vec::new();
    for windows in groups {
        let mut push = |kind, round, window: Window, groups| {
            let rule = Rule {
                sample: window.sample as u32,
                lead: window.lead as u32,
                taken: window.taken as u32,
                round,
                ..rule
            };
            made.push(Phase {
                kind,
                window,
                rule,
                groups,
            });
        };
        let first = windows[0];
        let samples = first.samples as u32;
        if alone {
            push(Kind::Whole, 0, first, (samples, 1));
        } else {
            let tiles = |window: Window| {
                let elements = window.taken.min(shape.elements);
                (elements.div_ceil(tile) as u32, samples)
            };
            push(Kind::Start, 0, first, (1, samples));
            for round in 0..rounds {
                for window in &windows {
                    push(Kind::Count, round, *window, tiles(*window));
                }
                push(Kind::Choose, round, first, (1, samples));
            }
            for window in &windows {
                push(Kind::Seek, 0, *window, tiles(*window));
            }
            push(Kind::Settle, 0, first, (1, samples));
        }
        for window in windows.iter().filter(|_| apply) {
            let groups = workgroups(window.size / 4, GROUP, most);
            push(Kind::Apply, 0, *window, groups);
        }
    }
    Ok(made)
}
