//! Deriving a plan from (recipe, schedule, grid) in any arithmetic.

use super::builder::{Builder, Place};
use super::{Plan, formulas, singlestep};
use crate::arithmetic::{Rational, Real};
use crate::error::{Code, Error, Result};
use crate::grid::Grid;
use crate::policy::Policy;
use crate::recipe::Recipe;
use crate::schedule::{Curve, Lambda, Point, Schedule};
use crate::solver::{Family, Method, multistep_weights, weights_to_no_noise};

/// What to derive a plan for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Solver, prediction, policy.
    pub recipe: Recipe,
    /// The schedule.
    pub schedule: Schedule,
    /// The grid.
    pub grid: Grid,
    /// N >= 1: steps; for `blocks=fast` model calls.
    pub steps: usize,
    /// First and last time; none: the schedule's default domain.
    pub domain: Option<(Rational, Rational)>,
    /// Index of the node to start at: image to image, inpainting.
    pub start_at: usize,
}

impl Request {
    /// A request with the default domain from the first node.
    pub fn new(recipe: Recipe, schedule: Schedule, grid: Grid, steps: usize) -> Self {
        Request {
            recipe,
            schedule,
            grid,
            steps,
            domain: None,
            start_at: 0,
        }
    }

    /// The policy with `zero` as grid and policy agree on it.
    pub fn policy(&self) -> Policy {
        let zero = self.recipe.policy.zero || self.grid.reaches_zero(&self.schedule);
        Policy {
            zero,
            ..self.recipe.policy
        }
    }

    /// The nodes of an `steps`-step grid, in the schedule's own coordinates.
    pub(super) fn points<T: Real>(&self, curve: &Curve<T>, steps: usize) -> Result<Vec<Point<T>>> {
        let grid = match self.policy().zero {
            true => self.grid.with_zero_end(&self.schedule)?,
            false => self.grid.clone(),
        };
        let domain = self.domain.unwrap_or_else(|| self.schedule.domain());
        grid.nodes(curve, steps, domain)
    }

    fn check(&self) -> Result<()> {
        Grid::check_steps(self.steps)?;
        self.recipe.check(&self.schedule)?;
        if self.start_at >= self.steps {
            return Err(Error::new(
                Code::GridSteps,
                format!(
                    "start at node {} of a grid of {} steps",
                    self.start_at, self.steps
                ),
                "start-at",
                format!("choose at most {}", self.steps - 1),
            ));
        }
        if self.domain.is_some() && self.grid.has_own_ends() {
            return Err(Error::new(
                Code::GridUnfit,
                format!("grid `{}` has its own end points", self.grid),
                "t-start, t-end",
                "leave them out",
            ));
        }
        Ok(())
    }
}

/// Derives the plan in the arithmetic of `witness`.
///
/// # Errors
/// Every error of the recipe, the grid and the policy; `E-NONFINITE` if a number is not finite in
/// this arithmetic (an enclosure too wide for its precision).
pub fn derive<T: Real>(request: &Request, witness: &T) -> Result<Plan<T>> {
    derive_on(request, &Curve::new(&request.schedule, witness))
}

/// As [`derive()`], on a schedule that is realised already.
///
/// # Errors
/// As [`derive()`].
pub fn derive_on<T: Real>(request: &Request, curve: &Curve<T>) -> Result<Plan<T>> {
    request.check()?;
    let mut builder = Builder::new(curve, &request.recipe, request.grid.rounding);
    let states = match request.recipe.solver.method.family() {
        Family::Multistep => multistep(request, &mut builder)?,
        Family::Singlestep => singlestep::derive(request, &mut builder)?,
    };
    let plan = builder.finish(states, request.start_at);
    plan.try_map(|value, place| match value.is_finite() {
        true => Ok(value.clone()),
        false => Err(Error::new(
            Code::NonFinite,
            "the number is not finite in this arithmetic: it overflows, or its enclosure is too wide",
            place(),
            "raise the precision, or keep the nodes away from the ends of the schedule",
        )),
    })
}

/// Writes a multistep program; returns how many states are given.
fn multistep<T: Real>(request: &Request, builder: &mut Builder<'_, T>) -> Result<usize> {
    let policy = request.policy();
    let method = request.recipe.solver.method;
    let points = request.points(builder.curve, request.steps)?;
    for point in points.into_iter().skip(request.start_at) {
        builder.node(point)?;
    }
    let steps = request.steps - request.start_at;
    let given = formulas::given_states(method, &policy);
    if given > steps {
        return Err(Error::new(
            Code::Policy,
            format!(
                "exact start-up of `{}` takes {given} states, but there are {steps} steps",
                request.recipe.solver
            ),
            "policy, start",
            "choose more steps or start=ramp",
        ));
    }
    let mut place = Place { node: 0, state: 0 };
    let mut outputs = Vec::new();
    for i in 0..steps {
        outputs.push(builder.evaluate(place));
        if i + 1 < given {
            place = Place {
                node: i + 1,
                state: builder.given_state(),
            };
            continue;
        }
        let at = request.start_at + i;
        let formula = formulas::multistep(method, &policy, i, at, request.steps);
        place = advance(builder, place, formula, &outputs)?;
    }
    Ok(given)
}

/// One step with the newest of `outputs`, each evaluated at the node of its own index.
fn advance<T: Real>(
    builder: &mut Builder<'_, T>,
    place: Place,
    formula: Method,
    outputs: &[usize],
) -> Result<Place> {
    let (i, target) = (place.node, place.node + 1);
    let infinite = |node: usize| !matches!(builder.point(node).lambda, Lambda::Finite(_));
    // History beyond a node with alpha = 0 is infinitely far away: its differences vanish.
    let usable = (0..formula.outputs())
        .take_while(|back| !infinite(i - back))
        .count();
    let on_outputs = |weights: Vec<T>| {
        let newest_first = weights.into_iter().enumerate();
        newest_first
            .map(|(back, w)| (outputs[i - back], w))
            .collect()
    };
    let before = |back| Ok(builder.step(i - back, i - back + 1)?.h);
    let before = (1..usable).map(before).collect::<Result<Vec<T>>>()?;
    if before.is_empty() || infinite(target) {
        let to_no_noise = matches!(builder.point(target).lambda, Lambda::NoNoise);
        return match weights_to_no_noise(formula, &before).filter(|_| to_no_noise) {
            Some(weights) => Ok(builder.end_without_noise(place, target, on_outputs(weights))),
            None => builder.first_order(place, target, outputs[i]),
        };
    }
    let step = builder.step(i, target)?;
    let ratios: Vec<T> = before.into_iter().map(|h| h / &step.h).collect();
    let weights = on_outputs(multistep_weights(formula, &step, &ratios));
    Ok(builder.combine(place, target, &step, weights))
}
