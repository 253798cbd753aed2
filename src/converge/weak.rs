//! Weak errors: how far the law of a stochastic sampler's result is from the law it approximates.
//! No number is drawn.

use super::line::{first, squared};
use super::number::Number;
use super::run::Outcome;
use super::{Backend, Measure, Study};
use crate::arithmetic::{Real, Special};
use crate::error::{Code, Error, Result};
use crate::plan::{Plan, Request};
use crate::problem::{Law, Problem, exact_law, gaussian_law, weak_errors};

/// The error of the mean or the variance on Gaussian data; of the plan whose weights are rounded to
/// the sampler's numbers.
pub(super) fn moments<N: Number>(
    study: &Study,
    request: &Request,
    exact: &Plan<N::Exact>,
    one: &N,
) -> Result<Outcome> {
    let Problem::Gaussian(gaussian) = &study.problem else {
        let what = format!("mean and variance on `{}` are not known", study.problem);
        let remedy = "choose --problem gaussian, or for mixtures --measure weak-quadrature";
        return Err(Error::new(Code::Parameter, what, "measure", remedy));
    };
    let rounded = exact.try_map(|value, _| Ok(one.nearest(value).exact(value)))?;
    let rounded = Plan {
        nodes: exact.nodes.clone(),
        ..rounded
    };
    let start: Vec<Law<N::Exact>> = start(study, exact)?.into_iter().map(Law::fixed).collect();
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
    Ok(largest.map_or(Outcome::Open, Outcome::Error))
}

/// The largest error of the test functions' expectations on a mixture, right to 1e-12.
pub(super) fn quadrature<E: Special>(
    study: &Study,
    request: &Request,
    exact: &Plan<E>,
) -> Result<Outcome> {
    let unfit = |what: String, place: &str, remedy: &str| {
        Err(Error::new(Code::Parameter, what, place, remedy))
    };
    let Problem::Mixture(mixture) = &study.problem else {
        let what = format!("no law is integrated on `{}`", study.problem);
        return unfit(what, "measure", "choose --problem mixture");
    };
    if study.backend != Backend::F64 {
        let what = format!("quadrature in `{}`", study.backend);
        return unfit(
            what,
            "backend",
            "leave --backend out: quadrature is done in f64",
        );
    }
    let plan = exact.try_map(|value, _| Ok(value.to_f64()))?;
    let start = start(study, exact)?.first().map_or(f64::NAN, Real::to_f64);
    let errors = weak_errors(&plan, request, mixture, start)?.into_iter();
    let relative = errors.map(|found| found.error().abs() / found.exact.abs().max(1.0));
    Ok(Outcome::Error(relative.fold(0.0, f64::max)))
}

/// The named start z at the first node.
fn start<E: Special>(study: &Study, exact: &Plan<E>) -> Result<Vec<E>> {
    let point = &first(exact)?.point;
    let tau = squared(&(point.sigma.clone() / &point.alpha));
    study.problem.model(&tau).start(&tau)
}
