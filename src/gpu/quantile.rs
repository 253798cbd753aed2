//! Which dispatches find the quantiles of a tensor's samples, and threshold it by them.

use super::arrays::bytes;
use super::device::Gpu;
use super::kernels::{self, GROUP, Kernel, Ready, storage_entry, uniform_entry, workgroups};
use super::segment::{entry, stride, uniform};
use super::shader::{select, storage};
use super::window::{Window, too_large, windows};
use crate::arithmetic::{Field, Rational};
use crate::cpu::Rank;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Shape};
use crate::threshold::Threshold;
use bytemuck::{Pod, Zeroable};
use std::collections::BTreeSet;
use std::sync::Arc;
use wgpu::BufferUsages;

/// Elements of a sample that one workgroup searches alone; longer ones are cut into tiles.
const ALONE: usize = 1 << 16;
const TILE: usize = 1 << 14;
/// Words that the tiles of a sample share.
const SHARED: u32 = 8 + 256;
const ONE: u32 = 1.0_f32.to_bits();
/// Bits of the NaN that stands for no number.
const NAN: u32 = 0x7fc0_0000;

/// A kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Finds s of a sample with one workgroup.
    Whole,
    /// Find s with several workgroups a sample, one after the other.
    Start,
    Count,
    Choose,
    Seek,
    Settle,
    /// Clips to s and divides by it.
    Apply,
}

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

#[derive(Clone, Copy, Debug)]
struct Dispatch {
    kind: Kind,
    window: Window,
    rule: Rule,
    groups: (u32, u32),
}

/// The search for the quantiles of all samples of a tensor, ready to be bound to one.
#[derive(Debug)]
pub(crate) struct Quantiles {
    format: Format,
    dispatches: Vec<Dispatch>,
    rules: wgpu::Buffer,
    found: wgpu::Buffer,
    /// Words of `found` for one sample.
    stride: u32,
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
    let quantiles = Quantiles::new(gpu, shape, format, ratio, (0, NAN), false)?;
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
    let found = found.chunks_exact(quantiles.stride as usize);
    Ok(found.map(|words| f32::from_bits(words[0])).collect())
}

/// The WGSL of every kernel of the quantile and of dynamic thresholding; no device is asked.
pub fn quantile_texts(format: Format) -> Vec<String> {
    let kinds = [
        Kind::Whole,
        Kind::Start,
        Kind::Count,
        Kind::Choose,
        Kind::Seek,
        Kind::Settle,
        Kind::Apply,
    ];
    kinds.iter().map(|kind| kind.wgsl(format)).collect()
}

impl Quantiles {
    /// To threshold tensors of a shape.
    ///
    /// # Errors
    /// `E-THRESHOLD` if the rule is not dynamic or out of range; `E-MEMORY` if the device binds too
    /// little.
    pub(crate) fn to_threshold(
        gpu: &Gpu,
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
        Quantiles::new(gpu, shape, format, ratio, (ONE, most.to_bits()), true)
    }

    fn new(
        gpu: &Gpu,
        shape: Shape,
        format: Format,
        ratio: Rational,
        (least, most): (u32, u32),
        apply: bool,
    ) -> Result<Self> {
        let limits = gpu.device().limits();
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
        let dispatches = dispatches(shape, format, &limits, rule, apply)?;
        let stride_found = dispatches.first().map_or(1, |first| first.rule.stride);
        let size = u64::from(stride_found) * 4 * shape.batch as u64;
        if size > limits.max_storage_buffer_binding_size {
            return Err(too_large(shape));
        }
        let step = stride::<Rule>(gpu);
        let mut table = vec![0; step as usize * dispatches.len()];
        for (place, dispatch) in table.chunks_exact_mut(step as usize).zip(&dispatches) {
            place[..size_of::<Rule>()].copy_from_slice(bytemuck::bytes_of(&dispatch.rule));
        }
        let rules = uniform(gpu, "rules", table.len() as u64)?;
        let found = gpu.scoped("quantiles", || {
            gpu.queue().write_buffer(&rules, 0, &table);
            gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("quantiles"),
                size,
                usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            })
        })?;
        Ok(Quantiles {
            format,
            dispatches,
            rules,
            found,
            stride: stride_found,
        })
    }

    /// What to dispatch for an array, in order.
    ///
    /// # Errors
    /// `E-DEVICE`.
    pub(crate) fn bind(&self, gpu: &Gpu, array: &wgpu::Buffer) -> Result<Vec<Ready>> {
        let mut ready = Vec::with_capacity(self.dispatches.len());
        for (k, dispatch) in self.dispatches.iter().enumerate() {
            let kernel = dispatch.kind.kernel(gpu, self.format)?;
            let Window { offset, size, .. } = dispatch.window;
            let entries = [
                entry(0, &self.rules, 0, size_of::<Rule>() as u64),
                entry(1, array, offset, size),
                entry(2, &self.found, 0, self.found.size()),
            ];
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
                groups: dispatch.groups,
            });
        }
        Ok(ready)
    }
}

impl Kind {
    fn kernel(self, gpu: &Gpu, format: Format) -> Result<Arc<Kernel>> {
        let features = BTreeSet::from(["threshold".to_owned(), self.feature()]);
        gpu.compiled().compiled((format, features, Vec::new()), || {
            let entries = [
                uniform_entry(0, true),
                storage_entry(1, self != Kind::Apply),
                storage_entry(2, false),
            ];
            kernels::compile(gpu, "threshold", self.wgsl(format), &entries)
        })
    }

    fn feature(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    fn wgsl(self, format: Format) -> String {
        let features = BTreeSet::from([self.feature(), format.to_string()]);
        let search = select(include_str!("quantile.wgsl"), &features);
        let kernel = match self {
            Kind::Whole => include_str!("quantile_whole.wgsl"),
            Kind::Apply => include_str!("quantile_apply.wgsl"),
            _ => include_str!("quantile_tiles.wgsl"),
        };
        format!(
            "{}\n{search}\n{}",
            storage(format),
            select(kernel, &features)
        )
    }
}

/// All dispatches, in order; `rule` says what is the same for all.
fn dispatches(
    shape: Shape,
    format: Format,
    limits: &wgpu::Limits,
    rule: Rule,
    apply: bool,
) -> Result<Vec<Dispatch>> {
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
            made.push(Dispatch {
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
