//! Grids and thresholds that samplers make themselves, right and wrong.

use crate::counted::{OURS, Wrong};
use dpm_spec::arithmetic::DoubleDouble;
use dpm_spec::conformance::{
    Case, Check, Convention, Declaration, Model, Noise, Precision, Report, Sampler, Stop, Task,
    Verdict, check, everything,
};
use dpm_spec::grid::Grid;
use dpm_spec::schedule::{Curve, Schedule};
use dpm_spec::threshold::Threshold;

/// What a maker does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    LastNodeRepeated,
    TimesRounded,
    TimesTruncated,
    OneSpacingTooMany,
    NoiseRemains,
    OtherGrid,
    ShiftTwice,
    NodeLeftOut,
    Unsorted,
    NotFinite,
    Panics,
    WholeBatch,
    NotDivided,
    BelowOne,
    NoUpperBound,
    LowerRank,
    OfValues,
    NotIdempotent,
    ElementLost,
}

struct Maker {
    fault: Fault,
    declaration: Declaration,
}

impl Maker {
    fn new(fault: Fault) -> Self {
        let declaration = everything("maker", Precision::F64).unwrap().thresholds();
        Maker { fault, declaration }
    }
}

impl Sampler for Maker {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        self.declaration.clone()
    }

    fn sample(
        &mut self,
        _: &Task,
        _: Vec<f64>,
        _: &mut Model<'_, f64>,
        _: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        Err(Stop::Refused("only makes grids".to_owned()))
    }

    fn nodes(&mut self, schedule: &Schedule, grid: &Grid, steps: usize) -> Result<Vec<f64>, Stop> {
        let curve = Curve::new(schedule, &DoubleDouble::ONE);
        let of = |grid: &Grid, steps: usize| -> Result<Vec<f64>, Stop> {
            let points = grid.nodes(&curve, steps, schedule.domain());
            let points = points.map_err(|error| Stop::Refused(error.to_string()))?;
            let told = |point| {
                Some(
                    self.declaration
                        .convention
                        .told::<DoubleDouble>(point)?
                        .hi(),
                )
            };
            let none = || Stop::Refused("no time".to_owned());
            points.iter().map(|it| told(it).ok_or_else(none)).collect()
        };
        let mut nodes = of(grid, steps)?;
        match self.fault {
            Fault::LastNodeRepeated => nodes[steps] = nodes[steps - 1],
            Fault::TimesRounded => nodes.iter_mut().for_each(|t| *t = (*t * 1e3).round() / 1e3),
            Fault::TimesTruncated => nodes.iter_mut().for_each(|t| *t = (*t * 1e3).floor() / 1e3),
            Fault::OneSpacingTooMany => {
                nodes = of(grid, steps + 1)?;
                nodes.pop();
            }
            Fault::NoiseRemains => {
                if let Some(end) = nodes.last_mut().filter(|end| **end == 0.0) {
                    *end = 1e-3;
                }
            }
            Fault::OtherGrid => nodes = of(&Grid::parse("quadratic").unwrap(), steps)?,
            // What is shifted by 3, and by 3 again, is shifted by 9.
            Fault::ShiftTwice => {
                let twice = grid.to_string().replace("shift=3", "shift=9");
                nodes = of(&Grid::parse(&twice).unwrap(), steps)?;
            }
            Fault::NodeLeftOut => nodes.truncate(steps),
            Fault::Unsorted => nodes.reverse(),
            Fault::NotFinite => nodes[0] = f64::NAN,
            Fault::Panics => assert!(nodes.is_empty(), "no nodes"),
            _ => {}
        }
        Ok(nodes)
    }

    fn threshold(
        &mut self,
        rule: Threshold,
        mut samples: Vec<Vec<f64>>,
    ) -> Result<Vec<Vec<f64>>, Stop> {
        let Threshold::Dynamic { ratio, max } = rule else {
            samples.iter_mut().for_each(|sample| rule.apply(sample));
            return Ok(samples);
        };
        let ratio = *ratio.numer() as f64 / *ratio.denom() as f64;
        let max = max.map_or(f64::INFINITY, |max| {
            *max.numer() as f64 / *max.denom() as f64
        });
        let all: Vec<f64> = samples.iter().flatten().copied().collect();
        for sample in &mut samples {
            let from = if self.fault == Fault::WholeBatch {
                &all
            } else {
                &*sample
            };
            let mut sizes: Vec<f64> = match self.fault {
                Fault::OfValues => from.clone(),
                _ => from.iter().map(|x| x.abs()).collect(),
            };
            sizes.sort_by(f64::total_cmp);
            let rank = ratio * (sizes.len() - 1) as f64;
            let (low, part) = (rank as usize, rank.fract());
            let high = sizes[(low + 1).min(sizes.len() - 1)];
            let part = if self.fault == Fault::LowerRank {
                0.0
            } else {
                part
            };
            let s = sizes[low] + (high - sizes[low]) * part;
            let s = if self.fault == Fault::BelowOne {
                s
            } else {
                s.max(1.0)
            };
            let s = if self.fault == Fault::NoUpperBound {
                s
            } else {
                s.min(max)
            };
            let divisor = match self.fault {
                Fault::NotDivided => 1.0,
                Fault::NotIdempotent if s == 1.0 => 1.0 + f64::EPSILON,
                _ => s,
            };
            sample
                .iter_mut()
                .for_each(|x| *x = x.clamp(-s, s) / divisor);
            if self.fault == Fault::ElementLost {
                sample.pop();
            }
        }
        Ok(samples)
    }
}

