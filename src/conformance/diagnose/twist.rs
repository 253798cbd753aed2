//! A plan whose steps are computed in another way.

use super::formula::{Combination, Formula, combinations};
use super::place::{Place, lambda};
use crate::arithmetic::{Field, rational};
use crate::plan::{Instruction, Operand, Plan, Request, prepare};
use crate::policy::{Blocks, Policy, Stages};
use crate::recipe::StateSpace;
use crate::schedule::{Curve, Lambda, Point};
use crate::solver::{Form, Method, Step, Transfer};

/// What a sampler does otherwise in every step; what it does as the plan is that of [`PLAIN`].
#[derive(Clone, Copy)]
pub(super) struct Twist {
    /// What it takes a node for.
    pub(super) node: fn(&mut Point<f64>),
    /// What it takes the two ends of a step for, besides.
    pub(super) ends: fn(&mut Point<f64>, &mut Point<f64>),
    /// Where it has its stages, if not in lambda.
    pub(super) stages: Option<Coordinate>,
    /// Its weights on the outputs.
    pub(super) weights: fn(&Place<'_>) -> Vec<f64>,
    /// Its factor of a noise.
    pub(super) noise: fn(&Draw) -> f64,
}

/// The plan itself.
pub(super) const PLAIN: Twist = Twist {
    node: |_| (),
    ends: |_, _| (),
    stages: None,
    weights: |place| place.plain(),
    noise: |draw| draw.factor,
};

/// What a twist is called, behind "the reference" or "as by".
pub(super) type Named = (&'static str, Twist);

/// Another node.
pub(super) const fn node(name: &'static str, node: fn(&mut Point<f64>)) -> Named {
    (name, Twist { node, ..PLAIN })
}

/// Other ends of a step.
pub(super) const fn ends(name: &'static str, ends: fn(&mut Point<f64>, &mut Point<f64>)) -> Named {
    (name, Twist { ends, ..PLAIN })
}

/// Stages at their parts of the step in another coordinate.
pub(super) const fn stages(name: &'static str, coordinate: Coordinate) -> Named {
    let stages = Some(coordinate);
    (name, Twist { stages, ..PLAIN })
}

/// Other weights.
pub(super) const fn weights(name: &'static str, weights: fn(&Place<'_>) -> Vec<f64>) -> Named {
    (name, Twist { weights, ..PLAIN })
}

/// Another noise.
pub(super) const fn noise(name: &'static str, noise: fn(&Draw) -> f64) -> Named {
    (name, Twist { noise, ..PLAIN })
}

/// A coordinate of a point, in the state space of the recipe, and where it has a value.
#[derive(Clone, Copy)]
pub(super) struct Coordinate {
    pub(super) of: fn(&Point<f64>) -> f64,
    /// In the schedule's own coordinates.
    pub(super) at: fn(&Curve<f64>, StateSpace, f64) -> Point<f64>,
}

/// A noise that is added.
pub(super) struct Draw {
    /// Its factor.
    pub(super) factor: f64,
    /// The factor at eta = 1.
    pub(super) full: f64,
    /// sigma at the step's end.
    pub(super) sigma: f64,
}

impl Twist {
    /// The plan with this twist; none where its numbers are beyond f64.
    pub(super) fn apply(
        &self,
        request: &Request,
        curve: &Curve<f64>,
        plan: &Plan<f64>,
    ) -> Option<Plan<f64>> {
        let combinations = combinations(request, plan);
        let mut twisted = plan.clone();
        if let Some(coordinate) = self.stages {
            move_stages(request, curve, &mut twisted, &combinations, coordinate)?;
        }
        let mut points: Vec<Point<f64>> = twisted.nodes.iter().map(|it| it.point.clone()).collect();
        points.iter_mut().for_each(self.node);
        let scene = Scene {
            request,
            curve,
            points,
        };
        let programmed = twisted.program.iter_mut().filter_map(|it| match it {
            Instruction::Combine { terms, .. } => Some(terms),
            Instruction::Evaluate { .. } => None,
        });
        for (terms, combination) in programmed.zip(&combinations) {
            *terms = self.combined(&scene, combination, terms)?;
        }
        Some(twisted)
    }

    /// The terms of a combination; those of a limit stay as they are, but for the noise.
    fn combined(
        &self,
        scene: &Scene<'_>,
        combination: &Combination,
        terms: &[(Operand, f64)],
    ) -> Option<Vec<(Operand, f64)>> {
        let (from, to) = self.ended(scene, combination.source, combination.target)?;
        let h = lambda(&to) - lambda(&from);
        let recipe = &scene.request.recipe;
        let ordinary =
            is_inside(&from) && is_inside(&to) && recipe.solver.method != Method::DdimEta;
        let form = recipe.form();
        let transfer = ordinary.then(|| form.transfer(&from, &to, &h));
        let (added, mut combined) = terms
            .iter()
            .copied()
            .partition::<Vec<_>, _>(|it| matches!(it.0, Operand::Noise(_)));
        if let Some(Transfer { state, output, .. }) = &transfer {
            let outputs = outputs(combination, terms);
            let weights = (self.weights)(&self.place(scene, combination, h, &outputs)?);
            combined.retain(|it| matches!(it.0, Operand::State(_)));
            combined.iter_mut().for_each(|it| it.1 = *state);
            let weighted = outputs.into_iter().zip(weights);
            combined.extend(weighted.map(|(m, weight)| (Operand::Output(m), output * weight)));
        }
        let full = Form {
            eta: rational(1, 1),
            ..form
        };
        combined.extend(added.into_iter().map(|(noise, factor)| {
            let draw = Draw {
                factor: transfer.as_ref().and_then(|it| it.noise).unwrap_or(factor),
                full: full.transfer(&from, &to, &h).noise.unwrap_or(factor),
                sigma: to.sigma,
            };
            (noise, (self.noise)(&draw))
        }));
        let finite = combined.iter().all(|(_, factor)| factor.is_finite());
        finite.then_some(combined)
    }

