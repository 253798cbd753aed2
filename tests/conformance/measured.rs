//! What a finding says is what was measured: how far off, of what, and where.

use crate::ask;
use crate::planned::planned;
use dpm_spec::arithmetic::Real;
use dpm_spec::conformance::{
    Case, Check, Convention, Declaration, Finding, Model, Noise, Precision, Reference, Sampler,
    Stop, Task, Verdict, cases, everything,
};
use dpm_spec::schedule::{Curve, Schedule};
use dpm_spec::solver::Side;
use std::cell::RefCell;

/// Unit roundoff.
const U: f64 = 1.0 / (1_u64 << 53) as f64;

/// What is added to the result.
#[derive(Clone, Copy, Debug)]
enum Added {
    Nothing,
    Start(f64),
    Output(usize, f64),
    Noise(usize, f64),
}

/// Every recipe, told times and made results as said.
struct Bent<'a> {
    time: &'a dyn Fn(usize, f64) -> f64,
    added: Added,
}

const STRAIGHT: &dyn Fn(usize, f64) -> f64 = &|_, time| time;

fn declared() -> Declaration {
    everything("bent", Precision::F64).unwrap()
}

impl Bent<'_> {
    fn run(
        &self,
        task: &Task,
        start: Vec<f64>,
        mut call: impl FnMut(f64, &[f64]) -> Result<Vec<f64>, Stop>,
        mut draw: impl FnMut() -> Result<Vec<f64>, Stop>,
    ) -> Result<Vec<f64>, Stop> {
        let (outputs, noises) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let made = |time, state: &[f64]| {
            let time = (self.time)(outputs.borrow().len(), time);
            let output = call(time, state)?;
            outputs.borrow_mut().push(output.clone());
            Ok(output)
        };
        let drawn = || {
            let noise = draw()?;
            noises.borrow_mut().push(noise.clone());
            Ok(noise)
        };
        let first = start.clone();
        let mut result = planned(
            Convention::Continuous,
            task,
            start,
            made,
            drawn,
            |x| x,
            |x| x,
        )?;
        let (outputs, noises) = (outputs.into_inner(), noises.into_inner());
        let (what, factor) = match self.added {
            Added::Nothing => (None, 0.0),
            Added::Start(factor) => (Some(&first), factor),
            Added::Output(k, factor) => (outputs.get(k), factor),
            Added::Noise(k, factor) => (noises.get(k), factor),
        };
        for (x, it) in result.iter_mut().zip(what.into_iter().flatten()) {
            *x += factor * it;
        }
        Ok(result)
    }
}

impl Sampler for Bent<'_> {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        declared()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        self.run(
            task,
            start,
            |time, state| model.call(time, state),
            || noise.draw(),
        )
    }
}

fn found(mut bent: Bent<'_>, case: &Case) -> Finding {
    ask::found(&mut bent, case)
}

fn reference(case: &Case) -> Reference {
    let task = case.task(&declared()).unwrap();
    Reference::new(&task, Convention::Continuous, Precision::F64).unwrap()
}

/// Two numbers that are computed in different ways.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

#[test]
fn a_wrong_time_is_told_beside_the_right_one() {
    let case = ask::case("core/dpmpp-2m/labels/vp-linear:n=5:grid=lambda");
    let right: Vec<f64> = reference(&case).labels.iter().map(Real::to_f64).collect();
    let wrong = |call: usize, time: f64| match call {
        1 => time * 1.001,
        3 => time * 1.01,
        _ => time,
    };
    let bent = Bent {
        time: &wrong,
        added: Added::Nothing,
    };
    let finding = found(bent, &case);
    assert_eq!(finding.verdict, Verdict::Deviates);
    let (told, stands) = finding
        .message
        .split_once(", but the state stands at ")
        .unwrap();
    let told = told.strip_prefix("call 3: the model is told ").unwrap();
    let [told, stands] = [told, stands].map(|it| it.parse::<f64>().unwrap());
    assert!(
        near(told, right[3] * 1.01) && stands == right[3],
        "{finding:?}"
    );
    let error = (told - stands) / (U * stands);
    assert!(near(finding.max_error_u.unwrap(), error), "{finding:?}");
}

