//! Which known variant a response is nearest to.

use super::compare::apart;
use super::reference::rows;
use super::twist::TWISTS;
use super::{Reference, Response};
use crate::arithmetic::rational;
use crate::plan::{Request, derive};
use crate::policy::{Final, Start};
use crate::prediction::Prediction;
use crate::solver::Solver;

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
    /// How far the reference is from the nearest variant that differs from it by more than `least`.
    pub room: f64,
}

/// More than the variants lose, which are derived in f64.
const VARIANTS: f64 = 1.0 / (1_u64 << 40) as f64;

/// Searches the variants of a reference; those that it differs from by `least` or less are the same.
pub fn diagnose(response: &Response, reference: &Reference, least: f64) -> Diagnosis {
    let expected: Rows = (reference.rows.iter())
        .map(|row| row.iter().map(|x| x.mid().hi()).collect())
        .collect();
    let least = least.max(VARIANTS);
    let mut nearest: Option<Nearest> = None;
    let mut room = 1.0_f64;
    for (name, variant) in variants(&reference.request, reference.local) {
        let shape = |rows: &[Vec<f64>]| (rows.len(), rows.first().map_or(0, Vec::len));
        if shape(&variant) == shape(&expected) {
            let away = apart(&expected, &variant);
            if away <= least {
                continue;
            }
            room = room.min(away);
        }
        if shape(&variant) != shape(&response.rows) {
            continue;
        }
        let distance = apart(&response.rows, &variant);
        if nearest.as_ref().is_none_or(|best| distance < best.distance) {
            nearest = Some(Nearest { name, distance });
        }
    }
    Diagnosis { nearest, room }
}

type Rows = Vec<Vec<f64>>;

/// Every variant that can be derived, with its rows.
fn variants(request: &Request, local: bool) -> Vec<(String, Rows)> {
    let mut found = Vec::new();
    for (name, variant) in requests(request) {
        if let Ok(plan) = derive(&variant, &1.0_f64) {
            found.push((name, rows(&plan, local)));
        }
    }
    if let Ok(plan) = derive(request, &1.0_f64) {
        for twist in TWISTS {
            let twisted = twist.apply(request, &plan);
            let name = format!("the reference {}", twist.name);
            found.extend(twisted.map(|plan| (name, rows(&plan, local))));
        }
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
