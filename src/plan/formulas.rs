//! Which formula each step of a run uses: what a policy makes of a method.

#[cfg(feature = "oracle")]
use crate::policy::Blocks;
use crate::policy::{Final, Policy, Start};
#[cfg(feature = "oracle")]
use crate::solver::Family;
use crate::solver::Method;

/// The formulas whose results a run of `steps` steps carries on, in order: one a step of a
/// multistep method (after the states that are given), one a block of a single-step method.
#[cfg(feature = "oracle")]
pub(crate) fn carried(method: Method, policy: &Policy, steps: usize) -> Vec<Method> {
    let lowered = |orders: Vec<usize>| orders.into_iter().map(|order| method.lowered(order));
    match (method.family(), policy.blocks) {
        (Family::Multistep, _) => {
            let given = given_states(method, policy);
            let formula = |i| multistep(method, policy, i, i, steps);
            (given - 1..steps).map(formula).collect()
        }
        (_, Blocks::Fixed) => {
            let order = |i| policy.last.order(method.outputs(), i, steps);
            lowered((0..steps).map(order).collect()).collect()
        }
        (_, Blocks::Fast(_)) => lowered(fast_orders(method.outputs(), steps)).collect(),
        (_, Blocks::Progressive) => {
            let orders = progressive_orders(method.outputs(), steps, policy.last, policy.zero);
            let ends_block = |i: &usize| orders.get(i + 1).is_none_or(|next| *next == 1);
            let ends = (0..orders.len()).filter(ends_block);
            lowered(ends.map(|i| orders[i]).collect()).collect()
        }
    }
}

/// How many states a multistep run is given.
pub(super) fn given_states(method: Method, policy: &Policy) -> usize {
    match policy.start {
        Start::Exact => method.outputs(),
        _ => 1,
    }
}

/// The formula of step `i` of a grid of `steps`, `done` steps after a multistep run's first node.
pub(crate) fn multistep(
    method: Method,
    policy: &Policy,
    done: usize,
    i: usize,
    steps: usize,
) -> Method {
    let order = policy.last.order(method.outputs(), i, steps).min(done + 1);
    match (order, policy.start) {
        (order, _) if order == method.outputs() => method,
        (order, _) if method.has_own_lower_orders() => method.lowered(order),
        (2, Start::RampExact) => Method::TwoMExact,
        (2, _) => Method::TwoM,
        (order, _) => method.lowered(order),
    }
}

/// Orders that sum to `calls`: as many full blocks as fit, ending in lower ones (DPM-Solver, App. D).
pub(crate) fn fast_orders(outputs: usize, calls: usize) -> Vec<usize> {
    let mut orders = vec![outputs; calls / outputs];
    match (outputs, calls % outputs) {
        (3, 0) => {
            orders.pop();
            orders.extend([2, 1]);
        }
        (_, 0) => {}
        (_, rest) => orders.push(rest),
    }
    orders
}

/// The order list of diffusers' DPMSolverSinglestepScheduler (`get_order_list`).
pub(super) fn progressive_orders(
    outputs: usize,
    steps: usize,
    last: Final,
    zero: bool,
) -> Vec<usize> {
    let mut orders: Vec<usize> = (0..steps).map(|i| i % outputs + 1).collect();
    let lower = match last {
        Final::Lower => true,
        Final::LowerBelow(bound) => steps < bound,
        Final::Full | Final::Euler => false,
    };
    if lower && steps.is_multiple_of(outputs) {
        let tail: &[usize] = if outputs == 3 { &[1, 2, 1] } else { &[1, 1] };
        orders.truncate(steps - tail.len());
        orders.extend(tail);
    }
    if let Some(end) = orders.last_mut().filter(|_| zero || last == Final::Euler) {
        *end = 1;
    }
    orders
}