/// Times of explicit nodes are exact: four units are the same, and nothing else is in the bound.
#[test]
fn four_units_are_exact_and_five_are_not() {
    let case = ask::case("core/ddim/labels/vp-linear:n=1:grid=lambda");
    let radius = |case: &Case| reference(case).labels[0].radius();
    assert!(radius(&case) < U, "the first time is given");
    for (units, verdict) in [
        (0.0, Verdict::Exact),
        (4.0, Verdict::Exact),
        (6.0, Verdict::Deviates),
    ] {
        // The first time is 1.
        let wrong = move |_: usize, time: f64| time + units * U;
        let bent = Bent {
            time: &wrong,
            added: Added::Nothing,
        };
        let finding = found(bent, &case);
        assert_eq!(finding.verdict, verdict, "{finding:?}");
        assert_eq!(finding.max_error_u, Some(units));
        assert_eq!(finding.message.is_empty(), verdict == Verdict::Exact);
    }
}

#[test]
fn a_wrong_coefficient_is_told_beside_the_right_one_in_units_and_ulps() {
    let case = ask::case("core/dpmpp-2m/rows/vp-linear:n=5:grid=lambda");
    let row = reference(&case).rows.pop().unwrap();
    let size = row.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
    let right = row[3].to_f64();
    let got = right + 0.125 * right;
    let bent = Bent {
        time: STRAIGHT,
        added: Added::Output(2, 0.125 * right),
    };
    let finding = found(bent, &case);
    assert_eq!(finding.verdict, Verdict::Deviates);
    let error = (got - right).abs() / (U * size);
    assert!(near(finding.max_error_u.unwrap(), error), "{finding:?}");
    // One ulp of a number in [2^k, 2^(k+1)) is 2 u 2^k.
    let ulps = (got - right).abs() / (2.0 * U * right.abs().log2().floor().exp2());
    let words = format!("off by {error:.3e} u of the row's largest entry, {ulps:.3e} ulps");
    assert!(
        finding.message.contains(&words),
        "{} {words}",
        finding.message
    );
    assert!(
        finding
            .message
            .starts_with("the result, coefficient of output 2: ")
    );
}

/// Lost digits are counted: an error of 2^k u of the row's largest entry is k bits.
#[test]
fn lost_bits_are_counted() {
    let case = ask::case("core/dpmpp-2m/rows/vp-linear:n=5:grid=lambda");
    let row = reference(&case).rows.pop().unwrap();
    let size = row.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
    for bits in [20, 30, 40] {
        let bent = Bent {
            time: STRAIGHT,
            added: Added::Start(size * U * f64::from(bits).exp2()),
        };
        let finding = found(bent, &case);
        assert_eq!(finding.verdict, Verdict::Imprecise, "{finding:?}");
        let words = format!("; about {bits} bits are lost, ");
        assert!(finding.message.contains(&words), "{}", finding.message);
    }
    // From 2^-10 of the largest entry on it is no loss of digits.
    let bent = Bent {
        time: STRAIGHT,
        added: Added::Start(size * 1.01 / 1024.0),
    };
    assert_eq!(found(bent, &case).verdict, Verdict::Deviates);
}

#[test]
fn what_a_constant_prediction_is_carried_to_is_told_beside_alpha() {
    let case = ask::case("core/dpmpp-2m/sums/vp-linear:n=5:grid=lambda");
    let task = case.task(&declared()).unwrap();
    let curve = Curve::new(&task.schedule, &1.0_f64);
    let alpha = curve.at_time(&task.times[5]).alpha;
    for (added, factor) in [
        (Added::Start(0.5), curve.at_time(&task.times[0]).alpha),
        (Added::Output(0, 0.5), 1.0),
    ] {
        let bent = Bent {
            time: STRAIGHT,
            added,
        };
        let finding = found(bent, &case);
        assert_eq!(finding.verdict, Verdict::Deviates, "{finding:?}");
        let words = "the result: a constant prediction is carried to ";
        let Some(numbers) = finding.message.strip_prefix(words) else {
            panic!("{added:?}: {}", finding.message);
        };
        let (got, right) = numbers.split_once(", not to ").unwrap();
        let [got, right] = [got, right].map(|it| it.parse::<f64>().unwrap());
        assert!(
            near(right, alpha) && near(got, alpha + 0.5 * factor),
            "{numbers}"
        );
    }
}

