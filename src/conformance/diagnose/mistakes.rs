//! Known mistakes in the steps of multistep samplers.

use super::twist::{PLAIN, Twist, lambda};
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
        Twist {
            name: $name,
            weights: |place| {
                let ratios: Vec<f64> = place.ratios(lambda).into_iter().map($ratio).collect();
                place.weights(&ratios)
            },
            ..PLAIN
        }
    };
}

pub(super) const MISTAKES: &[Twist] = &[
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
    Twist {
        name: "with ratios of steps taken in t",
        weights: |place| place.weights(&place.ratios(time)),
        ..PLAIN
    },
    Twist {
        name: "with ratios of steps taken in sigma",
        weights: |place| place.weights(&place.ratios(sigma)),
        ..PLAIN
    },
    Twist {
        name: "with ratios of steps taken in ln sigma",
        weights: |place| place.weights(&place.ratios(log_sigma)),
        ..PLAIN
    },
    Twist {
        name: "with its outputs interpolated in t (Adams-Bashforth in t)",
        weights: |place| place.interpolated(time),
        ..PLAIN
    },
    Twist {
        name: "with its outputs interpolated in sigma (Adams-Bashforth in sigma)",
        weights: |place| place.interpolated(sigma),
        ..PLAIN
    },
    Twist {
        name: "with lambda replaced by t",
        node: |point| point.lambda = Lambda::Finite(-time(point)),
        ..PLAIN
    },
    Twist {
        name: "with lambda replaced by ln sigma",
        node: |point| point.lambda = Lambda::Finite(-log_sigma(point)),
        ..PLAIN
    },
    Twist {
        name: "with the sign of its steps in lambda flipped",
        ends: |from, to| std::mem::swap(&mut from.lambda, &mut to.lambda),
        ..PLAIN
    },
    Twist {
        name: "with alpha of a step's start at its end",
        ends: |from, to| to.alpha = from.alpha,
        ..PLAIN
    },
    Twist {
        name: "with sigma of a step's start at its end",
        ends: |from, to| to.sigma = from.sigma,
        ..PLAIN
    },
    Twist {
        name: "with the variance of its noise for the deviation",
        noise: |draw| draw.factor * draw.factor / draw.sigma,
        ..PLAIN
    },
    Twist {
        name: "with its noise halved",
        noise: |draw| draw.factor / 2.0,
        ..PLAIN
    },
    Twist {
        name: "with its noise doubled",
        noise: |draw| draw.factor * 2.0,
        ..PLAIN
    },
    Twist {
        name: "with its noise times the root of 2",
        noise: |draw| draw.factor * std::f64::consts::SQRT_2,
        ..PLAIN
    },
    Twist {
        name: "with its noise over the root of 2",
        noise: |draw| draw.factor / std::f64::consts::SQRT_2,
        ..PLAIN
    },
    Twist {
        name: "with the noise of eta = 1",
        noise: |draw| draw.full,
        ..PLAIN
    },
    Twist {
        name: "with its noise left out",
        noise: |_| 0.0,
        ..PLAIN
    },
];
