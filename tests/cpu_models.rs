//! Denoisers in f32 return what the exact ones do, within a bound that is derived and not loose.
#![cfg(feature = "cpu")]

#[path = "models/mod.rs"]
mod models;

use dpm_spec::Code;
use dpm_spec::arithmetic::DoubleDouble;
use dpm_spec::cpu::{Denoiser, exp};
use dpm_spec::fused::Shape;
use dpm_spec::problem::{Network, Problem};
use models::{NETWORKS, PROBLEMS, denoiser, inputs, plans, truth};

/// Relative error of one rounding to nearest.
const UNIT: f64 = 1.0 / (1 << 24) as f64;

/// Every 509th f32 of either sign; all of them with `DPM_SPEC_SOAK=1`.
#[test]
fn the_exponential_is_within_three_units() {
    let soak = std::env::var("DPM_SPEC_SOAK").is_ok_and(|value| value == "1");
    let stride = if soak { 1 } else { 509 };
    let mut worst = (0.0_f64, 0.0_f32);
    for sign in [-1.0_f32, 1.0] {
        for bits in (0..=87.0_f32.to_bits())
            .step_by(stride)
            .chain([87.0_f32.to_bits()])
        {
            let t = sign * f32::from_bits(bits);
            let exact = f64::from(t).exp();
            let error = (f64::from(exp(t)) / exact - 1.0).abs() / UNIT;
            worst = if error > worst.0 { (error, t) } else { worst };
        }
    }
    println!("exp: {:.3} units at {:e}", worst.0, worst.1);
    assert!(worst.0 <= 3.0 && worst.0 > 1.0, "{worst:?}");
    for t in [-87.000_01, -1e30, f32::NEG_INFINITY, f32::NAN] {
        assert_eq!(exp(t).to_bits(), 0, "{t}");
    }
    assert_eq!(exp(0.0), 1.0);
}

#[test]
fn outputs_are_within_the_bound_of_the_exact_ones() {
    for (problem, networks) in PROBLEMS {
        let mut worst = 0.0_f64;
        let mut largest = 0.0_f64;
        for (plan, side) in plans() {
            let denoiser = denoiser(problem, &plan, side);
            assert_eq!(denoiser.calls(), plan.calls());
            assert_eq!(denoiser.guided(), networks.len() == 2);
            for (network, alone) in NETWORKS.into_iter().zip(networks) {
                for call in 0..plan.calls() {
                    let input = inputs(&plan, call, 120);
                    let mut made = vec![0.0; input.len()];
                    denoiser
                        .output(call, network, &input, &mut made, 0)
                        .unwrap();
                    let bounds = denoiser.bound(call, network, &input, 0, UNIT).unwrap();
                    let exact = truth(alone, &plan, side, call, &input);
                    for (i, (made, exact)) in made.iter().zip(&exact).enumerate() {
                        let error = (DoubleDouble::exact(f64::from(*made)) - exact).hi().abs();
                        let size = exact.hi().abs().max(1.0);
                        worst = worst.max(error / bounds[i].max(UNIT * 1e-3));
                        largest = largest.max(bounds[i] / size / UNIT);
                        // the reference is rounded to 106 bits, before differences of like terms
                        let reference = 1e-29 * f64::from(input[i].abs()).max(1.0);
                        assert!(
                            error <= bounds[i] + reference,
                            "{problem}, call {call} at {}: {made} for {exact:?}, bound {:e}",
                            input[i],
                            bounds[i]
                        );
                    }
                }
            }
        }
        println!("{problem}: {worst:.3} of the bound, which is at most {largest:.1} units");
        assert!(worst > 0.05, "{problem}: the bound is loose: {worst}");
    }
}

#[test]
fn a_batch_is_its_samples_whatever_the_first_element() {
    let (plan, side) = plans().swap_remove(0);
    for (problem, _) in PROBLEMS {
        let denoiser = denoiser(problem, &plan, side);
        let d = denoiser.dimension();
        for (batch, elements) in [(1, d), (3, 4 * d), (2, 30_000 / d * d), (4, 60)] {
            if elements % d != 0 {
                continue;
            }
            let shape = Shape { batch, elements };
            let input = inputs(&plan, 1, shape.len());
            let mut made = vec![0.0; input.len()];
            let network = Network::Conditional;
            denoiser
                .batch(1, network, shape, &input, &mut made)
                .unwrap();
            for sample in 0..batch {
                for first in [0, elements / d / 2 * d, elements - d] {
                    let place = sample * elements + first;
                    let mut part = vec![0.0; d];
                    denoiser
                        .output(1, network, &input[place..][..d], &mut part, first)
                        .unwrap();
                    assert_eq!(part, made[place..][..d], "{problem} {shape:?} {first}");
                }
            }
        }
    }
    // components of a problem that is not rotated may be cut anywhere
    let denoiser = denoiser(PROBLEMS[2].0, &plan, side);
    let input = inputs(&plan, 1, 17);
    let mut made = vec![0.0; 17];
    let shape = Shape {
        batch: 1,
        elements: 17,
    };
    denoiser
        .batch(1, Network::Conditional, shape, &input, &mut made)
        .unwrap();
    let mut part = vec![0.0; 9];
    denoiser
        .output(1, Network::Conditional, &input[8..], &mut part, 8)
        .unwrap();
    assert_eq!(part, made[8..]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (plan, side) = plans().swap_remove(0);
    let code = |result: dpm_spec::Result<()>| result.unwrap_err().code;
    let images = Problem::parse("images").unwrap();
    let refused = Denoiser::new(&images, &plan, side).unwrap_err();
    assert_eq!(refused.code, Code::Parameter);

    let rotated = denoiser("rotated-mixture", &plan, side);
    let mut out = vec![0.0; 6];
    let input = vec![0.5; 6];
    let network = Network::Conditional;
    for (length, first) in [(4, 0), (6, 1)] {
        let result = rotated.output(0, network, &input[..length], &mut out[..length], first);
        assert_eq!(code(result), Code::Shape);
    }
    let shape = Shape {
        batch: 3,
        elements: 2,
    };
    assert_eq!(
        code(rotated.batch(0, network, shape, &input, &mut out)),
        Code::Shape
    );
    let shape = Shape {
        batch: 1,
        elements: 3,
    };
    assert_eq!(
        code(rotated.batch(0, network, shape, &input, &mut out)),
        Code::Shape
    );
    assert_eq!(
        code(rotated.output(0, network, &input[..3], &mut out, 0)),
        Code::Shape
    );
    assert_eq!(
        code(rotated.output(plan.calls(), network, &input, &mut out, 0)),
        Code::Parameter
    );
    let unconditional = rotated.output(0, Network::Unconditional, &input, &mut out, 0);
    assert_eq!(code(unconditional), Code::Parameter);
}
