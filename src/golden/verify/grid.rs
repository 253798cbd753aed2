//! The levels that a grid visits, from the definitions in `spec/grids.md`.

use super::levels::{Levels, shifted};
use super::number::{Number, nearest_even};
use super::quantile::quantile;
use crate::arithmetic::{self, rational};
use crate::grid::{Convention, Ends, Indices, Pattern, Shift, Spacing, Unit};
use crate::plan::Request;
use crate::schedule::{Lambda, Point, Schedule};
use rug::{Float, Rational};

/// The levels of the request's grid for `steps` steps; none if the request defines no such grid.
pub(super) fn visited(
    request: &Request,
    levels: &Levels<'_>,
    steps: usize,
) -> Option<Vec<Point<Number>>> {
    let to_zero = ends_without_noise(request);
    let mut points = match &request.grid.spacing {
        Spacing::Nodes(unit, values) => {
            let last = values.len().checked_sub(1)?;
            let place = |(i, value)| explicit(levels, *unit, value, to_zero && i == last);
            return Some(values.iter().copied().enumerate().map(place).collect());
        }
        Spacing::Indexed(indices) => {
            let mut points = indexed(*indices, &request.schedule, levels, steps)?;
            if !to_zero {
                points.push(levels.at_exact(rational(0, 1)));
            }
            points
        }
        _ => {
            let intervals = if to_zero {
                steps.checked_sub(1)?
            } else {
                steps
            };
            ramp(request, levels, intervals)?
        }
    };
    if to_zero {
        points.push(levels.no_noise());
    }
    Some(points)
}

/// True if the policy or the grid asks for a last step to sigma = 0, or the last explicit node is it.
pub(super) fn ends_without_noise(request: &Request) -> bool {
    let zero_is_no_noise = |unit| match unit {
        Unit::Sigma => true,
        Unit::Time => !matches!(request.schedule, Schedule::Discrete(_)),
        Unit::Lambda => false,
    };
    match &request.grid.spacing {
        Spacing::Nodes(unit, values) => {
            zero_is_no_noise(*unit) && values.last() == Some(&rational(0, 1))
        }
        _ => request.recipe.policy.zero || request.grid.ends == Ends::Zero,
    }
}

fn explicit(
    levels: &Levels<'_>,
    unit: Unit,
    value: arithmetic::Rational,
    none_left: bool,
) -> Point<Number> {
    match unit {
        _ if none_left => levels.no_noise(),
        Unit::Lambda => levels.at_lambda(levels.constants.parameter(value)),
        Unit::Sigma => levels.at_rho(levels.constants.parameter(value)),
        Unit::Time => levels.at_exact(value),
    }
}

/// Indices of a discrete schedule: numpy's linspace, multiples of a ratio, or counted from the end.
///
/// The libraries compute them in float64; each operation is emulated in MPFR at 53 bits.
fn indexed(
    indices: Indices,
    schedule: &Schedule,
    levels: &Levels<'_>,
    steps: usize,
) -> Option<Vec<Point<Number>>> {
    let Schedule::Discrete(discrete) = schedule else {
        return None;
    };
    let count = discrete.count;
    let used = indices.top.map_or(count, |top| top + 1);
    let nearest = |x: Float| nearest_even(&x.to_rational()?).to_usize();
    let index = |i: usize| match indices.pattern {
        Pattern::Linspace(convention) => {
            // numpy.linspace(0, top, parts + 1) reversed: k step, and the last exactly;
            // DPMSolverMultistepScheduler drops what is then the last.
            let parts = match convention {
                Convention::Ddim => steps.checked_sub(1)?,
                Convention::Dpm => steps,
            };
            match parts.checked_sub(i)? {
                0 => Some(0),
                k if k == parts => Some(used - 1),
                k => nearest(double(used - 1) / double(parts) * double(k)),
            }
        }
        Pattern::Leading(convention, offset) => {
            let parts = match convention {
                Convention::Ddim => steps,
                Convention::Dpm => steps + 1,
            };
            Some((parts - 1 - i) * used.checked_div(parts)? + offset)
        }
        Pattern::Trailing => {
            // numpy.arange(used, 0, -count/steps) adds multiples of the difference of its first two.
            let first = double(used);
            let second = &first - double(count) / double(steps);
            let difference = second - &first;
            nearest(difference * double(i) + first)?.checked_sub(1)
        }
        Pattern::Beta(a, b) => {
            let probability = rational((steps - i) as i128, steps as i128);
            let quantile = quantile(a, b, probability, levels.constants)?;
            nearest(double(used - 1) * quantile)
        }
    };
    (0..steps)
        .map(|i| {
            let k = index(i).filter(|k| *k < count)?;
            Some(levels.at_exact(rational(k as i128, 1)))
        })
        .collect()
}

fn double(value: usize) -> Float {
    Float::with_val(53, value)
}

