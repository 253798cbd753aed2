//! The cases of the current edition. An id is a promise: it is never renamed, and new cases appear
//! in a new edition only.

mod made;

use super::case::{Case, Setting, Subject, integrated};
use super::{Declaration, Precision};
use crate::arithmetic::Rational;
use crate::error::Result;
use crate::grid::Grid;
use crate::plan::Request;
use crate::plan::formulas::fast_orders;
use crate::policy::{Blocks, Final, Policy, Start};
use crate::prediction::Prediction;
use crate::recipe::{Recipe, StateSpace};
use crate::schedule::Schedule;
use crate::solver::{Entry, Family, Side, Solver};

/// The edition.
pub const EDITION: &str = "2026.1";

/// Schedules and grids.
const GROUNDS: &[(&str, &[&str])] = &[
    ("vp-linear", &["lambda", "time"]),
    ("vp-cosine", &["lambda", "time"]),
    ("discrete-linear", &["linspace", "trailing"]),
    (
        "discrete-scaled-linear",
        &["linspace", "leading:ends=zero", "karras:ends=zero"],
    ),
    ("discrete-cosine", &["linspace", "trailing"]),
    ("discrete-linear:betas=f32", &["linspace", "trailing"]),
    ("discrete-scaled-linear:betas=f32", &["linspace"]),
    ("edm", &["karras", "karras:ends=zero"]),
    ("flow", &["flow", "flow:ends=zero"]),
];

/// Schedule and grid as ids name them.
type Ground = (&'static str, &'static str);

/// Numbers of steps: every residue of 2 and 3, and the ones in use.
const STEPS: &[usize] = &[1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 20, 50];

/// Steps at which other policies and predictions are asked, and states x/alpha.
const FEW: &[usize] = &[3, 5, 10];

/// Policies besides the default, asked where the solver takes them, and at how many steps.
const POLICIES: &[(&str, &[usize])] = &[
    ("start=ramp-exact", FEW),
    ("final=lower", FEW),
    ("final=euler", FEW),
    ("zero=on", FEW),
    ("final=lower<15,zero=on", &[14, 15]),
];

/// Where more policies are asked, and other predictions in one step as well.
const WIDE: &[Ground] = &[
    ("vp-linear", "lambda"),
    ("discrete-linear", "linspace"),
    ("discrete-scaled-linear", "karras:ends=zero"),
    ("edm", "karras"),
    ("flow", "flow"),
    ("flow", "flow:ends=zero"),
];

/// What is asked there: `lower<K` on both sides of K, blocks at every number of calls.
const MORE_POLICIES: &[(&str, &[usize])] = &[
    ("final=lower<10", &[5, 8, 10, 11]),
    ("final=lower<15", &[5, 14, 15, 16]),
    ("blocks=fast", STEPS),
    ("blocks=fast,outer=nodes", STEPS),
    ("blocks=progressive", STEPS),
    ("stages=time", FEW),
    ("blocks=fast,outer=nodes,stages=time", &[3, 4, 5, 10]),
    ("blocks=progressive,final=lower", &[3, 4, 6, 12]),
    ("blocks=progressive,final=lower,zero=on", &[3, 4, 6, 12]),
];

/// Solvers with other stages than their own, and the schedules on which they are asked. With r1 = 1
/// DPM-Solver-2 is Heun's method in sigma/alpha, the solver of Karras et al. (2022), Algorithm 1.
const STAGES: &[(&str, &str, &[&str])] = &[("dpm-2s", "r1=1", &["vp-linear", "edm"])];

/// Steps, and the nodes at which runs inside the grid start.
const INSIDE: &[(usize, usize)] = &[(5, 1), (10, 4)];

/// Every case of the edition, in a fixed order; those of one setting stand together.
pub fn cases() -> Vec<Case> {
    settings().iter().flat_map(Setting::cases).collect()
}

/// What is run, each once; what a recipe cannot do on a schedule is no part of it.
pub fn settings() -> Vec<Setting> {
    one_by_one().collect()
}

