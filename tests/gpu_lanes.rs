//! Continuous batching: every sample of a batch ends where it would have ended alone, whatever the
//! others do.
#![cfg(feature = "gpu")]

mod adapters;

use adapters::{adapters, limited};
use dpm_spec::Code;
use dpm_spec::arithmetic::{DoubleDouble, rational};
use dpm_spec::fused::{Format, Lowering, Program, Shape, from_f16, to_f16};
use dpm_spec::gpu::{Gpu, Lanes, Options};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Request, derive};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;

fn program(solver: &str, schedule: &str, steps: usize, guided: bool) -> Program<f32> {
    let schedule = Schedule::parse(schedule).unwrap();
    let recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    let request = Request::new(recipe, schedule, Grid::parse("time").unwrap(), steps);
    let lowering = match guided {
        true => Lowering::guided(rational(15, 2)),
        false => Lowering::plain(),
    };
    let plan = derive(&request, &DoubleDouble::ONE).unwrap();
    let program = Program::lower(&plan, &lowering).unwrap();
    program.try_map(|value| Ok(value.to_f32())).unwrap()
}

fn wave(seed: usize, length: usize) -> Vec<f32> {
    let element = |i: usize| ((i * 7919 + seed * 104_729) % 20_011) as f32 / 10_000.5 - 1.0;
    (0..length).map(element).collect()
}

/// What the model returns to a sample at its own step.
fn output(sample: usize, step: usize, length: usize) -> Vec<f32> {
    wave(100 * sample + step, length)
}

fn bytes(values: &[f32], format: Format) -> Vec<u8> {
    match format {
        Format::F32 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Format::F16 => values
            .iter()
            .flat_map(|x| to_f16(*x).to_le_bytes())
            .collect(),
    }
}

fn alone(program: &Program<f32>, sample: usize, length: usize, format: Format) -> Vec<f32> {
    let guided = program
        .passes()
        .any(|pass| pass.conversion.as_ref().is_some_and(|c| c.networks() == 2));
    let model = |index: usize| match guided {
        true => vec![
            output(sample, index, length),
            output(sample + 50, index, length),
        ],
        false => vec![output(sample, index, length)],
    };
    let stored = |x: f32| match format {
        Format::F32 => x,
        Format::F16 => from_f16(to_f16(x)),
    };
    let noise = |k: usize| Ok(output(sample + 90, k, length));
    program
        .run(
            &[wave(sample, length)],
            |call| Ok(model(call.index)),
            noise,
            stored,
        )
        .unwrap()
}

/// Runs samples that begin at different times on one batch; the end of each.
fn together(
    gpu: &Gpu,
    programs: &[Program<f32>],
    begin_at: &[usize],
    length: usize,
    format: Format,
) -> Vec<Vec<f32>> {
    let shape = Shape {
        batch: begin_at.len(),
        elements: length,
    };
    let options = Options {
        format,
        deterministic: true,
        ..Options::default()
    };
    let mut lanes = Lanes::new(gpu, programs, shape, options).unwrap();
    let poison = vec![f32::NAN; lanes.stride()];
    let mut steps = vec![0; begin_at.len()];
    for tick in 0.. {
        for (sample, begin) in begin_at.iter().enumerate() {
            if *begin == tick {
                lanes
                    .begin(sample, sample % programs.len(), &wave(sample, length))
                    .unwrap();
            }
        }
        let active = |lanes: &Lanes| (0..begin_at.len()).any(|sample| lanes.node(sample).is_some());
        if !active(&lanes) && begin_at.iter().all(|begin| *begin <= tick) {
            break;
        }
        let fill = |buffer: &wgpu::Buffer, shift: usize| {
            let mut all = Vec::new();
            for (sample, step) in steps.iter().enumerate() {
                // An idle sample's model output must not matter.
                let mut values = match lanes.node(sample) {
                    None => poison.clone(),
                    Some(_) => output(sample + shift, *step, length),
                };
                values.resize(lanes.stride(), f32::NAN);
                all.extend(bytes(&values, format));
            }
            gpu.queue().write_buffer(buffer, 0, &all);
        };
        fill(lanes.output(), 0);
        if let Some(buffer) = lanes.unconditional() {
            fill(buffer, 50);
        }
        if let Some(buffer) = lanes.noise() {
            fill(buffer, 90);
        }
        for (sample, step) in steps.iter_mut().enumerate() {
            *step += usize::from(lanes.node(sample).is_some());
        }
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        lanes.encode(&mut encoder).unwrap();
        gpu.submit(encoder).unwrap();
    }
    (0..begin_at.len())
        .map(|sample| lanes.download(sample).unwrap())
        .collect()
}

