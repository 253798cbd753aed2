//! The CPU stepper computes what the program says, bit for bit, whatever the threads, and says what
//! is wrong with a wrong call.
#![cfg(feature = "cpu")]

#[allow(dead_code, reason = "the properties on devices use the rest")]
#[path = "gpu_properties/data.rs"]
mod data;
#[allow(dead_code, reason = "the properties on devices use the rest")]
#[path = "gpu_properties/plans.rs"]
mod plans;

use dpm_spec::Code;
use dpm_spec::arithmetic::rational;
use dpm_spec::cpu::{Options, Stepper};
use dpm_spec::fused::{Conversion, Format, Lowering, Pass, Program, Shape, Source, Stage};
use dpm_spec::grid::Grid;
use dpm_spec::noise::Noise;
use dpm_spec::plan::double_double_plan;
use dpm_spec::prediction::Prediction;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::threshold::Threshold;
use plans::{planned, request};
use proptest::prelude::*;

type Numbers = fn(u64, usize, usize) -> f32;
const FORMATS: [Format; 2] = [Format::F32, Format::F16];

fn tensor(numbers: Numbers, number: usize, length: usize) -> Vec<f32> {
    (0..length).map(|i| numbers(7, number, i)).collect()
}

fn networks(program: &Program<f32>) -> usize {
    let conversions = program.passes().flat_map(|pass| &pass.conversion);
    conversions.map(Conversion::networks).max().unwrap_or(1)
}

/// What the network returns; it depends on its input.
fn returned(numbers: Numbers, call: usize, network: usize, input: &[f32]) -> Vec<f32> {
    let answer = |(i, x): (usize, &f32)| 0.25 * x + numbers(7, 200 + 2 * call + network, i);
    input.iter().enumerate().map(answer).collect()
}

fn stepped(program: &Program<f32>, shape: Shape, options: Options, numbers: Numbers) -> Vec<f32> {
    let mut stepper = Stepper::new(program, shape, options).unwrap();
    run(&mut stepper, program, numbers)
}

fn run(stepper: &mut Stepper, program: &Program<f32>, numbers: Numbers) -> Vec<f32> {
    let length = stepper.shape().len();
    for state in 0..program.initial.states {
        let start = tensor(numbers, state, length);
        stepper.start(state, &start).unwrap();
    }
    while let Some(call) = stepper.call() {
        let input = call.input.to_f32();
        let output = |network| returned(numbers, call.index, network, &input);
        call.output.write(&output(0)).unwrap();
        if let Some(unconditional) = call.unconditional {
            unconditional.write(&output(1)).unwrap();
        }
        if let Some((k, noise)) = call.noise {
            noise.write(&tensor(numbers, 100 + k, length)).unwrap();
        }
        stepper.advance().unwrap();
    }
    stepper.result().unwrap().to_f32()
}

fn reference(program: &Program<f32>, length: usize, format: Format, numbers: Numbers) -> Vec<f32> {
    let states = 0..program.initial.states;
    let start: Vec<Vec<f32>> = states.map(|k| tensor(numbers, k, length)).collect();
    let networks = networks(program);
    let model = |call: &dpm_spec::plan::Call<'_, f32>| {
        let output = |network| returned(numbers, call.index, network, call.input);
        Ok((0..networks).map(output).collect())
    };
    program
        .run(
            &start,
            model,
            |k| Ok(tensor(numbers, 100 + k, length)),
            |x| format.stored(x),
        )
        .unwrap()
}

/// Elements with other bits; the bits of a NaN are nobody's promise.
fn differing(a: &[f32], b: &[f32]) -> usize {
    let other = |(a, b): &(&f32, &f32)| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan());
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(other).count()
}

fn flat(elements: usize) -> Shape {
    Shape { batch: 1, elements }
}

fn program(
    solver: &str,
    schedule: &str,
    threshold: Option<Threshold>,
    lowering: &Lowering,
) -> Program<f32> {
    let schedule = Schedule::parse(schedule).unwrap();
    let solver = Solver::parse(solver).unwrap();
    let grid = Grid::parse("lambda").unwrap();
    let mut request = request(solver, &schedule, grid, Prediction::V, 5);
    request.recipe.threshold = threshold;
    if solver.entry.stochastic {
        request.recipe.eta = rational(3, 4);
    }
    let plan = double_double_plan(&request).unwrap().plan;
    let plan = plan.try_map(|value, _| Ok(value.f32)).unwrap();
    Program::lower(&plan, lowering).unwrap()
}

