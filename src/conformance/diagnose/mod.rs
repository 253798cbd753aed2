//! Which known variant a response is nearest to.

mod digits;
mod formula;
mod mistakes;
mod nodes;
mod place;
mod requests;
mod twist;

use super::compare::apart;
use super::reference::rows;
use super::{Reference, Response};
use crate::arithmetic::{Real, Widened};
use crate::plan::{Columns, Plan, Request, derive_on};
use crate::schedule::Curve;

pub(super) use digits::lost_by;
use requests::requests;

/// A variant and how far a response is from it, relative to each row's largest entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// `dpmpp-2m-exact`, `the reference with every ratio of steps inverted`.
    pub name: String,
    /// The largest difference.
    pub distance: f64,
}

/// What is known of the variants around a response.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The nearest one, if any has the same calls and noises.
    pub nearest: Option<Nearest>,
    /// What part of the way from the reference to another formula the response has gone, at most,
    /// in the coefficients that this formula changes: below 2^-6 it is none of them.
    pub gone: f64,
}

/// More than the variants lose, which are derived in f64, of each row's largest entry.
const VARIANTS: f64 = 1.0 / (1_u64 << 40) as f64;

/// Searches the variants of a reference; those that lie within its bound are the same.
pub fn diagnose(response: &Response, reference: &Reference) -> Diagnosis {
    let expected = expected(reference);
    let shape = |rows: &[Vec<f64>]| (rows.len(), rows.first().map_or(0, Vec::len));
    let (mut nearest, mut gone): (Option<Nearest>, f64) = (None, 0.0);
    let search = Search {
        request: &reference.request,
        curve: Curve::new(&reference.request.schedule, &1.0_f64),
        local: reference.local,
        width: shape(&response.rows).1,
    };
    let formulas = search.formulas().into_iter().map(|it| (it, true));
    // Rounded nodes lose digits; they are no other formula.
    let rounded = search.planned(nodes::rounded(search.request));
    for ((name, variant), is_formula) in formulas.chain(rounded.map(|it| (it, false))) {
        let away = match shape(&variant) == shape(&expected) {
            true => apart(&expected, &variant),
            false => 1.0,
        };
        let told_apart = shape(&variant) != shape(&expected) || differs(&variant, reference);
        if !told_apart || shape(&variant) != shape(&response.rows) {
            continue;
        }
        if is_formula && shape(&variant) == shape(&expected) {
            gone = gone.max(off_where_it_differs(&response.rows, &expected, &variant) / away);
        }
        let distance = apart(&response.rows, &variant);
        if nearest.as_ref().is_none_or(|best| distance < best.distance) {
            nearest = Some(Nearest { name, distance });
        }
    }
    Diagnosis { nearest, gone }
}

/// Whether a row is further from the reference than a correct sampler's may be.
fn differs(variant: &Rows, reference: &Reference) -> bool {
    let mut rows = variant.iter().zip(&reference.rows);
    rows.any(|(row, expected)| {
        let largest = |of: fn(&Widened) -> f64| expected.iter().map(of).fold(0.0, f64::max);
        let bound = largest(|x| x.radius()).max(VARIANTS * largest(|x| x.to_f64().abs()));
        let off = row
            .iter()
            .zip(expected)
            .map(|(x, y)| (x - y.to_f64()).abs());
        off.fold(0.0, f64::max) > bound
    })
}

/// How far rows are from the expected ones, over each row's largest entry, in the coefficients that
/// a variant changes at all: by a thousandth of its largest change.
fn off_where_it_differs(rows: &Rows, expected: &Rows, variant: &Rows) -> f64 {
    let least = apart(expected, variant) / 1024.0;
    let mut most = 0.0_f64;
    for ((row, expected), variant) in rows.iter().zip(expected).zip(variant) {
        let size = expected
            .iter()
            .fold(f64::MIN_POSITIVE, |size, x| size.max(x.abs()));
        for ((got, right), other) in row.iter().zip(expected).zip(variant) {
            if (other - right).abs() > least * size {
                most = most.max((got - right).abs() / size);
            }
        }
    }
    most
}

type Rows = Vec<Vec<f64>>;

/// The reference's rows, without what they may be off by.
fn expected(reference: &Reference) -> Rows {
    let row = |row: &Vec<Widened>| row.iter().map(|x| x.mid().hi()).collect();
    reference.rows.iter().map(row).collect()
}

/// What variants are made of, and how wide the rows are that they are compared with.
struct Search<'a> {
    request: &'a Request,
    curve: Curve<f64>,
    local: bool,
    width: usize,
}

impl Search<'_> {
    /// The rows of a plan, if they are as wide.
    fn rows(&self, plan: &Plan<f64>) -> Option<Rows> {
        let Columns {
            states,
            outputs,
            noises,
        } = plan.columns();
        (states + outputs + noises == self.width).then(|| rows(plan, self.local))
    }

    /// The rows of those that can be derived.
    fn planned(&self, requests: Vec<(String, Request)>) -> impl Iterator<Item = (String, Rows)> {
        requests.into_iter().filter_map(|(name, request)| {
            let plan = derive_on(&request, &self.curve).ok()?;
            Some((name, self.rows(&plan)?))
        })
    }

    /// Every other formula that can be derived, with its rows.
    fn formulas(&self) -> Vec<(String, Rows)> {
        let mut found: Vec<(String, Rows)> = self.planned(requests(self.request)).collect();
        if let Ok(plan) = derive_on(self.request, &self.curve) {
            for (mistake, twist) in mistakes::of(self.request.recipe.solver.method.family()) {
                let twisted = twist.apply(self.request, &self.curve, &plan);
                let rows = twisted.and_then(|plan| self.rows(&plan));
                found.extend(rows.map(|rows| (format!("the reference {mistake}"), rows)));
            }
        }
        if !self.local {
            found.extend(nodes::shifted(self.request, &self.curve));
        }
        found
    }
}
