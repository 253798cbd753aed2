//! The cases of the current edition. An id is a promise: it is never renamed, and new cases appear
//! in a new edition only.

use super::case::{Case, Setting, Subject, integrated};
use super::{Declaration, Precision};
use crate::arithmetic::Rational;
use crate::error::Result;
use crate::grid::{Ends, Grid};
use crate::plan::Request;
use crate::policy::{Final, Policy, Start};
use crate::prediction::Prediction;
use crate::recipe::{Recipe, StateSpace};
use crate::schedule::{Curve, Schedule};
use crate::solver::{Entry, Family, Side, Solver};
use crate::threshold::Threshold;

/// The edition.
pub const EDITION: &str = "2026.1";

/// Schedules and grids.
const GROUNDS: &[(&str, &[&str])] = &[
    ("vp-linear", &["lambda", "time"]),
    ("vp-cosine", &["lambda"]),
    ("discrete-linear", &["linspace", "trailing"]),
    ("discrete-scaled-linear", &["linspace", "leading:ends=zero"]),
    ("edm", &["karras"]),
    ("flow", &["flow"]),
];

/// Schedule and grid as ids name them.
type Ground = (&'static str, &'static str);

/// Numbers of steps: every residue of 2 and 3, and the ones in use.
const STEPS: &[usize] = &[1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 20, 50];

/// Policies besides the default, asked where the solver takes them.
const POLICIES: &[&str] = &["start=ramp-exact", "final=lower", "final=euler", "zero=on"];

/// What a grid that ends at sigma = 0 makes of the others.
const POLICIES_TO_ZERO: &[&str] = &[
    "start=ramp-exact,zero=on",
    "final=lower,zero=on",
    "final=euler,zero=on",
];

/// Steps at which other policies and predictions are asked.
const FEW: &[usize] = &[3, 5, 10];

/// Steps, and the nodes at which runs inside the grid start.
const INSIDE: &[(usize, usize)] = &[(5, 1), (10, 4)];

/// Every case of the edition, in a fixed order; those of one setting stand together.
pub fn cases() -> Vec<Case> {
    settings().iter().flat_map(Setting::cases).collect()
}

/// What is run, each once; what a recipe cannot do on a schedule is no part of it.
pub fn settings() -> Vec<Setting> {
    let mut made = Vec::new();
    for entry in Solver::ENTRIES {
        for (schedule, grids) in GROUNDS {
            for ground in grids.iter().map(|grid| (*schedule, *grid)) {
                let of_ground = of_ground(entry, ground).into_iter().filter_map(Result::ok);
                let mut kept: Vec<Request> = Vec::new();
                for request in of_ground.filter(is_sound) {
                    if !kept.contains(&request) {
                        kept.push(request);
                    }
                }
                let (schedule, grid) = ground;
                let of = |subject: Subject| {
                    move |request: Request| Setting {
                        subject,
                        ground: (schedule.into(), grid.into()),
                        request,
                    }
                };
                let local = kept.iter().filter(|it| is_local(it)).cloned();
                let local: Vec<Setting> = local.map(of(Subject::Steps)).collect();
                made.extend(kept.into_iter().map(of(Subject::Run)));
                made.extend(local);
            }
        }
    }
    made.extend(grids().into_iter().filter_map(Result::ok));
    made.extend(thresholds().into_iter().filter_map(Result::ok));
    made
}

/// The grids that a sampler may make itself, each on the schedules that have it.
const MADE: &[(&str, &[&str])] = &[
    (
        "vp-linear",
        &[
            "lambda",
            "time",
            "quadratic",
            "karras",
            "karras:ends=zero",
            "polyexponential:p=2",
        ],
    ),
    ("vp-cosine", &["lambda", "time"]),
    ("discrete-linear", &["linspace", "leading", "trailing"]),
    (
        "discrete-scaled-linear",
        &[
            "karras:ends=zero",
            "leading:ends=zero",
            "linspace:ends=zero",
            "trailing:ends=zero",
        ],
    ),
    ("edm", &["karras", "karras:ends=zero", "lambda:ends=zero"]),
    (
        "flow",
        &["flow", "flow:ends=zero", "flow:ends=zero,shift=3"],
    ),
];

/// A setting for every grid that exists with that number of steps.
fn grids() -> Vec<Result<Setting>> {
    let mut made = Vec::new();
    for (schedule, grids) in MADE {
        for ground in grids.iter().map(|grid| (*schedule, *grid)) {
            for steps in STEPS {
                let request = setting(("ddim", ground, *steps), etas(false)[0], "", None);
                made.push(request.and_then(|request| {
                    let curve = Curve::new(&request.schedule, &1.0_f64);
                    request
                        .grid
                        .nodes(&curve, *steps, request.schedule.domain())?;
                    Ok(Setting {
                        subject: Subject::Nodes,
                        ground: (ground.0.into(), ground.1.into()),
                        request,
                    })
                }));
            }
        }
    }
    made
}

