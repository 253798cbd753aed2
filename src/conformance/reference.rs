//! What a correct sampler's response is, and how far one of its format may be from it.

use super::sampler::Task;
use super::verdict::SAME;
use super::{Convention, Precision};
use crate::arithmetic::{Real, Unit, Widened, rational, rational_from_f64};
use crate::error::{Code, Error, Result};
use crate::grid::{Ends, Grid, Rounding, Spacing};
use crate::plan::{Columns, Instruction, Plan, Request, derive};
use crate::recipe::Recipe;
use crate::schedule::Point;
use nalgebra::Scalar;

/// The plan on a task's own nodes, in the format's arithmetic.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What the plan was derived for: the recipe on explicit nodes.
    pub request: Request,
    /// Whether it is of a run step by step.
    pub local: bool,
    /// One row a call, and the result; step by step the ends of all steps.
    pub rows: Vec<Vec<Widened>>,
    /// The time at every call, in the sampler's convention.
    pub labels: Vec<Widened>,
    /// Start, outputs, noises.
    pub columns: Columns,
    /// How many calls precede each noise.
    pub draws: Vec<usize>,
    /// The same as a program.
    pub(super) plan: Plan<Widened>,
}

impl Reference {
    /// The reference of a task for a sampler of that format and convention.
    ///
    /// # Errors
    /// Those of [`derive()`]; `E-NUMBER` for a time that is no exact number.
    pub fn new(task: &Task, convention: Convention, precision: Precision) -> Result<Self> {
        let request = task.request(convention)?;
        let derived = derive(&request, &Widened::exact(1.0, precision.schedule_unit()))?;
        let plan = derived.try_map(|value, _| Ok(narrowed(*value, precision)))?;
        let labels = shown(&derived).map(|point| convention.told(point));
        let labels = labels.collect::<Option<Vec<_>>>().ok_or_else(|| {
            Error::new(
                Code::Domain,
                "a call stands where this time is infinite",
                "times",
                "start where alpha > 0",
            )
        })?;
        Ok(Reference {
            local: task.local,
            rows: rows(&plan, task.local),
            labels,
            columns: plan.columns(),
            draws: draws(&plan),
            // Points are computed in the schedule's format, whatever states are stored in.
            plan: Plan {
                nodes: derived.nodes,
                ..plan
            },
            request,
        })
    }

    /// The largest radius of a row, over the row's largest entry: how far a correct sampler may be.
    pub fn bound(&self) -> f64 {
        let row = |row: &Vec<Widened>| {
            let size = row
                .iter()
                .map(|x| x.to_f64().abs())
                .fold(f64::MIN_POSITIVE, f64::max);
            row.iter().map(|x| x.radius()).fold(0.0, f64::max) / size
        };
        self.rows.iter().map(row).fold(0.0, f64::max)
    }

    /// The rows with every entry as uncertain as the least certain one of its row, as they are judged.
    pub(super) fn loosened(&self, unit: Unit) -> Vec<Vec<Widened>> {
        let zero = Widened::exact(0.0, unit);
        let row = |row: &Vec<Widened>| {
            let largest = row.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
            let radius = row.iter().map(|x| x.radius()).fold(0.0, f64::max);
            let slack = radius.max(SAME * unit.relative * largest);
            let slack = zero.hull(&Widened::exact(slack, unit));
            row.iter().map(|entry| *entry + &slack).collect()
        };
        self.rows.iter().map(row).collect()
    }

    /// Where each row stands.
    pub(super) fn points(&self) -> impl Iterator<Item = &Point<Widened>> {
        let end = self.plan.nodes.last().map(|node| &node.point);
        shown(&self.plan).chain(end)
    }
}

impl Task {
    /// The plan of this task on its own nodes, for those who derive it.
    ///
    /// # Errors
    /// `E-NUMBER` for a time that is no exact number.
    pub fn request(&self, convention: Convention) -> Result<Request> {
        let exact = |(i, time): (usize, &f64)| {
            rational_from_f64(*time).ok_or_else(|| {
                Error::new(
                    Code::Number,
                    format!("the time {time}"),
                    format!("times, node {i}"),
                    "give finite times between 2^-67 and 2^120 in size, or 0",
                )
            })
        };
        let nodes = self.times.iter().enumerate().map(exact);
        let grid = Grid {
            spacing: Spacing::Nodes(convention.unit(), nodes.collect::<Result<_>>()?),
            ends: Ends::Full,
            rounding: Rounding::None,
        };
        let recipe = Recipe {
            solver: self.solver,
            eta: rational_from_f64(self.eta).unwrap_or(rational(0, 1)),
            prediction: self.prediction,
            policy: self.policy,
            state_space: self.space,
            threshold: None,
        };
        Ok(Request::new(
            recipe,
            self.schedule.clone(),
            grid,
            self.steps,
        ))
    }
}

/// The rows of a plan in one run, or step by step.
pub(super) fn rows<T: Real + Scalar>(plan: &Plan<T>, local: bool) -> Vec<Vec<T>> {
    let matrix = match local {
        true => plan.transfer_by_step(),
        false => plan.transfer(),
    };
    let rows = matrix.row_iter();
    rows.map(|row| row.iter().cloned().collect()).collect()
}

/// A weight as the states' format has it.
fn narrowed(value: Widened, precision: Precision) -> Widened {
    match precision.is_narrow() {
        true => value.stored(precision.unit()),
        false => value,
    }
}

/// The points of the calls, in order.
fn shown<T>(plan: &Plan<T>) -> impl Iterator<Item = &Point<T>> {
    plan.program
        .iter()
        .filter_map(|instruction| match instruction {
            Instruction::Evaluate { node, .. } => plan.nodes.get(*node).map(|node| &node.point),
            Instruction::Combine { .. } => None,
        })
}

/// How many calls precede each noise.
fn draws<T>(plan: &Plan<T>) -> Vec<usize> {
    let mut calls = 0;
    let mut draws = Vec::new();
    for instruction in &plan.program {
        match instruction {
            Instruction::Evaluate { .. } => calls += 1,
            Instruction::Combine { terms, .. } => {
                let noises = terms
                    .iter()
                    .filter(|(operand, _)| matches!(operand, crate::plan::Operand::Noise(_)));
                draws.extend(noises.map(|_| calls));
            }
        }
    }
    draws
}
