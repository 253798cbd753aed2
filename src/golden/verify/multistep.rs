//! Multistep programs: one call a step, older outputs remembered, order by start-up and final policy.

use super::program::{Output, Script, State};
use super::weights::Rule;
use crate::policy::{Final, Start};
use crate::solver::Method;

/// Writes the program; the number of states that are given.
pub(super) fn write(script: &mut Script<'_>) -> Option<usize> {
    let request = script.request;
    let policy = request.recipe.policy;
    let full = order_of(request.recipe.solver.method);
    for level in script
        .grid(request.steps)?
        .into_iter()
        .skip(request.start_at)
    {
        script.add(level)?;
    }
    let steps = request.steps.checked_sub(request.start_at)?;
    let given = if policy.start == Start::Exact {
        full
    } else {
        1
    };
    let mut outputs: Vec<Output> = Vec::new();
    let mut state = State { index: 0, node: 0 };
    for i in 0..steps {
        outputs.insert(0, script.call(state)?);
        if i + 1 < given {
            state = script.given(i + 1);
            continue;
        }
        // What is left counts from the end of the whole grid, what is known from the start of the run.
        let order = full
            .min(allowed(policy.last, steps - i, request.steps, full))
            .min(outputs.len());
        let method = request.recipe.solver.method;
        let (points, rule) = formula(method, order, policy.start);
        let finite = outputs
            .iter()
            .take(points)
            .take_while(|output| script.lambda(output.node).is_some())
            .count()
            .max(1);
        if matches!(method, Method::DeisRho(_) | Method::Ipndm(_)) && finite > 1 {
            let even = matches!(method, Method::Ipndm(_));
            state = script.in_rho(state, i + 1, &outputs[..finite], even)?;
            continue;
        }
        let rule = if finite < points {
            shortened(rule, finite)
        } else {
            rule
        };
        let placed = |output: &Output| match output.node == i {
            true => Some((*output, script.constants().integer(0))),
            false => Some((*output, script.position(output.node, i, i + 1)?)),
        };
        let points: Option<Vec<_>> = match script.lambda(i + 1) {
            Some(_) => outputs.iter().take(finite).map(placed).collect(),
            // Only the newest output has a part in a step to sigma = 0.
            None => outputs.iter().take(1).map(placed).collect(),
        };
        state = script.step(state, i + 1, &points?, rule)?;
    }
    Some(given)
}

fn order_of(method: Method) -> usize {
    match method {
        Method::Ddim | Method::DdimEta => 1,
        Method::TwoM | Method::TwoMExact => 2,
        Method::Adams(points) | Method::DeisRho(points) | Method::Ipndm(points) => points,
        _ => 3,
    }
}

/// The order that the final policy allows `left` steps before the end.
pub(super) fn allowed(last: Final, left: usize, steps: usize, full: usize) -> usize {
    match last {
        Final::Lower => left,
        Final::LowerBelow(bound) if steps < bound => left,
        Final::Euler if left == 1 => 1,
        Final::Euler | Final::Full | Final::LowerBelow(_) => full,
    }
}

/// Outputs and moments of the formula at an order: the method's own, or 2m or ddim below it.
fn formula(method: Method, order: usize, start: Start) -> (usize, Rule) {
    match (method, order) {
        (Method::TwoMExact, 2) | (Method::ThreeMExact, 3) => (order, Rule::Exact),
        (Method::ThreeM, 3) => (3, Rule::HalfCurvature),
        (Method::DeisRho(_) | Method::Ipndm(_), points) => (points, Rule::Exact),
        (Method::Adams(_), 3 | 4) => (order, Rule::Exact),
        (_, 2) if start == Start::RampExact && method != Method::TwoM => (2, Rule::Exact),
        (_, 2) => (2, Rule::HalfSlope),
        _ => (1, Rule::Exact),
    }
}

/// The limit of a three-point formula as its oldest point moves away: its slope keeps the exact moment.
fn shortened(rule: Rule, points: usize) -> Rule {
    match (rule, points) {
        (Rule::HalfCurvature, 2) => Rule::Exact,
        _ => rule,
    }
}
