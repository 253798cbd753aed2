//! The order of a whole run: a solver with its start-up, its blocks and its last steps.
//!
//! A step of a formula of order q errs by O(h^(q+1)). Of the solver's own steps there are as many as
//! 1/h, and they make an error O(h^p); a number of other steps that does not grow with N, at the
//! start or at the end, adds O(h^(q+1)) once. So a run has order min(p, q + 1), q over the formulas
//! that are not the solver's own. Each p and q is what the proofs give, by trees for single-step
//! formulas and by moments for the others.

use super::eta;
use super::moments;
use super::ratios::{self, Claim};
use super::scheme::Progressive;
use super::trees;
use crate::arithmetic::rational;
use crate::plan::formulas;
use crate::policy::{Blocks, Final, Policy, Stages};
use crate::recipe::check_policy;
use crate::solver::{Family, Method, Solver};
use std::ops::Range;

/// What is known of a family of grids as the number of steps grows; lambda at both ends is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridClass {
    /// Step ratios in [1/K, K] for some K.
    Arbitrary,
    /// lambda_n = G(n/N) with G smooth, G' > 0: neighbouring steps differ by a factor 1 + O(h).
    Smooth,
    /// All steps equal in lambda.
    Uniform,
}

/// The order of every run of `solver` with `policy`, whatever its number of steps, measured in the
/// largest step: the smallest over the remainders that [`whole_run_along`] tells apart.
///
/// For a stochastic solver it is the order of the step without its noise. `None` if the policy does
/// not fit the solver, and for `zero=on`: a step of infinite length is outside any order statement.
pub fn whole_run(solver: &Solver, policy: &Policy, grid: GridClass) -> Option<u32> {
    let block = solver.method.outputs();
    smallest(solver, policy, grid, 0..block)
}

/// As [`whole_run`], along the runs whose number of steps (for `blocks=fast`: of model calls) leaves
/// the same remainder as `steps` when it is divided by the calls of one block.
///
/// ```
/// use dpm_spec::order::whole_run::{GridClass::Uniform, whole_run, whole_run_along};
/// use dpm_spec::{policy::Policy, solver::Solver};
/// let solver = Solver::parse("dpmpp-3s")?;
/// let blocks = Policy::parse("blocks=progressive")?;
/// // 3 k steps are k full blocks; 3 k + 1 end in a step of order 1.
/// assert_eq!(whole_run_along(&solver, &blocks, Uniform, 30), Some(3));
/// assert_eq!(whole_run_along(&solver, &blocks, Uniform, 31), Some(2));
/// assert_eq!(whole_run(&solver, &blocks, Uniform), Some(2));
/// # Ok::<(), dpm_spec::Error>(())
/// ```
pub fn whole_run_along(
    solver: &Solver,
    policy: &Policy,
    grid: GridClass,
    steps: usize,
) -> Option<u32> {
    smallest(solver, policy, grid, steps..steps + 1)
}

/// The smallest order over runs of several remainders.
fn smallest(
    solver: &Solver,
    policy: &Policy,
    grid: GridClass,
    remainders: Range<usize>,
) -> Option<u32> {
    if policy.zero || check_policy(solver, policy).is_err() {
        return None;
    }
    let own = proven(solver.method, policy, grid)?;
    capped(own, solver.method, policy, grid, remainders)
}

/// The order that a method of proven order `own` keeps on arbitrary grids after the usual start.
pub(super) fn after_usual_start(own: u32, method: Method) -> u32 {
    let usual = Policy::default();
    capped(own, method, &usual, GridClass::Arbitrary, 0..1).unwrap_or(own)
}

/// min(p, q + 1), p = `own`, q over the formulas that are not the method.
fn capped(
    own: u32,
    method: Method,
    policy: &Policy,
    grid: GridClass,
    remainders: Range<usize>,
) -> Option<u32> {
    let mut exceptions = Vec::new();
    for steps in remainders.map(|steps| long_run(method, policy, steps)) {
        for formula in formulas::carried(method, policy, steps) {
            if formula != method && !exceptions.contains(&formula) {
                exceptions.push(formula);
            }
        }
    }
    exceptions.into_iter().try_fold(own, |order, formula| {
        Some(order.min(proven(formula, policy, grid)? + 1))
    })
}

/// A number of steps with the remainder of `steps`, beyond every bound of the policy.
fn long_run(method: Method, policy: &Policy, steps: usize) -> usize {
    let bound = match policy.last {
        Final::LowerBelow(bound) => bound,
        _ => 0,
    };
    let block = method.outputs();
    (bound / block + 4) * block + steps % block
}

/// The order of one formula as the policy's blocks use it.
fn proven(method: Method, policy: &Policy, grid: GridClass) -> Option<u32> {
    if method == Method::DdimEta {
        return Some(eta::examine().order());
    }
    if method.family() == Family::Multistep {
        let orders = moments::examine(&method).proven;
        return Some(match grid {
            GridClass::Arbitrary => orders.arbitrary,
            GridClass::Smooth => orders.smooth,
            GridClass::Uniform => orders.uniform,
        });
    }
    let at = rational(ratios::C.0, ratios::C.1);
    if policy.blocks != Blocks::Progressive {
        let usual = trees::examine(&method, at).order;
        return match policy.stages {
            Stages::Time if method != Method::Ddim => in_time(method, usual),
            _ => Some(usual),
        };
    }
    // The stages are grid nodes. Smooth grids tend to uniform ones: a defect that vanishes there is
    // O(h) smaller than on arbitrary grids.
    let block = Progressive::uniform(method);
    let uniform = || trees::examine(&block, at).order;
    let arbitrary = || {
        let claim = Claim::of(method)?;
        let proof = ratios::prove(&block, claim)?;
        proof.holds().then_some(claim.order)
    };
    match grid {
        GridClass::Arbitrary => arbitrary(),
        GridClass::Smooth => Some(uniform().min(arbitrary()? + 1)),
        GridClass::Uniform => Some(uniform()),
    }
}

/// The order with stages that are even in time instead of in lambda, where it is `usual`: lambda being a
/// smooth function of time, their ratios are the usual ones up to O(h), so that a defect which vanishes
/// at those is O(h) smaller than for arbitrary ratios.
fn in_time(method: Method, usual: u32) -> Option<u32> {
    let claim = Claim::of(method)?;
    let holds = ratios::prove(&method, claim)?.holds();
    holds.then_some(usual.min(claim.order + 1))
}
