//! The integer conversion between f16 and f32, exhaustively, on every adapter.

use super::run::devices;
use dpm_spec::gpu::Gpu;
use half::f16;
use wgpu::util::{BufferInitDescriptor, DeviceExt};

/// The conversion itself, from the text that the kernels are made of.
const STORAGE: &str = include_str!("../../src/gpu/storage_f16.wgsl");

/// Four words in, four words out, by one function of the text.
fn converted(gpu: &Gpu, function: &str, words: &[u32]) -> Vec<u32> {
    let text = format!(
        "{STORAGE}
@group(0) @binding(0) var<storage, read> given: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> made: array<vec4<u32>>;
@compute @workgroup_size(64)
fn convert(@builtin(global_invocation_id) id: vec3<u32>) {{
    if id.x < arrayLength(&given) {{
        made[id.x] = {function}(given[id.x]);
    }}
}}"
    );
    let device = gpu.device();
    let buffer = |label| {
        device.create_buffer_init(&BufferInitDescriptor {
            label: Some(label),
            contents: bytemuck::cast_slice(words),
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
        })
    };
    let (given, made) = (buffer("given"), buffer("made"));
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(text.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: Some("convert"),
        compilation_options: Default::default(),
        cache: None,
    });
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &[
            wgpu::BindGroupEntry {
                binding: 0,
                resource: given.as_entire_binding(),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: made.as_entire_binding(),
            },
        ],
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    {
        let mut recorded = encoder.begin_compute_pass(&Default::default());
        recorded.set_pipeline(&pipeline);
        recorded.set_bind_group(0, &group, &[]);
        let groups = words.len().div_ceil(4 * 64) as u32;
        recorded.dispatch_workgroups(groups, 1, 1);
    }
    gpu.submit(encoder).unwrap();
    bytemuck::pod_collect_to_vec(&gpu.read(&made).unwrap())
}

#[test]
fn all_halves_widen_to_their_value() {
    let patterns: Vec<u32> = (0..1 << 16).collect();
    for device in devices().iter().filter(|device| !device.small) {
        let made = converted(&device.gpu, "widened", &patterns);
        for (pattern, bits) in patterns.iter().zip(made) {
            let said = f16::from_bits(*pattern as u16);
            let found = f32::from_bits(bits);
            let equal = match said.is_nan() {
                true => found.is_nan(),
                false => found.to_bits() == said.to_f32().to_bits(),
            };
            assert!(equal, "{pattern:#06x} on {}: {found:e}", device.name);
        }
    }
}

/// For each half: itself, the point half way to the next one, and the f32 on either side of both.
fn decisions() -> Vec<u32> {
    let mut found = Vec::new();
    for pattern in 0..1_u32 << 16 {
        let half = f16::from_bits(pattern as u16);
        let value = half.to_f32();
        // Beyond the largest one lies 2^16, to which infinity is next.
        let next = match half.to_bits() & 0x7fff {
            0x7bff => 65536.0_f32.copysign(value),
            _ => f16::from_bits(pattern.wrapping_add(1) as u16).to_f32(),
        };
        let middle = (f64::from(value) + f64::from(next)) / 2.0;
        for number in [value, middle as f32] {
            let bits = number.to_bits();
            found.extend([bits, bits.wrapping_add(1), bits.wrapping_sub(1)]);
        }
    }
    // Far out: large f32, f32 subnormals, NaN.
    for exponent in 0..=255_u32 {
        for fraction in [0, 1, 0x40_0000, 0x7f_ffff] {
            found.extend([
                exponent << 23 | fraction,
                1 << 31 | exponent << 23 | fraction,
            ]);
        }
    }
    found.resize(found.len().next_multiple_of(4), 0);
    found
}

#[test]
fn every_decision_of_rounding_to_half_is_right() {
    let given = decisions();
    for device in devices().iter().filter(|device| !device.small) {
        let made = converted(&device.gpu, "narrowed", &given);
        for (bits, found) in given.iter().zip(made) {
            let value = f32::from_bits(*bits);
            let said = f16::from_f32(value);
            let found = f16::from_bits(found as u16);
            let equal = match said.is_nan() {
                true => found.is_nan(),
                false => found.to_bits() == said.to_bits(),
            };
            assert!(
                equal,
                "{value:e} on {}: {found:?}, not {said:?}",
                device.name
            );
        }
    }
}
