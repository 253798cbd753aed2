//! Writes a plan's program instruction by instruction.

use super::node::{Node, Prepared, lacks_signal, prepare};
use super::{Initial, Instruction, Operand, Plan};
use crate::arithmetic::{Real, rational};
use crate::error::{Code, Error, Result};
use crate::grid::Rounding;
use crate::recipe::{Recipe, StateSpace};
use crate::schedule::{Curve, Lambda, Point};
use crate::solver::{Method, Side, Step, Transfer, ddim_eta, limits};

/// A place in the program: a node and the state there.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) node: usize,
    pub(super) state: usize,
}

pub(super) struct Builder<'a, T> {
    pub(super) curve: &'a Curve<T>,
    pub(super) recipe: &'a Recipe,
    rounding: Rounding,
    nodes: Vec<Prepared<T>>,
    program: Vec<Instruction<T>>,
    states: usize,
    outputs: usize,
    noises: usize,
}

impl<'a, T: Real> Builder<'a, T> {
    pub(super) fn new(curve: &'a Curve<T>, recipe: &'a Recipe, rounding: Rounding) -> Self {
        Builder {
            curve,
            recipe,
            rounding,
            nodes: Vec::new(),
            program: Vec::new(),
            states: 1,
            outputs: 0,
            noises: 0,
        }
    }

    /// Adds a node at a point in the schedule's own coordinates.
    pub(super) fn node(&mut self, point: Point<T>) -> Result<usize> {
        let index = self.nodes.len();
        if lacks_signal(&point, self.recipe) {
            return Err(Error::new(
                Code::PolicyZero,
                "alpha = 0 at the first node: the noise prediction carries no information there",
                format!("node {index}"),
                "use v, flow or data prediction with a dpmpp solver, or start where alpha > 0",
            ));
        }
        let prepared = prepare(point, self.curve.schedule(), self.recipe, self.rounding)
            .map_err(|e| e.at(format!("node {index}")))?;
        self.nodes.push(prepared);
        Ok(index)
    }

    pub(super) fn point(&self, node: usize) -> &Point<T> {
        &self.nodes[node].node.point
    }

    /// lambda at a node strictly between the ends.
    pub(super) fn lambda(&self, node: usize) -> Result<&T> {
        self.point(node).lambda.finite().ok_or_else(|| {
            Error::new(
                Code::PolicyZero,
                "this formula has no limit at an infinite lambda",
                format!("node {node}"),
                "choose a multistep solver, blocks of order 1 there, or nodes where alpha > 0 and sigma > 0",
            )
        })
    }

    /// A state that the caller provides.
    pub(super) fn given_state(&mut self) -> usize {
        self.states += 1;
        self.states - 1
    }

    /// Calls the model at a place; the index of the converted output.
    pub(super) fn evaluate(&mut self, place: Place) -> usize {
        let Prepared {
            state_weight,
            output_weight,
            ..
        } = &self.nodes[place.node];
        let (state_weight, output_weight) = (state_weight.clone(), output_weight.clone());
        let output = self.outputs;
        self.outputs += 1;
        self.program.push(Instruction::Evaluate {
            node: place.node,
            state: place.state,
            output,
            state_weight,
            output_weight,
        });
        output
    }

    /// The step from one node to another as the solvers see it.
    pub(super) fn step(&self, source: usize, target: usize) -> Result<Step<T>> {
        let h = self.lambda(target)?.clone() - self.lambda(source)?;
        let c = self.recipe.form().c(&h);
        Ok(Step::new(h, &c))
    }

    /// The target state from `place` and a solver's weights on converted outputs.
    pub(super) fn combine(
        &mut self,
        place: Place,
        target: usize,
        step: &Step<T>,
        weights: Vec<(usize, T)>,
    ) -> Place {
        let (from, to) = (self.point(place.node), self.point(target));
        let Transfer {
            state,
            output,
            noise,
        } = self.recipe.form().transfer(from, to, &step.h);
        let weights = weights
            .into_iter()
            .map(|(m, weight)| (m, weight * &output))
            .collect();
        self.push(place, target, Some(state), weights, noise)
    }

