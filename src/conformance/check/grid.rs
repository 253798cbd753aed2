//! The nodes that a sampler makes itself.

use super::super::sampler::{Element, Sampler, Stop};
use super::super::verdict::{Finding, Verdict};
use super::super::{Convention, Declaration, Precision};
use super::worst::{Seen, Worst, number};
use crate::arithmetic::{DoubleDouble, Real, Widened};
use crate::error::Result;
use crate::grid::Grid;
use crate::plan::Request;
use crate::schedule::Curve;

/// Grids that nodes may be taken for.
pub(in crate::conformance) const NAMED: &[&str] = &[
    "lambda",
    "time",
    "quadratic",
    "karras",
    "polyexponential:p=2",
    "linspace",
    "leading",
    "leading:ddim",
    "trailing",
    "flow",
    "flow:shift=3",
];

/// The nodes of a request's grid in a convention; none where an end has no finite time in it.
fn nodes<T: Real>(
    request: &Request,
    convention: Convention,
    witness: &T,
) -> Result<Option<Vec<T>>> {
    let Request { schedule, grid, .. } = request;
    let curve = Curve::new(schedule, witness);
    let points = grid.nodes(&curve, request.steps, schedule.domain())?;
    Ok(points.iter().map(|point| convention.told(point)).collect())
}

/// What the sampler makes of a grid.
pub(in crate::conformance) fn grid<S: Sampler>(
    sampler: &mut S,
    testee: &Declaration,
    request: &Request,
) -> Finding {
    let convention = testee.convention;
    let unit = testee.precision.schedule_unit();
    let expected = match nodes(request, convention, &Widened::exact(1.0, unit)) {
        Ok(Some(expected)) => expected,
        Ok(None) => {
            let reason = "an end of this grid has no finite time in its convention";
            return Finding::of(Verdict::NotApplicable, reason);
        }
        Err(error) => return Finding::of(Verdict::NotApplicable, error.to_string()),
    };
    if convention == Convention::Discrete && expected.iter().any(|t| t.to_f64().fract() != 0.0) {
        let reason = "its times are whole indices; this grid has others";
        return Finding::of(Verdict::NotApplicable, reason);
    }
    let made = match sampler.nodes(&request.schedule, &request.grid, request.steps) {
        Ok(made) => made,
        Err(Stop::Refused(reason)) => return Finding::of(Verdict::Skipped, reason),
        Err(stop) => return Finding::of(Verdict::Fails, stop.to_string()),
    };
    let made: Vec<f64> = made.iter().map(|time| time.to_f64()).collect();
    judged(&made, &expected, request, testee)
}

fn judged(made: &[f64], expected: &[Widened], request: &Request, testee: &Declaration) -> Finding {
    let steps = request.steps;
    let deviates = |words: String| Finding::of(Verdict::Deviates, words);
    if let Some(i) = made.iter().position(|time| !time.is_finite()) {
        return Finding::of(Verdict::Fails, format!("node {i} is {}", made[i]));
    }
    let alike = alike(made, request, testee);
    let known = |words: String| match &alike {
        Some(name) => format!("{words}; the nodes are {name}"),
        None => words,
    };
    if made.len() != expected.len() {
        let got = made.len();
        return deviates(known(format!(
            "{got} nodes; {steps} steps have {}",
            steps + 1
        )));
    }
    let rising = testee.convention == Convention::Lambda;
    let follows = |pair: &[f64]| match rising {
        true => pair[1] > pair[0],
        false => pair[1] < pair[0],
    };
    if let Some(i) = made.windows(2).position(|pair| !follows(pair)) {
        let (from, to) = (made[i], made[i + 1]);
        let words = match from == to {
            true if i + 1 == steps => {
                format!(
                    "the last node repeats the one before it, {from}: the last step does nothing"
                )
            }
            true => format!("node {} repeats node {i}, {from}", i + 1),
            false => format!("node {} at {to} lies before node {i} at {from}", i + 1),
        };
        return deviates(known(words));
    }
    let u = testee.precision.schedule_unit().relative;
    let mut worst = Worst::none(u);
    for (i, (time, node)) in made.iter().zip(expected).enumerate() {
        let seen = Seen {
            numbers: [*time, node.to_f64()],
            off: (DoubleDouble::exact(*time) - node.mid()).hi().abs(),
            allowed: node.radius(),
            size: node.to_f64().abs().max(f64::MIN_POSITIVE),
        };
        worst.see(seen, i);
    }
    let place = worst.place;
    let mut finding = worst.finding(|i, node| {
        known(match i {
            0 => format!("the grid starts at {}", node.told(", not at", "")),
            i if i == steps && node.right == 0.0 => {
                let got = number(node.got);
                format!("the grid ends at {got}: noise remains where it should end at 0")
            }
            i if i == steps => format!("the grid ends at {}", node.told(", not at", "")),
            i => format!("node {i} is {}", node.told(", not", "")),
        })
    });
    if let (Verdict::Deviates, Some((_, node))) = (finding.verdict, place) {
        let lost = node.lost_digits(expected.iter().map(Real::to_f64));
        if lost && alike.is_none() && node.right != 0.0 {
            finding.verdict = Verdict::Imprecise;
        }
        finding.nearest = alike;
    }
    finding
}

/// What else the nodes are.
fn alike(made: &[f64], request: &Request, testee: &Declaration) -> Option<String> {
    let convention = testee.convention;
    let right = nodes(request, convention, &1.0_f64).ok().flatten()?;
    let tolerance = match testee.precision {
        Precision::F64 => 1e-9,
        _ => 1e-4,
    };
    let equals = |nodes: &[f64]| {
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * b.abs().max(1e-6);
        nodes.len() == made.len() && nodes.iter().zip(made).all(near)
    };
    if equals(&right) {
        return None;
    }
    for parts in [1.0, 10.0, 100.0, 1000.0] {
        for (name, rounding) in [
            ("rounded", f64::round as fn(f64) -> f64),
            ("truncated", f64::floor),
        ] {
            let rounded: Vec<f64> = right.iter().map(|t| rounding(t * parts) / parts).collect();
            if made == rounded && made != right {
                return Some(format!("{name} to multiples of {}", 1.0 / parts));
            }
        }
    }
    for (steps, part, name) in [
        (
            request.steps + 1,
            0..request.steps + 1,
            "one step too many, without its last node",
        ),
        (
            request.steps + 1,
            1..request.steps + 2,
            "one step too many, without its first node",
        ),
        (
            request.steps.wrapping_sub(1),
            0..request.steps,
            "one step too few",
        ),
    ] {
        let other = Request {
            steps,
            ..request.clone()
        };
        let other = nodes(&other, convention, &1.0_f64).ok().flatten();
        if let Some(other) = other.as_ref().and_then(|other| other.get(part)) {
            let repeated: Vec<f64> = other.iter().chain(other.last()).copied().collect();
            if equals(other) || equals(&repeated) {
                return Some(format!("the grid of {name}"));
            }
        }
    }
    for name in NAMED {
        let Ok(grid) = Grid::parse(name) else {
            continue;
        };
        let grid = Grid {
            ends: request.grid.ends,
            ..grid
        };
        let other = Request {
            grid,
            ..request.clone()
        };
        let other = nodes(&other, convention, &1.0_f64).ok().flatten();
        if other.is_some_and(|other| equals(&other)) {
            return Some(format!("those of the grid {name}"));
        }
    }
    None
}
