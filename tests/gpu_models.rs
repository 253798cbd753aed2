//! Denoisers on the device return what their twins on the CPU do, bit for bit where the probe finds
//! that a device rounds as they do, else within the bound; and whole trajectories run there.
#![cfg(feature = "gpu")]
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

mod adapters;
mod models;

use adapters::{adapters, limited, name};
use dpm_spec::Code;
use dpm_spec::arithmetic::{DoubleDouble, Rational, Real, rational};
use dpm_spec::cpu::Denoiser;
use dpm_spec::fused::{Format, Lowering, Program, Shape};
use dpm_spec::gpu::{Gpu, GpuDenoiser, Options, Stepper};
use dpm_spec::grid::Grid;
use dpm_spec::noise::{Noise, fill};
use dpm_spec::plan::{Plan, Request, derive};
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::{Network, Problem};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};
use models::{NETWORKS, PROBLEMS, denoiser, inputs, plans};

/// Relative error of one operation in any rounding.
const UNIT: f64 = 1.0 / (1 << 23) as f64;
const SEED: u64 = 11;

fn lowered(plan: &Plan<DoubleDouble>, lowering: &Lowering) -> Program<f32> {
    let program = Program::lower(plan, lowering).unwrap();
    program.try_map(|x| Ok(x.to_f32())).unwrap()
}

/// What a device makes of an input at a call.
fn made(
    gpu: &Gpu,
    stepper: &Stepper,
    denoiser: &GpuDenoiser,
    (call, network): (usize, Network),
    input: &[f32],
) -> Vec<f32> {
    let arrays = stepper.arrays();
    stepper.upload(&arrays.states[0], input).unwrap();
    let mut encoder = gpu.device().create_command_encoder(&Default::default());
    denoiser
        .encode(
            &mut encoder,
            call,
            network,
            &arrays.states[0],
            &arrays.conditional,
        )
        .unwrap();
    gpu.submit(encoder).unwrap();
    stepper.download(&arrays.conditional).unwrap()
}

/// All calls and networks of a problem on a device.
fn outputs_agree(gpu: &Gpu, problem: &str, shape: Shape, options: Options, exact: bool) {
    for (plan, side) in plans() {
        let twin = denoiser(problem, &plan, side);
        let denoiser = GpuDenoiser::new(gpu, &twin, shape, options).unwrap();
        let program = lowered(&plan, &Lowering::plain());
        let stepper = Stepper::new(gpu, &program, shape, options).unwrap();
        let networks = NETWORKS.into_iter().take(1 + usize::from(twin.guided()));
        for network in networks {
            for call in [0, plan.calls() - 1] {
                let input = inputs(&plan, call, shape.len()).into_iter();
                let input: Vec<f32> = input.map(|x| options.format.stored(x)).collect();
                let found = made(gpu, &stepper, &denoiser, (call, network), &input);
                for (k, found) in found.chunks(shape.elements).enumerate() {
                    let input = &input[k * shape.elements..][..shape.elements];
                    let mut wanted = vec![0.0; input.len()];
                    twin.output(call, network, input, &mut wanted, 0).unwrap();
                    let bounds = twin.bound(call, network, input, 0, UNIT).unwrap();
                    for i in 0..input.len() {
                        let (found, wanted) = (found[i], options.format.stored(wanted[i]));
                        let half = match options.format {
                            Format::F32 => 0.0,
                            Format::F16 => wanted.abs() / 1024.0 + 2.0_f32.powi(-24),
                        };
                        // both are within the bound of the exact output
                        let near =
                            f64::from((found - wanted).abs()) <= 2.0 * bounds[i] + f64::from(half);
                        assert!(
                            found.to_bits() == wanted.to_bits() || (!exact && near),
                            "{problem}, call {call}, {options:?}, element {i} of sample {k} at {}: \
                             {found} for {wanted}",
                            input[i]
                        );
                    }
                }
            }
        }
    }
}

fn every_option() -> impl Iterator<Item = Options> {
    let formats = [Format::F32, Format::F16].into_iter();
    formats.flat_map(|format| {
        [false, true].map(|deterministic| Options {
            format,
            deterministic,
            ..Options::default()
        })
    })
}