    /// A first-order step, where one end may be infinite; `output` is the newest model output.
    pub(super) fn first_order(
        &mut self,
        place: Place,
        target: usize,
        output: usize,
    ) -> Result<Place> {
        let (from, to) = (self.point(place.node), self.point(target));
        let form = self.recipe.form();
        let eta = self.recipe.eta;
        match (&from.lambda, &to.lambda) {
            (_, Lambda::NoNoise) => {
                let limit = match form.side {
                    Side::Noise if eta != rational(0, 1) => {
                        limits::sde_noise_to_no_noise(from, to, &to.alpha.constant(eta))
                    }
                    side => limits::to_no_noise(side, from, to),
                };
                Ok(self.push_limit(place, target, output, limit))
            }
            (Lambda::NoSignal, _) => {
                let eta_value = to.alpha.constant(eta);
                let limit = match self.recipe.solver.method {
                    _ if eta == rational(0, 1) => limits::from_no_signal(from, to),
                    Method::DdimEta => limits::ddim_eta_from_no_signal(from, to, &eta_value),
                    _ => limits::sde_from_no_signal(to),
                };
                Ok(self.push_limit(place, target, output, limit))
            }
            _ if self.recipe.solver.method == Method::DdimEta => {
                self.ddim_eta(place, target, output)
            }
            _ => {
                let step = self.step(place.node, target)?;
                let weights = crate::solver::multistep_weights(Method::Ddim, &step, &[]);
                let weights = weights.into_iter().map(|weight| (output, weight)).collect();
                Ok(self.combine(place, target, &step, weights))
            }
        }
    }

    /// The step to sigma = 0 of a method that has a limit there, with its weights in units of the
    /// weight of a first-order step.
    pub(super) fn end_without_noise(
        &mut self,
        place: Place,
        target: usize,
        weights: Vec<(usize, T)>,
    ) -> Place {
        let (from, to) = (self.point(place.node), self.point(target));
        let limit = limits::to_no_noise(self.recipe.form().side, from, to);
        let weighted = |(m, weight)| (m, limit.output.clone() * &weight);
        let weights = weights.into_iter().map(weighted).collect();
        self.push(place, target, limit.state, weights, None)
    }

    fn push_limit(
        &mut self,
        place: Place,
        target: usize,
        output: usize,
        limit: limits::Limit<T>,
    ) -> Place {
        let outputs = vec![(output, limit.output)];
        self.push(place, target, limit.state, outputs, limit.noise)
    }

    fn ddim_eta(&mut self, place: Place, target: usize, output: usize) -> Result<Place> {
        let h = self.step(place.node, target)?.h;
        let coefficients = ddim_eta::coefficients(&h, &h.constant(self.recipe.eta));
        let (from, to) = (self.point(place.node), self.point(target));
        let Transfer {
            state,
            output: data,
            noise,
        } = coefficients.transfer(from, to);
        let drawn = noise.filter(|_| self.recipe.eta != rational(0, 1));
        Ok(self.push(place, target, Some(state), vec![(output, data)], drawn))
    }

    fn push(
        &mut self,
        place: Place,
        node: usize,
        state: Option<T>,
        outputs: Vec<(usize, T)>,
        noise: Option<T>,
    ) -> Place {
        let mut terms: Vec<(Operand, T)> = Vec::with_capacity(outputs.len() + 2);
        terms.extend(state.map(|factor| (Operand::State(place.state), factor)));
        terms.extend(
            outputs
                .into_iter()
                .map(|(m, weight)| (Operand::Output(m), weight)),
        );
        if let Some(amplitude) = noise {
            terms.push((Operand::Noise(self.noises), amplitude));
            self.noises += 1;
        }
        let target = self.given_state();
        self.program.push(Instruction::Combine { target, terms });
        Place {
            node,
            state: target,
        }
    }

    /// The finished plan.
    pub(super) fn finish(self, states: usize, start_at: usize) -> Plan<T> {
        let one = self.curve.witness().like(1, 1);
        let scale = match (self.recipe.state_space, self.nodes.first()) {
            (StateSpace::Ve, Some(first)) => first.node.point.sigma.clone(),
            _ => one,
        };
        let nodes: Vec<Node<T>> = self
            .nodes
            .into_iter()
            .map(|prepared| prepared.node)
            .collect();
        let initial = Initial {
            scale,
            states,
            start_at,
        };
        Plan {
            initial,
            nodes,
            program: self.program,
            threshold: self.recipe.threshold,
        }
    }
}
