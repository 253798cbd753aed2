//! A host application with a device of its own runs a plan on it, the model on the device as well:
//! one submission, nothing read back on the way.
//!
//! ```sh
//! cargo run --features gpu --example run_on_gpu
//! ```
//!
//! The model is the exact denoiser of a mixture, so that the end is known: the largest error is
//! printed for a few numbers of steps, and falls with the solver's order.

use dpm_spec::arithmetic::{DoubleDouble, Real};
use dpm_spec::cpu::Denoiser;
use dpm_spec::fused::{Lowering, Program, Shape};
use dpm_spec::gpu::{Gpu, GpuDenoiser, Options, Stepper};
use dpm_spec::grid::Grid;
use dpm_spec::noise;
use dpm_spec::plan::{Plan, Request, derive};
use dpm_spec::problem::Problem;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use std::error::Error;

/// Two latents of 4 x 32 x 32.
const SHAPE: Shape = Shape {
    batch: 2,
    elements: 4 * 32 * 32,
};
const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    // The application's device; its model and the sampler share it.
    let instance = wgpu::Instance::default();
    let adapter = pollster::block_on(instance.request_adapter(&Default::default()))?;
    let (device, queue) = pollster::block_on(adapter.request_device(&Default::default()))?;
    let gpu = Gpu::on(device, queue);

    let problem = Problem::parse("mixture")?;
    println!("{problem} with dpmpp-2m on {}", adapter.get_info().name);
    println!("steps  largest error at the end");
    for steps in [10, 20, 40, 80] {
        println!("{steps:5}  {:.2e}", error(&gpu, &problem, steps)?);
    }
    Ok(())
}

/// The largest error over all elements after so many steps.
fn error(gpu: &Gpu, problem: &Problem, steps: usize) -> dpm_spec::Result<f64> {
    // Once: the plan in double-double, its program rounded to f32, and the model's numbers.
    let schedule = Schedule::parse("vp-linear")?;
    let recipe = Recipe::new(Solver::parse("dpmpp-2m")?, &schedule);
    let side = recipe.form().side;
    let request = Request::new(recipe, schedule, Grid::parse("lambda")?, steps);
    let plan = derive(&request, &DoubleDouble::ONE)?;
    let lowering = Lowering {
        arrays: gpu.arrays(),
        ..Lowering::plain()
    };
    let program = Program::lower(&plan, &lowering)?.try_map(|value| Ok(value.to_f32()))?;
    let mut stepper = Stepper::new(gpu, &program, SHAPE, Options::default())?;
    let model = GpuDenoiser::new(
        gpu,
        &Denoiser::new(problem, &plan, side)?,
        SHAPE,
        Options::default(),
    )?;
    stepper.warm_up()?;

    // For each batch: noise of the first node's deviation, one stream a sample.
    let sigma = plan.nodes[0].point.sigma.to_f32();
    let mut start = vec![0.0; SHAPE.len()];
    for (stream, sample) in (0..).zip(start.chunks_exact_mut(SHAPE.elements)) {
        noise::fill(sample, SEED, stream, 0);
        sample.iter_mut().for_each(|x| *x *= sigma);
    }
    stepper.start(0, &start)?;
    let mut encoder = gpu.device().create_command_encoder(&Default::default());
    stepper.prepare(&mut encoder)?;
    while let Some(call) = stepper.call() {
        // The model's place: it reads `call.input` and writes `call.output`.
        model.encode_call(&mut encoder, &call)?;
        stepper.encode(&mut encoder)?;
    }
    gpu.submit(encoder)?;
    let end = stepper.download(stepper.result())?;

    let mut largest = 0.0_f64;
    for (x, found) in start.iter().zip(&end).step_by(61) {
        let exact = exact(problem, &plan, *x)?;
        largest = largest.max((f64::from(*found) - exact).abs());
    }
    Ok(largest)
}

/// Where the exact flow leads from a start.
fn exact(problem: &Problem, plan: &Plan<DoubleDouble>, start: f32) -> dpm_spec::Result<f64> {
    let point = |node: usize| {
        let point = &plan.nodes[node].point;
        let (alpha, sigma) = (point.alpha.to_f64(), point.sigma.to_f64());
        (alpha, (sigma / alpha).powi(2))
    };
    let ((first, from), (last, to)) = (point(0), point(plan.nodes.len() - 1));
    let model = problem.model(&1.0_f64);
    let z = model.solution(&[f64::from(start) / first], &from, &to)?;
    Ok(z[0] * last)
}
