//! The instruction list of a request, derived anew: which output at which node, with which weights.

use super::convert;
use super::grid::{ends_without_noise, visited};
use super::levels::Levels;
use super::number::{Constants, Number};
use super::weights::{Rule, accumulated, plain_weights, weights};
use super::{multistep, singlestep};
use crate::arithmetic::rational;
use crate::grid::Spacing;
use crate::plan::{Initial, Instruction, Node, Operand, Plan, Request};
use crate::recipe::StateSpace;
use crate::schedule::{Lambda, Point};
use crate::solver::{Method, Side};

/// The plan of a request at one precision; none if the request defines no plan.
pub(super) fn plan(request: &Request, constants: Constants) -> Option<Plan<Number>> {
    let levels = Levels::new(&request.schedule, constants);
    let mut script = Script {
        request,
        levels,
        nodes: Vec::new(),
        conversions: Vec::new(),
        calls: 0,
        program: Vec::new(),
        states: 1,
        noises: 0,
    };
    let given = match request.recipe.solver.method {
        Method::TwoS(_) | Method::TwoSTaylor(_) | Method::ThreeS(..) | Method::ThreeSTaylor(..) => {
            singlestep::write(&mut script)?;
            1
        }
        _ => multistep::write(&mut script)?,
    };
    script.finish(given)
}

/// A model output: its index and the node it was made at.
#[derive(Clone, Copy)]
pub(super) struct Output {
    pub(super) index: usize,
    pub(super) node: usize,
}

/// A state and the node it belongs to.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) index: usize,
    pub(super) node: usize,
}

/// A program as it is written.
pub(super) struct Script<'a> {
    pub(super) request: &'a Request,
    levels: Levels<'a>,
    nodes: Vec<Node<Number>>,
    conversions: Vec<convert::Conversion>,
    calls: usize,
    program: Vec<Instruction<Number>>,
    states: usize,
    noises: usize,
}

