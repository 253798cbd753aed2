//! The levels that a grid visits, from the definitions in `spec/grids.md`.

use super::levels::{Levels, shifted};
use super::number::{Number, nearest_even};
use crate::arithmetic::{self, rational};
use crate::grid::{Convention, Ends, Indices, Pattern, Shift, Spacing, Unit};
use crate::plan::Request;
use crate::schedule::{Lambda, Point, Schedule};
use rug::Rational;

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
            let place = |(i, value)| explicit(levels, *unit, value, i == last);
            values.iter().copied().enumerate().map(place).collect()
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

/// True if the policy or the grid asks for a last step to sigma = 0.
pub(super) fn ends_without_noise(request: &Request) -> bool {
    request.recipe.policy.zero || request.grid.ends == Ends::Zero
}

fn explicit(
    levels: &Levels<'_>,
    unit: Unit,
    value: arithmetic::Rational,
    last: bool,
) -> Point<Number> {
    let none_left = last && value == rational(0, 1);
    match unit {
        Unit::Lambda => levels.at_lambda(levels.constants.parameter(value)),
        Unit::Sigma if none_left => levels.no_noise(),
        Unit::Sigma => levels.at_rho(levels.constants.parameter(value)),
        Unit::Time if none_left && !levels.is_discrete() => levels.no_noise(),
        Unit::Time => levels.at_exact(value),
    }
}

/// Indices of a discrete schedule: numpy's linspace, multiples of a ratio, or counted from the end.
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
    let nearest = |num: usize, den: usize| nearest_even(&Rational::from((num, den))).to_usize();
    let index = |i: usize| match indices.pattern {
        Pattern::Linspace(convention) => {
            // The points 0, .., top reversed; DPMSolverMultistepScheduler drops the last.
            let parts = match convention {
                Convention::Ddim => steps.checked_sub(1)?,
                Convention::Dpm => steps,
            };
            match parts {
                0 => Some(0),
                _ => nearest((parts - i) * (used - 1), parts),
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
            let above = nearest((used * steps).checked_sub(count * i)?, steps)?;
            above.checked_sub(1)
        }
    };
    (0..steps)
        .map(|i| {
            let k = index(i).filter(|k| *k < count)?;
            Some(levels.at_exact(rational(k as i128, 1)))
        })
        .collect()
}

/// `intervals` + 1 levels between the ends of the domain.
fn ramp(request: &Request, levels: &Levels<'_>, intervals: usize) -> Option<Vec<Point<Number>>> {
    let (start, end) = request.domain.unwrap_or_else(|| domain(&request.schedule));
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
        Spacing::Flow { shift, terminal } if t != rational(1, 1) => {
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
        Spacing::Flow { shift, terminal } => {
            levels.at(moved(&mean(&start, &end), &end, *shift, *terminal))
        }
        Spacing::Quadratic => {
            // The square of the mean of the roots, multiplied out.
            let mixed = (&start * &end).sqrt() * &before * &after;
            levels.at(start * before.square() + end * after.square() + mixed.scaled(2, 1))
        }
        Spacing::Beta { .. } | Spacing::Indexed(_) | Spacing::Nodes(..) => return None,
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
