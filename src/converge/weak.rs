//! Weak errors: how far the law of a stochastic sampler's result is from the law it approximates.
//! No number is drawn.

use super::number::Number;
use super::run::Outcome;
use super::{Measure, Study};
use crate::error::{Code, Error, Result};
use crate::plan::{Plan, Request};
use crate::problem::{Law, Problem, exact_law, gaussian_law};

/// The error of the mean or the variance, from the named start; of the plan whose weights are
/// rounded to the sampler's numbers.
pub(super) fn measured<N: Number>(
    study: &Study,
    request: &Request,
    exact: &Plan<N::Exact>,
    one: &N,
) -> Result<Outcome> {
    let Problem::Gaussian(gaussian) = &study.problem else {
        return Err(Error::new(
            Code::Parameter,
            format!("the law on `{}` is not known in closed form", study.problem),
            "measure",
            "choose --problem gaussian",
        ));
    };
    let rounded = exact.try_map(|value, _| Ok(one.nearest(value).exact(value)))?;
    let rounded = Plan {
        nodes: exact.nodes.clone(),
        ..rounded
    };
    let first = &super::line::first(exact)?.point;
    let tau = super::line::squared(&(first.sigma.clone() / &first.alpha));
    let start = study.problem.model(&tau).start(&tau)?;
    let start: Vec<Law<N::Exact>> = start.into_iter().map(Law::fixed).collect();
    let found = gaussian_law(&rounded, request, gaussian, &start)?;
    let wanted = exact_law(exact, request, gaussian, &start)?;
    let mut largest = Some(0.0_f64);
    for (found, wanted) in found.into_iter().zip(wanted) {
        let error = match study.measure {
            Measure::WeakVariance => found.variance - &wanted.variance,
            _ => found.mean - &wanted.mean,
        };
        let size = one.size(&error);
        largest = largest.zip(size).map(|(a, b)| a.max(b));
    }
    Ok(match largest {
        None => Outcome::Open,
        Some(error) => Outcome::Error(error),
    })
}
