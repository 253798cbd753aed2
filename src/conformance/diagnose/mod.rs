//! Which known variant a response is nearest to.

mod digits;
mod mistakes;
mod nodes;
mod twist;

use super::compare::apart;
use super::reference::rows;
use super::{Reference, Response};
use crate::arithmetic::{Real, Widened, rational};
use crate::plan::{Request, derive};
use crate::policy::{Final, Start};
use crate::prediction::Prediction;
use crate::solver::Solver;

pub(super) use digits::lost_by;
use mistakes::MISTAKES;

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
    let request = &reference.request;
    let formulas = variants(request, reference.local).into_iter();
    // Rounded nodes lose digits; they are no other formula.
    let rounded = planned(nodes::rounded(request), reference.local);
    let all = formulas.map(|it| (it, true));
    for ((name, variant), is_formula) in all.chain(rounded.map(|it| (it, false))) {
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

/// The rows of those that can be derived.
fn planned(requests: Vec<(String, Request)>, local: bool) -> impl Iterator<Item = (String, Rows)> {
    requests.into_iter().filter_map(move |(name, request)| {
        let plan = derive(&request, &1.0_f64).ok()?;
        Some((name, rows(&plan, local)))
    })
}

/// Every other formula that can be derived, with its rows.
fn variants(request: &Request, local: bool) -> Vec<(String, Rows)> {
    let mut found: Vec<(String, Rows)> = planned(requests(request), local).collect();
    if let Ok(plan) = derive(request, &1.0_f64) {
        for (mistake, twist) in MISTAKES {
            let twisted = twist.apply(request, &plan);
            let name = format!("the reference {mistake}");
            found.extend(twisted.map(|plan| (name, rows(&plan, local))));
        }
    }
    if !local {
        found.extend(nodes::shifted(request));
    }
    found
}

/// The variants that are plans of another recipe on the same nodes.
fn requests(request: &Request) -> Vec<(String, Request)> {
    let mut made: Vec<(String, Request)> = Vec::new();
    let recipe = &request.recipe;
    let with = |change: &dyn Fn(&mut Request)| {
        let mut variant = request.clone();
        change(&mut variant);
        variant
    };
    let solvers = Solver::ENTRIES
        .iter()
        .filter_map(|entry| Solver::parse(entry.id).ok());
    for solver in solvers.filter(|solver| *solver != recipe.solver) {
        let eta = match (solver.entry.stochastic, recipe.solver.entry.stochastic) {
            (false, _) => rational(0, 1),
            (true, true) => recipe.eta,
            (true, false) => rational(1, 1),
        };
        let variant = with(&|variant| {
            (variant.recipe.solver, variant.recipe.eta) = (solver, eta);
        });
        made.push((solver.to_string(), variant));
    }
    let starts = [Start::Ramp, Start::RampExact];
    for start in starts
        .into_iter()
        .filter(|start| *start != recipe.policy.start)
    {
        let name = format!("the reference with start={start}");
        made.push((name, with(&|variant| variant.recipe.policy.start = start)));
    }
    let lasts = [Final::Full, Final::Lower, Final::Euler];
    for last in lasts.into_iter().filter(|last| *last != recipe.policy.last) {
        let name = format!("the reference with final={last}");
        made.push((name, with(&|variant| variant.recipe.policy.last = last)));
    }
    for (id, _) in Prediction::IDS {
        if let Some(other) = Prediction::parse(id)
            .ok()
            .filter(|it| *it != recipe.prediction)
        {
            let name = format!("the reference with its outputs taken for {id}");
            made.push((name, with(&|variant| variant.recipe.prediction = other)));
        }
    }
    if recipe.solver.entry.stochastic {
        for eta in [rational(0, 1), rational(1, 2), rational(1, 1)] {
            if eta != recipe.eta {
                let name = format!("the reference with eta={eta}");
                made.push((name, with(&|variant| variant.recipe.eta = eta)));
            }
        }
    }
    made
}
