//! Known mistakes in multistep formulas: what they do to the ratios of steps.

use crate::arithmetic::Real;
use crate::plan::{Instruction, Operand, Plan, Request, formulas};
use crate::schedule::Point;
use crate::solver::{Family, Step, multistep_weights};

/// A mistake: another ratio h_back/h in place of the right one.
pub(super) struct Twist {
    /// Behind "the reference".
    pub(super) name: &'static str,
    ratio: fn(&Place<'_>) -> f64,
}

/// A step and the one that made its `back`-th older output.
struct Place<'a> {
    /// The right ratio.
    ratio: f64,
    /// Ends of the older step, then of this one.
    points: [&'a Point<f64>; 4],
}

impl Place<'_> {
    /// The ratio of the steps in another coordinate.
    fn measured(&self, coordinate: impl Fn(&Point<f64>) -> f64) -> f64 {
        let [a, b, c, d] = self.points.map(coordinate);
        (b - a) / (d - c)
    }
}

pub(super) const TWISTS: &[Twist] = &[
    Twist {
        name: "with every ratio of steps inverted",
        ratio: |place| 1.0 / place.ratio,
    },
    Twist {
        name: "with equal steps assumed",
        ratio: |_| 1.0,
    },
    Twist {
        name: "with ratios of steps taken in t",
        ratio: |place| place.measured(|point| point.t.unwrap_or(f64::NAN)),
    },
    Twist {
        name: "with ratios of steps taken in sigma",
        ratio: |place| place.measured(|point| point.sigma / point.alpha),
    },
    Twist {
        name: "with ratios of steps taken in ln sigma",
        ratio: |place| place.measured(|point| point.sigma.ln()),
    },
    Twist {
        name: "with the mean of two steps in place of the older one",
        ratio: |place| (1.0 + place.ratio) / 2.0,
    },
    Twist {
        name: "with its difference halved",
        ratio: |place| 2.0 * place.ratio,
    },
    Twist {
        name: "with its difference doubled",
        ratio: |place| place.ratio / 2.0,
    },
];

impl Twist {
    /// The plan with this mistake; none if it has no ratios.
    pub(super) fn apply(&self, request: &Request, plan: &Plan<f64>) -> Option<Plan<f64>> {
        let method = request.recipe.solver.method;
        if method.family() != Family::Multistep || method.outputs() < 2 {
            return None;
        }
        let policy = request.policy();
        let mut twisted = plan.clone();
        let mut step = 0;
        for instruction in &mut twisted.program {
            let Instruction::Combine { terms, .. } = instruction else {
                continue;
            };
            let formula = formulas::multistep(method, &policy, step, step, request.steps);
            let outputs = (terms.iter_mut()).filter(|term| matches!(term.0, Operand::Output(_)));
            let mut outputs: Vec<&mut f64> = outputs.map(|term| &mut term.1).collect();
            if outputs.len() > 1 {
                let (right, wrong) = self.weights(request, plan, step, formula, outputs.len())?;
                let factor = *outputs[0] / right.first()?;
                for (coefficient, weight) in outputs.iter_mut().zip(wrong) {
                    **coefficient = factor * weight;
                }
            }
            step += 1;
        }
        Some(twisted)
    }

    /// The right weights of a step, and the wrong ones.
    fn weights(
        &self,
        request: &Request,
        plan: &Plan<f64>,
        step: usize,
        formula: crate::solver::Method,
        outputs: usize,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        let point = |node: usize| plan.nodes.get(node).map(|node| &node.point);
        let size = |node: usize| -> Option<f64> {
            let end = point(node + 1)?.lambda.finite()?;
            Some(end - point(node)?.lambda.finite()?)
        };
        let h = size(step)?;
        let (mut right, mut wrong) = (Vec::new(), Vec::new());
        for back in 1..outputs {
            let older = step.checked_sub(back)?;
            let ratio = size(older)? / h;
            let points = [
                point(older)?,
                point(older + 1)?,
                point(step)?,
                point(step + 1)?,
            ];
            right.push(ratio);
            wrong.push((self.ratio)(&Place { ratio, points }));
        }
        let step = Step::new(h, &request.recipe.form().c(&h));
        let weights = |ratios: &[f64]| multistep_weights(formula, &step, ratios);
        let wrong = weights(&wrong);
        let finite = wrong.iter().all(Real::is_finite);
        finite.then(|| (weights(&right), wrong))
    }
}
