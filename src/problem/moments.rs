//! The law of a sampler's result on Gaussian data, exactly: weak errors without drawing a number.
//!
//! On Gaussian data the denoiser is affine, so every state, output and noise of a plan is jointly
//! normal. A plan is run on means and covariances; only what a later instruction still uses is
//! kept, so a step costs a handful of operations whatever N is. Everything is in z = x/alpha;
//! the derivation of the exact law stands at [`exact_law`].

use super::Gaussian;
use crate::arithmetic::Real;
use crate::error::{Code, Error, Result};
use crate::plan::{Instruction, Node, Operand, Plan, Request};
use crate::solver::{Method, Side};
use std::collections::HashMap;

/// Mean and variance of one component of z = x/alpha.
#[derive(Clone, Debug, PartialEq)]
pub struct Law<T> {
    /// The mean.
    pub mean: T,
    /// The variance, at least 0; 0 for a fixed value.
    pub variance: T,
}

impl<T: Real> Law<T> {
    /// The law of a value that is given.
    pub fn fixed(z: T) -> Self {
        let variance = z.like(0, 1);
        Law { mean: z, variance }
    }
}

impl Gaussian {
    /// The law of z at `tau`: mean mu, variance s2 + tau, one a component.
    pub fn marginal<T: Real>(&self, tau: &T) -> Vec<Law<T>> {
        let model = self.model(tau);
        let laws = model.mean.into_iter().zip(model.variance);
        laws.map(|(mean, variance)| Law {
            mean,
            variance: variance + tau,
        })
        .collect()
    }
}

/// Mean and variance of the plan's result on Gaussian data, in z at the last node, exact in the
/// arithmetic T.
///
/// `plan` is derived from `request`; `start` is the law of z at the first node, one a component
/// ([`Gaussian::marginal`], [`Law::fixed`]). Further start states (start=exact) have the exact
/// joint law of the process that starts there. The network is taken to be perfect, whatever it
/// predicts: an output is the true data or noise prediction at the state shown.
///
/// # Errors
/// `E-SHAPE` if `start` has another length than the problem; `E-THRESHOLD` for a plan that
/// thresholds, which is not affine; `E-DOMAIN` if it starts at alpha = 0, where z is infinite;
/// `E-NONFINITE` for a result that is not finite in this arithmetic.
pub fn gaussian_law<T: Real>(
    plan: &Plan<T>,
    request: &Request,
    gaussian: &Gaussian,
    start: &[Law<T>],
) -> Result<Vec<Law<T>>> {
    if plan.threshold.is_some() {
        return Err(Error::new(
            Code::Threshold,
            "thresholding is not affine: the result is not Gaussian",
            "threshold",
            "leave the threshold out",
        ));
    }
    let last_use = last_uses(plan);
    processes(plan, request, gaussian, start)?
        .iter()
        .map(|process| run(plan, request, process, &last_use))
        .collect()
}

/// Mean and variance of the SDE (or, at eta = 0, the flow) that the plan's solver approximates, in
/// z at the last node.
///
/// With v = s2 + tau the reverse SDE on Gaussian data is
/// d(z - mu) = -(1+eta) (tau/v) (z - mu) dlambda + sqrt(2 eta tau) dW, and dv/dlambda = -2 tau. So
/// E z - mu is proportional to v^((1+eta)/2), and the variance V solves
/// V' = -2 (1+eta) (tau/v) V + 2 eta tau, which has the solution v for every eta and differs from
/// it by a multiple of v^(1+eta):
/// V_t = v_t + (V_s - v_s) (v_t/v_s)^(1+eta), that is v_t (1 - (v_t/v_s)^eta) from a fixed start.
/// `ddim-eta` approximates the SDE of eta^2.
///
/// # Errors
/// As [`gaussian_law`].
pub fn exact_law<T: Real>(
    plan: &Plan<T>,
    request: &Request,
    gaussian: &Gaussian,
    start: &[Law<T>],
) -> Result<Vec<Law<T>>> {
    let last = tau(ends(plan)?.1)?;
    processes(plan, request, gaussian, start)?
        .iter()
        .map(|process| finite(process.law(&last)))
        .collect()
}

/// One component of the process: its data, its SDE, its law at the first node.
struct Process<T> {
    mean: T,
    variance: T,
    eta: T,
    first_tau: T,
    start: Law<T>,
}

impl<T: Real> Process<T> {
    /// s2 + tau.
    fn marginal(&self, tau: &T) -> T {
        self.variance.clone() + tau
    }

