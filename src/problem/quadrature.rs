//! The law of a stochastic plan's result on one-dimensional data, transported on grids.
//!
//! Each noise makes a state with a smooth density, and all that comes between two noises is a
//! function of states. So the joint density of the states that are still in use goes from noise to
//! noise by one convolution; on a uniform grid the trapezoidal rule does that with an error that
//! falls like e^(-2 pi^2/spacing^2), spacing in standard deviations of the noise.

use super::kernel::TestFunction;
use super::mixture::MixtureModel;
use super::moments::{ends, last_uses, tau};
use crate::error::{Code, Error, Result};
use crate::plan::{Instruction, Node, Operand, Plan, Request};
use crate::solver::Side;
use std::collections::HashMap;
use std::f64::consts::{SQRT_2, TAU};

/// Two grids must agree to this, relative to max(1, |expectation|).
const AGREEMENT: f64 = 1e-12;
/// The first grid's spacing in standard deviations; each further grid has twice as many points in
/// two dimensions.
const SPACING: f64 = 0.8;
/// Multiplications that a grid may cost: a few seconds.
const WORK: f64 = 4e9;
/// Cells that a grid may have: 160 MB.
const CELLS: f64 = 2e7;
/// Standard deviations at which a noise is cut: 1e-17 of it lies beyond.
const REACH: f64 = 8.6;
/// Grid cells of less probability are left out.
const NEGLIGIBLE: f64 = 1e-22;

/// A plan, the data, and where it starts.
pub(super) struct Quadrature<'a> {
    plan: &'a Plan<f64>,
    side: Side,
    model: MixtureModel<f64>,
    start: f64,
    ends: [f64; 2],
    last_use: HashMap<Operand, usize>,
}

/// A state as an integration variable.
struct Variable {
    state: usize,
    points: Vec<f64>,
}

/// The probabilities of the grid cells of some variables, the last one fastest.
struct Law {
    variables: Vec<Variable>,
    mass: Vec<f64>,
}

/// Converted model outputs at the points of the state they were made from.
struct Output {
    state: usize,
    values: Vec<f64>,
}

/// One step: the mean of the new state is a sum over the variables, and the noise's deviation.
struct Move {
    /// What each point of each variable adds.
    shares: Vec<Vec<f64>>,
    deviation: f64,
}

impl<'a> Quadrature<'a> {
    pub(super) fn new(
        plan: &'a Plan<f64>,
        request: &Request,
        model: MixtureModel<f64>,
        start: f64,
    ) -> Result<Self> {
        if plan.threshold.is_some() {
            return Err(Error::new(
                Code::Threshold,
                "thresholding is not smooth: its law has no density to transport",
                "threshold",
                "leave the threshold out",
            ));
        }
        if plan.initial.states != 1 {
            return Err(unfit("several start states", "choose start=ramp"));
        }
        let (first, last) = ends(plan)?;
        Ok(Quadrature {
            plan,
            side: request.recipe.form().side,
            model,
            start: start * first.point.alpha,
            ends: [tau(first)?, tau(last)?],
            last_use: last_uses(plan),
        })
    }

    /// tau at the first and at the last node.
    pub(super) fn ends(&self) -> [f64; 2] {
        self.ends
    }

    /// The expectations of all test functions, once two grids agree on them.
    pub(super) fn expectations(&self) -> Result<Vec<f64>> {
        let mut spacing = SPACING;
        let mut coarse = self.on_grid(spacing)?;
        loop {
            spacing /= SQRT_2;
            let fine = self.on_grid(spacing)?;
            let agree = |(a, b): (&f64, &f64)| (a - b).abs() <= AGREEMENT * b.abs().max(1.0);
            if coarse.iter().zip(&fine).all(agree) {
                return Ok(fine);
            }
            coarse = fine;
        }
    }