#[test]
fn every_solver_equals_the_reference_bit_for_bit() {
    let mut compared = 0;
    for entry in Solver::ENTRIES {
        for (schedule, grid, prediction) in [
            ("vp-linear", "lambda", Prediction::Noise),
            ("discrete-scaled-linear", "karras", Prediction::V),
            ("vp-cosine", "time", Prediction::Score),
            ("edm", "karras", Prediction::Edm),
            ("flow:shift=3", "time", Prediction::Flow),
        ] {
            let schedule = Schedule::parse(schedule).unwrap();
            let grid = Grid::parse(grid).unwrap();
            let solver = Solver::parse(entry.id).unwrap();
            let mut request = request(solver, &schedule, grid, prediction, 5);
            if entry.stochastic {
                request.recipe.eta = rational(3, 4);
            }
            let Ok(certified) = double_double_plan(&request) else {
                continue;
            };
            let plan = certified.plan.try_map(|value, _| Ok(value.f32)).unwrap();
            for lowering in [Lowering::plain(), Lowering::guided(rational(15, 2))] {
                let program = Program::lower(&plan, &lowering).unwrap();
                for (format, length) in [(FORMATS[0], 1), (FORMATS[0], 1237), (FORMATS[1], 613)] {
                    let options = Options {
                        format,
                        ..Options::default()
                    };
                    let done = stepped(&program, flat(length), options, data::normal);
                    let said = reference(&program, length, format, data::normal);
                    let wrong = differing(&done, &said);
                    assert_eq!(wrong, 0, "{request:?}, {lowering:?}, {format}, {length}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared >= 6 * 4 * Solver::ENTRIES.len(), "{compared}");
}

#[test]
fn any_number_of_threads_computes_the_same_bits() {
    // Above the size from which threads share the work, and no multiple of a share.
    let shape = Shape {
        batch: 3,
        elements: 33_333,
    };
    for solver in ["dpmpp-3m", "dpmpp-3s", "sde-dpmpp-2m"] {
        for format in FORMATS {
            let program = program(
                solver,
                "vp-linear",
                None,
                &Lowering::guided(rational(15, 2)),
            );
            let said = reference(&program, shape.len(), format, data::normal);
            for threads in [None, Some(1), Some(2), Some(5)] {
                let options = Options {
                    format,
                    threads,
                    ..Options::default()
                };
                let done = stepped(&program, shape, options, data::normal);
                assert_eq!(
                    differing(&done, &said),
                    0,
                    "{solver}, {format}, {threads:?} threads"
                );
            }
        }
    }
}

#[test]
fn a_dynamic_threshold_looks_at_each_sample_alone() {
    let threshold = Threshold::Dynamic {
        ratio: rational(9, 10),
        max: None,
    };
    let lowering = Lowering::plain();
    let program = program("dpmpp-2m", "vp-cosine", Some(threshold), &lowering);
    for format in FORMATS {
        let options = Options {
            format,
            ..Options::default()
        };
        // Samples of different sizes, so that a quantile of the whole batch would be another.
        let numbers: Numbers = |seed, tensor, i| {
            let size = if i < 55 { 1.0 } else { 4.0 };
            size * data::normal(seed, tensor, i)
        };
        let shape = Shape {
            batch: 2,
            elements: 55,
        };
        let both = stepped(&program, shape, options, numbers);
        let second: Numbers = |seed, tensor, i| 4.0 * data::normal(seed, tensor, i + 55);
        let said = [
            reference(&program, 55, format, numbers),
            reference(&program, 55, format, second),
        ];
        assert_eq!(differing(&both, &said.concat()), 0, "{format}");
    }
}

proptest! {

    #[test]
    fn random_plans_on_hard_numbers_equal_the_reference(
        planned in planned(),
        batch in 1_usize..4,
        elements in prop_oneof![3 => 1_usize..40, 1 => 500_usize..540],
        half in any::<bool>(),
    ) {
        let format = FORMATS[usize::from(half)];
        let shape = Shape { batch, elements };
        let options = Options { format, ..Options::default() };
        let done = stepped(&planned.program, shape, options, data::hard);
        let said = reference(&planned.program, shape.len(), format, data::hard);
        prop_assert_eq!(differing(&done, &said), 0);
    }
}

#[test]
fn a_resized_stepper_runs_the_new_batch() {
    let program = program("dpmpp-2m", "vp-cosine", None, &Lowering::plain());
    let mut stepper = Stepper::new(&program, flat(60), Options::default()).unwrap();
    run(&mut stepper, &program, data::normal);
    for batch in [5, 1, 3] {
        stepper.resize(batch).unwrap();
        let done = run(&mut stepper, &program, data::normal);
        let said = reference(&program, 60 * batch, Format::F32, data::normal);
        assert_eq!(differing(&done, &said), 0, "{batch} samples");
    }
}

#[test]
fn calls_out_of_order_are_typed_errors() {
    let program = program("dpmpp-2m", "vp-linear", None, &Lowering::plain());
    let mut stepper = Stepper::new(&program, flat(8), Options::default()).unwrap();
    let numbers = [0.5; 8];
    assert!(stepper.call().is_none(), "a call before the start");
    assert_eq!(stepper.advance().unwrap_err().code, Code::Order);
    assert_eq!(stepper.result().unwrap_err().code, Code::Order);
    assert_eq!(stepper.start(1, &numbers).unwrap_err().code, Code::Shape);
    assert_eq!(
        stepper.start(0, &numbers[1..]).unwrap_err().code,
        Code::Shape
    );
    stepper.start(0, &numbers).unwrap();
    // The model has not run.
    assert_eq!(stepper.advance().unwrap_err().code, Code::Order);
    let call = stepper.call().unwrap();
    assert_eq!(
        call.output.write(&numbers[1..]).unwrap_err().code,
        Code::Shape
    );
    stepper.advance().unwrap();
    assert_eq!(stepper.call().unwrap().index, 1);
    assert_eq!(stepper.result().unwrap_err().code, Code::Order);
    while stepper.call().is_some() {
        stepper.advance().unwrap();
    }
    assert_eq!(stepper.result().unwrap().to_f32().len(), 8);
    assert_eq!(stepper.advance().unwrap_err().code, Code::Order);
    // A new start begins a new run.
    stepper.start(0, &numbers).unwrap();
    assert_eq!(stepper.call().unwrap().index, 0);
    assert_eq!(stepper.result().unwrap_err().code, Code::Order);
}

#[test]
fn memory_stays_within_the_budget() {
    // dpmpp-2m holds a state, a prediction and the network's output.
    let program = program("dpmpp-2m", "vp-linear", None, &Lowering::plain());
    let made = |format, budget, batch| {
        let options = Options {
            format,
            budget: Some(budget),
            ..Options::default()
        };
        let shape = Shape {
            batch,
            elements: 10,
        };
        Stepper::new(&program, shape, options)
    };
    assert!(made(Format::F32, 3 * 4 * 100, 10).is_ok());
    assert_eq!(
        made(Format::F32, 3 * 4 * 100 - 1, 10).unwrap_err().code,
        Code::Memory
    );
    assert!(made(Format::F16, 3 * 2 * 100, 10).is_ok());
    let mut stepper = made(Format::F16, 3 * 2 * 100, 10).unwrap();
    assert_eq!(stepper.resize(11).unwrap_err().code, Code::Memory);
    // As before the failure.
    let done = run(&mut stepper, &program, data::normal);
    assert_eq!(
        differing(&done, &reference(&program, 100, Format::F16, data::normal)),
        0
    );
    assert_eq!(stepper.resize(usize::MAX).unwrap_err().code, Code::Memory);
    assert_eq!(
        Stepper::new(&program, flat(usize::MAX / 4), Options::default())
            .unwrap_err()
            .code,
        Code::Memory
    );
}

/// A host has one tensor for the noise of a step.
#[test]
fn steps_of_two_noises_from_the_host_are_refused() {
    let mut program = program("sde-dpmpp-2m", "vp-linear", None, &Lowering::plain());
    for stage in &mut program.stages {
        if let Stage::Pass(Pass { sum: Some(sum), .. }) = stage {
            sum.terms.push((Source::Noise(99), 0.5));
        }
    }
    let error = Stepper::new(&program, flat(4), Options::default()).unwrap_err();
    assert_eq!(error.code, Code::Parameter);
    let options = Options {
        noise: Noise::Philox { seed: 1 },
        ..Options::default()
    };
    assert!(Stepper::new(&program, flat(4), options).is_ok());
}

#[test]
fn empty_tensors_and_no_threads_are_refused() {
    let program = program("ddim", "vp-linear", None, &Lowering::plain());
    for (batch, elements) in [(0, 4), (4, 0)] {
        let shape = Shape { batch, elements };
        let error = Stepper::new(&program, shape, Options::default()).unwrap_err();
        assert_eq!(error.code, Code::Shape);
    }
    let options = Options {
        threads: Some(0),
        ..Options::default()
    };
    let error = Stepper::new(&program, flat(4), options).unwrap_err();
    assert_eq!(error.code, Code::Parameter);
}