#[test]
fn outputs_are_those_of_the_cpu() {
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        let probe = gpu.probe().unwrap();
        for (problem, _) in PROBLEMS {
            for options in every_option() {
                let elements = 5 * Problem::parse(problem).unwrap().dimension();
                let shape = Shape { batch: 3, elements };
                let exact = probe.exact(options.deterministic);
                outputs_agree(&gpu, problem, shape, options, exact);
            }
        }
    }
}

#[test]
fn a_tensor_beyond_the_binding_limit_is_cut_between_groups() {
    for adapter in adapters() {
        let limits = wgpu::Limits {
            max_storage_buffer_binding_size: 24 << 10,
            ..adapter.limits()
        };
        let gpu = limited(&adapter, limits);
        let exact = gpu.probe().unwrap().exact(false);
        // the matrix and the rows are small; the tensor takes four bindings
        let shape = Shape {
            batch: 3,
            elements: 7002,
        };
        for problem in ["rotated-mixture", "gaussian:mu=1/2;-1;2,s2=1/4;2;1/16"] {
            outputs_agree(&gpu, problem, shape, Options::default(), exact);
        }
    }
}

/// A plan with its problem.
struct Case {
    problem: &'static str,
    plan: Plan<DoubleDouble>,
    side: Side,
    guidance: Option<Rational>,
}

fn case(
    problem: &'static str,
    solver: &str,
    schedule: &str,
    prediction: Prediction,
    steps: usize,
) -> Case {
    let schedule = Schedule::parse(schedule).unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.prediction = prediction;
    let side = recipe.form().side;
    let mut request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), steps);
    let flow = prediction == Prediction::Flow;
    request.domain = flow.then(|| (rational(19, 20), rational(1, 20)));
    Case {
        problem,
        plan: derive(&request, &DoubleDouble::ONE).unwrap(),
        side,
        guidance: (problem == "guided").then(|| rational(15, 2)),
    }
}

impl Case {
    fn program(&self, gpu: &Gpu) -> Program<f32> {
        let lowering = Lowering {
            guidance: self.guidance,
            arrays: gpu.arrays(),
        };
        lowered(&self.plan, &lowering)
    }

    fn twin(&self) -> Denoiser {
        denoiser(self.problem, &self.plan, self.side)
    }

    /// The whole run in one submission.
    fn on_device(&self, gpu: &Gpu, shape: Shape, options: Options, start: &[f32]) -> Vec<f32> {
        let denoiser = GpuDenoiser::new(gpu, &self.twin(), shape, options).unwrap();
        let mut stepper = Stepper::new(gpu, &self.program(gpu), shape, options).unwrap();
        stepper.start(0, start).unwrap();
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        stepper.prepare(&mut encoder).unwrap();
        while let Some(call) = stepper.call() {
            denoiser.encode_call(&mut encoder, &call).unwrap();
            stepper.encode(&mut encoder).unwrap();
        }
        gpu.submit(encoder).unwrap();
        stepper.download(stepper.result()).unwrap()
    }

    /// The same on the host, in the reference run.
    fn on_host(&self, gpu: &Gpu, shape: Shape, format: Format, start: &[f32]) -> Vec<f32> {
        let twin = self.twin();
        let networks = 1 + usize::from(self.guidance.is_some());
        let model = |call: &dpm_spec::plan::Call<'_, f32>| {
            let output = |network: Network| {
                let mut output = vec![0.0; shape.len()];
                twin.batch(call.index, network, shape, call.input, &mut output)?;
                Ok(output)
            };
            NETWORKS.into_iter().take(networks).map(output).collect()
        };
        let noise = |draw: usize| {
            let mut noise = vec![0.0; shape.len()];
            for (stream, sample) in (0..).zip(noise.chunks_exact_mut(shape.elements)) {
                fill(sample, SEED, stream, draw as u32);
            }
            Ok(noise)
        };
        self.program(gpu)
            .run(&[start.to_vec()], model, noise, |x| format.stored(x))
            .unwrap()
    }
}

