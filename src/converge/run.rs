//! One run of a plan beside the exact solution.

use super::line::Line;
use super::number::Number;
use super::{Measure, Point, Study, weak};
use crate::arithmetic::DoubleDouble;
use crate::error::{Code, Error, Result};
use crate::plan::{Instruction, Operand, Plan, Request, derive};
use crate::problem::{Evaluation, Problem};
use crate::solver::Side;

/// A run has diverged when a state's x/alpha is not finite, or larger than this times the start's
/// (at least 1).
pub const ABSURD: f64 = 1e6;

/// The error of one run in the numbers of `one`, at the first precision that tells it.
pub(super) fn point<N: Number>(study: &Study, request: &Request, one: &N) -> Result<Point> {
    let mut open = None;
    for bits in one.precisions() {
        let exact = derive(request, &one.exact_one(bits))?;
        let point = |error| Point {
            steps: request.steps,
            calls: exact.calls(),
            error,
        };
        let found = match study.measure {
            Measure::Global | Measure::Local => {
                let side = study.recipe.form().side;
                measured(&exact, side, &study.problem, study.measure, one)
            }
            Measure::WeakMean | Measure::WeakVariance => weak::moments(study, request, &exact, one),
            Measure::WeakQuadrature => weak::quadrature(study, request, &exact),
        };
        match found {
            Ok(Outcome::Error(error)) => return Ok(point(Some(error))),
            Ok(Outcome::Diverged) => return Ok(point(None)),
            Ok(Outcome::Open) => {}
            Err(error) if matches!(error.code, Code::Undecided | Code::NonFinite) => {
                open = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(open.unwrap_or_else(|| {
        Error::new(
            Code::Undecided,
            "the enclosure of the exact solution is wider than the error",
            format!("{} steps", request.steps),
            "raise the precision: --backend big:BITS",
        )
    }))
}

pub(super) enum Outcome {
    Error(f64),
    Diverged,
    /// The exact solution is not known well enough.
    Open,
}

/// The error of any plan from the problem's named start; none if it diverges.
///
/// `side` is the prediction that the plan's outputs stand for. For solvers of one's own: derive or
/// write a plan in double-double; its error is right to about 1e-28.
///
/// # Errors
/// `E-DOMAIN` if the plan starts at alpha = 0; `E-PARAMETER` if it draws noise; `E-NONFINITE`;
/// those of the problem.
pub fn error_of(plan: &Plan<DoubleDouble>, side: Side, problem: &Problem) -> Result<Option<f64>> {
    match measured(plan, side, problem, Measure::Global, &DoubleDouble::ONE)? {
        Outcome::Error(error) => Ok(Some(error)),
        Outcome::Diverged | Outcome::Open => Ok(None),
    }
}

fn measured<N: Number>(
    exact: &Plan<N::Exact>,
    side: Side,
    problem: &Problem,
    measure: Measure,
    one: &N,
) -> Result<Outcome> {
    let plan = exact.try_map(|value, _| Ok(one.nearest(value)))?;
    let (line, state) = Line::new(problem, exact, one, |x| x)?;
    let evaluations = Evaluation::all(exact, side);
    let mut start = vec![state];
    for node in 1..plan.initial.states {
        start.push(line.state(node, one)?);
    }
    let bound = line.absurd();
    let places = places(&plan);
    let ends = ends(&plan);
    let mut diverged = false;
    let mut local = Some(0.0_f64);
    let result = plan.run_visited(
        &start,
        |call| line.network(&evaluations[call.index], call.input),
        |_| Err(stochastic()),
        |index, state| {
            let node = places[index];
            let alpha = plan.nodes[node].point.alpha.to_f64();
            if !state.iter().all(|x| x.to_f64().abs() / alpha <= bound) {
                diverged = true;
                return Err(Error::new(Code::NonFinite, "the run diverged", "", ""));
            }
            if measure == Measure::Local && ends[index] {
                let error = line.error(node, state)?;
                local = local.zip(error).map(|(a, b)| a.max(b));
                *state = line.state(node, one)?;
            }
            Ok(())
        },
    );
    let error = match result {
        Err(_) if diverged => return Ok(Outcome::Diverged),
        Err(error) => return Err(error),
        Ok(_) if measure == Measure::Local => local,
        Ok(state) => line.error(plan.nodes.len() - 1, &state)?,
    };
    Ok(error.map_or(Outcome::Open, Outcome::Error))
}

/// The node of every state: where the model sees it; the last node for the result.
fn places<T>(plan: &Plan<T>) -> Vec<usize> {
    let mut places = vec![plan.nodes.len() - 1; states(plan)];
    for instruction in &plan.program {
        if let Instruction::Evaluate { node, state, .. } = instruction {
            places[*state] = *node;
        }
    }
    places
}

/// Which states end a step: those that a later combination starts from, and the result.
fn ends<T>(plan: &Plan<T>) -> Vec<bool> {
    let mut ends = vec![false; states(plan)];
    for instruction in &plan.program {
        let Instruction::Combine { terms, .. } = instruction else {
            continue;
        };
        for (operand, _) in terms {
            if let Operand::State(state) = operand {
                ends[*state] = true;
            }
        }
    }
    if let Some(last) = ends.last_mut() {
        *last = true;
    }
    ends
}

fn states<T>(plan: &Plan<T>) -> usize {
    let made = |instruction: &&Instruction<T>| matches!(instruction, Instruction::Combine { .. });
    plan.initial.states + plan.program.iter().filter(made).count()
}

pub(super) fn stochastic() -> Error {
    Error::new(
        Code::Parameter,
        "a stochastic sampler has no error on one path",
        "measure",
        "choose a weak measure (--measure weak-mean), or --eta 0",
    )
}
