//! Known mistakes in the steps of samplers.

use super::formula::Formula;
use super::place::lambda;
use super::twist::{Coordinate, Named, PLAIN, Twist, ends, node, noise, stages, weights};
use crate::recipe::StateSpace;
use crate::schedule::{Curve, Lambda, Point};
use crate::solver::Family;

/// The mistakes that a sampler of a family may make.
pub(super) fn of(family: Family) -> impl Iterator<Item = &'static Named> {
    let own = match family {
        Family::Multistep => MULTISTEP,
        Family::Singlestep => SINGLESTEP,
    };
    own.iter().chain(ANY)
}

fn time(point: &Point<f64>) -> f64 {
    point.t.unwrap_or(f64::NAN)
}

fn sigma(point: &Point<f64>) -> f64 {
    point.sigma / point.alpha
}

fn log_sigma(point: &Point<f64>) -> f64 {
    point.sigma.ln()
}

const IN_TIME: Coordinate = Coordinate {
    of: time,
    at: |curve, _, time| curve.at_time(&time),
};

const IN_SIGMA: Coordinate = Coordinate {
    of: sigma,
    at: |curve, _, sigma| curve.at_rho(&sigma),
};

const IN_LOG_SIGMA: Coordinate = Coordinate {
    of: log_sigma,
    at: |curve: &Curve<f64>, space, log_sigma| {
        let sigma = log_sigma.exp();
        curve.at_rho(&match space {
            StateSpace::Vp => sigma / ((1.0 - sigma) * (1.0 + sigma)).sqrt(),
            StateSpace::Ve => sigma,
            StateSpace::Flow => sigma / (1.0 - sigma),
        })
    },
};

/// lambda replaced by another coordinate, in which the stages lie, too.
const fn replaced(name: &'static str, node: fn(&mut Point<f64>), by: Coordinate) -> Named {
    let stages = Some(by);
    (
        name,
        Twist {
            node,
            stages,
            ..PLAIN
        },
    )
}

/// The formula's weights with every ratio of steps replaced.
macro_rules! ratios {
    ($name:expr, $ratio:expr) => {
        weights($name, |place| {
            let ratios: Vec<f64> = place.ratios(lambda).into_iter().map($ratio).collect();
            place.weights(&ratios)
        })
    };
}

/// Of formulas that remember outputs.
const MULTISTEP: &[Named] = &[
    ratios!("with every ratio of steps inverted", |ratio| 1.0 / ratio),
    ratios!("with equal steps assumed", |_| 1.0),
    ratios!("with its difference halved", |ratio| 2.0 * ratio),
    ratios!("with its difference doubled", |ratio| ratio / 2.0),
    ratios!("with the sign of its difference flipped", |ratio: f64| {
        -ratio
    }),
    weights(
        "with the mean of two steps for its own, and the longer over the shorter for their ratio",
        |place| match place.ratios(lambda).as_slice() {
            [ratio] => place.of_step(f64::midpoint(1.0, *ratio), &[ratio.max(1.0 / ratio)]),
            _ => place.plain(),
        },
    ),
    weights("with ratios of steps taken in t", |place| {
        place.weights(&place.ratios(time))
    }),
    weights("with ratios of steps taken in sigma", |place| {
        place.weights(&place.ratios(sigma))
    }),
    weights("with ratios of steps taken in ln sigma", |place| {
        place.weights(&place.ratios(log_sigma))
    }),
    weights(
        "with its outputs interpolated in t (Adams-Bashforth in t)",
        |place| place.interpolated(time),
    ),
    weights(
        "with its outputs interpolated in sigma (Adams-Bashforth in sigma)",
        |place| place.interpolated(sigma),
    ),
];

/// Of formulas with stages.
const SINGLESTEP: &[Named] = &[
    stages("with its stages at their parts of the step in t", IN_TIME),
    stages(
        "with its stages at their parts of the step in sigma",
        IN_SIGMA,
    ),
    weights("with its difference halved", |place| {
        place.with_differences(0.5)
    }),
    weights("with its difference doubled", |place| {
        place.with_differences(2.0)
    }),
    weights("with the sign of its difference flipped", |place| {
        place.with_differences(-1.0)
    }),
    weights(
        "with the whole step in place of the part up to a stage",
        |place| match place.formula {
            Formula::Stage(_, stage, _) => {
                let parts = place
                    .stages
                    .iter()
                    .map(|part| part / place.stages[stage - 1]);
                place.weights(&parts.collect::<Vec<_>>())
            }
            _ => place.plain(),
        },
    ),
    weights("with a second stage of order 1", |place| {
        match place.formula {
            Formula::Stage(_, 2, _) => place.first_order(),
            _ => place.plain(),
        }
    }),
    weights("with r1 for r2 in its last combination", |place| {
        match (place.formula, place.stages.as_slice()) {
            (Formula::Last(_), [first, _]) => place.weights(&[*first, *first]),
            _ => place.plain(),
        }
    }),
    weights(
        "with the output of its first stage for that of its second",
        |place| {
            let mut weights = place.plain();
            if let (Formula::Last(_), [_, first, second]) = (place.formula, weights.as_mut_slice())
            {
                std::mem::swap(first, second);
            }
            weights
        },
    ),
    weights(
        "with the outputs of its last combination in reverse",
        |place| {
            let mut weights = place.plain();
            if matches!(place.formula, Formula::Last(_)) {
                weights.reverse();
            }
            weights
        },
    ),
];

/// Of any formula.
const ANY: &[Named] = &[
    replaced(
        "with lambda replaced by t",
        |point| point.lambda = Lambda::Finite(-time(point)),
        IN_TIME,
    ),
    replaced(
        "with lambda replaced by ln sigma",
        |point| point.lambda = Lambda::Finite(-log_sigma(point)),
        IN_LOG_SIGMA,
    ),
    node("with alpha and sigma swapped", |point| {
        std::mem::swap(&mut point.alpha, &mut point.sigma)
    }),
    weights("with the sign of its outputs flipped", |place| {
        place.plain().into_iter().map(|weight| -weight).collect()
    }),
    ends(
        "with the sign of its steps in lambda flipped",
        |from, to| std::mem::swap(&mut from.lambda, &mut to.lambda),
    ),
    ends("with alpha of a step's start at its end", |from, to| {
        to.alpha = from.alpha
    }),
    ends("with sigma of a step's start at its end", |from, to| {
        to.sigma = from.sigma
    }),
    noise("with the variance of its noise for the deviation", |draw| {
        draw.factor * draw.factor / draw.sigma
    }),
    noise("with its noise halved", |draw| draw.factor / 2.0),
    noise("with its noise doubled", |draw| draw.factor * 2.0),
    noise("with its noise times the root of 2", |draw| {
        draw.factor * std::f64::consts::SQRT_2
    }),
    noise("with its noise over the root of 2", |draw| {
        draw.factor / std::f64::consts::SQRT_2
    }),
    noise("with the noise of eta = 1", |draw| draw.full),
    noise("with its noise left out", |_| 0.0),
];
