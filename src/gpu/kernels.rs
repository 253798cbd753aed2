//! Compiled kernels of the fused step, one for each variant, and what to dispatch.

use super::device::Gpu;
use super::variant::{Array, Compile, Variant};
use crate::error::Result;
use crate::fused::Format;
use crate::noise::TABLE;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wgpu::{BindingType, BufferBindingType, BufferUsages, ShaderStages};

/// Invocations of a workgroup.
pub(crate) const GROUP: u32 = 256;

/// A kernel.
#[derive(Debug)]
pub(crate) struct Kernel {
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) layout: wgpu::BindGroupLayout,
}

/// What makes a kernel's text and layout: which arrays are bound where is no part of it.
pub(crate) type Key = (Format, BTreeSet<String>, Vec<(u32, bool)>);

/// The kernels of a device, shared by all of its steppers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kernels {
    compiled: Arc<Mutex<BTreeMap<Key, Arc<Kernel>>>>,
    normal_table: Arc<OnceLock<wgpu::Buffer>>,
}

/// A dispatch: kernel, bind group, the row's place, and workgroups.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) arrays: wgpu::BindGroup,
    pub(crate) row: u32,
    pub(crate) groups: (u32, u32),
}

impl Ready {
    pub(crate) fn encode(&self, recorded: &mut wgpu::ComputePass<'_>) {
        recorded.set_pipeline(&self.kernel.pipeline);
        recorded.set_bind_group(0, &self.arrays, &[self.row]);
        recorded.dispatch_workgroups(self.groups.0, self.groups.1, 1);
    }
}

impl Kernels {
    /// The kernel of a variant, compiled at its first use on this device.
    pub(crate) fn get(
        &self,
        gpu: &Gpu,
        variant: &Variant,
        compile: Compile,
    ) -> Result<Arc<Kernel>> {
        let bound = |(binding, _, written): &(u32, Array, bool)| (*binding, *written);
        let bindings = variant.bindings.iter().map(bound).collect();
        let key = (compile.format, variant.features.clone(), bindings);
        self.compiled(key, || compile_variant(gpu, variant, compile))
    }

    /// The kernel of a key, made at its first use on this device.
    pub(crate) fn compiled(
        &self,
        key: Key,
        make: impl FnOnce() -> Result<Kernel>,
    ) -> Result<Arc<Kernel>> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kernel) = compiled.get(&key) {
            return Ok(Arc::clone(kernel));
        }
        let kernel = Arc::new(make()?);
        compiled.insert(key, Arc::clone(&kernel));
        Ok(kernel)
    }

    /// The table of the portable noise, uploaded at its first use on this device.
    pub(crate) fn normal_table(&self, gpu: &Gpu) -> Result<wgpu::Buffer> {
        if let Some(table) = self.normal_table.get() {
            return Ok(table.clone());
        }
        let words = TABLE.as_flattened();
        let table = gpu.scoped("noise", || {
            let buffer = gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("noise"),
                size: size_of_val(words) as u64,
                usage: BufferUsages::STORAGE | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            gpu.queue()
                .write_buffer(&buffer, 0, bytemuck::cast_slice(words));
            buffer
        })?;
        Ok(self.normal_table.get_or_init(|| table).clone())
    }

    pub(crate) fn count(&self) -> usize {
        let compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.len()
    }
}

fn compile_variant(gpu: &Gpu, variant: &Variant, compile_as: Compile) -> Result<Kernel> {
    let mut entries = vec![uniform_entry(0, true), uniform_entry(1, false)];
    let arrays = variant.bindings.iter();
    entries.extend(arrays.map(|(binding, _, written)| storage_entry(*binding, !written)));
    compile(gpu, "step", variant.wgsl(compile_as.format), &entries)
}

/// The kernel `advance` of a text.
pub(crate) fn compile(
    gpu: &Gpu,
    label: &str,
    text: String,
    entries: &[wgpu::BindGroupLayoutEntry],
) -> Result<Kernel> {
    gpu.scoped(label, || {
        let device = gpu.device();
        let label = Some(label);
        let layout =
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label,
            source: wgpu::ShaderSource::Wgsl(text.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label,
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("advance"),
            compilation_options: Default::default(),
            cache: None,
        });
        Kernel { pipeline, layout }
    })
}

pub(crate) fn uniform_entry(binding: u32, dynamic: bool) -> wgpu::BindGroupLayoutEntry {
    entry(binding, BufferBindingType::Uniform, dynamic)
}

pub(crate) fn storage_entry(binding: u32, read_only: bool) -> wgpu::BindGroupLayoutEntry {
    entry(binding, BufferBindingType::Storage { read_only }, false)
}

fn entry(binding: u32, ty: BufferBindingType, dynamic: bool) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: ShaderStages::COMPUTE,
        ty: BindingType::Buffer {
            ty,
            has_dynamic_offset: dynamic,
            min_binding_size: None,
        },
        count: None,
    }
}

/// A buffer that holds some bytes.
pub(crate) fn filled(gpu: &Gpu, label: &str, usage: BufferUsages, bytes: &[u8]) -> wgpu::Buffer {
    let buffer = gpu.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: bytes.len() as u64,
        usage: usage | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    gpu.queue().write_buffer(&buffer, 0, bytes);
    buffer
}

/// Workgroups of `size` in x and y that cover so many invocations; one dimension holds at most `most`.
pub(crate) fn workgroups(invocations: u64, size: u32, most: u32) -> (u32, u32) {
    let groups = invocations.div_ceil(u64::from(size)).max(1);
    let rows = groups.div_ceil(u64::from(most.max(1)));
    let columns = groups.div_ceil(rows);
    (
        u32::try_from(columns).unwrap_or(u32::MAX),
        u32::try_from(rows).unwrap_or(u32::MAX),
    )
}
