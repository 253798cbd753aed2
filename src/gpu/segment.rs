//! What a stepper dispatches between two model calls: rows uploaded, arrays bound, once.

use super::arrays::{Arrays, Span, bytes, spans};
use super::device::Gpu;
use super::kernels::{GROUP, Kernel, Ready, workgroups};
use super::quantile::Quantiles;
use super::stepper::Options;
use super::variant::{Array, Compile, Row, Variant, of_pass};
use crate::error::{Code, Error, Result};
use crate::fused::{Pass, Program, Shape, Stage};
use std::sync::Arc;
use wgpu::BufferUsages;

/// What lies between two calls.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    pub(crate) ready: Vec<Ready>,
    /// Node and input of the call that follows.
    pub(crate) call: Option<(usize, usize)>,
}

/// A buffer for one row a pass.
pub(crate) fn rows(gpu: &Gpu, program: &Program<f32>) -> Result<wgpu::Buffer> {
    let size = stride::<Row>(gpu) * (program.passes().count() as u64).max(1);
    uniform(gpu, "rows", size)
}

/// Compiles the kernels, uploads the rows and binds the arrays of a whole run.
pub(crate) fn segments(
    gpu: &Gpu,
    program: &Program<f32>,
    shape: Shape,
    options: Options,
    arrays: &Arrays,
    rows: &wgpu::Buffer,
) -> Result<Vec<Segment>> {
    arrays.check(program, bytes(shape, options.format), options.noise)?;
    let mut binder = Binder::new(gpu, shape, options, arrays, rows)?;
    let mut table = vec![0; rows.size() as usize];
    let mut segments = Vec::new();
    let mut open = Segment::default();
    let mut offset = 0;
    for stage in &program.stages {
        match stage {
            Stage::Call { node, input, .. } => {
                open.call = Some((*node, *input));
                segments.push(std::mem::take(&mut open));
            }
            Stage::Threshold { output } => {
                let array = &arrays.outputs[*output];
                open.ready.extend(binder.threshold(program, shape, array)?);
            }
            Stage::Pass(pass) => {
                let (row, ready) = binder.pass(pass)?;
                table[offset..][..size_of::<Row>()].copy_from_slice(bytemuck::bytes_of(&row));
                let placed = |ready: &Ready| Ready {
                    row: offset as u32,
                    ..ready.clone()
                };
                open.ready.extend(ready.iter().map(placed));
                offset += stride::<Row>(gpu) as usize;
            }
        }
    }
    segments.push(open);
    gpu.scoped("rows", || gpu.queue().write_buffer(rows, 0, &table))?;
    gpu.alive()?;
    Ok(segments)
}

/// Binds passes; passes of one variant on the same arrays share their bind groups.
struct Binder<'a> {
    gpu: &'a Gpu,
    compile: Compile,
    arrays: &'a Arrays,
    rows: &'a wgpu::Buffer,
    spans: Vec<Span>,
    span_buffer: wgpu::Buffer,
    bound: Vec<(Variant, Vec<Ready>)>,
    quantiles: Option<Quantiles>,
}

impl<'a> Binder<'a> {
    fn new(
        gpu: &'a Gpu,
        shape: Shape,
        options: Options,
        arrays: &'a Arrays,
        rows: &'a wgpu::Buffer,
    ) -> Result<Self> {
        let spans = spans(shape, options.format, options.noise, &gpu.device().limits())?;
        let stride = stride::<Span>(gpu);
        let span_buffer = uniform(gpu, "spans", stride * spans.len() as u64)?;
        gpu.scoped("spans", || {
            for (k, span) in spans.iter().enumerate() {
                gpu.queue()
                    .write_buffer(&span_buffer, k as u64 * stride, bytemuck::bytes_of(span));
            }
        })?;
        Ok(Binder {
            gpu,
            compile: Compile::of(options),
            arrays,
            rows,
            spans,
            span_buffer,
            bound: Vec::new(),
            quantiles: None,
        })
    }

