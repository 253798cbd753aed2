//! Known mistakes in the steps of multistep samplers.

use super::twist::{Named, ends, lambda, node, noise, weights};
use crate::schedule::{Lambda, Point};

fn time(point: &Point<f64>) -> f64 {
    point.t.unwrap_or(f64::NAN)
}

fn sigma(point: &Point<f64>) -> f64 {
    point.sigma / point.alpha
}

fn log_sigma(point: &Point<f64>) -> f64 {
    point.sigma.ln()
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

pub(super) const MISTAKES: &[Named] = &[
    ratios!("with every ratio of steps inverted", |ratio| 1.0 / ratio),
    ratios!("with equal steps assumed", |_| 1.0),
    ratios!(
        "with the mean of two steps in place of the older one",
        |ratio| (1.0 + ratio) / 2.0
    ),
    ratios!("with its difference halved", |ratio| 2.0 * ratio),
    ratios!("with its difference doubled", |ratio| ratio / 2.0),
    ratios!("with the sign of its difference flipped", |ratio: f64| {
        -ratio
    }),
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
    node("with lambda replaced by t", |point| {
        point.lambda = Lambda::Finite(-time(point))
    }),
    node("with lambda replaced by ln sigma", |point| {
        point.lambda = Lambda::Finite(-log_sigma(point))
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