/// `intervals` + 1 levels between the ends of the domain.
fn ramp(request: &Request, levels: &Levels<'_>, intervals: usize) -> Option<Vec<Point<Number>>> {
    let (start, end) = match request.grid.spacing {
        // (1 - 1/n)(N - i)/N for i < N.
        Spacing::Flow { train: Some(n), .. } if intervals > 0 => {
            let part = |i: usize| rational(((n - 1) * i) as i128, (n * (intervals + 1)) as i128);
            (part(intervals + 1), part(1))
        }
        Spacing::Flow { train: Some(n), .. } => {
            let first = rational(n as i128 - 1, n as i128);
            (first, first)
        }
        _ => request.domain.unwrap_or_else(|| domain(&request.schedule)),
    };
    let (first, last) = (
        edge(request, levels, start, end),
        edge(request, levels, end, end),
    );
    let mut points = vec![first.clone()];
    for i in 1..intervals {
        points.push(between(
            request,
            levels,
            (&first, &last),
            (start, end),
            (i, intervals),
        )?);
    }
    if intervals > 0 {
        points.push(last);
    }
    Some(points)
}

fn edge(
    request: &Request,
    levels: &Levels<'_>,
    t: arithmetic::Rational,
    end: arithmetic::Rational,
) -> Point<Number> {
    match request.grid.spacing {
        Spacing::Flow {
            shift, terminal, ..
        } if t != rational(1, 1) => {
            let [t, end] = [t, end].map(|t| levels.constants.parameter(t));
            levels.at(moved(&t, &end, shift, terminal))
        }
        _ => levels.at_exact(t),
    }
}

/// A flow time after the grid's own shift, its distance to 1 scaled so that `end` becomes `terminal`.
fn moved(
    time: &Number,
    end: &Number,
    shift: Shift,
    terminal: Option<arithmetic::Rational>,
) -> Number {
    let constants = time.constants();
    let shift = match shift {
        Shift::By(shift) => constants.parameter(shift),
        Shift::Exp(mu) => constants.parameter(mu).exp(),
    };
    let one = constants.integer(1);
    let left = |s: &Number| &one - shifted(s, &shift);
    match terminal {
        None => shifted(time, &shift),
        Some(terminal) => {
            let stretch = (&one - constants.parameter(terminal)) / left(end);
            &one - left(time) * stretch
        }
    }
}

/// Level i of n between the ends: the spacing's coordinate is (1 - i/n) first + (i/n) last.
fn between(
    request: &Request,
    levels: &Levels<'_>,
    (first, last): (&Point<Number>, &Point<Number>),
    (start, end): (arithmetic::Rational, arithmetic::Rational),
    (i, n): (usize, usize),
) -> Option<Point<Number>> {
    let constants = levels.constants;
    let (after, before) = (constants.ratio(i, n), constants.ratio(n - i, n));
    let mean = |from: &Number, to: &Number| from * &before + to * &after;
    let [start, end] = [start, end].map(|t| constants.parameter(t));
    let rho = |point: &Point<Number>| &point.sigma / &point.alpha;
    let point = match &request.grid.spacing {
        Spacing::Lambda | Spacing::Exponential => {
            levels.at_lambda(mean(finite(first)?, finite(last)?))
        }
        Spacing::Polyexponential(p) => {
            let weight = before.pow(*p);
            let rest = constants.integer(1) - &weight;
            levels.at_lambda(finite(first)? * weight + finite(last)? * rest)
        }
        Spacing::Karras(p) => {
            let root = |point| rho(point).pow(p.recip());
            levels.at_rho(mean(&root(first), &root(last)).pow(*p))
        }
        Spacing::Time => {
            let t = mean(&start, &end);
            match t.as_exact() {
                Some(t) => levels.at_exact(small(t)?),
                None => levels.at(t),
            }
        }
        Spacing::Flow {
            shift, terminal, ..
        } => levels.at(moved(&mean(&start, &end), &end, *shift, *terminal)),
        Spacing::Quadratic => {
            // The square of the mean of the roots, multiplied out.
            let mixed = (&start * &end).sqrt() * &before * &after;
            levels.at(start * before.square() + end * after.square() + mixed.scaled(2, 1))
        }
        Spacing::Beta { a, b, on_sigma } => {
            let probability = rational((n - i) as i128, n as i128);
            let weight = constants.float(quantile(*a, *b, probability, constants)?);
            let rest = constants.integer(1) - &weight;
            let mean = |from: &Number, to: &Number| from * &weight + to * &rest;
            match on_sigma {
                true => levels.at_rho(mean(&rho(first), &rho(last))),
                false => levels.at(mean(&start, &end)),
            }
        }
        Spacing::Indexed(_) | Spacing::Nodes(..) => return None,
    };
    Some(point)
}

fn finite(point: &Point<Number>) -> Option<&Number> {
    match &point.lambda {
        Lambda::Finite(lambda) => Some(lambda),
        Lambda::NoSignal | Lambda::NoNoise => None,
    }
}

fn small(value: &Rational) -> Option<arithmetic::Rational> {
    Some(rational(value.numer().to_i128()?, value.denom().to_i128()?))
}

/// Where a schedule's grids begin and end unless a request says otherwise.
fn domain(schedule: &Schedule) -> (arithmetic::Rational, arithmetic::Rational) {
    let thousandth = rational(1, 1000);
    match schedule {
        Schedule::VpLinear(_) | Schedule::Flow(_) => (rational(1, 1), thousandth),
        Schedule::VpCosine(_) => (rational(4973, 5000), thousandth),
        Schedule::Edm(_) => (rational(80, 1), rational(1, 500)),
        Schedule::Discrete(discrete) => (rational(discrete.count as i128 - 1, 1), rational(0, 1)),
    }
}