    /// (v_t/v_s)^((1+eta)/2): what is left at `target` of a distance to mu at `source`.
    fn decay(&self, source: &T, target: &T) -> T {
        let ratio = self.marginal(target) / &self.marginal(source);
        let exponent = (self.eta.like(1, 1) + &self.eta) / &self.eta.like(2, 1);
        ratio.pow(&exponent)
    }

    fn law(&self, tau: &T) -> Law<T> {
        let decay = self.decay(&self.first_tau, tau);
        let excess = self.start.variance.clone() - &self.marginal(&self.first_tau);
        Law {
            mean: (self.start.mean.clone() - &self.mean) * &decay + &self.mean,
            variance: excess * &decay * &decay + &self.marginal(tau),
        }
    }

    /// The prediction of `side` at a node as an affine function of x: its constant and its slope.
    fn prediction(&self, side: Side, node: &Node<T>) -> Result<(T, T)> {
        let (tau, alpha, sigma) = (tau(node)?, &node.point.alpha, &node.point.sigma);
        let total = self.marginal(&tau);
        let constant = self.mean.clone() * &tau / &total;
        Ok(match side {
            Side::Data => (constant, self.variance.clone() / &total / alpha),
            Side::Noise => (-(alpha.clone() * &constant / sigma), tau / &total / sigma),
        })
    }
}

fn processes<T: Real>(
    plan: &Plan<T>,
    request: &Request,
    gaussian: &Gaussian,
    start: &[Law<T>],
) -> Result<Vec<Process<T>>> {
    super::check_length(start, gaussian.dimension())?;
    let first_tau = tau(ends(plan)?.0)?;
    let eta = first_tau.constant(request.recipe.eta);
    let eta = match request.recipe.solver.method {
        Method::DdimEta => eta.clone() * &eta,
        _ => eta,
    };
    let model = gaussian.model(&first_tau);
    let components = model.mean.into_iter().zip(model.variance).zip(start);
    Ok(components
        .map(|((mean, variance), start)| Process {
            mean,
            variance,
            eta: eta.clone(),
            first_tau: first_tau.clone(),
            start: start.clone(),
        })
        .collect())
}

pub(super) fn tau<T: Real>(node: &Node<T>) -> Result<T> {
    let ratio = node.point.sigma.clone() / &node.point.alpha;
    let tau = ratio.clone() * &ratio;
    match tau.is_finite() {
        true => Ok(tau),
        false => Err(Error::new(
            Code::Domain,
            "z = x/alpha is infinite where alpha = 0",
            "first node",
            "start where alpha > 0",
        )),
    }
}

/// The first and the last node.
pub(super) fn ends<T>(plan: &Plan<T>) -> Result<(&Node<T>, &Node<T>)> {
    let ends = plan.nodes.first().zip(plan.nodes.last());
    ends.ok_or_else(|| Error::new(Code::Format, "no nodes", "plan", "give at least two"))
}

/// The index of the last instruction that uses each operand.
pub(super) fn last_uses<T>(plan: &Plan<T>) -> HashMap<Operand, usize> {
    let mut last = HashMap::new();
    for (i, instruction) in plan.program.iter().enumerate() {
        match instruction {
            Instruction::Evaluate { state, .. } => {
                last.insert(Operand::State(*state), i);
            }
            Instruction::Combine { terms, .. } => {
                last.extend(terms.iter().map(|(operand, _)| (*operand, i)));
            }
        }
    }
    last
}

/// Means and covariances of the quantities that are still in use.
struct Joint<T> {
    operands: Vec<Operand>,
    mean: Vec<T>,
    covariance: Vec<Vec<T>>,
}

impl<T: Real> Joint<T> {
    fn place(&self, operand: Operand) -> Option<usize> {
        self.operands.iter().position(|known| *known == operand)
    }

    fn push(&mut self, operand: Operand, mean: T, covariances: Vec<T>, variance: T) {
        for (row, covariance) in self.covariance.iter_mut().zip(&covariances) {
            row.push(covariance.clone());
        }
        let mut row = covariances;
        row.push(variance);
        self.operands.push(operand);
        self.mean.push(mean);
        self.covariance.push(row);
    }

    /// A standard normal value, independent of all others.
    fn push_noise(&mut self, operand: Operand, witness: &T) {
        let zeros = vec![witness.like(0, 1); self.operands.len()];
        self.push(operand, witness.like(0, 1), zeros, witness.like(1, 1));
    }

