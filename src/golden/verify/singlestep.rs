//! Single-step programs: blocks of several calls, nothing remembered.

use super::multistep::allowed;
use super::number::Number;
use super::program::{Output, Script, State};
use super::weights::Rule;
use crate::arithmetic::{Rational, rational};
use crate::policy::{Blocks, Final, Outer, Stages};
use crate::schedule::Point;
use crate::solver::Method;

/// A block's formula: where its stages lie, and what the last combination interpolates.
struct Formula {
    stages: Vec<Rational>,
    /// The outputs used at the end, 0 the block's first.
    used: &'static [usize],
    rule: Rule,
}

/// The formula of the method's family that takes `calls` calls.
fn formula(method: Method, calls: usize) -> Formula {
    let half = rational(1, 2);
    let (stages, used, rule): (Vec<Rational>, &'static [usize], Rule) = match (method, calls) {
        (_, 1) => (vec![], &[0], Rule::Exact),
        (Method::TwoS(r1), _) => (vec![r1], &[0, 1], Rule::HalfSlope),
        (Method::TwoSTaylor(r1), _) => (vec![r1], &[0, 1], Rule::Exact),
        (Method::ThreeS(..), 2) => (vec![half], &[0, 1], Rule::HalfSlope),
        (Method::ThreeSTaylor(..), 2) => (vec![half], &[0, 1], Rule::Exact),
        (Method::ThreeS(r1, r2), _) => (vec![r1, r2], &[0, 2], Rule::Exact),
        (Method::ThreeSTaylor(r1, r2), _) => (vec![r1, r2], &[0, 1, 2], Rule::Exact),
        _ => (vec![], &[0], Rule::Exact),
    };
    Formula { stages, used, rule }
}

fn calls_of(method: Method) -> usize {
    match method {
        Method::ThreeS(..) | Method::ThreeSTaylor(..) => 3,
        _ => 2,
    }
}

/// Writes the program.
pub(super) fn write(script: &mut Script<'_>) -> Option<()> {
    let request = script.request;
    let full = calls_of(request.recipe.solver.method);
    let last = request.recipe.policy.last;
    match request.recipe.policy.blocks {
        Blocks::Progressive => progressive(script, full),
        Blocks::Fixed => {
            let levels = script.grid(request.steps)?;
            let levels = levels.into_iter().skip(request.start_at).collect();
            let calls = (request.start_at..request.steps)
                .map(|i| full.min(allowed(last, request.steps - i, request.steps, full)))
                .collect();
            blocks(script, levels, calls)
        }
        Blocks::Fast(outer) => {
            let calls = fast(full, request.steps)?;
            let levels = match outer {
                Outer::Blocks => script.grid(calls.len())?,
                Outer::Nodes => {
                    let grid = script.grid(request.steps)?;
                    let mut at = 0;
                    let mut levels = vec![grid.first()?.clone()];
                    for taken in &calls {
                        at += taken;
                        levels.push(grid.get(at)?.clone());
                    }
                    levels
                }
            };
            blocks(script, levels, calls)
        }
    }
}

/// Calls per block, `total` in all: full ones, then the rest; three-call methods end in 2, 1 where
/// nothing would be left (DPM-Solver, Appendix D).
fn fast(full: usize, total: usize) -> Option<Vec<usize>> {
    let rest = total % full;
    let tail: Vec<usize> = match (full, rest) {
        (3, 0) => vec![2, 1],
        (_, 0) => vec![],
        _ => vec![rest],
    };
    let before = total.checked_sub(tail.iter().sum())?;
    let mut calls = vec![full; before / full];
    calls.extend(tail);
    Some(calls)
}

fn blocks(
    script: &mut Script<'_>,
    levels: Vec<Point<Number>>,
    mut calls: Vec<usize>,
) -> Option<()> {
    if script.to_zero() {
        *calls.last_mut()? = 1;
    }
    let mut levels = levels.into_iter();
    let mut state = State {
        index: 0,
        node: script.add(levels.next()?)?,
    };
    for (target, calls) in levels.zip(calls) {
        state = block(script, state, target, calls)?;
    }
    Some(())
}

fn block(
    script: &mut Script<'_>,
    start: State,
    target: Point<Number>,
    calls: usize,
) -> Option<State> {
    let formula = formula(script.request.recipe.solver.method, calls);
    let constants = script.constants();
    let mut points = vec![(script.call(start)?, constants.integer(0))];
    for (i, r) in formula.stages.iter().enumerate() {
        let (inner, r) = match script.request.recipe.policy.stages {
            Stages::Ratios => {
                let r = constants.parameter(*r);
                let inner = script.add_inner(start.node, target.lambda.finite()?, &r)?;
                (inner, r)
            }
            Stages::Time => {
                let part = constants.ratio(i + 1, formula.stages.len() + 1);
                script.add_between(start.node, &target, &part)?
            }
        };
        // A stage integrates the interpolant through all outputs so far over its own length.
        let within: Vec<(Output, Number)> = points
            .iter()
            .map(|(output, at)| (*output, at / &r))
            .collect();
        let state = script.step(start, inner, &within, Rule::Exact)?;
        points.push((script.call(state)?, r));
    }
    let target = script.add(target)?;
    finish(script, start, target, &points, &formula)
}

fn finish(
    script: &mut Script<'_>,
    start: State,
    target: usize,
    points: &[(Output, Number)],
    formula: &Formula,
) -> Option<State> {
    let used: Option<Vec<_>> = formula
        .used
        .iter()
        .map(|k| points.get(*k).cloned())
        .collect();
    script.step(start, target, &used?, formula.rule)
}

/// Every node is a grid node: steps of order 1, 2, .., p in turn, all of a turn from its first state.
fn progressive(script: &mut Script<'_>, full: usize) -> Option<()> {
    let request = script.request;
    for level in script
        .grid(request.steps)?
        .into_iter()
        .skip(request.start_at)
    {
        script.add(level)?;
    }
    let orders = turns(script, full);
    let mut base = State { index: 0, node: 0 };
    let mut state = base;
    let mut outputs: Vec<Output> = Vec::new();
    for order in orders.into_iter().skip(request.start_at) {
        // A turn that the run enters in its middle has to begin anew.
        let order = order.min(outputs.len() + 1);
        if order == 1 {
            base = state;
            outputs.clear();
        }
        outputs.push(script.call(state)?);
        let formula = formula(request.recipe.solver.method, order);
        let target = state.node + 1;
        let placed = |output: &Output| match output.node == base.node {
            true => Some((*output, script.constants().integer(0))),
            false => Some((*output, script.position(output.node, base.node, target)?)),
        };
        let points: Option<Vec<_>> = outputs.iter().map(placed).collect();
        state = finish(script, base, target, &points?, &formula)?;
    }
    Some(())
}

/// diffusers' DPMSolverSinglestepScheduler: with lowered final orders a full last turn is replaced.
fn turns(script: &Script<'_>, full: usize) -> Vec<usize> {
    let steps = script.request.steps;
    let last = script.request.recipe.policy.last;
    let mut orders: Vec<usize> = (1..=full).cycle().take(steps).collect();
    let lowers = match last {
        Final::Lower => true,
        Final::LowerBelow(bound) => steps < bound,
        Final::Full | Final::Euler => false,
    };
    // 1, 2, 3 becomes 1, 2, 1; 1, 2 becomes 1, 1.
    let replaced = lowers && steps.is_multiple_of(full);
    let ends_low = replaced || script.to_zero() || last == Final::Euler;
    if let Some(end) = orders.last_mut().filter(|_| ends_low) {
        *end = 1;
    }
    orders
}