    fn on_grid(&self, spacing: f64) -> Result<Vec<f64>> {
        let mut law = Law {
            variables: vec![Variable {
                state: 0,
                points: vec![self.start],
            }],
            mass: vec![1.0],
        };
        let mut outputs: HashMap<usize, Output> = HashMap::new();
        let mut work = WORK;
        for (i, instruction) in self.plan.program.iter().enumerate() {
            match instruction {
                Instruction::Evaluate {
                    node,
                    state,
                    output,
                    ..
                } => {
                    let made = self.output(&self.plan.nodes[*node], *state, &law)?;
                    outputs.insert(*output, made);
                }
                Instruction::Combine { target, terms } => {
                    let step = Move::new(terms, &law, &outputs)?;
                    if i + 1 == self.plan.program.len() {
                        return Ok(self.integrated(&law, &step));
                    }
                    let used = |state| self.used_after(i, state, &outputs);
                    law = law.moved(*target, &step, spacing, used, &mut work)?;
                }
            }
        }
        Err(unfit(
            "the last instruction makes no state",
            "derive the plan anew",
        ))
    }

    /// Whether a state, or an output made from it, is used after instruction `i`.
    fn used_after(&self, i: usize, state: usize, outputs: &HashMap<usize, Output>) -> bool {
        let later = |operand| self.last_use.get(&operand).is_some_and(|last| *last > i);
        let made = outputs.iter().filter(|(_, made)| made.state == state);
        later(Operand::State(state)) || made.into_iter().any(|(m, _)| later(Operand::Output(*m)))
    }

    /// The exact prediction at every point of a state.
    fn output(&self, node: &Node<f64>, state: usize, law: &Law) -> Result<Output> {
        let (alpha, sigma) = (node.point.alpha, node.point.sigma);
        let tau = tau(node)?;
        let prediction = |x: &f64| {
            let data = self.model.denoise(&tau, &[x / alpha])?[0];
            Ok(match self.side {
                Side::Data => data,
                Side::Noise => (x - alpha * data) / sigma,
            })
        };
        let points = &law.variable(state)?.points;
        let values: Result<Vec<f64>> = points.iter().map(prediction).collect();
        Ok(Output {
            state,
            values: values?,
        })
    }

    /// The last noise in closed form, the states before it by the sum over the grid.
    fn integrated(&self, law: &Law, step: &Move) -> Vec<f64> {
        let alpha = self.plan.nodes[self.plan.nodes.len() - 1].point.alpha;
        let variance = (step.deviation / alpha).powi(2);
        let expectation = |test: TestFunction| {
            let mut sum = 0.0;
            law.for_each(&step.shares, |_, mass, mean| {
                sum += mass * test.expectation(mean / alpha, variance);
            });
            sum
        };
        TestFunction::ALL.into_iter().map(expectation).collect()
    }
}

impl Move {
    fn new(terms: &[(Operand, f64)], law: &Law, outputs: &HashMap<usize, Output>) -> Result<Self> {
        let empty = |variable: &Variable| vec![0.0; variable.points.len()];
        let mut step = Move {
            shares: law.variables.iter().map(empty).collect(),
            deviation: 0.0,
        };
        for (operand, weight) in terms {
            let (state, values) = match operand {
                Operand::Noise(_) if step.deviation != 0.0 => {
                    return Err(unfit("a step with two noises", "choose a multistep solver"));
                }
                Operand::Noise(_) => {
                    step.deviation = weight.abs();
                    continue;
                }
                Operand::State(state) => (*state, &law.variable(*state)?.points),
                Operand::Output(m) => {
                    let made = outputs.get(m).ok_or_else(|| {
                        unfit(
                            "an output is used before it is made",
                            "derive the plan anew",
                        )
                    })?;
                    (made.state, &made.values)
                }
            };
            let place = law.place(state)?;
            for (share, value) in step.shares[place].iter_mut().zip(values) {
                *share += weight * value;
            }
        }
        Ok(step)
    }
}

impl Law {
    fn place(&self, state: usize) -> Result<usize> {
        let place = self.variables.iter().position(|v| v.state == state);
        place.ok_or_else(|| {
            unfit(
                "a state without a noise of its own stands between two steps",
                "choose a multistep solver and eta = 1",
            )
        })
    }

    fn variable(&self, state: usize) -> Result<&Variable> {
        Ok(&self.variables[self.place(state)?])
    }

    /// Calls `visit` with (index of every variable, probability, sum of the shares) for every cell
    /// that is not negligible.
    fn for_each(&self, shares: &[Vec<f64>], mut visit: impl FnMut(&[usize], f64, f64)) {
        let mut index = vec![0; shares.len()];
        for &mass in &self.mass {
            if mass > NEGLIGIBLE {
                let mean = shares.iter().zip(&index).map(|(share, i)| share[*i]).sum();
                visit(&index, mass, mean);
            }
            for (i, share) in index.iter_mut().zip(shares).rev() {
                *i += 1;
                if *i < share.len() {
                    break;
                }
                *i = 0;
            }
        }
    }

