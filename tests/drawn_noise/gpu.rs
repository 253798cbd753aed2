//! On every adapter.

use crate::adapters::{adapters, limited, name};
use crate::{GENERATED, differing, noise, program, wave};
use dpm_spec::Code;
use dpm_spec::fused::{Format, Program, Shape};
use dpm_spec::gpu::{Gpu, Lanes, Options, Stepper};
use dpm_spec::noise::Noise;

fn run(gpu: &Gpu, program: &Program<f32>, shape: Shape, options: Options) -> Vec<f32> {
    let mut stepper = Stepper::new(gpu, program, shape, options).unwrap();
    let length = shape.len();
    stepper.start(0, &wave(0, length)).unwrap();
    let mut encoder = gpu.device().create_command_encoder(&Default::default());
    stepper.prepare(&mut encoder).unwrap();
    gpu.submit(encoder).unwrap();
    while let Some(call) = stepper.call() {
        let output = wave(call.index + 1, length);
        stepper.upload(call.output, &output).unwrap();
        if let Some((draw, tensor)) = call.noise {
            stepper.upload(tensor, &noise(draw, shape)).unwrap();
        }
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        stepper.encode(&mut encoder).unwrap();
        gpu.submit(encoder).unwrap();
    }
    stepper.download(stepper.result()).unwrap()
}

fn compared(gpu: &Gpu, solver: &str, shape: Shape, options: Options, place: &str) {
    let program = program(solver);
    assert!(program.noises > 0, "{solver}");
    let generated = Options {
        noise: GENERATED,
        ..options
    };
    let said = run(gpu, &program, shape, options);
    let done = run(gpu, &program, shape, generated);
    let differ = differing(&said, &done);
    assert_eq!(differ, 0, "{solver} {shape:?} {options:?} on {place}");
}

/// Samples of less than a block, of whole and of broken blocks and packs, and 2-D dispatches.
const SHAPES: [(usize, usize); 9] = [
    (1, 1),
    (13, 1),
    (9, 3),
    (5, 4),
    (7, 6),
    (3, 1024),
    (5, 1003),
    (2, 70_001),
    (3, 4100),
];

#[test]
fn trajectories_equal_those_with_the_same_noise_from_the_host() {
    for adapter in &adapters() {
        let gpu = Gpu::open(adapter).unwrap();
        for solver in ["sde-dpmpp-2m", "ddim-eta", "sde-dpm-1"] {
            for format in [Format::F32, Format::F16] {
                for (batch, elements) in SHAPES {
                    let options = Options {
                        format,
                        deterministic: true,
                        ..Options::default()
                    };
                    let shape = Shape { batch, elements };
                    compared(&gpu, solver, shape, options, &name(adapter));
                }
            }
        }
    }
}

#[test]
fn a_tensor_cut_into_parts_draws_the_same_numbers() {
    for adapter in &adapters() {
        let limits = adapter.limits();
        for limits in [
            wgpu::Limits {
                max_storage_buffer_binding_size: 24 << 10,
                ..limits.clone()
            },
            wgpu::Limits {
                max_compute_workgroups_per_dimension: 3,
                ..limits
            },
        ] {
            let gpu = limited(adapter, limits);
            for format in [Format::F32, Format::F16] {
                for (batch, elements) in [(3, 5003), (3, 5004), (9001, 3)] {
                    let options = Options {
                        format,
                        deterministic: true,
                        ..Options::default()
                    };
                    let shape = Shape { batch, elements };
                    compared(&gpu, "sde-dpmpp-2m", shape, options, &name(adapter));
                }
            }
        }
    }
}

/// As `Program::run` says, where nothing is fused.
#[test]
fn a_run_is_the_references_with_the_noise_of_fill() {
    for adapter in &adapters() {
        let gpu = Gpu::open(adapter).unwrap();
        for format in [Format::F32, Format::F16] {
            let program = program("sde-dpmpp-2m");
            let shape = Shape {
                batch: 3,
                elements: 333,
            };
            let options = Options {
                format,
                deterministic: true,
                noise: GENERATED,
                ..Options::default()
            };
            let done = run(&gpu, &program, shape, options);
            let said = program.run(
                &[wave(0, shape.len())],
                |call| Ok(vec![wave(call.index + 1, shape.len())]),
                |draw| Ok(noise(draw, shape)),
                |x| format.stored(x),
            );
            let differ = differing(&said.unwrap(), &done);
            assert_eq!(differ, 0, "{format:?} on {}", name(adapter));
        }
    }
}

#[test]
fn seeds_and_samples_differ() {
    for adapter in &adapters() {
        let gpu = Gpu::open(adapter).unwrap();
        let program = program("sde-dpmpp-2m");
        let shape = Shape {
            batch: 2,
            elements: 64,
        };
        let of = |seed| {
            let options = Options {
                noise: Noise::Philox { seed },
                ..Options::default()
            };
            run(&gpu, &program, shape, options)
        };
        assert_eq!(differing(&of(1), &of(1)), 0);
        assert!(differing(&of(1), &of(2)) > 100);
        assert!(differing(&of(1), &of(1 + (1 << 32))) > 100);
    }
}

#[test]
fn no_array_is_kept_for_it() {
    for adapter in &adapters() {
        let gpu = Gpu::open(adapter).unwrap();
        let program = program("sde-dpmpp-2m");
        let shape = Shape {
            batch: 1,
            elements: 1024,
        };
        // State, network output, and the predictions that are kept.
        let arrays = 1 + program.states + program.outputs;
        let options = Options {
            noise: GENERATED,
            budget: Some(4096 * arrays as u64),
            ..Options::default()
        };
        let mut stepper = Stepper::new(&gpu, &program, shape, options).unwrap();
        assert!(stepper.arrays().noise.is_none());
        assert!(stepper.call().unwrap().noise.is_none());
        stepper.resize(1).unwrap();
        assert!(stepper.arrays().noise.is_none());
        let host = Options {
            noise: Noise::Host,
            ..options
        };
        let refused = Stepper::new(&gpu, &program, shape, host).unwrap_err();
        assert_eq!(refused.code, Code::Memory);
    }
}

#[test]
fn lanes_say_that_they_take_noise_from_the_host() {
    for adapter in &adapters() {
        let gpu = Gpu::open(adapter).unwrap();
        let shape = Shape {
            batch: 1,
            elements: 8,
        };
        let options = Options {
            noise: GENERATED,
            ..Options::default()
        };
        let refused = Lanes::new(&gpu, &[program("sde-dpmpp-2m")], shape, options).unwrap_err();
        assert_eq!(refused.code, Code::Parameter);
    }
}