fn asked(mut maker: Maker, looks_at: Check) -> Report {
    check(&mut maker, |case: &Case| case.check == looks_at).unwrap()
}

#[test]
fn right_grids_and_thresholds_conform() {
    for looks_at in [Check::Grid, Check::Threshold] {
        let report = asked(Maker::new(Fault::None), looks_at);
        let good = report.count(Verdict::Exact) + report.count(Verdict::Conforms);
        let idle = report.count(Verdict::NotApplicable);
        assert_eq!(good + idle, report.outcomes.len(), "{report}");
        assert!(good >= 25, "{report}");
    }
}

#[test]
fn grids_in_other_conventions_conform() {
    for convention in [Convention::Sigma, Convention::Lambda, Convention::Discrete] {
        let mut maker = Maker::new(Fault::None);
        maker.declaration = maker.declaration.times(convention);
        let report = asked(maker, Check::Grid);
        let asked = report.outcomes.len() - report.count(Verdict::NotApplicable);
        let good = report.count(Verdict::Exact) + report.count(Verdict::Conforms);
        assert!(good == asked && good > 40, "{report}");
    }
}

pub(crate) const FAULTS: &[Wrong<Fault>] = &[
    (
        Fault::LastNodeRepeated,
        Check::Grid,
        "the last node repeats the one before it",
        "docs/findings/006",
    ),
    (
        Fault::TimesRounded,
        Check::Grid,
        "rounded to multiples of 0.001",
        OURS,
    ),
    (
        Fault::TimesTruncated,
        Check::Grid,
        "truncated to multiples of 0.001",
        "docs/findings/007",
    ),
    (
        Fault::OneSpacingTooMany,
        Check::Grid,
        "one step too many, without its last node",
        "docs/findings/009",
    ),
    (
        Fault::NoiseRemains,
        Check::Grid,
        "noise remains where it should end at 0",
        OURS,
    ),
    (
        Fault::OtherGrid,
        Check::Grid,
        "those of the grid quadratic",
        OURS,
    ),
    (
        Fault::ShiftTwice,
        Check::Grid,
        ", not ",
        "docs/findings/013",
    ),
    (
        Fault::NodeLeftOut,
        Check::Grid,
        "nodes; 10 steps have 11",
        OURS,
    ),
    (Fault::Unsorted, Check::Grid, "lies before node", OURS),
    (
        Fault::NotFinite,
        Check::Grid,
        "node 0 is NaN",
        "docs/findings/014",
    ),
    (Fault::Panics, Check::Grid, "panicked", OURS),
    (
        Fault::WholeBatch,
        Check::Threshold,
        "equals the quantile of the whole batch",
        OURS,
    ),
    (
        Fault::NotDivided,
        Check::Threshold,
        "without its division by s",
        OURS,
    ),
    (Fault::BelowOne, Check::Threshold, "may fall below 1", OURS),
    (
        Fault::NoUpperBound,
        Check::Threshold,
        "without its upper bound",
        OURS,
    ),
    (
        Fault::LowerRank,
        Check::Threshold,
        "the next lower rank",
        OURS,
    ),
    (
        Fault::OfValues,
        Check::Threshold,
        "in place of their magnitudes",
        OURS,
    ),
    (
        Fault::NotIdempotent,
        Check::Threshold,
        "applied to its own result",
        OURS,
    ),
    (Fault::ElementLost, Check::Threshold, "another shape", OURS),
];

#[test]
fn every_fault_is_found_and_named() {
    let mut missed = Vec::new();
    for (fault, looks_at, words, _) in FAULTS {
        let report = asked(Maker::new(*fault), *looks_at);
        let mut found = report.failures();
        if !found.any(|it| it.finding.message.contains(words)) {
            let all: Vec<String> = (report.failures())
                .map(|it| format!("{}: {}", it.case, it.finding.message))
                .collect();
            missed.push(format!("{fault:?}: {:#?}", &all[..all.len().min(8)]));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_fault_of_a_threshold_has_one_name_wherever_it_shows() {
    for (fault, name) in [
        (Fault::WholeBatch, "the quantile of the whole batch"),
        (Fault::NotDivided, "the result without its division by s"),
        (Fault::BelowOne, "an s that may fall below 1"),
        (Fault::NoUpperBound, "an s without its upper bound"),
        (
            Fault::LowerRank,
            "the next lower rank in place of the quantile",
        ),
        (
            Fault::OfValues,
            "the quantile of the values in place of their magnitudes",
        ),
    ] {
        let report = asked(Maker::new(fault), Check::Threshold);
        // Of one or two elements several mistakes are the same.
        let several = |id: &str| !(id.contains(":n=1:") || id.contains(":n=2:"));
        for outcome in report.failures().filter(|it| several(&it.case.to_string())) {
            let told = outcome.finding.nearest.as_deref();
            assert_eq!(told, Some(name), "{}", outcome.case);
        }
    }
}
