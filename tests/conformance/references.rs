//! What samplers are judged by, in 200 bits.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::DoubleDouble;
use dpm_spec::conformance::{Precision, Reference, Subject, everything, settings};
use dpm_spec::plan::derive;
use rug::Float;

/// Of a row's largest entry: 30 bits below what an f64 can hold.
const LEAST: f64 = 1.0 / (1_u128 << 83) as f64;

fn wide(value: DoubleDouble) -> Float {
    Float::with_val(200, value.hi()) + value.lo()
}

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