    /// constant + sum of weight times quantity.
    fn push_affine(&mut self, operand: Operand, constant: T, terms: &[(usize, &T)]) {
        let sum = |start: T, value: &dyn Fn(usize) -> T| {
            let add = |sum: T, (i, weight): &(usize, &T)| sum + &(value(*i) * weight);
            terms.iter().fold(start, add)
        };
        let zero = constant.like(0, 1);
        let mean = sum(constant, &|i| self.mean[i].clone());
        let covariances: Vec<T> = (0..self.operands.len())
            .map(|k| sum(zero.clone(), &|i| self.covariance[i][k].clone()))
            .collect();
        let variance = sum(zero, &|i| covariances[i].clone());
        self.push(operand, mean, covariances, variance);
    }

    fn retain(&mut self, used: impl Fn(Operand) -> bool) {
        for i in (0..self.operands.len()).rev() {
            if !used(self.operands[i]) {
                self.operands.remove(i);
                self.mean.remove(i);
                self.covariance.remove(i);
                for row in &mut self.covariance {
                    row.remove(i);
                }
            }
        }
    }
}

fn run<T: Real>(
    plan: &Plan<T>,
    request: &Request,
    process: &Process<T>,
    last_use: &HashMap<Operand, usize>,
) -> Result<Law<T>> {
    let side = request.recipe.form().side;
    let mut joint = given(plan, process)?;
    for (i, instruction) in plan.program.iter().enumerate() {
        let made = match instruction {
            Instruction::Evaluate {
                node,
                state,
                output,
                ..
            } => {
                let (constant, slope) = process.prediction(side, &plan.nodes[*node])?;
                let shown = known(&mut joint, Operand::State(*state), &slope)?;
                let made = Operand::Output(*output);
                joint.push_affine(made, constant, &[(shown, &slope)]);
                made
            }
            Instruction::Combine { target, terms } => {
                let mut places = Vec::with_capacity(terms.len());
                for (operand, weight) in terms {
                    places.push((known(&mut joint, *operand, weight)?, weight));
                }
                let made = Operand::State(*target);
                joint.push_affine(made, process.mean.like(0, 1), &places);
                made
            }
        };
        let later = |operand: &Operand| last_use.get(operand).is_some_and(|last| *last > i);
        joint.retain(|operand| operand == made || later(&operand));
    }
    let last = joint.operands.len() - 1;
    let alpha = &ends(plan)?.1.point.alpha;
    finite(Law {
        mean: joint.mean.remove(last) / alpha,
        variance: joint.covariance.remove(last).remove(last) / alpha / alpha,
    })
}

/// The given states x = alpha z at the first nodes, with the exact covariance
/// cov(z_j, z_i) = V_i (v_j/v_i)^((1+eta)/2) for i before j.
fn given<T: Real>(plan: &Plan<T>, process: &Process<T>) -> Result<Joint<T>> {
    let mut joint: Joint<T> = Joint {
        operands: Vec::new(),
        mean: Vec::new(),
        covariance: Vec::new(),
    };
    for (j, node) in plan.nodes.iter().enumerate().take(plan.initial.states) {
        let (tau_j, alpha) = (tau(node)?, &node.point.alpha);
        let law = process.law(&tau_j);
        let mut covariances = Vec::with_capacity(j);
        for (i, earlier) in plan.nodes[..j].iter().enumerate() {
            let decay = process.decay(&tau(earlier)?, &tau_j);
            let factor = decay * alpha / &earlier.point.alpha;
            covariances.push(joint.covariance[i][i].clone() * &factor);
        }
        let variance = law.variance * alpha * alpha;
        joint.push(Operand::State(j), law.mean * alpha, covariances, variance);
    }
    Ok(joint)
}

/// The place of an operand; a noise comes into being when it is first used.
fn known<T: Real>(joint: &mut Joint<T>, operand: Operand, witness: &T) -> Result<usize> {
    if let (Operand::Noise(_), None) = (operand, joint.place(operand)) {
        joint.push_noise(operand, witness);
    }
    joint.place(operand).ok_or_else(|| {
        Error::new(
            Code::Format,
            format!("{operand} is used before it is made"),
            "program",
            "give a plan whose instructions stand in order",
        )
    })
}

fn finite<T: Real>(law: Law<T>) -> Result<Law<T>> {
    match law.mean.is_finite() && law.variance.is_finite() {
        true => Ok(law),
        false => Err(Error::new(
            Code::NonFinite,
            "the law is not finite in this arithmetic",
            "result",
            "raise the precision, or choose data with a variance above 0",
        )),
    }
}
