//! The production path on a problem with an exact solution: the model on the host, so that the error
//! is the method's and the rounding's.
#![cfg(feature = "gpu")]

use crate::{adapters, measured, study};
use dpm_spec::converge::{Backend, Measure, Pattern};
use dpm_spec::fused::Format;
use dpm_spec::{Code, Result};

fn errors(solver: &str, backend: Backend, steps: &[usize]) -> Result<Vec<f64>> {
    let mut study = study(solver, "mixture", Pattern::Uniform);
    study.backend = backend;
    let points = measured(vec![study], steps)?.remove(0).points;
    Ok(points.iter().map(|point| point.error.unwrap()).collect())
}

/// One operation for one operation: fusing a step into one kernel changes no bit in f32.
#[test]
fn the_gpu_errs_as_the_plan_in_f32_does_to_the_last_bit() {
    if adapters::adapters().is_empty() {
        return;
    }
    let steps = [5, 20, 80];
    for solver in ["ddim", "dpmpp-2m", "dpmpp-3m", "dpmpp-3s", "dpm-2s"] {
        let fused = errors(solver, Backend::Gpu(Format::F32), &steps).unwrap();
        let plain = errors(solver, Backend::F32, &steps).unwrap();
        assert_eq!(fused, plain, "{solver}");
    }
}

/// u = 2^-11 of states near 1: reached at few steps, and lost again when the steps become too small
/// to move a rounded state.
#[test]
fn f16_states_have_a_floor_and_stand_still_beyond_it() {
    if adapters::adapters().is_empty() {
        return;
    }
    let unit = Backend::Gpu(Format::F16).unit();
    assert_eq!(unit, 2.0_f64.powi(-11));
    let found = errors("dpmpp-2m", Backend::Gpu(Format::F16), &[10, 80, 2560]).unwrap();
    let exact = errors("dpmpp-2m", Backend::F64, &[10]).unwrap();
    assert!((found[0] - exact[0]).abs() < 2.0 * unit, "{found:?}");
    assert!(found[1] < 4.0 * unit, "{found:?}");
    assert!(found[2] > 8.0 * unit, "{found:?}");
}

#[test]
fn what_a_device_cannot_tell_is_refused() {
    if adapters::adapters().is_empty() {
        return;
    }
    let backend = Backend::Gpu(Format::F16);
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
