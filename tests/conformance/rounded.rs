//! Samplers whose times have fewer bits than their states hear which.

use crate::ask;
use crate::planned::planned;
use dpm_spec::conformance::{
    Convention, Declaration, Model, Noise, Precision, Sampler, Stop, Task, Verdict,
};

/// The numbers of this many significant bits.
fn to_bits(x: f64, bits: i32) -> f64 {
    let last = (x.abs().log2().floor() as i32 - bits + 1).into();
    let unit = f64::exp2(last);
    (x / unit).round_ties_even() * unit
}

type Rounding = fn(f64) -> f64;

struct Rounds(Rounding);

impl Sampler for Rounds {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("rounds", Precision::F64).solvers(["dpmpp-2m"]);
        declared.and_then(|it| it.schedules(["vp-linear"])).unwrap()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let task = Task {
            times: task.times.iter().map(|time| (self.0)(*time)).collect(),
            ..task.clone()
        };
        planned(
            Convention::Continuous,
            &task,
            start,
            |time, state| model.call(time, state),
            || noise.draw(),
            |x| x,
            |x| x,
        )
    }
}

#[test]
fn times_of_fewer_bits_are_named_by_their_format() {
    let roundings: [(&str, Rounding); 4] = [
        ("f32", |x| to_bits(x, 24)),
        ("f16", |x| to_bits(x, 11)),
        ("bf16", |x| to_bits(x, 8)),
        ("thousandths", |x| (x * 1000.0).round() / 1000.0),
    ];
    for (name, rounding) in roundings {
        let words = format!("rounded to {name}");
        for steps in [5, 10, 20] {
            let id = format!("core/dpmpp-2m/rows/vp-linear:n={steps}:grid=time");
            let finding = ask::found(&mut Rounds(rounding), &ask::case(&id));
            let bad = [Verdict::Imprecise, Verdict::Deviates].contains(&finding.verdict);
            let told = finding.message.ends_with(&words)
                || finding.message.contains(&format!("{words} within"));
            assert!(bad && told, "{id}: {finding:?}");
        }
    }
}
