//! What a finding says is what was measured: how far off, of what, and where.

use crate::ask::{self, found};
use crate::bent::{Bent, Of, straight};
use dpm_spec::arithmetic::{Real, rational};
use dpm_spec::conformance::{Case, Check, Convention, Precision, Reference, Task, Verdict, cases};
use dpm_spec::grid::{self, Spacing};
use dpm_spec::policy::Final;
use dpm_spec::schedule::{Curve, Schedule};
use dpm_spec::solver::Side;

/// Unit roundoff.
const U: f64 = 1.0 / (1_u64 << 53) as f64;

fn bent(added: Vec<(Of, f64)>) -> Bent<'static> {
    Bent {
        added,
        ..straight(Precision::F64)
    }
}

fn reference(case: &Case) -> Reference {
    let task = case.task(&straight(Precision::F64).declaration).unwrap();
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
    let mut bent = Bent {
        time: &wrong,
        ..straight(Precision::F64)
    };
    let finding = found(&mut bent, &case);
    assert_eq!(finding.verdict, Verdict::Deviates);
    let words = "call 3: the model is told ";
    let [told, stands, off] = ask::beside(&finding.message, words, ", but the state stands at ");
    assert!((off / finding.max_error_u.unwrap() - 1.0).abs() < 1e-3);
    assert!(
        near(told, right[3] * 1.01) && stands == right[3],
        "{finding:?}"
    );
    let error = (told - stands) / (U * stands);
    assert!(near(finding.max_error_u.unwrap(), error), "{finding:?}");
}

/// A decimal number is told without a row of zeros.
#[test]
fn numbers_of_any_size_are_told_in_decimal_and_hexadecimal() {
    let case = ask::case("core/dpmpp-2m/labels/vp-linear:n=5:grid=lambda");
    for (time, told) in [
        (0.0, "0 (0x0p+0)"),
        (1e-5, "0.00001 (0x1.4f8b588e368f1p-17)"),
        (9e-6, "9e-6 (0x1.2dfd694ccab3fp-17)"),
        (4e15, "4000000000000000 (0x1.c6bf52634p+51)"),
        (1e20, "1e20 (0x1.5af1d78b58c4p+66)"),
    ] {
        let wrong = |call: usize, right: f64| if call == 1 { time } else { right };
        let mut bent = Bent {
            time: &wrong,
            ..straight(Precision::F64)
        };
        let finding = found(&mut bent, &case);
        let words = format!("call 1: the model is told {told}, but the state stands at ");
        assert!(finding.message.starts_with(&words), "{finding:?}");
    }
}

/// Times of explicit nodes are exact: four units are the same, nothing else is in the bound, and
/// from 2^-12 of the step on, here 0.999, it is another time.
#[test]
fn four_units_are_exact_and_five_are_not() {
    let case = ask::case("core/ddim/labels/vp-linear:n=1:grid=lambda");
    let radius = |case: &Case| reference(case).labels[0].radius();
    assert!(radius(&case) < U, "the first time is given");
    for (units, verdict) in [
        (0.0, Verdict::Exact),
        (4.0, Verdict::Exact),
        (6.0, Verdict::Imprecise),
        (2_f64.powi(40), Verdict::Imprecise),
        (2_f64.powi(41), Verdict::Deviates),
    ] {
        // The first time is 1.
        let wrong = move |_: usize, time: f64| time + units * U;
        let mut bent = Bent {
            time: &wrong,
            ..straight(Precision::F64)
        };
        let finding = found(&mut bent, &case);
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
    let finding = found(&mut bent(vec![(Of::Output(2), 0.125 * right)]), &case);
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
        let finding = found(
            &mut bent(vec![(Of::Start, size * U * f64::from(bits).exp2())]),
            &case,
        );
        assert_eq!(finding.verdict, Verdict::Imprecise, "{finding:?}");
        let words = format!("; about {bits} bits are lost, ");
        assert!(finding.message.contains(&words), "{}", finding.message);
    }
    // From 2^-10 of the largest entry on it is no loss of digits.
    let mut wrong = bent(vec![(Of::Start, size * 1.01 / 1024.0)]);
    assert_eq!(found(&mut wrong, &case).verdict, Verdict::Deviates);
}