/// The settings of which at least one case is chosen.
pub fn chosen_settings(chosen: impl Fn(&Case) -> bool) -> Vec<Setting> {
    let chosen = |setting: &Setting| setting.cases().any(|case| chosen(&case));
    one_by_one().filter(chosen).collect()
}

/// The settings as they are made: together they take megabytes.
pub(super) fn one_by_one() -> impl Iterator<Item = Setting> {
    let runs = Solver::ENTRIES.iter().flat_map(|entry| {
        GROUNDS.iter().flat_map(move |(schedule, grids)| {
            let grounds = grids.iter().enumerate();
            grounds.flat_map(move |(place, grid)| runs(entry, (schedule, grid), place == 0, grids))
        })
    });
    let beside = made::grids().into_iter().chain(made::thresholds());
    runs.chain(beside.filter_map(Result::ok))
}

/// The runs of a solver on a ground, then those step by step; `grids` are all of its schedule.
fn runs(entry: &Entry, ground: Ground, first: bool, grids: &[&str]) -> Vec<Setting> {
    let of_ground = of_ground(entry, ground, first).into_iter();
    let of_ground = of_ground.chain(with_stages(entry, ground));
    let mut kept: Vec<Request> = Vec::new();
    for request in of_ground
        .filter_map(Result::ok)
        .filter(|it| is_sound(it, grids))
    {
        if !kept.contains(&request) {
            kept.push(request);
        }
    }
    let of = |subject: Subject| {
        move |request: Request| Setting {
            subject,
            ground: (ground.0.into(), ground.1.into()),
            request,
        }
    };
    let local: Vec<Request> = kept.iter().filter(|it| is_local(it)).cloned().collect();
    let runs = kept.into_iter().map(of(Subject::Run));
    runs.chain(local.into_iter().map(of(Subject::Steps)))
        .collect()
}

/// A declaration of everything that the edition asks for.
///
/// # Errors
/// None of the edition's ids is unknown.
pub fn everything(name: &str, precision: Precision) -> Result<Declaration> {
    let solvers = Solver::ENTRIES.iter().map(|entry| entry.id.to_owned());
    let staged = STAGES
        .iter()
        .map(|(id, stages, _)| format!("{id}:{stages}"));
    let solvers: Vec<String> = solvers.chain(staged).collect();
    let mut declared = Declaration::new(name, precision)
        .solvers(solvers.iter().map(String::as_str))?
        .schedules(GROUNDS.iter().map(|(schedule, _)| *schedule))?
        .predictions(Prediction::IDS.iter().map(|(id, _)| *id))?
        .grids(
            made::GRIDS
                .iter()
                .flat_map(|(_, grids)| grids.iter().copied()),
        )?
        .spaces(&[StateSpace::Vp, StateSpace::Flow, StateSpace::Ve]);
    for (text, _) in POLICIES.iter().chain(MORE_POLICIES) {
        let policy = Policy::parse(text)?;
        // As it is, and as a grid that ends at sigma = 0 makes it.
        for policy in [
            policy,
            Policy {
                zero: true,
                ..policy
            },
        ] {
            if !declared.policies.contains(&policy) {
                declared.policies.push(policy);
            }
        }
    }
    Ok(declared)
}

