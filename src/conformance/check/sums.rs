//! Order conditions on the rows themselves: what predictions 1, lambda and lambda^2/2 are carried to.

use super::super::Reference;
use super::super::case::integrated;
use super::super::verdict::{Finding, Verdict};
use super::Evidence;
use super::worst::{Seen, Worst};
use crate::arithmetic::{Field, Real, Widened, rational};
use crate::plan::{Instruction, Operand};
use crate::schedule::Point;
use crate::solver::{Side, Step};

/// What a prediction of some degree must be carried to.
#[derive(Clone, Debug)]
struct Condition {
    degree: u32,
    /// The row that is looked at.
    row: usize,
    /// The row before it and what of it is taken off: a step's own weights remain.
    less: Option<(usize, f64)>,
    /// Columns and the prediction's values there.
    terms: Vec<(usize, f64)>,
    expected: f64,
    /// How far an implementation in the format may be from it.
    allowed: f64,
    /// By how much the formula itself may miss it.
    short: f64,
    /// The largest term.
    size: f64,
}

impl Condition {
    /// What the rows of a run come to.
    fn of(&self, rows: &[Vec<f64>]) -> f64 {
        let entry = |column: usize| {
            let taken = self
                .less
                .map_or(0.0, |(row, part)| part * rows[row][column]);
            rows[self.row][column] - taken
        };
        (self.terms.iter())
            .map(|(column, value)| value * entry(*column))
            .sum()
    }
}

const DEGREES: [&str; 3] = [
    "a constant prediction",
    "a prediction linear in lambda",
    "a prediction quadratic in lambda",
];

impl Evidence<'_> {
    /// Every condition that the recipe's formulas fulfil for any sizes of the steps.
    pub(super) fn sums(&self) -> Finding {
        if self.response.labels.len() != self.reference.labels.len() {
            return self.calls();
        }
        let finite = self.finite();
        if finite.verdict != Verdict::Exact {
            return finite;
        }
        let mut worst = Worst::none(self.precision.unit().relative);
        let conditions = conditions(self.reference);
        if conditions.is_empty() {
            let reason = "its formulas fulfil no condition on these steps";
            return Finding::of(Verdict::NotApplicable, reason);
        }
        for condition in conditions {
            let got = condition.of(&self.response.rows);
            let seen = Seen {
                numbers: [got, condition.expected],
                off: (got - condition.expected).abs(),
                allowed: condition.allowed,
                size: condition.size,
            };
            worst.see_short(condition.short, seen, condition);
        }
        self.judged(worst, "the largest term", |condition, sum| {
            let name = self.row_name(condition.row);
            let what = DEGREES[condition.degree as usize];
            let clause = match condition.degree {
                0 => "",
                _ => " (CONFORM-SUMS-2)",
            };
            let sums = sum.told(", not to", " of the largest term");
            format!("{name}: {what} is carried to {sums}{clause}")
        })
    }
}

/// The conditions of a reference; none where the model's output is converted.
fn conditions(reference: &Reference) -> Vec<Condition> {
    let recipe = &reference.request.recipe;
    let side = recipe.form().side;
    if recipe.prediction != integrated(side) {
        return Vec::new();
    }
    let mut found = match (side, recipe.eta == rational(0, 1)) {
        // Added noise takes part of what the noise prediction carries.
        (Side::Noise, false) => Vec::new(),
        _ => constant(reference, side),
    };
    found.extend(steps(reference).iter().flat_map(Increment::conditions));
    found
}

/// Degree 0, over the whole run.
fn constant(reference: &Reference, side: Side) -> Vec<Condition> {
    let carried = |point: &Point<Widened>| match side {
        Side::Data => point.alpha,
        Side::Noise => point.sigma,
    };
    let points: Vec<&Point<Widened>> = reference.points().collect();
    let Some(first) = points.first().map(|point| carried(point)) else {
        return Vec::new();
    };
    let outputs = reference.columns.outputs;
    let condition = |(row, (point, entries)): (usize, (&&Point<Widened>, &Vec<Widened>))| {
        let value = |column| if column == 0 { first.to_f64() } else { 1.0 };
        let entries = entries.iter().take(1 + outputs).enumerate();
        let size = |(column, entry): (usize, &Widened)| (entry.to_f64() * value(column)).abs();
        let lost = |(column, entry): (usize, &Widened)| entry.radius() * value(column);
        let expected = carried(point);
        Condition {
            degree: 0,
            row,
            less: None,
            terms: (0..=outputs)
                .map(|column| (column, value(column)))
                .collect(),
            expected: expected.to_f64(),
            allowed: expected.radius() + first.radius() + entries.clone().map(lost).sum::<f64>(),
            short: 0.0,
            size: entries.map(size).fold(expected.to_f64().abs(), f64::max),
        }
    };
    let rows = points.iter().zip(&reference.rows).enumerate();
    rows.map(condition).collect()
}