#[test]
fn samples_at_different_steps_end_where_they_would_alone() {
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        for (solvers, guided) in [
            (["dpmpp-2m", "ddim", "dpmpp-2m"], false),
            (["dpmpp-3m", "dpmpp-2m-exact", "ddim"], true),
            (["sde-dpmpp-2m", "dpmpp-3m-exact", "sde-dpmpp-1"], false),
        ] {
            let programs: Vec<_> = solvers
                .iter()
                .zip([("vp-linear", 7), ("vp-cosine", 4), ("vp-linear", 3)])
                .map(|(solver, (schedule, steps))| program(solver, schedule, steps, guided))
                .collect();
            for (format, length) in [(Format::F32, 257), (Format::F16, 1001)] {
                let begin_at = [0, 2, 1, 5, 0, 3];
                let ends = together(&gpu, &programs, &begin_at, length, format);
                for (sample, end) in ends.iter().enumerate() {
                    let own = &programs[sample % programs.len()];
                    let said = alone(own, sample, length, format);
                    let differ = end
                        .iter()
                        .zip(&said)
                        .filter(|(a, b)| a.to_bits() != b.to_bits());
                    assert_eq!(
                        differ.count(),
                        0,
                        "sample {sample} of {solvers:?}, {format:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn batches_beyond_one_dispatch_are_refused() {
    for adapter in adapters() {
        let limits = wgpu::Limits {
            max_compute_workgroups_per_dimension: 3,
            ..adapter.limits()
        };
        let gpu = limited(&adapter, limits);
        let ddim = [program("ddim", "vp-linear", 4, false)];
        let made = |batch| {
            let shape = Shape { batch, elements: 4 };
            Lanes::new(&gpu, &ddim, shape, Options::default())
        };
        assert!(made(3 * 256).is_ok());
        assert_eq!(made(3 * 256 + 1).unwrap_err().code, Code::Memory);
    }
}

#[test]
fn programs_that_are_not_multistep_are_refused() {
    let Some(adapter) = adapters().into_iter().next() else {
        return;
    };
    let gpu = Gpu::open(&adapter).unwrap();
    let shape = Shape {
        batch: 2,
        elements: 8,
    };
    let error = |programs: &[Program<f32>], shape| {
        Lanes::new(&gpu, programs, shape, Options::default())
            .unwrap_err()
            .code
    };
    let edm = {
        let schedule = Schedule::parse("edm").unwrap();
        let recipe = Recipe::new(Solver::parse("dpmpp-2m").unwrap(), &schedule);
        let request = Request::new(recipe, schedule, Grid::parse("karras").unwrap(), 5);
        let plan = derive(&request, &DoubleDouble::ONE).unwrap();
        let program = Program::lower(&plan, &Lowering::plain()).unwrap();
        program.try_map(|value| Ok(value.to_f32())).unwrap()
    };
    assert_eq!(
        error(&[program("dpmpp-2s", "vp-linear", 4, false)], shape),
        Code::Parameter
    );
    assert_eq!(error(&[edm], shape), Code::Parameter);
    assert_eq!(error(&[], shape), Code::Shape);
    let ddim = program("ddim", "vp-linear", 4, false);
    assert_eq!(
        error(
            std::slice::from_ref(&ddim),
            Shape {
                batch: 0,
                elements: 8
            }
        ),
        Code::Shape
    );
    let mut lanes = Lanes::new(&gpu, &[ddim], shape, Options::default()).unwrap();
    for (sample, plan, length) in [(2, 0, 8), (0, 1, 8), (0, 0, 7)] {
        assert_eq!(
            lanes
                .begin(sample, plan, &wave(0, length))
                .unwrap_err()
                .code,
            Code::Shape
        );
    }
}
