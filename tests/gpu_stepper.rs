//! The GPU stepper computes what the program says, on every adapter of this machine.
#![cfg(feature = "gpu")]

#[path = "adapters/mod.rs"]
mod adapters;

use adapters::adapters;
use dpm_spec::fused::{Format, Lowering, Program, Shape, from_f16, to_f16};
use dpm_spec::gpu::{Gpu, Options, Stepper};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Request, double_double_plan};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;

fn program(solver: &str, steps: usize) -> Program<f32> {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), steps);
    let plan = double_double_plan(&request).unwrap().plan;
    let plan = plan.try_map(|value, _| Ok(value.f32)).unwrap();
    Program::lower(&plan, &Lowering::plain()).unwrap()
}

fn wave(seed: usize, length: usize) -> Vec<f32> {
    let element = |i: usize| ((i * 7919 + seed * 104_729) % 20_011) as f32 / 10_000.5 - 1.0;
    (0..length).map(element).collect()
}

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
            for (format, length) in [(Format::F32, 1003), (Format::F16, 70_001)] {
                let program = program(solver, 6);
                let shape = Shape {
                    batch: 1,
                    elements: length,
                };
                let options = Options {
                    format,
                    ..Options::default()
                };
                let mut stepper = Stepper::new(&gpu, &program, shape, options).unwrap();
                stepper.warm_up().unwrap();
                stepper.start(0, &wave(0, length)).unwrap();
                let mut encoder = gpu.device().create_command_encoder(&Default::default());
                stepper.prepare(&mut encoder).unwrap();
                gpu.submit(encoder).unwrap();
                while let Some(call) = stepper.call() {
                    stepper
                        .upload(call.output, &wave(call.index + 1, length))
                        .unwrap();
                    if let Some(noise) = call.noise {
                        stepper
                            .upload(noise, &wave(call.index + 77, length))
                            .unwrap();
                    }
                    let mut encoder = gpu.device().create_command_encoder(&Default::default());
                    stepper.encode(&mut encoder).unwrap();
                    gpu.submit(encoder).unwrap();
                }
                let done = stepper.download(stepper.result()).unwrap();
                let stored = |x: f32| match format {
                    Format::F32 => x,
                    Format::F16 => from_f16(to_f16(x)),
                };
                let said = program
                    .run(
                        &[wave(0, length)],
                        |call| Ok(vec![wave(call.index + 1, length)]),
                        |k| Ok(wave(k + 77, length)),
                        stored,
                    )
                    .unwrap();
                let differ = done
                    .iter()
                    .zip(&said)
                    .filter(|(a, b)| a.to_bits() != b.to_bits())
                    .count();
                assert_eq!(differ, 0, "{solver} {format:?} on {:?}", adapter.get_info());
            }
        }
    }
}

#[test]
fn a_second_stepper_compiles_nothing() {
    let gpu = Gpu::new().unwrap();
    let shape = Shape {
        batch: 1,
        elements: 8,
    };
    let made = |solver: &str, format: Format| {
        let options = Options {
            format,
            ..Options::default()
        };
        Stepper::new(&gpu, &program(solver, 6), shape, options).unwrap();
        gpu.kernels()
    };
    let first = made("dpmpp-2m", Format::F32);
    assert!(first > 0);
    assert_eq!(made("dpmpp-2m", Format::F32), first);
    assert_eq!(made("dpmpp-2m", Format::F16), 2 * first);
}