/// A step or stage between two rows: x' = factor x + sum of weights times outputs.
struct Increment<'a> {
    source: (usize, &'a [Widened]),
    target: (usize, &'a [Widened]),
    factor: Widened,
    /// Column, distance in lambda from the source, weight.
    outputs: Vec<(usize, Widened, Widened)>,
    step: Step<Widened>,
    /// Of the solver's increment.
    scale: Widened,
}

/// Every increment between finite ends.
fn steps(reference: &Reference) -> Vec<Increment<'_>> {
    let plan = &reference.plan;
    let form = reference.request.recipe.form();
    // Where states and outputs stand: their row, and the point there.
    let last = (reference.rows.len() - 1, plan.nodes.last());
    let shown = plan
        .program
        .iter()
        .filter_map(|instruction| match instruction {
            Instruction::Evaluate { node, state, .. } => Some((*state, plan.nodes.get(*node))),
            Instruction::Combine { .. } => None,
        });
    let calls: Vec<_> = shown.collect();
    let of_state = |state: usize| {
        let call = calls.iter().position(|(it, _)| *it == state);
        let (row, node) = call.map_or(last, |call| (call, calls[call].1));
        node.map(|node| (row, &node.point))
    };
    let increment = |target: usize, terms: &[(Operand, Widened)]| {
        let (to, end) = of_state(target)?;
        let mut source = None;
        let mut outputs = Vec::new();
        for (operand, weight) in terms {
            match operand {
                Operand::State(state) => source = Some((of_state(*state)?, *weight)),
                Operand::Output(m) => outputs.push((*m, *weight)),
                Operand::Noise(_) => {}
            }
        }
        let ((from, start), factor) = source?;
        let h = *end.lambda.finite()? - start.lambda.finite()?;
        let distance = |m: usize| {
            let node = calls.get(m)?.1?;
            Some(*node.point.lambda.finite()? - start.lambda.finite()?)
        };
        let outputs = outputs.into_iter();
        let outputs = outputs.map(|(m, weight)| Some((1 + m, distance(m)?, weight)));
        Some(Increment {
            source: (from, &reference.rows[from]),
            target: (to, &reference.rows[to]),
            factor,
            outputs: outputs.collect::<Option<_>>()?,
            step: Step::new(h, &form.c(&h)),
            scale: form.transfer(start, end, &h).output,
        })
    };
    let combined = plan
        .program
        .iter()
        .filter_map(|instruction| match instruction {
            Instruction::Combine { target, terms } => increment(*target, terms),
            Instruction::Evaluate { .. } => None,
        });
    combined.collect()
}

/// What is zero in double-double, relative to the terms that cancel.
const ZERO: f64 = 1.0 / (1_u64 << 60) as f64;

impl Increment<'_> {
    /// Degrees 1 and 2 where this formula is exact for them; degree 1 where it only has the weight
    /// H_1/2 on the difference of its outputs, which falls short of H_2 by |z| e^max(z, 0) h^2/12 at most.
    fn conditions(&self) -> Vec<Condition> {
        (1..self.outputs.len() as u32)
            .filter_map(|degree| self.condition(degree))
            .collect()
    }

    fn condition(&self, degree: u32) -> Option<Condition> {
        let Increment { step, .. } = self;
        let power = |base: &Widened| match degree {
            1 => *base,
            _ => *base * base * &base.like(1, 2),
        };
        let reach = power(&step.h) * &step.h.like(if degree == 1 { 1 } else { 2 }, 1);
        let expected = step.h_phi(degree + 1) * &reach * &self.scale;
        let terms: Vec<(usize, Widened, Widened)> = (self.outputs.iter())
            .map(|(column, distance, weight)| (*column, power(distance), *weight))
            .collect();
        let mut planned = -expected.mid();
        let mut size = expected.to_f64().abs();
        for (_, value, weight) in &terms {
            let term = weight.mid() * value.mid();
            planned = planned + term;
            size = size.max(term.hi().abs());
        }
        let z = step.z.to_f64();
        let short = match degree {
            1 => {
                (z * z.max(0.0).exp() * step.h.to_f64().powi(2) * self.scale.to_f64()).abs() / 12.0
            }
            _ => 0.0,
        };
        let missed = planned.hi().abs();
        let short = match missed <= ZERO * size {
            true => 0.0,
            false if missed <= short => short,
            false => return None,
        };
        let mut allowed = expected.radius();
        let part = self.factor;
        let [lost, lost_before] = [self.target.1, self.source.1]
            .map(|row| row.iter().map(|x| x.radius()).fold(0.0, f64::max));
        for (column, value, weight) in &terms {
            let (after, before) = (self.target.1[*column], self.source.1[*column]);
            let reach = value.to_f64().abs() + value.radius();
            let before = before.to_f64().abs();
            allowed += reach * (lost + part.to_f64().abs() * lost_before + part.radius() * before);
            allowed += value.radius() * weight.to_f64().abs();
            size = size.max(reach * after.to_f64().abs().max(part.to_f64().abs() * before));
        }
        Some(Condition {
            degree,
            row: self.target.0,
            less: Some((self.source.0, part.to_f64())),
            terms: (terms.iter())
                .map(|(column, value, _)| (*column, value.to_f64()))
                .collect(),
            expected: expected.to_f64(),
            allowed,
            short,
            size,
        })
    }
}
