//! The reference on other nodes than the task's: rounded, or shifted by one.

use super::super::Precision;
use super::super::reference::rows;
use super::Rows;
use crate::arithmetic::{DoubleDouble, Field, Rational, Real, rational, rational_from_f64};
use crate::grid::{Grid, Spacing, Unit};
use crate::plan::{Plan, Request, derive_on};
use crate::policy::Blocks;
use crate::schedule::Curve;
use crate::solver::Family;

/// A name, and what becomes of a node.
type Rounding = (&'static str, fn(f64) -> f64);

const ROUNDINGS: &[Rounding] = &[
    ("whole numbers", f64::round),
    ("thousandths", |x| (x * 1000.0).round() / 1000.0),
    ("f32", |x| Precision::F32.rounded(x)),
    ("f16", |x| Precision::F16.rounded(x)),
    ("bf16", |x| Precision::Bf16.rounded(x)),
];

/// The explicit nodes of a request.
fn nodes(request: &Request) -> Option<(Unit, &[Rational])> {
    match &request.grid.spacing {
        Spacing::Nodes(unit, nodes) => Some((*unit, nodes)),
        _ => None,
    }
}

fn on(request: &Request, unit: Unit, others: Vec<Rational>) -> Request {
    let as_many = nodes(request).is_some_and(|(_, nodes)| nodes.len() == others.len());
    Request {
        steps: match as_many {
            true => request.steps,
            false => others.len().saturating_sub(1),
        },
        grid: Grid {
            spacing: Spacing::Nodes(unit, others),
            ..request.grid.clone()
        },
        ..request.clone()
    }
}

/// The same recipe on rounded nodes.
pub(super) fn rounded(request: &Request) -> Vec<(String, Request)> {
    let Some((unit, nodes)) = nodes(request) else {
        return Vec::new();
    };
    let rounded = |(name, round): &Rounding| {
        let number =
            |node: &Rational| rational_from_f64(round(DoubleDouble::ONE.constant(*node).to_f64()));
        let nodes: Vec<Rational> = nodes.iter().map(number).collect::<Option<_>>()?;
        let name = format!("the reference on nodes rounded to {name}");
        Some((name, on(request, unit, nodes)))
    };
    ROUNDINGS.iter().filter_map(rounded).collect()
}

/// The same recipe with its last node at sigma = 0, where that is a number of the nodes' kind.
pub(super) fn ended(request: &Request) -> Option<Request> {
    let (unit, nodes) = nodes(request)?;
    let [inner @ .., _] = nodes else {
        return None;
    };
    let mut ended = on(request, unit, [inner, &[rational(0, 1)]].concat());
    ended.recipe.policy.zero = true;
    ended.grid.reaches_zero(&request.schedule).then_some(ended)
}

/// The rows of samplers without added noise whose steps are one node off: the step that this
/// leaves without length changes nothing.
pub(super) fn shifted(request: &Request, curve: &Curve<f64>) -> Vec<(String, Rows)> {
    let Some((unit, nodes)) = nodes(request) else {
        return Vec::new();
    };
    let ([_, later @ ..], [earlier @ .., _], Blocks::Fixed) =
        (nodes, nodes, request.recipe.policy.blocks)
    else {
        return Vec::new();
    };
    let shorter = |nodes: &[Rational]| -> Option<Plan<f64>> {
        let plan = derive_on(&on(request, unit, nodes.to_vec()), curve).ok()?;
        (plan.noises() == 0).then_some(plan)
    };
    let (Ok(full), Some(later), Some(earlier)) =
        (derive_on(request, curve), shorter(later), shorter(earlier))
    else {
        return Vec::new();
    };
    let idle = |plan: &Plan<f64>| full.calls().saturating_sub(plan.calls());
    let mut made = vec![
        (
            "without the last step",
            ends_idle(rows(&earlier, false), idle(&earlier)),
        ),
        (
            "shifted by one, the last one twice",
            ends_idle(rows(&later, false), idle(&later)),
        ),
        (
            "shifted by one, the first one twice",
            begins_idle(rows(&earlier, false), idle(&earlier)),
        ),
    ];
    if request.recipe.solver.method.family() == Family::Multistep {
        let rows = begins_idle(rows(&later, false), idle(&later));
        made.push(("without the first step", rows));
    }
    let named = |(name, rows)| (format!("the reference on nodes {name}"), rows);
    made.into_iter().map(named).collect()
}

/// So many calls more at the end, whose outputs are not used.
fn ends_idle(mut rows: Rows, calls: usize) -> Rows {
    for row in &mut rows {
        row.resize(row.len() + calls, 0.0);
    }
    let last = rows.last().cloned();
    rows.extend(last.into_iter().cycle().take(calls));
    rows
}

/// So many calls more at the start, whose outputs are not used.
fn begins_idle(mut rows: Rows, calls: usize) -> Rows {
    for row in &mut rows {
        row.splice(1..1, std::iter::repeat_n(0.0, calls));
    }
    let first = rows.first().cloned();
    rows.splice(0..0, first.into_iter().cycle().take(calls));
    rows
}