#[test]
fn a_whole_trajectory_in_one_submission_has_the_reference_s_bits() {
    let cases = [
        case("gaussian", "dpmpp-2m", "vp-linear", Prediction::Noise, 8),
        case("guided", "dpmpp-3m", "vp-cosine", Prediction::V, 8),
        case("mixture", "dpm-3m", "vp-linear", Prediction::Score, 8),
        case("rotated-mixture", "dpmpp-3s", "edm", Prediction::Edm, 8),
        case("mixture", "dpmpp-2m", "flow", Prediction::Flow, 8),
        case("mixture", "sde-dpmpp-2m", "vp-linear", Prediction::Data, 8),
    ];
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        let probe = gpu.probe().unwrap();
        for case in &cases {
            for options in every_option() {
                let options = Options {
                    noise: Noise::Philox { seed: SEED },
                    ..options
                };
                let shape = Shape {
                    batch: 3,
                    elements: 30,
                };
                let sigma = case.plan.nodes[0].point.sigma.to_f32();
                let mut start = vec![0.0; shape.len()];
                fill(&mut start, SEED, 1000, 0);
                let start: Vec<f32> = start.iter().map(|x| sigma * x).collect();
                let found = case.on_device(&gpu, shape, options, &start);
                assert!(found.iter().all(|x| x.is_finite()));
                if !probe.exact(options.deterministic) {
                    let place = name(&adapter);
                    eprintln!(
                        "{place} rounds otherwise: no bits of {} to compare",
                        case.problem
                    );
                    continue;
                }
                let wanted = case.on_host(&gpu, shape, options.format, &start);
                for (i, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                    assert_eq!(
                        found.to_bits(),
                        wanted.to_bits(),
                        "{} {options:?} element {i}: {found} for {wanted}",
                        case.problem
                    );
                }
            }
        }
    }
}

#[test]
fn the_error_at_the_end_falls_at_the_solver_s_order_down_to_rounding() {
    let (problem, solver, order, floor) = ("gaussian", "dpmpp-2m", 2.0_f64, 2e-5);
    let model = Problem::parse(problem).unwrap().model(&DoubleDouble::ONE);
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        let error = |steps: usize| {
            let case = case(problem, solver, "vp-linear", Prediction::Noise, steps);
            let tau = |node: usize| {
                let point = &case.plan.nodes[node].point;
                let ratio = point.sigma / point.alpha;
                ratio * ratio
            };
            let last = case.plan.nodes.len() - 1;
            let alpha = |node: usize| case.plan.nodes[node].point.alpha;
            let z = model.start(&tau(0)).unwrap()[0];
            let shape = Shape {
                batch: 1,
                elements: 1,
            };
            let start = (z * alpha(0)).to_f32();
            let found = case.on_device(&gpu, shape, Options::default(), &[start]);
            let z = DoubleDouble::exact(f64::from(start)) / alpha(0);
            let exact = model.solution(&[z], &tau(0), &tau(last)).unwrap()[0];
            let exact = (exact * alpha(last)).to_f64();
            (f64::from(found[0]) - exact).abs()
        };
        let errors = [20, 40, 80].map(error);
        println!("{problem} {solver}: {errors:?}");
        let slopes = [errors[0] / errors[1], errors[1] / errors[2]].map(f64::log2);
        assert!(
            slopes
                .iter()
                .all(|slope| (slope - order).abs() < 0.35 * order),
            "{problem} {solver}: {errors:?}, slopes {slopes:?}"
        );
        let finest = error(1280);
        assert!(finest < floor, "{problem} {solver}: {finest:e}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        let (plan, side) = plans().swap_remove(0);
        let twin = denoiser("rotated-gaussian", &plan, side);
        let shape = |elements| Shape { batch: 2, elements };
        let options = Options::default();
        for elements in [0, 4] {
            let refused = GpuDenoiser::new(&gpu, &twin, shape(elements), options);
            assert_eq!(refused.unwrap_err().code, Code::Shape);
        }
        let denoiser = GpuDenoiser::new(&gpu, &twin, shape(6), options).unwrap();
        let small = lowered(&plan, &Lowering::plain());
        let small = Stepper::new(&gpu, &small, shape(3), options).unwrap();
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        let mut code = |call, network| {
            let arrays = small.arrays();
            let (input, output) = (&arrays.states[0], &arrays.conditional);
            let result = denoiser.encode(&mut encoder, call, network, input, output);
            result.unwrap_err().code
        };
        assert_eq!(code(0, Network::Conditional), Code::Shape);
        assert_eq!(code(plan.calls(), Network::Conditional), Code::Parameter);
        assert_eq!(code(0, Network::Unconditional), Code::Parameter);
    }
}