/// Rules, and lengths of samples: rank p (n - 1) of one that is whole, and is not in f32.
fn thresholds() -> Vec<Result<Setting>> {
    let ratio = Rational::new_raw(199, 200);
    let rules = [
        Threshold::Static {
            bound: Rational::new_raw(1, 1),
        },
        Threshold::Dynamic { ratio, max: None },
        Threshold::Dynamic {
            ratio,
            max: Some(Rational::new_raw(3, 2)),
        },
        Threshold::Dynamic {
            ratio: Rational::new_raw(1, 2),
            max: None,
        },
        Threshold::Dynamic {
            ratio: Rational::new_raw(1, 1),
            max: None,
        },
    ];
    let mut made = Vec::new();
    for rule in rules {
        for length in [1, 2, 7, 64, 201] {
            let ground = ("vp-linear", "lambda");
            let request = setting(("ddim", ground, 10), etas(false)[0], "", None);
            made.push(request.map(|request| Setting {
                subject: Subject::Threshold(rule, length),
                ground: (ground.0.into(), ground.1.into()),
                request,
            }));
        }
    }
    made
}

/// A declaration of everything that the edition asks for.
///
/// # Errors
/// None of the edition's ids is unknown.
pub fn everything(name: &str, precision: Precision) -> Result<Declaration> {
    let solvers = Solver::ENTRIES.iter().map(|entry| entry.id);
    Declaration::new(name, precision)
        .solvers(solvers)?
        .schedules(GROUNDS.iter().map(|(schedule, _)| *schedule))?
        .predictions(Prediction::IDS.iter().map(|(id, _)| *id))?
        .policies(POLICIES.iter().chain(POLICIES_TO_ZERO).copied())?
        .grids(MADE.iter().flat_map(|(_, grids)| grids.iter().copied()))
        .map(|it| it.spaces(&[StateSpace::Vp, StateSpace::Flow, StateSpace::Ve]))
}

fn of_ground(entry: &Entry, ground: Ground) -> Vec<Result<Request>> {
    let etas = etas(entry.stochastic);
    let mut made = Vec::new();
    for steps in STEPS {
        let place = (entry.id, ground, *steps);
        made.extend(etas.iter().map(|eta| setting(place, *eta, "", None)));
    }
    for steps in FEW {
        let place = (entry.id, ground, *steps);
        let other = |policy: &&str| setting(place, etas[0], policy, None);
        made.extend(POLICIES.iter().map(other));
        let other = |(id, _): &(&str, &str)| setting(place, etas[0], "", Some(id));
        made.extend(Prediction::IDS.iter().map(other));
        made.push(setting(place, etas[0], "", None).map(in_ve));
    }
    for (steps, first) in INSIDE {
        let place = (entry.id, ground, *steps);
        let inside = |request| Request {
            start_at: *first,
            ..request
        };
        made.extend((etas.iter()).map(|eta| setting(place, *eta, "", None).map(inside)));
    }
    made
}

/// Whether a request is asked step by step, too.
fn is_local(request: &Request) -> bool {
    let recipe = &request.recipe;
    let usual = Recipe {
        eta: recipe.eta,
        prediction: integrated(recipe.form().side),
        ..Recipe::new(recipe.solver, &request.schedule)
    };
    request.steps == 5 && request.start_at == 0 && *recipe == usual
}

fn etas(stochastic: bool) -> &'static [Rational] {
    const ALL: [Rational; 3] = [
        Rational::new_raw(1, 1),
        Rational::new_raw(1, 2),
        Rational::new_raw(0, 1),
    ];
    if stochastic { &ALL } else { &ALL[2..] }
}

/// The same with x/alpha for x.
fn in_ve(mut request: Request) -> Request {
    request.recipe.state_space = StateSpace::Ve;
    request
}

fn setting(
    (solver, (schedule, grid), steps): (&str, Ground, usize),
    eta: Rational,
    policy: &str,
    prediction: Option<&str>,
) -> Result<Request> {
    let schedule = Schedule::parse(schedule)?;
    let recipe = Recipe::new(Solver::parse(solver)?, &schedule);
    let usual = integrated(recipe.form().side);
    let recipe = Recipe {
        eta,
        prediction: prediction.map_or(Ok(usual), Prediction::parse)?,
        policy: Policy::parse(policy)?,
        ..recipe
    };
    Ok(Request::new(recipe, schedule, Grid::parse(grid)?, steps))
}

/// Whether a request can be planned, and asks for something that no other one asks for.
fn is_sound(request: &Request) -> bool {
    let Request {
        recipe, schedule, ..
    } = request;
    let outputs = recipe.solver.method.outputs();
    let idle = match recipe.policy {
        Policy {
            start: Start::RampExact,
            ..
        } => outputs < 3,
        Policy {
            last: Final::Full, ..
        } => recipe.policy.zero && request.grid.ends == Ends::Zero,
        _ => outputs < 2,
    };
    // alpha = 0 at the first node carries no noise prediction and no x/alpha, and a single-step
    // solver of several stages has no limit at either infinite end.
    let flow = matches!(schedule, Schedule::Flow(_));
    let staged = recipe.solver.method.family() == Family::Singlestep;
    let barred = recipe.state_space == StateSpace::Ve
        || recipe.form().side == Side::Noise
        || matches!(recipe.prediction, Prediction::Noise | Prediction::Score);
    let limit = (flow && (barred || staged)) || (staged && request.policy().zero);
    !idle && !limit && recipe.check(schedule).is_ok()
}
