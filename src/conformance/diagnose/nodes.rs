//! The reference on other nodes than the task's: rounded, or shifted by one.

use super::super::Precision;
use super::super::reference::rows;
use super::Rows;
use crate::arithmetic::{DoubleDouble, Field, Rational, Real, rational_from_f64};
use crate::grid::{Grid, Spacing, Unit};
use crate::plan::{Request, derive};
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

fn on(request: &Request, unit: Unit, nodes: Vec<Rational>) -> Request {
    Request {
        steps: nodes.len().saturating_sub(1),
        grid: Grid {
            spacing: Spacing::Nodes(unit, nodes),
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

/// The rows of multistep samplers without added noise whose steps are one node off: the step that
/// this leaves without length changes nothing.
pub(super) fn shifted(request: &Request) -> Vec<(String, Rows)> {
    let multistep = request.recipe.solver.method.family() == Family::Multistep;
    let Some((unit, nodes)) = nodes(request) else {
        return Vec::new();
    };
    if !multistep || nodes.len() < 3 {
        return Vec::new();
    }
    let shorter = |nodes: &[Rational]| -> Option<Rows> {
        let plan = derive(&on(request, unit, nodes.to_vec()), &1.0_f64).ok()?;
        (plan.noises() == 0).then(|| rows(&plan, false))
    };
    let (later, earlier) = (shorter(&nodes[1..]), shorter(&nodes[..nodes.len() - 1]));
    let made = [
        (
            "shifted by one, the last one twice",
            later.clone().map(ends_idle),
        ),
        (
            "shifted by one, the first one twice",
            earlier.map(begins_idle),
        ),
        ("without the first step", later.map(begins_idle)),
    ];
    let named = |(name, rows): (&str, Option<Rows>)| {
        Some((format!("the reference on nodes {name}"), rows?))
    };
    made.into_iter().filter_map(named).collect()
}

/// One call more at the end, whose output is not used.
fn ends_idle(mut rows: Rows) -> Rows {
    rows.iter_mut().for_each(|row| row.push(0.0));
    rows.extend(rows.last().cloned());
    rows
}

/// One call more at the start, whose output is not used.
fn begins_idle(mut rows: Rows) -> Rows {
    rows.iter_mut().for_each(|row| row.insert(1, 0.0));
    rows.extend(rows.first().cloned());
    rows.rotate_right(1);
    rows
}
