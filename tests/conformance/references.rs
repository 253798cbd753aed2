//! What samplers are judged by: how wide it is, and how right in 200 bits.

use dpm_spec::arithmetic::Real;
use dpm_spec::conformance::{Precision, Reference, Subject, everything, settings};
#[cfg(feature = "oracle")]
use dpm_spec::{arithmetic::DoubleDouble, plan::derive};
#[cfg(feature = "oracle")]
use rug::Float;

/// What f16 cannot tell even step by step: conversions of v and of velocities.
const TOO_WIDE: [&str; 4] = [
    "core/dpmpp-2m/rows/flow:n=5:grid=flow:prediction=flow:mode=local",
    "core/sde-dpmpp-2m/rows/flow:n=5:grid=flow:eta=1:prediction=flow:mode=local",
    "core/sde-dpmpp-3m/rows/vp-cosine:n=5:grid=lambda:eta=1:prediction=v:mode=local",
    "core/sde-dpmpp-3m-exact/rows/vp-cosine:n=5:grid=lambda:eta=1:prediction=v:mode=local",
];

/// The first six bits of a row's largest entry are judged in f64 everywhere; in f32 where the model
/// predicts what the solver integrates, or step by step; in f16 step by step but for [`TOO_WIDE`].
#[test]
fn the_bound_is_the_widest_rows_and_tells_a_wrong_formula_from_rounding() {
    for (precision, narrow) in [
        (Precision::F64, false),
        (Precision::F32, false),
        (Precision::F16, true),
    ] {
        let declared = everything("any", precision).unwrap().local();
        let (mut seen, mut wide) = (0, Vec::new());
        for setting in settings().iter().step_by(if narrow { 1 } else { 7 }) {
            let Some(case) = setting.cases().next() else {
                continue;
            };
            let (local, other) = (
                setting.subject == Subject::Steps,
                case.to_string().contains(":prediction="),
            );
            let judged = match precision {
                Precision::F64 => true,
                Precision::F32 => local || !other,
                _ => local,
            };
            if !judged || !(local || setting.subject == Subject::Run) {
                continue;
            }
            let Ok(task) = case.task(&declared) else {
                continue;
            };
            let reference = Reference::new(&task, declared.convention, precision).unwrap();
            let widest = reference.rows.iter().map(|row| {
                let largest = row.iter().map(|it| it.to_f64().abs()).fold(0.0, f64::max);
                let widest = row.iter().map(|it| it.radius()).fold(0.0, f64::max);
                widest / largest
            });
            let widest = widest.fold(0.0, f64::max);
            let bound = reference.bound();
            assert!((bound / widest - 1.0).abs() < 1e-9, "{case}: {bound:e}");
            let u = precision.unit().relative;
            assert!(u / 2.0 < bound && bound < 1.0 / 32.0, "{case}: {bound:e}");
            if bound >= 1.0 / 64.0 {
                wide.push(case.to_string());
            }
            seen += 1;
        }
        let expected: &[&str] = if narrow { &TOO_WIDE } else { &[] };
        assert_eq!(wide, expected, "{precision:?}");
        assert!(
            seen > if narrow { 20 } else { 500 },
            "{precision:?}: {seen}"
        );
    }
}

/// Of a row's largest entry: 30 bits below what an f64 can hold.
#[cfg(feature = "oracle")]
const LEAST: f64 = 1.0 / (1_u128 << 83) as f64;

#[cfg(feature = "oracle")]
fn wide(value: DoubleDouble) -> Float {
    Float::with_val(200, value.hi()) + value.lo()
}

#[cfg(feature = "oracle")]
#[test]
fn the_reference_is_right_far_beyond_every_format_that_it_judges() {
    let declared = everything("any", Precision::F64).unwrap();
    let (mut worst, mut rows) = (0.0_f64, 0);
    for setting in settings() {
        if setting.subject != Subject::Run || setting.request.steps != 10 {
            continue;
        }
        let case = setting.cases().next().unwrap();
        let Ok(task) = case.task(&declared) else {
            continue;
        };
        let reference = Reference::new(&task, declared.convention, declared.precision).unwrap();
        let plan = derive(&reference.request, &Float::with_val(200, 1)).unwrap();
        let exact = plan.transfer();
        for (row, exact) in reference.rows.iter().zip(exact.row_iter()) {
            let size = row.iter().map(|x| x.mid().hi().abs()).fold(0.0, f64::max);
            let off = row.iter().zip(exact.iter()).map(|(x, exact)| {
                let off = wide(x.mid()) - exact;
                off.to_f64().abs() / size
            });
            worst = off.fold(worst, f64::max);
            rows += 1;
        }
    }
    println!(
        "{rows} rows, at most 2^{:.1} of the largest entry off",
        worst.log2()
    );
    assert!(rows > 10_000, "{rows}");
    assert!(worst < LEAST, "{worst:e}");
}