impl Script<'_> {
    /// The levels of the request's grid for `steps` steps, from its first node on.
    pub(super) fn grid(&self, steps: usize) -> Option<Vec<Point<Number>>> {
        visited(self.request, &self.levels, steps)
    }

    /// True if the last step goes to sigma = 0.
    pub(super) fn to_zero(&self) -> bool {
        ends_without_noise(self.request)
    }

    /// Adds a node in the plan's state space.
    pub(super) fn add(&mut self, level: Point<Number>) -> Option<usize> {
        let (node, conversion) = convert::node(level, self.request)?;
        self.nodes.push(node);
        self.conversions.push(conversion);
        Some(self.nodes.len() - 1)
    }

    /// Adds the node at lambda_from + r (lambda_to - lambda_from).
    pub(super) fn add_inner(&mut self, from: usize, to: &Number, r: &Number) -> Option<usize> {
        let from = self.lambda(from)?;
        let rest = r.constants().integer(1) - r;
        let lambda = from * rest + to * r;
        self.add(self.levels.at_lambda(lambda))
    }

    /// Adds the node whose time lies at a part of the way to `to`, and its part of the way in lambda.
    pub(super) fn add_between(
        &mut self,
        from: usize,
        to: &Point<Number>,
        part: &Number,
    ) -> Option<(usize, Number)> {
        let source = &self.nodes.get(from)?.point;
        let (start, end) = (source.lambda.finite()?, to.lambda.finite()?);
        let rest = part.constants().integer(1) - part;
        let level = self
            .levels
            .at(source.t.as_ref()? * rest + to.t.as_ref()? * part);
        let way = (level.lambda.finite()? - start) / (end - start);
        Some((self.add(level)?, way))
    }

    pub(super) fn constants(&self) -> Constants {
        self.levels.constants
    }

    /// lambda at a node, if it is finite.
    pub(super) fn lambda(&self, node: usize) -> Option<&Number> {
        self.nodes.get(node)?.point.lambda.finite()
    }

    pub(super) fn call(&mut self, state: State) -> Option<Output> {
        let convert::Conversion {
            state: state_weight,
            output: output_weight,
        } = self.conversions.get(state.node)?.clone();
        let output = self.calls;
        self.calls += 1;
        self.program.push(Instruction::Evaluate {
            node: state.node,
            state: state.index,
            output,
            state_weight,
            output_weight,
        });
        Some(Output {
            index: output,
            node: state.node,
        })
    }

    /// A state that the caller gives.
    pub(super) fn given(&mut self, node: usize) -> State {
        self.states += 1;
        State {
            index: self.states - 1,
            node,
        }
    }

    /// A step with the interpolant through `points`, outputs and where they lie in units of the step;
    /// the first is the output at the start.
    pub(super) fn step(
        &mut self,
        from: State,
        to: usize,
        points: &[(Output, Number)],
        rule: Rule,
    ) -> Option<State> {
        let source = self.nodes.get(from.node)?.point.clone();
        let target = self.nodes.get(to)?.point.clone();
        let newest = points.first()?.0;
        let (Some(start), Some(end)) = (source.lambda.finite(), target.lambda.finite()) else {
            return self.limit(from, to, newest);
        };
        if self.request.recipe.solver.method == Method::DdimEta {
            return self.ddim_eta(from, to, newest);
        }
        let h = end - start;
        let eta = self.constants().parameter(self.request.recipe.eta);
        let one = self.constants().integer(1);
        let gain = &one + &eta;
        let (kept, c, scale, variance) = match self.request.recipe.solver.entry.side {
            // d(x/alpha) = (1+eta)(x_0 - x/alpha) dlambda + noise of density 2 eta rho^2.
            Side::Data => {
                let kept = &target.alpha / &source.alpha * (-(&gain * &h)).exp();
                let variance = accumulated(&(&eta * &h).scaled(2, 1), -1);
                (kept, -&gain, &target.alpha * &gain, variance)
            }
            // d(x/sigma) = (x/sigma - (1+eta) eps) dlambda + noise of density 2 eta.
            Side::Noise => {
                let kept = &target.sigma / &source.sigma * h.exp();
                let variance = &eta * accumulated(&h.scaled(2, 1), 1);
                (kept, one, -(&target.sigma * &gain), variance)
            }
        };
        let mut terms = vec![(Operand::State(from.index), kept)];
        let positions: Vec<Number> = points.iter().map(|(_, at)| at.clone()).collect();
        let weights = weights(&h, &c, &positions, rule);
        for ((output, _), weight) in points.iter().zip(weights) {
            terms.push((Operand::Output(output.index), weight * &scale));
        }
        if self.request.recipe.eta != rational(0, 1) {
            terms.push((self.draw(), variance.sqrt() * &target.sigma));
        }
        Some(self.combine(to, terms))
    }

    /// A step of x/alpha along rho = sigma/alpha, where its derivative is eps, with the interpolant
    /// through `outputs`, the newest first; with `even` as if they lay at even distances. It may end
    /// at sigma = 0.
    pub(super) fn in_rho(
        &mut self,
        from: State,
        to: usize,
        outputs: &[Output],
        even: bool,
    ) -> Option<State> {
        let source = self.nodes.get(from.node)?.point.clone();
        let target = self.nodes.get(to)?.point.clone();
        let rho = |point: &Point<Number>| match point.lambda {
            Lambda::NoNoise => self.constants().integer(0),
            _ => &point.sigma / &point.alpha,
        };
        let start = rho(&source);
        let length = &start - rho(&target);
        let mut positions = Vec::with_capacity(outputs.len());
        for (back, output) in (0..).zip(outputs) {
            let node = &self.nodes.get(output.node)?.point;
            positions.push(match even {
                true => self.constants().integer(-back),
                false => (&start - rho(node)) / &length,
            });
        }
        let scale = -(&target.alpha * &length);
        let mut terms = vec![(Operand::State(from.index), &target.alpha / &source.alpha)];
        for (output, weight) in outputs
            .iter()
            .zip(plain_weights(self.constants(), &positions))
        {
            terms.push((Operand::Output(output.index), weight * &scale));
        }
        Some(self.combine(to, terms))
    }

    /// Where a grid node lies in lambda, in units of the step between two other grid nodes; exact on
    /// grids that are uniform in lambda.
    pub(super) fn position(&self, node: usize, from: usize, to: usize) -> Option<Number> {
        let uniform = matches!(
            self.request.grid.spacing,
            Spacing::Lambda | Spacing::Exponential
        );
        if uniform && to > from {
            let steps = node as i64 - from as i64;
            return Some(
                self.constants()
                    .integer(steps)
                    .scaled(1, (to - from) as i64),
            );
        }
        let start = self.lambda(from)?;
        Some((self.lambda(node)? - start) / (self.lambda(to)? - start))
    }

    /// alpha_t x_0 + sqrt(sigma_t^2 - s^2) eps + s xi with s = eta sigma_t sqrt(1 - (rho_t/rho_s)^2).
    fn ddim_eta(&mut self, from: State, to: usize, output: Output) -> Option<State> {
        let source = self.nodes.get(from.node)?.point.clone();
        let target = self.nodes.get(to)?.point.clone();
        let eta = self.constants().parameter(self.request.recipe.eta);
        let one = self.constants().integer(1);
        let removed = match source.lambda {
            Lambda::NoSignal => one,
            _ => {
                let rho = |point: &Point<Number>| &point.sigma / &point.alpha;
                one - (rho(&target) / rho(&source)).square()
            }
        };
        let variance = (eta * &target.sigma).square() * removed;
        let kept = (target.sigma.square() - &variance).sqrt() / &source.sigma;
        let data = &target.alpha - &source.alpha * &kept;
        let mut terms = vec![
            (Operand::State(from.index), kept),
            (Operand::Output(output.index), data),
        ];
        if self.request.recipe.eta != rational(0, 1) {
            terms.push((self.draw(), variance.sqrt()));
        }
        Some(self.combine(to, terms))
    }

    /// The limit of a first-order step where one end has no noise or no signal.
    fn limit(&mut self, from: State, to: usize, output: Output) -> Option<State> {
        let source = self.nodes.get(from.node)?.point.clone();
        let target = self.nodes.get(to)?.point.clone();
        let recipe = &self.request.recipe;
        let without_noise = recipe.eta == rational(0, 1);
        let model = Operand::Output(output.index);
        let state = Operand::State(from.index);
        let terms = match (&target.lambda, recipe.solver.entry.side) {
            // x = alpha x_0 is all that is left.
            (Lambda::NoNoise, Side::Data) => vec![(model, target.alpha)],
            // alpha_t x_0 with x_0 = (x - sigma_s eps)/alpha_s.
            (Lambda::NoNoise, Side::Noise) if without_noise => {
                let kept = &target.alpha / &source.alpha;
                let weight = -(&kept * &source.sigma);
                vec![(state, kept), (model, weight)]
            }
            // The noise added over the step, sigma_t^2 eta (e^{2h} - 1), tends to eta (alpha_t sigma_s/alpha_s)^2.
            (Lambda::NoNoise, Side::Noise) => {
                let eta = self.constants().parameter(recipe.eta);
                let kept = &target.alpha / &source.alpha;
                let moved = &kept * &source.sigma;
                let weight = -(&moved + &(&eta * &moved));
                let variance = &eta * &moved.square();
                vec![
                    (state, kept),
                    (model, weight),
                    (self.draw(), variance.sqrt()),
                ]
            }
            _ if recipe.solver.method == Method::DdimEta => {
                return self.ddim_eta(from, to, output);
            }
            // The state is pure noise: kept as it is, or replaced altogether.
            _ if without_noise => {
                vec![
                    (state, &target.sigma / &source.sigma),
                    (model, target.alpha),
                ]
            }
            _ => vec![(model, target.alpha), (self.draw(), target.sigma)],
        };
        Some(self.combine(to, terms))
    }

    fn draw(&mut self) -> Operand {
        self.noises += 1;
        Operand::Noise(self.noises - 1)
    }

    fn combine(&mut self, node: usize, terms: Vec<(Operand, Number)>) -> State {
        let state = self.given(node);
        self.program.push(Instruction::Combine {
            target: state.index,
            terms,
        });
        state
    }

    fn finish(self, states: usize) -> Option<Plan<Number>> {
        let scale = match self.request.recipe.state_space {
            StateSpace::Ve => self.nodes.first()?.point.sigma.clone(),
            StateSpace::Vp | StateSpace::Flow => self.constants().integer(1),
        };
        Some(Plan {
            initial: Initial {
                scale,
                states,
                start_at: self.request.start_at,
            },
            nodes: self.nodes,
            program: self.program,
            threshold: self.request.recipe.threshold,
        })
    }
}
