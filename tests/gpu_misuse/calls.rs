//! Calls out of order, and values of the wrong length.

use crate::adapters::run::{program, wave};
use crate::{SHAPE, encoder, noop, refused};
use dpm_spec::Code;
use dpm_spec::fused::{Conversion, Lowering, Pass, Program, Shape, Source, Stage, Sum};
use dpm_spec::gpu::{Gpu, Options, Stepper};

fn stepper(gpu: &Gpu, solver: &str, schedule: &str) -> Stepper {
    let program = program(solver, schedule, &Lowering::plain());
    Stepper::new(gpu, &program, SHAPE, Options::default()).unwrap()
}

#[test]
fn calls_come_in_order() {
    let gpu = noop();
    let mut stepper = stepper(&gpu, "dpmpp-2m", "vp-linear");
    let mut encoder = encoder(&gpu);
    stepper.warm_up().unwrap();
    stepper.start(0, &wave(0, SHAPE.len())).unwrap();
    refused(stepper.warm_up(), Code::Order, "before the start");
    stepper.prepare(&mut encoder).unwrap();
    for call in 0..stepper.calls() {
        assert_eq!(stepper.call().unwrap().index, call);
        stepper.encode(&mut encoder).unwrap();
        refused(
            stepper.prepare(&mut encoder),
            Code::Order,
            "before the first step",
        );
        refused(stepper.warm_up(), Code::Order, "before the start");
    }
    assert!(stepper.call().is_none());
    refused(
        stepper.encode(&mut encoder),
        Code::Order,
        "all 6 calls are done",
    );
    gpu.submit(encoder).unwrap();
    stepper.start(0, &wave(0, SHAPE.len())).unwrap();
    assert_eq!(stepper.call().unwrap().index, 0, "a new run begins");
}

/// The network of `edm` wants its input scaled, which is a pass before the first call.
#[test]
fn a_run_that_must_be_prepared_is_not_stepped_unprepared() {
    let gpu = noop();
    let mut stepper = stepper(&gpu, "dpmpp-2m", "edm");
    let mut encoder = encoder(&gpu);
    stepper.start(0, &wave(0, SHAPE.len())).unwrap();
    refused(stepper.encode(&mut encoder), Code::Order, "prepare");
    assert_eq!(stepper.call().unwrap().index, 0, "nothing was counted");
    stepper.prepare(&mut encoder).unwrap();
    stepper.encode(&mut encoder).unwrap();
    stepper.start(0, &wave(0, SHAPE.len())).unwrap();
    refused(stepper.encode(&mut encoder), Code::Order, "prepare");
}

#[test]
fn values_have_the_tensors_length() {
    let gpu = noop();
    let mut stepper = stepper(&gpu, "sde-dpmpp-2m", "vp-linear");
    for length in [0, SHAPE.len() - 1, SHAPE.len() + 1] {
        refused(stepper.start(0, &wave(0, length)), Code::Shape, "2 x 21");
        let output = stepper.call().unwrap().output;
        refused(
            stepper.upload(output, &wave(0, length)),
            Code::Shape,
            "2 x 21",
        );
    }
    refused(
        stepper.start(1, &wave(0, SHAPE.len())),
        Code::Shape,
        "start state 1",
    );
    let all = stepper.download(stepper.result()).unwrap();
    assert_eq!(all.len(), SHAPE.len());
}

#[test]
fn a_tensor_has_elements() {
    let gpu = noop();
    let program = program("ddim", "vp-linear", &Lowering::plain());
    for (batch, elements) in [(0, 4), (4, 0), (0, 0)] {
        let shape = Shape { batch, elements };
        let made = Stepper::new(&gpu, &program, shape, Options::default());
        refused(made, Code::Shape, "at least one sample");
    }
}

#[test]
fn a_refused_batch_leaves_the_stepper_as_it_was() {
    let gpu = noop();
    let mut stepper = stepper(&gpu, "dpmpp-2m", "vp-linear");
    refused(stepper.resize(0), Code::Shape, "at least one sample");
    refused(stepper.resize(usize::MAX), Code::Memory, "smaller batch");
    assert_eq!(stepper.shape(), SHAPE);
    stepper.start(0, &wave(0, SHAPE.len())).unwrap();
    for batch in [1, 5] {
        stepper.resize(batch).unwrap();
        let length = batch * SHAPE.elements;
        stepper.start(0, &wave(0, length)).unwrap();
        assert_eq!(stepper.download(stepper.result()).unwrap().len(), length);
    }
}

#[test]
fn a_pass_fits_the_kernel_and_the_device() {
    let gpu = noop();
    let mut program: Program<f32> = program("dpmpp-3m", "vp-linear", &Lowering::plain());
    let sum = |terms| {
        Stage::Pass(Pass {
            conversion: None::<Conversion<f32>>,
            sum: Some(Sum { target: 0, terms }),
        })
    };
    program.outputs = 9;
    program.stages = vec![sum((0..8).map(|i| (Source::Output(i), 1.0)).collect())];
    let made = Stepper::new(&gpu, &program, SHAPE, Options::default());
    refused(made, Code::Parameter, "9 arrays");
    program.stages = vec![sum(vec![(Source::Output(0), 1.0), (Source::State(0), 1.0)])];
    let made = Stepper::new(&gpu, &program, SHAPE, Options::default());
    refused(made, Code::Parameter, "a state first");
}