    fn pass(&mut self, pass: &Pass<f32>) -> Result<(Row, &[Ready])> {
        let most = self.gpu.arrays();
        if pass.arrays() > most {
            return Err(Error::new(
                Code::Parameter,
                format!("a pass touches {} arrays", pass.arrays()),
                "program",
                format!(
                    "this device binds {most}: lower the plan with Lowering {{ arrays: {most}, .. }}"
                ),
            ));
        }
        let (variant, row) = of_pass(pass, self.compile)?;
        let known = self.bound.iter().position(|(known, _)| *known == variant);
        let at = match known {
            Some(at) => at,
            None => {
                let kernels = self.gpu.compiled();
                let kernel = kernels.get(self.gpu, &variant, self.compile)?;
                let ready = self.bind(&variant, &kernel)?;
                self.bound.push((variant, ready));
                self.bound.len() - 1
            }
        };
        Ok((row, &self.bound[at].1))
    }

    /// Thresholds an array, by the rule of the program.
    fn threshold(
        &mut self,
        program: &Program<f32>,
        shape: Shape,
        array: &wgpu::Buffer,
    ) -> Result<Vec<Ready>> {
        let Some(rule) = program.threshold else {
            return Ok(Vec::new());
        };
        let quantiles = match self.quantiles.take() {
            Some(known) => known,
            None => Quantiles::to_threshold(self.gpu, shape, self.compile.format, rule)?,
        };
        self.quantiles.insert(quantiles).bind(self.gpu, array)
    }

    /// One dispatch a span.
    fn bind(&self, variant: &Variant, kernel: &Arc<Kernel>) -> Result<Vec<Ready>> {
        let most = self
            .gpu
            .device()
            .limits()
            .max_compute_workgroups_per_dimension;
        let draws = |(_, array, _): &(u32, Array, bool)| *array == Array::NormalTable;
        let table = match variant.bindings.iter().any(draws) {
            true => Some(self.gpu.compiled().normal_table(self.gpu)?),
            false => None,
        };
        let mut ready = Vec::with_capacity(self.spans.len());
        for (k, span) in self.spans.iter().enumerate() {
            let place = k as u64 * stride::<Span>(self.gpu);
            let mut entries = vec![
                entry(0, self.rows, 0, size_of::<Row>() as u64),
                entry(1, &self.span_buffer, place, size_of::<Span>() as u64),
            ];
            let (offset, size) = span.part();
            for (binding, array, _) in &variant.bindings {
                entries.extend(match array {
                    Array::NormalTable => table
                        .as_ref()
                        .map(|table| entry(*binding, table, 0, table.size())),
                    _ => self
                        .arrays
                        .get(*array)
                        .map(|buffer| entry(*binding, buffer, offset, size)),
                });
            }
            let arrays = self.gpu.scoped("arrays", || {
                self.gpu
                    .device()
                    .create_bind_group(&wgpu::BindGroupDescriptor {
                        label: Some("step"),
                        layout: &kernel.layout,
                        entries: &entries,
                    })
            })?;
            let groups = workgroups(u64::from(span.packs), GROUP, most);
            ready.push(Ready {
                kernel: Arc::clone(kernel),
                arrays,
                row: 0,
                groups,
            });
        }
        Ok(ready)
    }
}

pub(super) fn entry(
    binding: u32,
    buffer: &wgpu::Buffer,
    offset: u64,
    size: u64,
) -> wgpu::BindGroupEntry<'_> {
    let size = size.try_into().ok();
    let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
        buffer,
        offset,
        size,
    });
    wgpu::BindGroupEntry { binding, resource }
}

/// Bytes from one number block to the next in a uniform buffer.
pub(super) fn stride<T>(gpu: &Gpu) -> u64 {
    let alignment = u64::from(gpu.device().limits().min_uniform_buffer_offset_alignment);
    (size_of::<T>() as u64).next_multiple_of(alignment)
}

pub(super) fn uniform(gpu: &Gpu, label: &str, size: u64) -> Result<wgpu::Buffer> {
    gpu.scoped(label, || {
        gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    })
}
