//! The fused step on a device beside a copy kernel that moves as many bytes, in one run.
//!
//! `cargo bench --features full --bench gpu_step`; ratios of medians over interleaved rounds.

use dpm_spec::arithmetic::{DoubleDouble, rational};
use dpm_spec::fused::{Conversion, Format, Lowering, Program, Shape, Source, Stage, Sum};
use dpm_spec::gpu::{Gpu, Options, Stepper, available, bandwidth};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Request, derive};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use std::error::Error;
use std::time::Instant;

fn program(steps: usize, guided: bool) -> dpm_spec::Result<Program<f32>> {
    let schedule = Schedule::parse("vp-linear")?;
    let recipe = Recipe::new(Solver::parse("dpmpp-2m")?, &schedule);
    let request = Request::new(recipe, schedule, Grid::parse("lambda")?, steps);
    let lowering = match guided {
        true => Lowering::guided(rational(15, 2)),
        false => Lowering::plain(),
    };
    let program = Program::lower(&derive(&request, &DoubleDouble::ONE)?, &lowering)?;
    program.try_map(|value| Ok(value.to_f32()))
}

/// Every pass made the least that a step can do: one array read, converted and written.
fn least(mut program: Program<f32>) -> Program<f32> {
    for stage in &mut program.stages {
        if let Stage::Pass(pass) = stage {
            pass.conversion = Some(Conversion {
                state: None,
                conditional: 1.0,
                unconditional: None,
                clip: None,
                keep: None,
            });
            pass.sum = Some(Sum {
                target: 0,
                terms: vec![(Source::Register, 1.0)],
            });
        }
    }
    program
}

fn main() -> Result<(), Box<dyn Error>> {
    for adapter in available(wgpu::Backends::PRIMARY)? {
        let gpu = Gpu::open(&adapter)?;
        let info = adapter.get_info();
        println!("{} ({}, {})", info.name, info.backend, info.driver_info);
        println!(
            "| dpmpp-2m | elements | step GB/s | copy kernel GB/s | ratio | buffer copy GB/s | copy kernel |"
        );
        println!("|---|---|---|---|---|---|---|");
        for elements in [1 << 20, 1 << 24] {
            let (plain, guided) = (program(20, false)?, program(20, true)?);
            let least = least(plain.clone());
            for (name, format, program, deterministic) in [
                ("f32", Format::F32, &plain, false),
                ("f16", Format::F16, &plain, false),
                ("f32, guidance", Format::F32, &guided, false),
                ("f16, guidance", Format::F16, &guided, false),
                ("f32, deterministic", Format::F32, &plain, true),
                ("f32, x' = output alone", Format::F32, &least, false),
                ("f16, x' = output alone", Format::F16, &least, false),
            ] {
                let shape = Shape { batch: 1, elements };
                let options = Options {
                    format,
                    deterministic,
                    ..Options::default()
                };
                let mut stepper = Stepper::new(&gpu, program, shape, options)?;
                stepper.warm_up()?;
                let start: Vec<f32> = (0..elements)
                    .map(|i| (i % 1009) as f32 / 505.0 - 1.0)
                    .collect();
                stepper.start(0, &start)?;
                let found = bandwidth(&stepper, 10)?;
                println!(
                    "| {name} | {elements} | {:.2} | {:.2} | {:.3} | {:.2} | {} |",
                    found.step / 1e9,
                    found.copy / 1e9,
                    found.ratio,
                    found.buffer_copy.unwrap_or(f64::NAN) / 1e9,
                    found.copy_kernel
                );
            }
        }
        submissions(&gpu)?;
    }
    Ok(())
}

/// 20 steps in one submission against 20 submissions with waits.
fn submissions(gpu: &Gpu) -> dpm_spec::Result<()> {
    let shape = Shape {
        batch: 1,
        elements: 16 << 10,
    };
    let mut stepper = Stepper::new(gpu, &program(20, false)?, shape, Options::default())?;
    stepper.warm_up()?;
    let start = vec![1.0; shape.len()];
    let mut ratios = Vec::new();
    for _ in 0..25 {
        stepper.start(0, &start)?;
        gpu.wait()?;
        let begun = Instant::now();
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        while stepper.call().is_some() {
            stepper.encode(&mut encoder)?;
        }
        gpu.submit(encoder)?;
        let together = begun.elapsed();
        stepper.start(0, &start)?;
        gpu.wait()?;
        let begun = Instant::now();
        while stepper.call().is_some() {
            let mut encoder = gpu.device().create_command_encoder(&Default::default());
            stepper.encode(&mut encoder)?;
            gpu.submit(encoder)?;
        }
        ratios.push(together.as_secs_f64() / begun.elapsed().as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "20 steps of 16 Ki elements in one submission over 20 submissions with waits: {:.2}",
        ratios[12]
    );
    Ok(())
}
