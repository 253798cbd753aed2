//! On the CPU, whatever the threads.

use crate::{GENERATED, SEED, differing, noise, program, wave};
use dpm_spec::Code;
use dpm_spec::cpu::{Options, Stepper};
use dpm_spec::fused::{Format, Shape};
use dpm_spec::noise::Noise;

/// The result, with the same noise from the host if the stepper asks for it.
fn run(stepper: &mut Stepper) -> Vec<f32> {
    let shape = stepper.shape();
    stepper.start(0, &wave(0, shape.len())).unwrap();
    while let Some(call) = stepper.call() {
        let output = wave(call.index + 1, shape.len());
        call.output.write(&output).unwrap();
        if let Some((draw, tensor)) = call.noise {
            tensor.write(&noise(draw, shape)).unwrap();
        }
        stepper.advance().unwrap();
    }
    stepper.result().unwrap().to_f32()
}

#[test]
fn trajectories_equal_those_with_the_same_noise_from_the_host() {
    for solver in ["sde-dpmpp-2m", "ddim-eta", "sde-dpm-1"] {
        let program = program(solver);
        assert!(program.noises > 0, "{solver}");
        for format in [Format::F32, Format::F16] {
            for (batch, elements) in [
                (1, 1),
                (700, 1),
                (9, 3),
                (3, 1024),
                (5, 1003),
                (2, 70_001),
                (30_001, 3),
            ] {
                let shape = Shape { batch, elements };
                for threads in [Some(1), Some(2)] {
                    let host = Options {
                        format,
                        threads,
                        ..Options::default()
                    };
                    let generated = Options {
                        noise: GENERATED,
                        ..host
                    };
                    let [said, done] = [host, generated]
                        .map(|options| run(&mut Stepper::new(&program, shape, options).unwrap()));
                    let wrong = differing(&said, &done);
                    assert_eq!(wrong, 0, "{solver} {shape:?} {generated:?}");
                }
            }
        }
    }
}

#[test]
fn no_array_is_kept_for_it_and_none_is_asked_for() {
    let program = program("sde-dpmpp-2m");
    let shape = Shape {
        batch: 1,
        elements: 1024,
    };
    // State, network output, and the predictions that are kept.
    let arrays = 1 + program.states + program.outputs;
    let generated = Options {
        noise: GENERATED,
        budget: Some(4096 * arrays as u64),
        ..Options::default()
    };
    let mut stepper = Stepper::new(&program, shape, generated).unwrap();
    stepper.start(0, &wave(0, shape.len())).unwrap();
    assert!(stepper.call().unwrap().noise.is_none());
    let host = Options {
        noise: Noise::Host,
        ..generated
    };
    let refused = Stepper::new(&program, shape, host).unwrap_err();
    assert_eq!(refused.code, Code::Memory);
}

#[test]
fn a_resized_batch_keeps_the_noise_of_its_samples() {
    let program = program("sde-dpmpp-2m");
    let shape = Shape {
        batch: 3,
        elements: 333,
    };
    let options = Options {
        noise: GENERATED,
        ..Options::default()
    };
    let mut stepper = Stepper::new(&program, shape, options).unwrap();
    let three = run(&mut stepper);
    stepper.resize(2).unwrap();
    assert_eq!(run(&mut stepper), three[..2 * shape.elements]);
    let other = Options {
        noise: Noise::Philox { seed: SEED + 1 },
        ..options
    };
    assert_ne!(
        run(&mut Stepper::new(&program, shape, other).unwrap()),
        three
    );
}
