//! What a network is shown and what its output means, solved from the definitions of the predictions.
//!
//! A network's output is F = a x_0 + b eps, the state x = alpha x_0 + sigma eps. The weights (k, l) of
//! m = k x + l F solve k (alpha, sigma) + l (a, b) = (1, 0) for x_0, or (0, 1) for eps.

use super::number::Number;
use crate::arithmetic::rational;
use crate::grid::Rounding;
use crate::plan::{Node, Request};
use crate::prediction::Prediction;
use crate::recipe::StateSpace;
use crate::schedule::{Lambda, Point, Schedule};
use crate::solver::Side;

/// m = `state` x + `output` F.
#[derive(Clone)]
pub(super) struct Conversion {
    pub(super) state: Number,
    pub(super) output: Number,
}

/// The node at a level in the plan's state space, and the conversion of outputs made there.
pub(super) fn node(level: Point<Number>, request: &Request) -> Option<(Node<Number>, Conversion)> {
    let label = label(&level, request)?;
    let one = level.alpha.constants().integer(1);
    // Nothing is evaluated where no noise is left; this conversion there is never used.
    let unused = || Conversion {
        state: one.clone(),
        output: one.clone(),
    };
    let conversion = match level.lambda {
        Lambda::NoNoise => unused(),
        _ => converted(&level, request),
    };
    let own_space = match &request.schedule {
        Schedule::Edm(_) => StateSpace::Ve,
        Schedule::Flow(_) => StateSpace::Flow,
        Schedule::VpLinear(_) | Schedule::VpCosine(_) | Schedule::Discrete(_) => StateSpace::Vp,
    };
    if request.recipe.state_space == own_space {
        let node = Node {
            input_scale: input_scale(&level, request),
            point: level,
            label,
        };
        return Some((node, conversion));
    }
    // States are x/alpha; the network is shown alpha (x/alpha).
    let moved = Conversion {
        state: conversion.state * &level.alpha,
        ..conversion
    };
    let point = Point {
        t: level.t,
        alpha: one,
        sigma: &level.sigma / &level.alpha,
        lambda: level.lambda,
    };
    let node = Node {
        point,
        label,
        input_scale: level.alpha,
    };
    Some((node, moved))
}

/// c_in of [EDM] table 1, else 1.
fn input_scale(level: &Point<Number>, request: &Request) -> Number {
    let one = level.sigma.constants().integer(1);
    match request.recipe.prediction {
        Prediction::Edm => (&one / edm_total(level, request)).sqrt(),
        _ => one,
    }
}

/// sigma^2 + sigma_data^2.
fn edm_total(level: &Point<Number>, request: &Request) -> Number {
    level.sigma.square() + sigma_data(level, request).square()
}

fn converted(level: &Point<Number>, request: &Request) -> Conversion {
    let (alpha, sigma) = (&level.alpha, &level.sigma);
    let constants = alpha.constants();
    let (zero, one) = (constants.integer(0), constants.integer(1));
    let (a, b) = match request.recipe.prediction {
        Prediction::Noise => (zero, one),
        Prediction::Data => (one, zero),
        Prediction::V => (-sigma, alpha.clone()),
        Prediction::Flow => (-&one, one),
        Prediction::Score => (zero, -(one / sigma)),
        Prediction::Edm => {
            // D = c_skip x + c_out F is x_0 (Karras et al. 2022, table 1).
            let (data, total) = (sigma_data(level, request), edm_total(level, request));
            let skip = data.square() / &total;
            let out = sigma * data / total.sqrt();
            ((one - &skip * alpha) / &out, -(skip * sigma / out))
        }
    };
    let determinant = alpha * &b - sigma * &a;
    match request.recipe.solver.entry.side {
        Side::Data => Conversion {
            state: b / &determinant,
            output: -sigma / determinant,
        },
        Side::Noise => Conversion {
            state: -a / &determinant,
            output: alpha / determinant,
        },
    }
}

fn sigma_data(level: &Point<Number>, request: &Request) -> Number {
    let sigma_data = match &request.schedule {
        Schedule::Edm(edm) => edm.sigma_data,
        _ => rational(1, 2),
    };
    level.sigma.constants().parameter(sigma_data)
}

/// What the network is told; the outer option is empty while a rounded label is undecided.
fn label(level: &Point<Number>, request: &Request) -> Option<Option<Number>> {
    let value = match (&request.schedule, &level.lambda) {
        (_, Lambda::NoNoise) => None,
        (Schedule::Edm(_), _) => Some(level.sigma.ln().scaled(1, 4)),
        (Schedule::Flow(_), _) => Some(level.sigma.scaled(1000, 1)),
        _ => level.t.clone(),
    };
    let Some(value) = value else {
        return Some(None);
    };
    let constants = value.constants();
    match request.grid.rounding {
        Rounding::None => Some(Some(value)),
        Rounding::Index => {
            let nearest = value.nearest_integer()?;
            Some(Some(constants.exact(nearest.into())))
        }
        Rounding::Floor => match value.floors()? {
            (low, high) if low == high => Some(Some(constants.integer(low))),
            _ => None,
        },
    }
}
