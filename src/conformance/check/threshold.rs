//! Thresholds, which are not linear: asked by themselves.

use super::super::Declaration;
use super::super::sampler::{Element, Sampler, Stop};
use super::super::verdict::{Finding, Verdict};
use super::worst::{Seen, Worst};
use crate::arithmetic::{DoubleDouble, Field, Real, Widened, rational};
use crate::threshold::{Threshold, quantile};

/// The largest magnitude of each sample of a batch: one within [-1, 1], which most rules leave
/// alone, and two of different size.
const SIZES: [i128; 3] = [24, 255, 120];

/// Samples of `length` elements, multiples of 1/32 that every format holds.
fn batch(length: usize) -> Vec<Vec<f64>> {
    let sample = |size: &i128| {
        let element = |i: usize| {
            let i = i as i128;
            let magnitude = size - (37 * i) % size;
            let sign = if i % 3 == 1 { -1 } else { 1 };
            (sign * magnitude) as f64 / 32.0
        };
        (0..length).map(element).collect()
    };
    SIZES.iter().map(sample).collect()
}

/// What the sampler makes of a batch, and of the result once more.
pub(in crate::conformance) fn threshold<S: Sampler>(
    sampler: &mut S,
    testee: &Declaration,
    rule: Threshold,
    length: usize,
) -> Finding {
    let samples = batch(length);
    let asked = |sampler: &mut S, samples: &[Vec<f64>]| {
        let elements =
            |sample: &Vec<f64>| sample.iter().map(|x| S::Element::from_f64(*x)).collect();
        let got = sampler.threshold(rule, samples.iter().map(elements).collect())?;
        let numbers = |sample: &Vec<S::Element>| sample.iter().map(|x| x.to_f64()).collect();
        Ok(got.iter().map(numbers).collect::<Vec<Vec<f64>>>())
    };
    let stopped = |stop: Stop| match stop {
        Stop::Refused(reason) => Finding::of(Verdict::Skipped, reason),
        stop => Finding::of(Verdict::Fails, stop.to_string()),
    };
    let got = match asked(sampler, &samples) {
        Ok(got) => got,
        Err(stop) => return stopped(stop),
    };
    if got.len() != samples.len() || got.iter().any(|sample| sample.len() != length) {
        let words = format!("a batch of another shape than {} x {length}", samples.len());
        return Finding::of(Verdict::Fails, words);
    }
    let finding = judged(&got, &samples, testee, rule);
    if finding.verdict.is_failure() {
        return finding;
    }
    match asked(sampler, &got) {
        Ok(again) if again == got => finding,
        Ok(_) => Finding::of(
            Verdict::Deviates,
            "applied to its own result it changes it: every magnitude is 1 or its bound at most",
        ),
        Err(stop) => stopped(stop),
    }
}

fn judged(
    got: &[Vec<f64>],
    samples: &[Vec<f64>],
    testee: &Declaration,
    rule: Threshold,
) -> Finding {
    let unit = testee.precision.unit();
    let mut worst = Worst::none(unit.relative);
    for (k, (got, sample)) in got.iter().zip(samples).enumerate() {
        let mut right: Vec<Widened> = sample.iter().map(|x| Widened::exact(*x, unit)).collect();
        rule.apply(&mut right);
        for (i, (got, right)) in got.iter().zip(&right).enumerate() {
            let seen = Seen {
                numbers: [*got, right.to_f64()],
                off: (DoubleDouble::exact(*got) - right.mid()).hi().abs(),
                allowed: right.radius(),
                size: right.to_f64().abs().max(1.0 / 32.0),
            };
            worst.see(seen, (k, i, sample[i]));
        }
    }
    let mut finding = worst.finding(|(k, i, from), element| {
        let elements = element.told(", not", "");
        format!("sample {k}, element {i}: {from} becomes {elements}")
    });
    if finding.verdict == Verdict::Deviates {
        finding.nearest = named(got, samples, rule, 64.0 * unit.relative);
    }
    if let Some(name) = &finding.nearest {
        finding.message = format!("{}; equals {name}", finding.message);
    }
    finding
}

/// The known mistake that gives these numbers.
fn named(
    got: &[Vec<f64>],
    samples: &[Vec<f64>],
    rule: Threshold,
    tolerance: f64,
) -> Option<String> {
    let Threshold::Dynamic { ratio, max } = rule else {
        return None;
    };
    let most = max.map_or(f64::INFINITY, |max| 1.0_f64.constant(max));
    let all: Vec<f64> = samples.iter().flatten().copied().collect();
    let clipped = |sample: &[f64], s: f64, divisor: f64| -> Vec<f64> {
        sample.iter().map(|x| x.clamp(-s, s) / divisor).collect()
    };
    let own = |sample: &[f64]| quantile(sample, ratio);
    let ranked = |sample: &[f64], up: bool| {
        let mut sizes: Vec<f64> = sample.iter().map(|x| x.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let rank = ratio * rational(sizes.len() as i128 - 1, 1);
        let rank = if up { rank.ceil() } else { rank.floor() };
        sizes[rank.to_integer() as usize]
    };
    let signed = |sample: &[f64]| {
        let mut values = sample.to_vec();
        values.sort_by(f64::total_cmp);
        let rank = ratio * rational(values.len() as i128 - 1, 1);
        let below = rank.to_integer() as usize;
        let next = values.get(below + 1).copied().unwrap_or(values[below]);
        values[below] + (next - values[below]) * 1.0_f64.constant(rank.fract())
    };
    type Wrong<'a> = (&'a str, Box<dyn Fn(&[f64]) -> Vec<f64> + 'a>);
    let bounded = |s: f64| s.max(1.0).min(most);
    let wrong: [Wrong<'_>; 8] = [
        (
            "the quantile of the whole batch",
            Box::new(|sample| {
                let s = bounded(own(&all));
                clipped(sample, s, s)
            }),
        ),
        (
            "the result without its division by s",
            Box::new(|sample| clipped(sample, bounded(own(sample)), 1.0)),
        ),
        (
            "an s that may fall below 1",
            Box::new(|sample| {
                let s = own(sample).min(most);
                clipped(sample, s, s)
            }),
        ),
        (
            "an s without its upper bound",
            Box::new(|sample| {
                let s = own(sample).max(1.0);
                clipped(sample, s, s)
            }),
        ),
        (
            "the next lower rank in place of the quantile",
            Box::new(|sample| {
                let s = bounded(ranked(sample, false));
                clipped(sample, s, s)
            }),
        ),
        (
            "the next higher rank in place of the quantile",
            Box::new(|sample| {
                let s = bounded(ranked(sample, true));
                clipped(sample, s, s)
            }),
        ),
        (
            "the quantile of the values in place of their magnitudes",
            Box::new(|sample| {
                let s = bounded(signed(sample));
                clipped(sample, s, s)
            }),
        ),
        (
            "a clip to [-1, 1]",
            Box::new(|sample| clipped(sample, 1.0, 1.0)),
        ),
    ];
    let equal = |(_, wrong): &&Wrong<'_>| {
        let near = |(a, b): (&f64, f64)| (a - b).abs() <= tolerance * b.abs().max(1.0 / 32.0);
        let same = |(got, sample): (&Vec<f64>, &Vec<f64>)| got.iter().zip(wrong(sample)).all(near);
        got.iter().zip(samples).all(same)
    };
    let found = wrong.iter().find(equal);
    found.map(|(name, _)| (*name).to_owned())
}
