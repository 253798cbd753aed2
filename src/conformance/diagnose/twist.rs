//! A plan whose steps are computed in another way.

use crate::plan::{Instruction, Operand, Plan, Request, formulas};
use crate::schedule::{Curve, Lambda, Point};
use crate::solver::{Family, Form, Method, Step, Transfer, multistep_weights};

/// What a sampler does otherwise in every step; what it does as the plan is that of [`PLAIN`].
pub(super) struct Twist {
    /// What it takes a node for.
    pub(super) node: fn(&mut Point<f64>),
    /// What it takes the two ends of a step for, besides.
    pub(super) ends: fn(&mut Point<f64>, &mut Point<f64>),
    /// Its weights on the outputs, newest first.
    pub(super) weights: fn(&Place<'_>) -> Vec<f64>,
    /// Its factor of a noise.
    pub(super) noise: fn(&Draw) -> f64,
}

/// The plan itself.
pub(super) const PLAIN: Twist = Twist {
    node: |_| (),
    ends: |_, _| (),
    weights: |place| place.weights(&place.ratios(lambda)),
    noise: |draw| draw.factor,
};

/// What a twist is called, behind "the reference" or "as by".
pub(super) type Named = (&'static str, Twist);

/// Another node.
pub(super) const fn node(name: &'static str, node: fn(&mut Point<f64>)) -> Named {
    (name, Twist { node, ..PLAIN })
}

/// Other ends of a step.
pub(super) const fn ends(name: &'static str, ends: fn(&mut Point<f64>, &mut Point<f64>)) -> Named {
    (name, Twist { ends, ..PLAIN })
}

/// Other weights.
pub(super) const fn weights(name: &'static str, weights: fn(&Place<'_>) -> Vec<f64>) -> Named {
    (name, Twist { weights, ..PLAIN })
}

/// Another noise.
pub(super) const fn noise(name: &'static str, noise: fn(&Draw) -> f64) -> Named {
    (name, Twist { noise, ..PLAIN })
}

/// A step with the outputs that it combines.
pub(super) struct Place<'a> {
    method: Method,
    /// The step.
    pub(super) step: Step<f64>,
    /// Where the outputs stand, newest first: at the step's start, and before it.
    history: Vec<&'a Point<f64>>,
    /// The step's end.
    target: &'a Point<f64>,
    curve: &'a Curve<f64>,
}

/// A noise that is added.
pub(super) struct Draw {
    /// Its factor.
    pub(super) factor: f64,
    /// The factor at eta = 1.
    pub(super) full: f64,
    /// sigma at the step's end.
    pub(super) sigma: f64,
}

pub(super) fn lambda(point: &Point<f64>) -> f64 {
    point.lambda.finite().copied().unwrap_or(f64::NAN)
}

impl Place<'_> {
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

    /// The formula's weights with other ratios.
    pub(super) fn weights(&self, ratios: &[f64]) -> Vec<f64> {
        multistep_weights(self.method, &self.step, ratios)
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

impl Twist {
    /// The plan of a multistep solver with this twist; none of another family, or beyond f64.
    pub(super) fn apply(&self, request: &Request, plan: &Plan<f64>) -> Option<Plan<f64>> {
        let method = request.recipe.solver.method;
        if method.family() != Family::Multistep {
            return None;
        }
        let curve = Curve::new(&request.schedule, &1.0_f64);
        let mut points: Vec<Point<f64>> = plan.nodes.iter().map(|it| it.point.clone()).collect();
        points.iter_mut().for_each(self.node);
        let policy = request.policy();
        let mut twisted = plan.clone();
        let combinations = twisted.program.iter_mut().filter_map(|it| match it {
            Instruction::Combine { terms, .. } => Some(terms),
            Instruction::Evaluate { .. } => None,
        });
        for (i, terms) in combinations.enumerate() {
            let (mut from, mut to) = (points.get(i)?.clone(), points.get(i + 1)?.clone());
            (self.ends)(&mut from, &mut to);
            let outputs = terms.iter().filter(|it| matches!(it.0, Operand::Output(_)));
            let outputs = outputs.count();
            let h = lambda(&to) - lambda(&from);
            let ordinary = is_inside(&from) && is_inside(&to) && method != Method::DdimEta;
            let form = request.recipe.form();
            let transfer = ordinary.then(|| form.transfer(&from, &to, &h));
            if let Some(Transfer { state, output, .. }) = &transfer {
                let place = Place {
                    method: formulas::multistep(method, &policy, i, i, request.steps),
                    step: Step::new(h, &form.c(&h)),
                    history: (0..outputs)
                        .map(|back| points.get(i - back))
                        .collect::<Option<_>>()?,
                    target: points.get(i + 1)?,
                    curve: &curve,
                };
                let mut weights = (self.weights)(&place).into_iter();
                for (operand, factor) in terms.iter_mut() {
                    match operand {
                        Operand::State(_) => *factor = *state,
                        Operand::Output(_) => *factor = output * weights.next()?,
                        Operand::Noise(_) => {}
                    }
                }
            }
            let full = Form {
                eta: crate::arithmetic::rational(1, 1),
                ..form
            };
            for (_, factor) in terms
                .iter_mut()
                .filter(|it| matches!(it.0, Operand::Noise(_)))
            {
                *factor = (self.noise)(&Draw {
                    factor: transfer.as_ref().and_then(|it| it.noise).unwrap_or(*factor),
                    full: full.transfer(&from, &to, &h).noise.unwrap_or(*factor),
                    sigma: to.sigma,
                });
            }
            if terms.iter().any(|(_, factor)| !factor.is_finite()) {
                return None;
            }
        }
        Some(twisted)
    }
}

fn is_inside(point: &Point<f64>) -> bool {
    matches!(point.lambda, Lambda::Finite(_))
}
