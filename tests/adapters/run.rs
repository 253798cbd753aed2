//! Programs to run, and a run of a stepper with made-up outputs.
#![allow(dead_code, reason = "what a browser runs needs no stepper")]

use dpm_spec::fused::{Lowering, Program, Shape};
use dpm_spec::gpu::{Gpu, Options, Stepper};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Request, double_double_plan};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::threshold::Threshold;

/// A solver on six steps of a schedule.
pub(crate) fn program(solver: &str, schedule: &str, lowering: &Lowering) -> Program<f32> {
    lowered(solver, schedule, None, lowering)
}

/// The same that thresholds.
pub(crate) fn thresholded(solver: &str, schedule: &str, rule: Threshold) -> Program<f32> {
    lowered(solver, schedule, Some(rule), &Lowering::plain())
}

fn lowered(
    solver: &str,
    schedule: &str,
    threshold: Option<Threshold>,
    lowering: &Lowering,
) -> Program<f32> {
    let schedule = Schedule::parse(schedule).unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.threshold = threshold;
    let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), 6);
    let plan = double_double_plan(&request).unwrap().plan;
    let plan = plan.try_map(|value, _| Ok(value.f32)).unwrap();
    Program::lower(&plan, lowering).unwrap()
}

/// Numbers in [-1, 1), other ones for every seed.
pub(crate) fn wave(seed: usize, length: usize) -> Vec<f32> {
    let element = |i: usize| ((i * 7919 + seed * 104_729) % 20_011) as f32 / 10_000.5 - 1.0;
    (0..length).map(element).collect()
}

/// The seed of the start.
pub(crate) const START: usize = 0;

/// The seed of a call's output.
pub(crate) fn output(call: usize) -> usize {
    call + 1
}

/// The seed of a noise.
pub(crate) fn noise(number: usize) -> usize {
    number + 77
}

/// The result with waves for start, outputs and noise.
pub(crate) fn run(gpu: &Gpu, program: &Program<f32>, shape: Shape, options: Options) -> Vec<f32> {
    let mut stepper = Stepper::new(gpu, program, shape, options).unwrap();
    stepper.warm_up().unwrap();
    stepper.start(0, &wave(START, shape.len())).unwrap();
    let mut encoder = gpu.device().create_command_encoder(&Default::default());
    stepper.prepare(&mut encoder).unwrap();
    gpu.submit(encoder).unwrap();
    while let Some(call) = stepper.call() {
        let index = call.index;
        let said = wave(output(index), shape.len());
        stepper.upload(call.output, &said).unwrap();
        if let Some((number, buffer)) = call.noise {
            let drawn = wave(noise(number), shape.len());
            stepper.upload(buffer, &drawn).unwrap();
        }
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        stepper.encode(&mut encoder).unwrap();
        gpu.submit(encoder).unwrap();
    }
    stepper.download(stepper.result()).unwrap()
}