/// Of the way to another formula, in the coefficients that it changes: these are told in parts of a
/// row's largest entry, here of the start's, which becomes a hundred times as large.
#[test]
fn what_goes_a_64th_of_the_way_to_another_formula_is_no_loss_of_digits() {
    let case = ask::case("core/dpm-2m/rows/vp-linear:n=5:grid=lambda");
    let right = reference(&case).rows.pop().unwrap();
    let mut lowered = case.clone();
    lowered.request.recipe.policy.last = Final::Lower;
    let lowered = reference(&lowered).rows.pop().unwrap();
    let pairs = right.iter().zip(&lowered).skip(1).enumerate();
    let changed: Vec<(usize, f64)> = pairs
        .map(|(k, (from, to))| (k, to.to_f64() - from.to_f64()))
        .collect();
    for (part, verdict) in [
        (1.0 / 70.0, Verdict::Imprecise),
        (1.0 / 60.0, Verdict::Deviates),
    ] {
        let added = changed
            .iter()
            .map(|(k, change)| (Of::Output(*k), part * change));
        let finding = found(&mut bent(added.collect()), &case);
        assert_eq!(finding.verdict, verdict, "{part}: {finding:?}");
    }
}

/// A loss that no known expression explains is none of digits if a coefficient is not right in its
/// first four bits: but for what terms in f32 may lose, of each row's largest entry.
#[test]
fn a_coefficient_that_is_gone_is_no_loss_of_digits() {
    let losable = f64::exp2(-20.0);
    let long = ask::case("core/dpmpp-2m/rows/vp-linear:n=50:grid=lambda");
    // The third step does next to nothing, and the start becomes a hundred times as large.
    let mut short = ask::case("core/dpm-2s/rows/vp-linear:n=5:grid=lambda");
    let nodes = [100_000, 80_000, 60_000, 59_999, 30_000, 10_000];
    let nodes = nodes.map(|it| rational(it, 100_000)).to_vec();
    short.request.grid.spacing = Spacing::Nodes(grid::Unit::Time, nodes);
    for (case, output, of_itself) in [(long, 0, true), (short, 4, false)] {
        let row = reference(&case).rows.pop().unwrap();
        let row: Vec<f64> = row.iter().map(|x| x.to_f64().abs()).collect();
        let size = row.iter().fold(0.0_f64, |size, x| size.max(*x));
        let right = row[1 + output];
        let most = (right / 16.0).max(losable * size);
        assert_eq!(most > losable * size, of_itself, "{right:e} of {size:e}");
        for (part, verdict) in [(0.97, Verdict::Imprecise), (1.03, Verdict::Deviates)] {
            let finding = found(&mut bent(vec![(Of::Output(output), part * most)]), &case);
            assert_eq!(finding.verdict, verdict, "{case} {part}: {finding:?}");
        }
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
        let task = case.task(&straight(Precision::F64).declaration).unwrap();
        let side = case.request.recipe.form().side;
        let Reference { columns, rows, .. } = reference(case);
        let row = rows.last().unwrap().iter();
        let size = row.map(|x| x.to_f64().abs()).fold(0.0, f64::max);
        let told = moments(&bent(vec![]), &task, side, columns.noises);
        assert!(!found(&mut bent(vec![]), case).verdict.is_failure());
        let mut named = Vec::new();
        for added in [
            (Of::Start, 0.25 * size),
            (Of::Output(0), 0.5 * size),
            (Of::Output(columns.outputs - 1), 0.125 * size),
            (Of::Noise(0), 0.5 * size),
        ] {
            let finding = found(&mut bent(vec![added]), case);
            assert_eq!(finding.verdict, Verdict::Deviates, "{case} {added:?}");
            let made = moments(&bent(vec![added]), &task, side, columns.noises);
            let k = usize::from(finding.message.contains("have the variance"));
            let words = "of data N(0.5, 0.25) the results have the ";
            let words = format!("{words}{} ", ["mean", "variance"][k]);
            let [got, right, _] = ask::beside(&finding.message, &words, ", not ");
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
        // As much of the first output as leaves the variance as it is; noise has no mean.
        let of = match side {
            Side::Data => Of::Output(0),
            Side::Noise => Of::Start,
        };
        let with = |factor: f64| {
            let bent = bent(vec![(of, factor)]);
            moments(&bent, &task, side, columns.noises)
        };
        let [less, same, more] = [-size, 0.0, size].map(|factor| with(factor)[1]);
        let slope = (more - less) / (2.0 * size);
        let curvature = (more - 2.0 * same + less) / (2.0 * size * size);
        let factor = -slope / curvature;
        let finding = found(&mut bent(vec![(of, factor)]), case);
        let words = "of data N(0.5, 0.25) the results have the mean ";
        let [got, right, _] = ask::beside(&finding.message, words, ", not ");
        assert!(
            near(got, with(factor)[0]) && near(right, told[0]),
            "{case}: {}",
            finding.message
        );
    }
}
