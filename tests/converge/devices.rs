//! The production path on a problem with an exact solution: the model on the host, so that the error
//! is the method's and the rounding's.
#![cfg(feature = "cpu")]

use crate::{measured, study};
use dpm_spec::converge::{Backend, Measure, Pattern};
use dpm_spec::fused::Format;
use dpm_spec::{Code, Result};

/// The devices of this build and machine, in one format.
fn devices(format: Format) -> Vec<Backend> {
    #[cfg(feature = "gpu")]
    if !crate::adapters::adapters().is_empty() {
        return vec![Backend::Cpu(format), Backend::Gpu(format)];
    }
    vec![Backend::Cpu(format)]
}

fn errors(solver: &str, backend: Backend, steps: &[usize]) -> Result<Vec<f64>> {
    let mut study = study(solver, "mixture", Pattern::Uniform);
    study.backend = backend;
    let points = measured(vec![study], steps)?.remove(0).points;
    Ok(points.iter().map(|point| point.error.unwrap()).collect())
}

/// One operation for one operation: fusing a step into one pass changes no bit in f32.
#[test]
fn devices_err_as_the_plan_in_f32_does_to_the_last_bit() {
    let steps = [5, 20, 80];
    for solver in ["ddim", "dpmpp-2m", "dpmpp-3m", "dpmpp-3s", "dpm-2s"] {
        let plain = errors(solver, Backend::F32, &steps).unwrap();
        for device in devices(Format::F32) {
            let fused = errors(solver, device, &steps).unwrap();
            assert_eq!(fused, plain, "{solver}, {device}");
        }
    }
}

#[test]
fn devices_err_alike_in_f16() {
    for solver in ["ddim", "dpmpp-3m", "dpm-2s"] {
        let found = devices(Format::F16);
        let found = found
            .iter()
            .map(|device| errors(solver, *device, &[10, 80]));
        let found: Vec<Vec<f64>> = found.map(Result::unwrap).collect();
        assert!(found.iter().all(|errors| *errors == found[0]), "{found:?}");
    }
}

/// u = 2^-11 of states near 1: reached at few steps, and lost again when the steps become too small
/// to move a rounded state.
#[test]
fn f16_states_have_a_floor_and_stand_still_beyond_it() {
    let unit = Backend::Cpu(Format::F16).unit();
    assert_eq!(unit, 2.0_f64.powi(-11));
    let found = errors("dpmpp-2m", Backend::Cpu(Format::F16), &[10, 80, 2560]).unwrap();
    let exact = errors("dpmpp-2m", Backend::F64, &[10]).unwrap();
    assert!((found[0] - exact[0]).abs() < 2.0 * unit, "{found:?}");
    assert!(found[1] < 4.0 * unit, "{found:?}");
    assert!(found[2] > 8.0 * unit, "{found:?}");
}

#[test]
fn what_a_device_cannot_tell_is_refused() {
    let backend = Backend::Cpu(Format::F16);
    let mut local = study("ddim", "mixture", Pattern::Uniform);
    local.backend = backend;
    local.measure = Measure::Local;
    let error = measured(vec![local], &[5]).unwrap_err();
    assert_eq!(error.code, Code::Parameter, "{error}");
    // alpha is 0.13 at the start: 1.3e5 is beyond the largest f16, 65504.
    let mut large = study("ddim", "gaussian:mu=1000000", Pattern::Uniform);
    large.backend = backend;
    let error = measured(vec![large], &[5]).unwrap_err();
    assert_eq!(error.code, Code::NonFinite, "{error}");
    assert!(error.remedy.contains("f32"), "{error}");
}