    /// The ends of a step from one node to another.
    fn ended(&self, scene: &Scene<'_>, from: usize, to: usize) -> Option<(Point<f64>, Point<f64>)> {
        let node = |node: usize| scene.points.get(node).cloned();
        let (mut from, mut to) = (node(from)?, node(to)?);
        (self.ends)(&mut from, &mut to);
        Some((from, to))
    }

    /// A combination of outputs over a step of size `h`.
    fn place<'a>(
        &self,
        scene: &'a Scene<'_>,
        combination: &Combination,
        h: f64,
        outputs: &[usize],
    ) -> Option<Place<'a>> {
        let form = scene.request.recipe.form();
        let step = |h: f64| Step::new(h, &form.c(&h));
        let whole = match combination.formula {
            Formula::Stage(_, _, end) => {
                let (from, to) = self.ended(scene, combination.source, end)?;
                lambda(&to) - lambda(&from)
            }
            _ => h,
        };
        let history = outputs.iter().map(|output| scene.points.get(*output));
        Some(Place {
            formula: combination.formula,
            step: step(h),
            whole: step(whole),
            history: history.collect::<Option<_>>()?,
            stages: positions(scene.request, combination, &scene.points),
            target: scene.points.get(combination.target)?,
            curve: scene.curve,
        })
    }
}

/// What a twist works on: the nodes as it takes them.
struct Scene<'a> {
    request: &'a Request,
    curve: &'a Curve<f64>,
    points: Vec<Point<f64>>,
}

fn is_output(term: &&(Operand, f64)) -> bool {
    matches!(term.0, Operand::Output(_))
}

/// The outputs that a combination may use, in the order of its weights. An output has the number of
/// its node.
fn outputs(combination: &Combination, terms: &[(Operand, f64)]) -> Vec<usize> {
    let Combination {
        source,
        target,
        formula,
    } = combination;
    match formula {
        Formula::Multistep(_) => {
            let used = terms.iter().filter(is_output).count();
            (0..used).map(|back| source - back).collect()
        }
        _ => (*source..*target).collect(),
    }
}

/// Where the stages of a single-step formula stand in its step.
fn positions(request: &Request, combination: &Combination, points: &[Point<f64>]) -> Vec<f64> {
    let (source, target) = (combination.source, combination.target);
    let Policy { blocks, stages, .. } = request.recipe.policy;
    match (combination.formula, blocks) {
        (Formula::Multistep(_), _) => Vec::new(),
        _ if blocks == Blocks::Progressive || stages == Stages::Time => {
            let target = match combination.formula {
                Formula::Stage(_, _, end) => end,
                _ => target,
            };
            let place = |node: usize| points.get(node).map_or(f64::NAN, lambda);
            let part = |node| (place(node) - place(source)) / (place(target) - place(source));
            (source + 1..target).map(part).collect()
        }
        (Formula::Stage(method, ..) | Formula::Last(method), _) => {
            let stages = method.stages().into_iter();
            stages.map(|part| 1.0_f64.constant(part)).collect()
        }
    }
}

/// Moves the stages of a plan to their parts of the step in a coordinate; none where it has no value.
fn move_stages(
    request: &Request,
    curve: &Curve<f64>,
    plan: &mut Plan<f64>,
    combinations: &[Combination],
    coordinate: Coordinate,
) -> Option<()> {
    for it in combinations {
        let Formula::Stage(method, stage, end) = it.formula else {
            continue;
        };
        let part = 1.0_f64.constant(*method.stages().get(stage - 1)?);
        let [from, to] = [it.source, end].map(|node| plan.nodes.get(node).map(|it| &it.point));
        let (from, to) = ((coordinate.of)(from?), (coordinate.of)(to?));
        let value = from + part * (to - from);
        if !value.is_finite() {
            return None;
        }
        let point = (coordinate.at)(curve, request.recipe.state_space, value);
        let rounding = request.grid.rounding;
        let prepared = prepare(point, &request.schedule, &request.recipe, rounding).ok()?;
        *plan.nodes.get_mut(it.target)? = prepared.node;
        for instruction in &mut plan.program {
            match instruction {
                Instruction::Evaluate {
                    node,
                    state_weight,
                    output_weight,
                    ..
                } if *node == it.target => {
                    (*state_weight, *output_weight) =
                        (prepared.state_weight, prepared.output_weight);
                }
                _ => {}
            }
        }
    }
    Some(())
}

fn is_inside(point: &Point<f64>) -> bool {
    matches!(point.lambda, Lambda::Finite(_))
}
