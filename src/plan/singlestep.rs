//! Single-step programs: fixed blocks, DPM-Solver-fast, diffusers' progressive blocks.

use super::Request;
use super::builder::{Builder, Place};
use super::formulas::{fast_orders, progressive_orders};
use crate::arithmetic::Real;
use crate::error::{Code, Error, Result};
use crate::policy::{Blocks, Outer, Stages};
use crate::schedule::Point;
use crate::solver::{Method, Step, Tableau, final_weights};

/// Writes a single-step program; one state is given.
pub(super) fn derive<T: Real>(request: &Request, builder: &mut Builder<'_, T>) -> Result<usize> {
    let policy = request.policy();
    let method = request.recipe.solver.method;
    match policy.blocks {
        Blocks::Progressive => progressive(request, builder)?,
        Blocks::Fixed => {
            let points = request.points(builder.curve, request.steps)?;
            let order = |i: usize| policy.last.order(method.outputs(), i, request.steps);
            let orders: Vec<usize> = (request.start_at..request.steps).map(order).collect();
            blocks(
                builder,
                points.into_iter().skip(request.start_at).collect(),
                method,
                &orders,
                policy.zero,
            )?;
        }
        Blocks::Fast(outer) => {
            if request.start_at > 0 {
                return Err(Error::new(
                    Code::Policy,
                    "blocks=fast spreads its model calls over the whole grid",
                    "start-at",
                    "give a smaller t-start instead, or choose blocks=fixed",
                ));
            }
            let orders = fast_orders(method.outputs(), request.steps);
            if policy.zero && orders.last() != Some(&1) {
                return Err(Error::new(
                    Code::PolicyZero,
                    format!(
                        "the last of the blocks {orders:?} has order > 1 and cannot end at sigma = 0"
                    ),
                    "policy, zero",
                    "choose zero=off, or a number of calls that ends with a block of order 1",
                ));
            }
            let points = outer_nodes(request, builder, outer, &orders)?;
            blocks(builder, points, method, &orders, policy.zero)?;
        }
    }
    Ok(1)
}

fn outer_nodes<T: Real>(
    request: &Request,
    builder: &Builder<'_, T>,
    outer: Outer,
    orders: &[usize],
) -> Result<Vec<Point<T>>> {
    match outer {
        Outer::Blocks => request.points(builder.curve, orders.len()),
        Outer::Nodes => {
            let points = request.points(builder.curve, request.steps)?;
            let mut index = 0;
            let mut chosen = vec![0];
            for order in orders {
                index += order;
                chosen.push(index);
            }
            Ok(points
                .into_iter()
                .enumerate()
                .filter(|(i, _)| chosen.contains(i))
                .map(|(_, point)| point)
                .collect())
        }
    }
}

/// Blocks from point to point, inner nodes at lambda_s + r h; the last is of order 1 if it ends at sigma = 0.
fn blocks<T: Real>(
    builder: &mut Builder<'_, T>,
    points: Vec<Point<T>>,
    method: Method,
    orders: &[usize],
    zero: bool,
) -> Result<()> {
    let mut points = points.into_iter();
    let Some(first) = points.next() else {
        return Ok(());
    };
    let mut place = Place {
        node: builder.node(first)?,
        state: 0,
    };
    for (i, (target, order)) in points.zip(orders).enumerate() {
        let order = if zero && i + 1 == orders.len() {
            1
        } else {
            *order
        };
        place = block(builder, place, target, method.lowered(order))
            .map_err(|e| e.at(format!("block {i}")))?;
    }
    Ok(())
}

