//! The GPU stepper computes what the program says, on every adapter of this machine.
#![cfg(feature = "gpu")]

#[path = "adapters/mod.rs"]
mod adapters;

use adapters::run::{self, START, noise, output, program, wave};
use adapters::{adapters, name};
use dpm_spec::fused::{Format, Lowering, Shape, from_f16, to_f16};
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
                let done = run::run(&gpu, &program, shape, options);
                let stored = |x: f32| match format {
                    Format::F32 => x,
                    Format::F16 => from_f16(to_f16(x)),
                };
                let said = program
                    .run(
                        &[wave(START, length)],
                        |call| Ok(vec![wave(output(call.index), length)]),
                        |k| Ok(wave(noise(k), length)),
                        stored,
                    )
                    .unwrap();
                let pairs = done.iter().zip(&said);
                let differ = pairs.filter(|(a, b)| a.to_bits() != b.to_bits()).count();
                assert_eq!(differ, 0, "{solver} {format:?} on {}", name(adapter));
            }
        }
    }
}