/// Mean and variance of what a sampler makes of N(0.5, 0.25), by running it: the mean from the mean
/// without noise, the variance as the sum of squares of what each source alone is carried to on
/// data without mean.
fn moments(bent: &Bent<'_>, task: &Task, side: Side, noises: usize) -> [f64; 2] {
    let (mean, variance) = (0.5, 0.25);
    let place = |time: f64| {
        let schedule: &Schedule = &task.schedule;
        let point = Curve::new(schedule, &1.0_f64).at_time(&time);
        [point.alpha, point.sigma]
    };
    let total = |[alpha, sigma]: [f64; 2]| alpha * alpha * variance + sigma * sigma;
    let first = place(task.times[0]);
    // Components: the mean, the start's deviation, each noise.
    let mut start = vec![0.0; 2 + noises];
    (start[0], start[1]) = (first[0] * mean, total(first).sqrt());
    let call = |time: f64, state: &[f64]| {
        let [alpha, sigma] = place(time);
        let data = |(k, x): (usize, &f64)| {
            let mean = if k == 0 { mean } else { 0.0 };
            let data = mean + alpha * variance * (x - alpha * mean) / total([alpha, sigma]);
            match side {
                Side::Data => data,
                Side::Noise => (x - alpha * data) / sigma,
            }
        };
        Ok(state.iter().enumerate().map(data).collect())
    };
    let mut drawn = 0;
    let draw = || {
        let mut noise = vec![0.0; 2 + noises];
        noise[2 + drawn] = 1.0;
        drawn += 1;
        Ok(noise)
    };
    let result = bent.run(task, start, call, draw).unwrap();
    [result[0], result[1..].iter().map(|x| x * x).sum()]
}

#[test]
fn the_mean_and_the_variance_of_a_finding_are_those_of_a_run() {
    let asked = |case: &Case| {
        let id = case.to_string();
        case.check == Check::Moments && id.ends_with("/vp-linear:n=5:grid=lambda:eta=1")
    };
    let chosen: Vec<Case> = cases().into_iter().filter(asked).collect();
    let sides = |side| {
        let on = chosen
            .iter()
            .filter(|it| it.request.recipe.form().side == side);
        on.count()
    };
    assert!(
        sides(Side::Data) > 2 && sides(Side::Noise) > 0,
        "{}",
        chosen.len()
    );
    for case in &chosen {
        let task = case.task(&declared()).unwrap();
        let side = case.request.recipe.form().side;
        let Reference { columns, rows, .. } = reference(case);
        let row = rows.last().unwrap().iter();
        let size = row.map(|x| x.to_f64().abs()).fold(0.0, f64::max);
        let bent = |added| Bent {
            time: STRAIGHT,
            added,
        };
        let told = moments(&bent(Added::Nothing), &task, side, columns.noises);
        assert!(!found(bent(Added::Nothing), case).verdict.is_failure());
        let mut named = Vec::new();
        for added in [
            Added::Start(0.25 * size),
            Added::Output(0, 0.5 * size),
            Added::Output(columns.outputs - 1, 0.125 * size),
            Added::Noise(0, 0.5 * size),
        ] {
            let finding = found(bent(added), case);
            assert_eq!(finding.verdict, Verdict::Deviates, "{case} {added:?}");
            let made = moments(&bent(added), &task, side, columns.noises);
            let words = "of data N(0.5, 0.25) the results have the ";
            let words = finding.message.strip_prefix(words).unwrap();
            let mut words = words.split([' ', ',']).filter(|it| !it.is_empty());
            let name = words.next().unwrap();
            let k = usize::from(name == "variance");
            let got: f64 = words.next().unwrap().parse().unwrap();
            let right: f64 = words.nth(1).unwrap().parse().unwrap();
            assert!(
                near(got, made[k]) && near(right, told[k]),
                "{case} {added:?}: {}",
                finding.message
            );
            let errors = [0, 1].map(|k| (made[k] - told[k]).abs() / (U * told[k].abs().max(0.25)));
            assert!(
                near(finding.max_error_u.unwrap(), errors[0].max(errors[1])),
                "{errors:?}"
            );
            named.push(k);
        }
        assert!(named.contains(&1), "{case}");
    }
}
