//! `gaussian`: independent normal components N(mu, s2); everything is affine and known.

use super::check_length;
use crate::arithmetic::{Rational, Real, parse_rational, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use std::fmt;

/// Means and variances, one a component; a variance of zero is a point mass.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    mean: Vec<Rational>,
    variance: Vec<Rational>,
}

impl Gaussian {
    /// Means and variances of the same number of components, variances >= 0.
    ///
    /// # Errors
    /// `E-PROBLEM`.
    pub fn new(mean: Vec<Rational>, variance: Vec<Rational>) -> Result<Self> {
        let malformed =
            |what: String, remedy: &str| Err(Error::new(Code::Problem, what, "gaussian", remedy));
        if mean.is_empty() || mean.len() != variance.len() {
            let what = format!("{} means and {} variances", mean.len(), variance.len());
            return malformed(what, "give one of each a component, separated by `;`");
        }
        if let Some(negative) = variance.iter().find(|v| **v < rational(0, 1)) {
            return malformed(format!("s2 = {negative}"), "choose variances of at least 0");
        }
        Ok(Gaussian { mean, variance })
    }

    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let mean = list(&mut id, "mu", "1/2")?;
        let variance = list(&mut id, "s2", "1/4")?;
        id.finish(&["mu", "s2"])?;
        Gaussian::new(mean, variance)
    }

    /// Number of components.
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// Realises the problem in the arithmetic of `witness`.
    pub fn model<T: Real>(&self, witness: &T) -> GaussianModel<T> {
        let realised = |values: &[Rational]| values.iter().map(|v| witness.constant(*v)).collect();
        GaussianModel {
            mean: realised(&self.mean),
            variance: realised(&self.variance),
        }
    }
}

/// E[x_0 | x] = (mu tau + s2 z)/(s2 + tau) of a normal component.
pub(crate) fn denoised<T: Real>(mean: &T, variance: &T, tau: &T, z: &T) -> T {
    (mean.clone() * tau + &(variance.clone() * z)) / &(variance.clone() + tau)
}

/// The flow of a normal component: mu + (z - mu) sqrt((s2 + tau_t)/(s2 + tau_s)).
pub(crate) fn carried<T: Real>(mean: &T, variance: &T, z: &T, tau_s: &T, tau_t: &T) -> T {
    let (v_s, v_t) = (variance.clone() + tau_s, variance.clone() + tau_t);
    mean.clone() + &((z.clone() - mean) * &(v_t / &v_s).sqrt())
}

/// Numbers separated by `;`.
pub(super) fn list(id: &mut Id, key: &str, default: &str) -> Result<Vec<Rational>> {
    let text = id.take(key).unwrap_or_else(|| default.to_owned());
    let place = format!("`{}`, {key}", id.name);
    numbers(&text, &place)
}

/// The same of a bare text; errors are at `place`.
pub(super) fn numbers(text: &str, place: &str) -> Result<Vec<Rational>> {
    let number = |item: &str| parse_rational(item).map_err(|e| e.at(place));
    text.split(';').map(number).collect()
}

/// Numbers joined by `;`.
pub(super) fn joined(values: &[Rational]) -> String {
    let texts: Vec<String> = values.iter().map(Rational::to_string).collect();
    texts.join(";")
}

impl fmt::Display for Gaussian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, variance) = (joined(&self.mean), joined(&self.variance));
        write!(f, "gaussian:mu={mean},s2={variance}")
    }
}

/// [`Gaussian`] realised.
#[derive(Clone, Debug)]
pub struct GaussianModel<T> {
    pub(super) mean: Vec<T>,
    pub(super) variance: Vec<T>,
}

impl<T: Real> GaussianModel<T> {
    pub(super) fn denoise(&self, tau: &T, z: &[T]) -> Result<Vec<T>> {
        self.each(z, |mean, variance, z| denoised(mean, variance, tau, z))
    }

    pub(super) fn solution(&self, z: &[T], tau_s: &T, tau_t: &T) -> Result<Vec<T>> {
        self.each(z, |mean, variance, z| {
            carried(mean, variance, z, tau_s, tau_t)
        })
    }

    /// mu + (3/4) sqrt(s2 + tau): three quarters of a standard deviation above the mean.
    pub(super) fn start(&self, tau: &T) -> Vec<T> {
        let point =
            |(mean, variance): (&T, &T)| (variance.clone() + tau).sqrt() * &tau.like(3, 4) + mean;
        self.mean.iter().zip(&self.variance).map(point).collect()
    }

    fn each(&self, z: &[T], value: impl Fn(&T, &T, &T) -> T) -> Result<Vec<T>> {
        check_length(z, self.mean.len())?;
        let components = self.mean.iter().zip(&self.variance).zip(z);
        Ok(components.map(|((m, s2), z)| value(m, s2, z)).collect())
    }
}