/// `first` is true for the first grid of a schedule: predictions, and an eta between 0 and 1,
/// depend on the schedule alone.
fn of_ground(entry: &Entry, ground: Ground, first: bool) -> Vec<Result<Request>> {
    let mut etas = etas(entry.stochastic).to_vec();
    etas.retain(|eta| first || eta.is_integer());
    let wide = WIDE.contains(&ground);
    let mut made = Vec::new();
    for steps in STEPS {
        let place = (entry.id, ground, *steps);
        made.extend(etas.iter().map(|eta| setting(place, *eta, "", None)));
    }
    let policies = POLICIES.iter().chain(MORE_POLICIES.iter().filter(|_| wide));
    for (policy, steps) in policies {
        let other = |steps: &usize| setting((entry.id, ground, *steps), etas[0], policy, None);
        made.extend(steps.iter().map(other));
    }
    // From alpha = 5e-5 on a noise-form solver of data predictions leaves the range of f16, however
    // right it is: what is converted on other discrete schedules is converted alike.
    let converts = first && ground.0 != "discrete-cosine";
    let converted = [1].iter().filter(|_| wide).chain(FEW);
    for steps in converted.filter(|_| converts) {
        let place = (entry.id, ground, *steps);
        let other = |(id, _): &(&str, &str)| setting(place, etas[0], "", Some(id));
        made.extend(Prediction::IDS.iter().map(other));
    }
    for steps in FEW {
        let place = (entry.id, ground, *steps);
        made.push(setting(place, etas[0], "", None).map(in_ve));
    }
    if converts {
        let place = (entry.id, ground, 5);
        let other = |(id, _): &(&str, &str)| setting(place, etas[0], "", Some(id)).map(in_ve);
        made.extend(Prediction::IDS.iter().map(other));
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

/// The solver with other stages, where they are asked.
fn with_stages(entry: &Entry, ground: Ground) -> Vec<Result<Request>> {
    let asked = STAGES.iter();
    let asked = asked.filter(|(id, _, on)| *id == entry.id && on.contains(&ground.0));
    let solvers = asked.map(|(id, stages, _)| format!("{id}:{stages}"));
    let runs = solvers.flat_map(|solver| {
        let run = |steps: &usize| setting((&solver, ground, *steps), etas(false)[0], "", None);
        STEPS.iter().map(run).collect::<Vec<_>>()
    });
    runs.collect()
}

/// Whether a request is asked step by step, too: what 16 bits can tell, and of other predictions
/// those that networks in 16 bits have, where multistep solvers make them into data.
fn is_local(request: &Request) -> bool {
    let recipe = &request.recipe;
    let multistep = recipe.solver.method.family() == Family::Multistep;
    let usual = Recipe {
        eta: recipe.eta,
        prediction: match (recipe.form().side, recipe.prediction) {
            (Side::Data, it @ (Prediction::V | Prediction::Flow)) if multistep => it,
            (side, _) => integrated(side),
        },
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

/// Whether a request can be planned, and asks for something that no other one of these grids asks for.
fn is_sound(request: &Request, grids: &[&str]) -> bool {
    let Request {
        recipe, schedule, ..
    } = request;
    !is_idle(request, grids) && !is_infinite(request) && recipe.check(schedule).is_ok()
}

/// Whether its policy changes nothing, or nothing but the grid, to one that is asked itself.
fn is_idle(request: &Request, grids: &[&str]) -> bool {
    let Request {
        recipe,
        schedule,
        grid,
        steps,
        ..
    } = request;
    let outputs = recipe.solver.method.outputs();
    let Policy {
        start,
        last,
        zero,
        blocks,
        ..
    } = recipe.policy;
    let zero_end = grid.with_zero_end(schedule).ok();
    let ends = |it: &&str| Grid::parse(it).ok() == zero_end;
    let idle = match (start, last, blocks) {
        (Start::RampExact, ..) => outputs < 3,
        (_, Final::Full, _) => false,
        // Orders are lowered where the last block is whole.
        (_, Final::Lower, Blocks::Progressive) => !steps.is_multiple_of(outputs),
        _ => outputs < 2,
    };
    idle || zero && grids.iter().any(ends)
}

/// Whether it meets an infinite lambda where it has no limit.
fn is_infinite(request: &Request) -> bool {
    let recipe = &request.recipe;
    let method = recipe.solver.method;
    // alpha = 0 at the first node carries no noise prediction, no x/alpha and no block of several
    // stages.
    let staged = method.family() == Family::Singlestep;
    let barred = staged
        || recipe.state_space == StateSpace::Ve
        || recipe.form().side == Side::Noise
        || matches!(recipe.prediction, Prediction::Noise | Prediction::Score);
    let last = match recipe.policy.blocks {
        Blocks::Fast(_) => fast_orders(method.outputs(), request.steps).last().copied(),
        Blocks::Fixed | Blocks::Progressive => Some(1),
    };
    matches!(request.schedule, Schedule::Flow(_)) && barred
        || request.policy().zero && last != Some(1)
}