    /// The law of the variables that are `used` later and of the new state `target`.
    fn moved(
        self,
        target: usize,
        step: &Move,
        spacing: f64,
        used: impl Fn(usize) -> bool,
        work: &mut f64,
    ) -> Result<Law> {
        if step.deviation == 0.0 {
            return Err(unfit(
                "a step before the last adds no noise",
                "choose eta = 1 and sigma > 0 before the last node",
            ));
        }
        let (mut low, mut high, mut cells) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        self.for_each(&step.shares, |_, _, mean| {
            (low, high, cells) = (low.min(mean), high.max(mean), cells + 1.0);
        });
        let width = spacing * step.deviation;
        let origin = low - REACH * step.deviation;
        let count = ((high - low + 2.0 * REACH * step.deviation) / width).ceil() + 1.0;
        let kept: Vec<usize> = (0..self.variables.len())
            .filter(|place| used(self.variables[*place].state))
            .collect();
        let kept_cells: f64 = kept
            .iter()
            .map(|place| self.variables[*place].points.len() as f64)
            .product();
        *work -= cells * 2.0 * REACH / spacing;
        // A state that overflowed has no grid either: nothing compares with NaN.
        let affordable = *work > 0.0 && kept_cells * count <= CELLS;
        if !affordable {
            return Err(Error::new(
                Code::Undecided,
                "two grids do not agree to 1e-12 before they become too large",
                "quadrature",
                "choose fewer steps, a first-order solver, or wider components; nothing was guessed",
            ));
        }
        let bump = Bump::new(spacing);
        let points: Vec<f64> = (0..count as usize)
            .map(|j| origin + width * j as f64)
            .collect();
        let mut mass = vec![0.0; kept_cells as usize * points.len()];
        self.for_each(&step.shares, |index, probability, mean| {
            let place =
                |row, place: &usize| row * self.variables[*place].points.len() + index[*place];
            let row = kept.iter().fold(0, place) * points.len();
            let row = &mut mass[row..row + points.len()];
            bump.add(row, (mean - origin) / width, probability);
        });
        let mut variables = self.variables;
        let mut place = 0;
        variables.retain(|_| {
            place += 1;
            kept.contains(&(place - 1))
        });
        variables.push(Variable {
            state: target,
            points,
        });
        Ok(Law { variables, mass })
    }
}

/// A normal density on a grid, its deviation being 1/spacing grid points.
struct Bump {
    spacing: f64,
    /// spacing e^(-(k spacing)^2/2)/sqrt(2 pi), k = 0, 1, ...
    heights: Vec<f64>,
}

impl Bump {
    fn new(spacing: f64) -> Self {
        let reach = (REACH / spacing).ceil() as usize;
        let height = |k: usize| {
            let distance = k as f64 * spacing;
            spacing * (-distance * distance / 2.0).exp() / TAU.sqrt()
        };
        Bump {
            spacing,
            heights: (0..=reach).map(height).collect(),
        }
    }

    /// Adds the bump of total `probability` around `centre`, in grid points from the row's first.
    ///
    /// e^(-(k s - t)^2/2) = e^(-t^2/2) e^(k s t) e^(-(k s)^2/2): one exponential a bump, |t| <= s/2.
    fn add(&self, row: &mut [f64], centre: f64, probability: f64) {
        let nearest = centre.round();
        let offset = (centre - nearest) * self.spacing;
        let nearest = nearest as usize;
        let scale = probability * (-offset * offset / 2.0).exp();
        let ratio = (self.spacing * offset).exp();
        let mut right = scale;
        for (cell, height) in row[nearest..].iter_mut().zip(&self.heights) {
            *cell += right * height;
            right *= ratio;
        }
        let mut left = scale / ratio;
        for (cell, height) in row[..nearest].iter_mut().rev().zip(&self.heights[1..]) {
            *cell += left * height;
            left /= ratio;
        }
    }
}

fn unfit(what: &str, remedy: &str) -> Error {
    Error::new(Code::Policy, what, "quadrature", remedy)
}