fn block<T: Real>(
    builder: &mut Builder<'_, T>,
    start: Place,
    target: Point<T>,
    method: Method,
) -> Result<Place> {
    let mut outputs = vec![builder.evaluate(start)];
    if method == Method::Ddim {
        let target = builder.node(target)?;
        return builder.first_order(start, target, outputs[0]);
    }
    let Some(end) = target.lambda.finite() else {
        return Err(infinite_block());
    };
    let from = builder.lambda(start.node)?.clone();
    let h = end.clone() - &from;
    let whole = Step::new(h.clone(), &builder.recipe.form().c(&h));
    let (points, ratios) = match builder.recipe.policy.stages {
        Stages::Ratios => {
            let ratios = method.stages().into_iter().map(|r| h.constant(r));
            let at = |r: T| (builder.curve.at_lambda(&(h.clone() * &r + &from)), r);
            ratios.map(at).unzip()
        }
        Stages::Time => stages_in_time(builder, start, &target, method, (&from, &h))?,
    };
    let tableau = Tableau::new(method, &whole, ratios);
    for (point, weights) in points.into_iter().zip(tableau.stages) {
        let inner = builder.node(point)?;
        let part = builder.step(start.node, inner)?;
        let place = builder.combine(start, inner, &part, pair(&outputs, weights));
        outputs.push(builder.evaluate(place));
    }
    let target = builder.node(target)?;
    let weights = used(method, &outputs, tableau.last);
    Ok(builder.combine(start, target, &whole, weights))
}

/// Stage i of k - 1 at t_s + (i/k) (t_t - t_s), and its part of the step in lambda.
fn stages_in_time<T: Real>(
    builder: &Builder<'_, T>,
    start: Place,
    target: &Point<T>,
    method: Method,
    (from, h): (&T, &T),
) -> Result<(Vec<Point<T>>, Vec<T>)> {
    let calls = method.outputs() as i128;
    let Some((first, last)) = builder.point(start.node).t.as_ref().zip(target.t.as_ref()) else {
        return Err(infinite_block());
    };
    let stage = |i| {
        let t = (last.clone() - first) * &first.like(i, calls) + first;
        let point = builder.curve.at_time(&t);
        let Some(lambda) = point.lambda.finite() else {
            return Err(infinite_block());
        };
        let ratio = (lambda.clone() - from) / h;
        Ok((point, ratio))
    };
    (1..calls).map(stage).collect()
}

fn infinite_block() -> Error {
    Error::new(
        Code::PolicyZero,
        "a block of order > 1 has no limit at an infinite lambda",
        "policy, zero",
        "let the last block have order 1 (zero=on), or start where alpha > 0",
    )
}

fn pair<T>(outputs: &[usize], weights: Vec<T>) -> Vec<(usize, T)> {
    outputs.iter().copied().zip(weights).collect()
}

/// Weights that a method uses: `dpmpp_3s` never looks at its first stage again.
fn used<T>(method: Method, outputs: &[usize], weights: Vec<T>) -> Vec<(usize, T)> {
    let mut pairs = pair(outputs, weights);
    if matches!(method, Method::ThreeS(..)) && pairs.len() == 3 {
        pairs.remove(1);
    }
    pairs
}

/// Orders 1, 2, .., p, 1, 2, .., p, ...; every step of order k starts anew from the last step of order 1.
fn progressive<T: Real>(request: &Request, builder: &mut Builder<'_, T>) -> Result<()> {
    let policy = request.policy();
    let method = request.recipe.solver.method;
    let orders = progressive_orders(method.outputs(), request.steps, policy.last, policy.zero);
    let points = request.points(builder.curve, request.steps)?;
    for point in points.into_iter().skip(request.start_at) {
        builder.node(point)?;
    }
    let mut base = Place { node: 0, state: 0 };
    let mut place = base;
    let mut outputs = Vec::new();
    for order in orders.into_iter().skip(request.start_at) {
        let order = order.min(outputs.len() + 1);
        if order == 1 {
            base = place;
            outputs.clear();
        }
        outputs.push(builder.evaluate(place));
        let target = place.node + 1;
        if order == 1 {
            place = builder.first_order(base, target, outputs[0])?;
            continue;
        }
        let step = builder.step(base.node, target)?;
        let start = builder.lambda(base.node)?.clone();
        let mut ratios = Vec::with_capacity(order - 1);
        for node in base.node + 1..target {
            // A weight that vanishes at r1 = 1/2 can only be certified to be 0 with an exact ratio.
            ratios.push(match request.grid.is_uniform_in_lambda() {
                true => start.like((node - base.node) as i128, (target - base.node) as i128),
                false => (builder.lambda(node)?.clone() - &start) / &step.h,
            });
        }
        let formula = method.lowered(order);
        let weights = final_weights(formula, &step, &ratios);
        place = builder.combine(base, target, &step, used(formula, &outputs, weights));
    }
    Ok(())
}
