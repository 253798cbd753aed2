//! The variants that are plans of another recipe on the same nodes.

use super::nodes;
use crate::arithmetic::{Rational, rational};
use crate::plan::Request;
use crate::policy::{Blocks, Final, Outer, Policy, Stages, Start};
use crate::prediction::Prediction;
use crate::recipe::Recipe;
use crate::solver::{Family, Method, Solver};

/// Their names, and what they are derived for.
pub(super) fn requests(request: &Request) -> Vec<(String, Request)> {
    let recipe = &request.recipe;
    let with = |(name, recipe): (String, Recipe)| {
        let request = Request {
            recipe,
            ..request.clone()
        };
        (name, request)
    };
    let recipes = solvers(recipe).into_iter().chain(policies(recipe));
    let recipes = recipes.chain(predictions(recipe)).chain(etas(recipe));
    let mut made: Vec<(String, Request)> = recipes.map(with).collect();
    let ended = nodes::ended(request).map(|it| ("the reference with zero=on".to_owned(), it));
    made.extend(ended);
    made
}

/// Every other solver, and the same one with other parameters.
fn solvers(recipe: &Recipe) -> Vec<(String, Recipe)> {
    let own = recipe.solver;
    let entries = Solver::ENTRIES.iter();
    let mut others: Vec<(String, Solver)> = entries
        .filter_map(|entry| Solver::parse(entry.id).ok())
        .chain(placed(own))
        .map(|solver| (solver.to_string(), solver))
        .collect();
    others.extend(swapped(own).map(|it| ("the reference with r1 and r2 swapped".to_owned(), it)));
    others.retain(|(_, solver)| *solver != own);
    let of = |(name, solver): (String, Solver)| {
        let eta = match (solver.entry.stochastic, own.entry.stochastic) {
            (false, _) => rational(0, 1),
            (true, true) => recipe.eta,
            (true, false) => rational(1, 1),
        };
        let recipe = Recipe {
            solver,
            eta,
            ..recipe.clone()
        };
        (name, recipe)
    };
    others.into_iter().map(of).collect()
}

/// The positions of one stage, and of two, that are in use or mistaken for those that are.
const ONE: [Rational; 4] = [part(1, 3), part(1, 2), part(2, 3), part(1, 1)];
const TWO: [[Rational; 2]; 4] = [
    [part(1, 3), part(1, 2)],
    [part(1, 2), part(2, 3)],
    [part(1, 3), part(1, 1)],
    [part(1, 2), part(1, 1)],
];

const fn part(numerator: i128, denominator: i128) -> Rational {
    Rational::new_raw(numerator, denominator)
}

/// A solver with its stages elsewhere.
fn placed(solver: Solver) -> Vec<Solver> {
    let method = |method| Solver { method, ..solver };
    match solver.method {
        Method::TwoS(_) => ONE.map(|r1| method(Method::TwoS(r1))).to_vec(),
        Method::TwoSTaylor(_) => ONE.map(|r1| method(Method::TwoSTaylor(r1))).to_vec(),
        Method::ThreeS(..) => {
            let placed = TWO.map(|[r1, r2]| method(Method::ThreeS(r1, r2)));
            placed.to_vec()
        }
        Method::ThreeSTaylor(..) => {
            let placed = TWO.map(|[r1, r2]| method(Method::ThreeSTaylor(r1, r2)));
            placed.to_vec()
        }
        _ => Vec::new(),
    }
}

/// A solver of three stages whose inner ones come in the other order.
fn swapped(solver: Solver) -> Option<Solver> {
    let method = match solver.method {
        Method::ThreeS(r1, r2) => Method::ThreeS(r2, r1),
        Method::ThreeSTaylor(r1, r2) => Method::ThreeSTaylor(r2, r1),
        _ => return None,
    };
    Some(Solver { method, ..solver })
}

/// Another start-up, final order or cut into blocks.
fn policies(recipe: &Recipe) -> Vec<(String, Recipe)> {
    let own = recipe.policy;
    let starts = [Start::Ramp, Start::RampExact];
    let starts = starts.map(|start| (format!("start={start}"), Policy { start, ..own }));
    let lasts = [Final::Full, Final::Lower, Final::Euler];
    let lasts = lasts.map(|last| (format!("final={last}"), Policy { last, ..own }));
    let fast = Policy {
        blocks: Blocks::Fast(Outer::Nodes),
        last: Final::Full,
        ..own
    };
    let [fixed, progressive] =
        [Blocks::Fixed, Blocks::Progressive].map(|blocks| Policy { blocks, ..own });
    let mut all = [starts.to_vec(), lasts.to_vec()].concat();
    if recipe.solver.method.family() == Family::Singlestep {
        all.push(("blocks=fixed".to_owned(), fixed));
        all.push(("blocks=fast,outer=nodes".to_owned(), fast));
        all.push(("blocks=progressive".to_owned(), progressive));
        for (name, stages) in [("ratios", Stages::Ratios), ("time", Stages::Time)] {
            all.push((format!("stages={name}"), Policy { stages, ..own }));
        }
    }
    let others = all.into_iter().filter(|(_, policy)| *policy != own);
    let of = |(value, policy): (String, Policy)| {
        let recipe = Recipe {
            policy,
            ..recipe.clone()
        };
        (format!("the reference with {value}"), recipe)
    };
    others.map(of).collect()
}

/// Outputs taken for another prediction.
fn predictions(recipe: &Recipe) -> Vec<(String, Recipe)> {
    let all = Prediction::IDS.iter();
    let all = all.filter_map(|(id, _)| Some((id, Prediction::parse(id).ok()?)));
    let others = all.filter(|(_, prediction)| *prediction != recipe.prediction);
    let of = |(id, prediction): (&&str, Prediction)| {
        let recipe = Recipe {
            prediction,
            ..recipe.clone()
        };
        (
            format!("the reference with its outputs taken for {id}"),
            recipe,
        )
    };
    others.map(of).collect()
}

/// Another amount of noise.
fn etas(recipe: &Recipe) -> Vec<(String, Recipe)> {
    if !recipe.solver.entry.stochastic {
        return Vec::new();
    }
    let all = [rational(0, 1), rational(1, 2), rational(1, 1)];
    let others = all.into_iter().filter(|eta| *eta != recipe.eta);
    let of = |eta: Rational| {
        let recipe = Recipe {
            eta,
            ..recipe.clone()
        };
        (format!("the reference with eta={eta}"), recipe)
    };
    others.map(of).collect()
}
