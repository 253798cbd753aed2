//! Bytes a second of the fused step beside those of copying, measured in turn on one device.

use super::device::Gpu;
use super::kernels::workgroups;
use super::shader::select;
use super::stepper::Stepper;
use crate::error::Result;
use std::time::{Duration, Instant};

/// Rounds, in each of which every contestant runs once.
const ROUNDS: usize = 9;
/// What one measurement takes at least.
const LONG_ENOUGH: Duration = Duration::from_millis(40);

/// Medians of what was measured in interleaved rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Bandwidth {
    /// Bytes read and written by the step, a second.
    pub step: f64,
    /// The same of the best copy kernel that moves as many bytes.
    pub copy: f64,
    /// What that kernel is.
    pub copy_kernel: String,
    /// The same of the device's own copy of a buffer.
    pub buffer_copy: f64,
    /// Median over the rounds of the step's bytes a second over the copy kernel's.
    pub ratio: f64,
}

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

/// Records its work once.
type Contestant<'a> = Box<dyn Fn(&mut wgpu::CommandEncoder) + 'a>;

/// Measures the step after call `call` of a stepper, whose arrays it overwrites.
///
/// # Errors
/// `E-DEVICE`, `E-MEMORY`.
pub fn bandwidth(stepper: &Stepper, call: usize) -> Result<Bandwidth> {
    let gpu = stepper.gpu();
    let bytes = stepper.traffic(call);
    let copies = Copies::new(gpu, bytes)?;
    let mut contestants: Vec<Contestant<'_>> = vec![
        Box::new(|encoder| stepper.record(encoder, call + 1)),
        Box::new(|encoder| copies.of_buffer(encoder)),
    ];
    for k in 0..KERNELS.len() {
        let copies = &copies;
        contestants.push(Box::new(move |encoder| copies.by_kernel(encoder, k)));
    }
    let mut repeats = Vec::new();
    for contestant in &contestants {
        repeats.push(enough(gpu, contestant.as_ref())?);
    }
    let mut seconds = vec![Vec::new(); contestants.len()];
    for _ in 0..ROUNDS {
        for (k, contestant) in contestants.iter().enumerate() {
            let taken = timed(gpu, contestant.as_ref(), repeats[k])?;
            seconds[k].push(taken.as_secs_f64() / repeats[k] as f64);
        }
    }
    let medians: Vec<f64> = seconds.iter().map(|taken| median(taken.clone())).collect();
    let best = (2..medians.len())
        .min_by(|a, b| medians[*a].total_cmp(&medians[*b]))
        .unwrap_or(2);
    let ratios = seconds[best]
        .iter()
        .zip(&seconds[0])
        .map(|(copy, step)| copy / step);
    let moved = bytes as f64;
    Ok(Bandwidth {
        step: moved / medians[0],
        copy: moved / medians[best],
        copy_kernel: KERNELS[best - 2].0.to_owned(),
        buffer_copy: moved / medians[1],
        ratio: median(ratios.collect()),
    })
}

/// How often to repeat so that a measurement is long enough.
fn enough(gpu: &Gpu, contestant: &dyn Fn(&mut wgpu::CommandEncoder)) -> Result<u32> {
    let mut repeats = 1;
    loop {
        let taken = timed(gpu, contestant, repeats)?;
        if taken >= LONG_ENOUGH || repeats >= 4096 {
            return Ok(repeats);
        }
        repeats *= 2;
    }
}

fn timed(
    gpu: &Gpu,
    contestant: &dyn Fn(&mut wgpu::CommandEncoder),
    repeats: u32,
) -> Result<Duration> {
    let mut encoder = gpu.device().create_command_encoder(&Default::default());
    for _ in 0..repeats {
        contestant(&mut encoder);
    }
    let begun = Instant::now();
    gpu.submit(encoder)?;
    Ok(begun.elapsed())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
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
