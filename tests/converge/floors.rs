//! What rounding leaves: an error falls as the method's order says until the numbers end.

use crate::{measured, study};
use dpm_spec::converge::{Backend, Pattern, Point};

fn points(backend: Backend, steps: &[usize]) -> Vec<Point> {
    let mut study = study("dpmpp-3s", "gaussian", Pattern::Uniform);
    study.backend = backend;
    measured(vec![study], steps).unwrap().remove(0).points
}

fn errors(backend: Backend, steps: &[usize]) -> Vec<f64> {
    let points = points(backend, steps);
    points.iter().map(|point| point.error.unwrap()).collect()
}

#[test]
fn f32_stops_falling_near_its_rounding_unit() {
    let single = errors(Backend::F32, &[10, 80, 160, 320, 640]);
    let double = errors(Backend::F64, &[10, 640]);
    assert!((single[0] / double[0] - 1.0).abs() < 1e-2, "{single:?}");
    assert!(double[1] < 1e-9, "{double:?}");
    let unit = 2.0_f64.powi(-24);
    for error in &single[1..] {
        assert!((0.1 * unit..40.0 * unit).contains(error), "{single:?}");
    }
}

#[test]
fn rounding_has_no_slope() {
    for backend in [Backend::F32, Backend::F64] {
        let mut study = study("ddim", "gaussian:s2=0", Pattern::Uniform);
        study.backend = backend;
        let result = measured(vec![study], &[5, 10, 20]).unwrap().remove(0);
        let floor = 32.0 * backend.unit();
        assert!(
            result
                .points
                .iter()
                .all(|point| point.error.unwrap() < floor)
        );
        assert_eq!(result.slopes(), [None, None]);
    }
}

#[test]
fn the_points_carry_model_calls() {
    for point in points(Backend::F64, &[7, 9]) {
        assert_eq!(point.calls, 3 * point.steps);
    }
}

/// The big floats' exact solution is enclosed in balls, f64 is measured against double-double.
#[cfg(feature = "oracle")]
#[test]
fn f64_and_big_floats_agree_where_rounding_is_small() {
    let steps = [5, 20, 80];
    let (double, big) = (
        errors(Backend::F64, &steps),
        errors(Backend::Big(200), &steps),
    );
    for (a, b) in double.iter().zip(&big) {
        assert!((a / b - 1.0).abs() < 1e-6, "{double:?} {big:?}");
    }
}
