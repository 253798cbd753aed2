//! A GPU makes the very bits of the CPU's noise, on every adapter found.
#![cfg(feature = "gpu")]
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

#[path = "../adapters/mod.rs"]
mod adapters;

use adapters::{adapters, name};
use dpm_spec::gpu::Gpu;
use dpm_spec::noise::{TABLE, fill_from};
use wgpu::util::{BufferInitDescriptor, DeviceExt};
use wgpu::{BindGroupEntry, BufferUsages};

const TEXT: &str = concat!(
    include_str!("../../src/gpu/noise.wgsl"),
    include_str!("fill.wgsl")
);

struct Wanted {
    blocks: u32,
    first: u32,
    seed: u64,
    stream: u32,
    draw: u32,
}

#[test]
fn a_million_numbers_have_the_bits_of_the_cpu() {
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        for wanted in [
            Wanted {
                blocks: 1 << 18,
                first: 0,
                seed: 0x0123_4567_89AB_CDEF,
                stream: 5,
                draw: 2,
            },
            // A ragged end, and every word of counter and key at its largest.
            Wanted {
                blocks: 1001,
                first: u32::MAX - 1000,
                seed: u64::MAX,
                stream: u32::MAX,
                draw: u32::MAX,
            },
        ] {
            let made = on_gpu(&gpu, &wanted);
            let mut expected = vec![0.0; made.len()];
            let first = 4 * u64::from(wanted.first);
            fill_from(
                &mut expected,
                first,
                wanted.seed,
                wanted.stream,
                wanted.draw,
            );
            let wrong: Vec<usize> = (0..made.len())
                .filter(|&i| made[i] != expected[i].to_bits())
                .collect();
            if let Some(&i) = wrong.first() {
                panic!(
                    "{}: {} of {} differ; element {i} is {:#x}, not {:#x}",
                    name(&adapter),
                    wrong.len(),
                    made.len(),
                    made[i],
                    expected[i].to_bits()
                );
            }
        }
    }
}

fn on_gpu(gpu: &Gpu, wanted: &Wanted) -> Vec<u32> {
    let device = gpu.device();
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("noise"),
        source: wgpu::ShaderSource::Wgsl(TEXT.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some("noise"),
        layout: None,
        module: &module,
        entry_point: Some("fill"),
        compilation_options: Default::default(),
        cache: None,
    });
    let uniform = [
        wanted.blocks,
        wanted.draw,
        wanted.stream,
        wanted.first,
        wanted.seed as u32,
        (wanted.seed >> 32) as u32,
        0,
        0,
    ];
    let buffer = |contents: &[u32], usage| {
        let contents = bytemuck::cast_slice(contents);
        device.create_buffer_init(&BufferInitDescriptor {
            label: None,
            contents,
            usage,
        })
    };
    let uniform = buffer(&uniform, BufferUsages::UNIFORM);
    let table = buffer(TABLE.as_flattened(), BufferUsages::STORAGE);
    let made = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("noise"),
        size: 16 * u64::from(wanted.blocks),
        usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    let bound = [(0, &uniform), (1, &made), (8, &table)];
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &bound.map(|(binding, buffer)| BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        }),
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &group, &[]);
        let groups = wanted.blocks.div_ceil(64);
        pass.dispatch_workgroups(groups.min(256), groups.div_ceil(256), 1);
    }
    gpu.submit(encoder).unwrap();
    let bytes = gpu.read(&made).unwrap();
    bytes
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
        .collect()
}
