//! Bytes a second of the fused step beside those of copying, measured in turn on one device.

use super::device::Gpu;
use super::kernels::workgroups;
use super::shader::select;
use super::stepper::Stepper;
use crate::error::Result;
use crate::sample::{Bandwidth, Contestant, contest};
use std::time::Instant;

/// The copy kernels tried: name, feature of the text, workgroup size, invocations a vec4.
const KERNELS: [(&str, &str, u32, f64); 6] = [
    ("one vec4 an invocation, workgroups of 64", "one", 64, 1.0),
    ("one vec4 an invocation, workgroups of 128", "one", 128, 1.0),
    ("one vec4 an invocation, workgroups of 256", "one", 256, 1.0),
    ("two vec4 an invocation, workgroups of 64", "two", 64, 0.5),
    ("two vec4 an invocation, workgroups of 256", "two", 256, 0.5),
    (
        "strided, eight vec4 an invocation, workgroups of 64",
        "stride",
        64,
        0.125,
    ),
];

/// Measures the step after call `call` of a stepper, whose arrays it overwrites.
///
/// # Errors
/// `E-DEVICE`, `E-MEMORY`.
pub fn bandwidth(stepper: &Stepper, call: usize) -> Result<Bandwidth> {
    let gpu = stepper.gpu();
    let bytes = stepper.traffic(call);
    let copies = Copies::new(gpu, bytes)?;
    contest(
        bytes,
        &KERNELS.map(|kernel| kernel.0),
        true,
        |who, repeats| {
            let mut encoder = gpu.device().create_command_encoder(&Default::default());
            for _ in 0..repeats {
                match who {
                    Contestant::Step => stepper.record(&mut encoder, call + 1),
                    Contestant::BufferCopy => copies.of_buffer(&mut encoder),
                    Contestant::Kernel(k) => copies.by_kernel(&mut encoder, k),
                }
            }
            let begun = Instant::now();
            gpu.submit(encoder)?;
            Ok(begun.elapsed())
        },
    )
}

/// Two buffers of half the bytes each, cut where a binding cannot hold them, and the kernels.
struct Copies {
    source: wgpu::Buffer,
    target: wgpu::Buffer,
    kernels: Vec<wgpu::ComputePipeline>,
    /// One bind group a kernel and part; vec4 of the part.
    bound: Vec<Vec<(wgpu::BindGroup, u64)>>,
    most: u32,
}

impl Copies {
    fn new(gpu: &Gpu, bytes: u64) -> Result<Self> {
        let limits = gpu.device().limits();
        let half = (bytes / 2).next_multiple_of(256);
        let part = (limits.max_storage_buffer_binding_size / 256 * 256).min(half);
        gpu.scoped("copy", || {
            let device = gpu.device();
            let buffer = || {
                device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("copy"),
                    size: half,
                    usage: wgpu::BufferUsages::STORAGE
                        | wgpu::BufferUsages::COPY_SRC
                        | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                })
            };
            let (source, target) = (buffer(), buffer());
            let mut kernels = Vec::new();
            let mut bound = Vec::new();
            for (name, feature, size, _) in KERNELS {
                let kernel = kernel(device, name, feature, size);
                let mut parts = Vec::new();
                let mut offset = 0;
                while offset < half {
                    let size = part.min(half - offset);
                    let resource = |buffer| {
                        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                            buffer,
                            offset,
                            size: size.try_into().ok(),
                        })
                    };
                    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                        label: Some(name),
                        layout: &kernel.get_bind_group_layout(0),
                        entries: &[
                            wgpu::BindGroupEntry {
                                binding: 0,
                                resource: resource(&source),
                            },
                            wgpu::BindGroupEntry {
                                binding: 1,
                                resource: resource(&target),
                            },
                        ],
                    });
                    parts.push((group, size / 16));
                    offset += size;
                }
                kernels.push(kernel);
                bound.push(parts);
            }
            let most = limits.max_compute_workgroups_per_dimension;
            Copies {
                source,
                target,
                kernels,
                bound,
                most,
            }
        })
    }

    fn of_buffer(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.copy_buffer_to_buffer(&self.source, 0, &self.target, 0, self.source.size());
    }

    fn by_kernel(&self, encoder: &mut wgpu::CommandEncoder, k: usize) {
        let (_, _, size, share) = KERNELS[k];
        let mut recorded = encoder.begin_compute_pass(&Default::default());
        recorded.set_pipeline(&self.kernels[k]);
        for (group, packs) in &self.bound[k] {
            let invocations = (*packs as f64 * share).ceil() as u64;
            let (x, y) = workgroups(invocations, size, self.most);
            recorded.set_bind_group(0, group, &[]);
            recorded.dispatch_workgroups(x, y, 1);
        }
    }
}

fn kernel(device: &wgpu::Device, name: &str, feature: &str, size: u32) -> wgpu::ComputePipeline {
    let features = std::iter::once(feature.to_owned()).collect();
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(select(include_str!("copy.wgsl"), &features).into()),
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: None,
        module: &module,
        entry_point: Some("copy"),
        compilation_options: wgpu::PipelineCompilationOptions {
            constants: &[("size", f64::from(size))],
            ..Default::default()
        },
        cache: None,
    })
}
