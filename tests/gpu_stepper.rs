//! The GPU stepper computes what the program says, on every adapter of this machine.
#![cfg(feature = "gpu")]

#[path = "adapters/mod.rs"]
mod adapters;

use adapters::run::{self, START, noise, output, program, wave};
use adapters::{adapters, limited, name};
use dpm_spec::fused::{Format, Lowering, Program, Shape, from_f16, to_f16};
use dpm_spec::gpu::{Gpu, Options};

#[test]
fn steps_equal_the_reference_bit_for_bit() {
    for adapter in &adapters() {
        let gpu = Gpu::open(adapter).unwrap();
        for solver in [
            "ddim",
            "dpmpp-2m",
            "dpmpp-3m",
            "dpmpp-2s",
            "dpmpp-3s",
            "sde-dpmpp-2m",
        ] {
            let program = program(solver, "vp-linear", &Lowering::plain());
            for (format, length) in [(Format::F32, 1003), (Format::F16, 70_001)] {
                let shape = Shape {
                    batch: 1,
                    elements: length,
                };
                let options = Options {
                    format,
                    ..Options::default()
                };
                let differ = differences(&gpu, &program, shape, options);
                assert_eq!(differ, 0, "{solver} {format:?} on {}", name(adapter));
            }
        }
    }
}

/// WebGPU's own limits: a tensor of a little more than the 128 MiB that a binding holds.
#[test]
fn a_tensor_beyond_a_binding_of_webgpu_equals_the_reference_bit_for_bit() {
    let limits = wgpu::Limits::default();
    let shape = Shape {
        batch: 3,
        elements: 11_184_813,
    };
    assert!(shape.len() as u64 * 4 > limits.max_storage_buffer_binding_size);
    let program = program("dpmpp-2m", "vp-linear", &Lowering::plain());
    for adapter in &adapters() {
        let gpu = limited(adapter, limits.clone());
        let differ = differences(&gpu, &program, shape, Options::default());
        assert_eq!(differ, 0, "{}", name(adapter));
    }
}

/// How many numbers of the stepper's result are not those of the generic run.
fn differences(gpu: &Gpu, program: &Program<f32>, shape: Shape, options: Options) -> usize {
    let done = run::run(gpu, program, shape, options);
    let stored = |x: f32| match options.format {
        Format::F32 => x,
        Format::F16 => from_f16(to_f16(x)),
    };
    let length = shape.len();
    let said = program
        .run(
            &[wave(START, length)],
            |call| Ok(vec![wave(output(call.index), length)]),
            |k| Ok(wave(noise(k), length)),
            stored,
        )
        .unwrap();
    assert_eq!(done.len(), said.len());
    let pairs = done.iter().zip(&said);
    pairs.filter(|(a, b)| a.to_bits() != b.to_bits()).count()
}
