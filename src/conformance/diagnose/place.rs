//! A combination of outputs, and its weights in other ways.

use super::formula::Formula;
use crate::schedule::{Curve, Point};
use crate::solver::{Method, Step, final_weights, multistep_weights, stage_weights};

/// A step, or a stage of one, with the outputs that it combines.
pub(super) struct Place<'a> {
    pub(super) formula: Formula,
    /// The step to here.
    pub(super) step: Step<f64>,
    /// The whole step: longer than the step to here if this is a stage.
    pub(super) whole: Step<f64>,
    /// Where the outputs stand, in the order of the weights.
    pub(super) history: Vec<&'a Point<f64>>,
    /// The positions of a single-step formula's stages in the whole step.
    pub(super) stages: Vec<f64>,
    /// Where it leads to.
    pub(super) target: &'a Point<f64>,
    pub(super) curve: &'a Curve<f64>,
}

pub(super) fn lambda(point: &Point<f64>) -> f64 {
    point.lambda.finite().copied().unwrap_or(f64::NAN)
}

impl Place<'_> {
    /// The weights of the formula itself: newest first of a multistep formula, oldest first of a
    /// single-step one.
    pub(super) fn plain(&self) -> Vec<f64> {
        match self.formula {
            Formula::Multistep(_) => self.weights(&self.ratios(lambda)),
            _ => self.weights(&self.stages),
        }
    }

    /// The formula's weights with other ratios of steps, or other positions of the stages.
    pub(super) fn weights(&self, ratios: &[f64]) -> Vec<f64> {
        self.of_step(1.0, ratios)
    }

    /// Those weights over a step that is `factor` times as long.
    pub(super) fn of_step(&self, factor: f64, ratios: &[f64]) -> Vec<f64> {
        let [step, whole] = [&self.step, &self.whole].map(|it| it.part(&factor));
        match self.formula {
            Formula::Multistep(method) => multistep_weights(method, &step, ratios),
            Formula::Stage(_, stage, _) => stage_weights(&whole, ratios, stage),
            Formula::Last(method) => final_weights(method, &step, ratios),
        }
    }

    /// The older steps over this one, in a coordinate.
    pub(super) fn ratios(&self, coordinate: impl Fn(&Point<f64>) -> f64) -> Vec<f64> {
        let places: Vec<f64> = self.history.iter().map(|it| coordinate(it)).collect();
        let first = places.first().copied().unwrap_or(f64::NAN);
        let size = coordinate(self.target) - first;
        places
            .windows(2)
            .map(|pair| (pair[0] - pair[1]) / size)
            .collect()
    }

    /// A single-step formula's weights with its differences from the first output times a factor.
    pub(super) fn with_differences(&self, factor: f64) -> Vec<f64> {
        let mut weights = self.plain();
        let all: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight *= factor);
        if let Some(first) = weights.first_mut() {
            *first += (1.0 - factor) * all;
        }
        weights
    }

    /// The weight of a step of order 1 to here.
    pub(super) fn first_order(&self) -> Vec<f64> {
        final_weights(Method::Ddim, &self.step, &[])
    }

    /// The weights that integrate the polynomial through the outputs in another coordinate.
    pub(super) fn interpolated(&self, coordinate: impl Fn(&Point<f64>) -> f64) -> Vec<f64> {
        if self.history.len() == 1 {
            return self.weights(&[]);
        }
        let start = self.history.first().map_or(f64::NAN, |it| lambda(it));
        let places: Vec<f64> = self.history.iter().map(|it| coordinate(it)).collect();
        let basis = |k: usize, x: f64| -> f64 {
            let others = places.iter().enumerate().filter(|(i, _)| *i != k);
            others
                .map(|(_, place)| (x - place) / (places[k] - place))
                .product()
        };
        let weight = |k: usize| {
            integral(|part| {
                let there = self.curve.at_lambda(&(start + part * self.step.h));
                (self.step.z * (1.0 - part)).exp() * basis(k, coordinate(&there))
            })
        };
        (0..places.len()).map(|k| self.step.h * weight(k)).collect()
    }
}

/// From 0 to 1, by Gauss and Legendre's five points on each of 16 parts.
fn integral(f: impl Fn(f64) -> f64) -> f64 {
    const PARTS: usize = 16;
    const RULE: [(f64, f64); 3] = [
        (0.0, 0.568_888_888_888_888_9),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (0.906_179_845_938_664, 0.236_926_885_056_189_08),
    ];
    let half = 0.5 / PARTS as f64;
    let part = |i: usize| {
        let middle = (2 * i + 1) as f64 * half;
        let pairs = RULE.iter().map(|(place, weight)| {
            let sides = [middle + half * place, middle - half * place].map(&f);
            let sum = if *place == 0.0 {
                sides[0]
            } else {
                sides[0] + sides[1]
            };
            weight * sum
        });
        pairs.sum::<f64>()
    };
    half * (0..PARTS).map(part).sum::<f64>()
}
