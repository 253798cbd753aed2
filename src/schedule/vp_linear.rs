//! `vp-linear`: beta(t) = beta_min + (beta_max - beta_min) t for t in (0, 1].
//!
//! S(t) = int_0^t beta = beta_min t + (beta_max - beta_min) t^2/2, alpha^2 = e^-S. With
//! E = expm1(S) = (sigma/alpha)^2 nothing cancels: alpha = 1/sqrt(1+E), sigma = sqrt(E/(1+E)).

use super::Point;
use crate::arithmetic::{Field, Rational, Real, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use std::fmt;

/// Linear variance-preserving schedule (Song et al. 2021, arXiv 2011.13456, eq. 32).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpLinear {
    /// beta at t = 0.
    pub beta_min: Rational,
    /// beta at t = 1.
    pub beta_max: Rational,
}

impl VpLinear {
    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let beta_min = id.take_number("beta_min", rational(1, 10))?;
        let beta_max = id.take_number("beta_max", rational(20, 1))?;
        id.finish(&["beta_min", "beta_max"])?;
        if beta_min <= rational(0, 1) || beta_max < beta_min {
            return Err(Error::new(
                Code::Parameter,
                format!("beta_min = {beta_min}, beta_max = {beta_max}"),
                "`vp-linear`",
                "choose 0 < beta_min <= beta_max",
            ));
        }
        Ok(VpLinear { beta_min, beta_max })
    }

    /// alpha, sigma, lambda at time t.
    pub fn at_time<T: Real>(&self, t: &T) -> Point<T> {
        let [beta_min, beta_max] = self.betas(t);
        Point::vp(Some(t.clone()), exponent(t, &beta_min, &beta_max).exp_m1())
    }

    /// The time at which (sigma/alpha)^2 = `tau`.
    pub fn time<T: Real>(&self, tau: &T) -> T {
        let [beta_min, beta_max] = self.betas(tau);
        time(&tau.ln_1p(), &beta_min, &beta_max)
    }

    fn betas<T: Field>(&self, like: &T) -> [T; 2] {
        [self.beta_min, self.beta_max].map(|beta| like.constant(beta))
    }
}

/// S(t) = beta_min t + (beta_max - beta_min) t^2/2.
pub(crate) fn exponent<T: Field>(t: &T, beta_min: &T, beta_max: &T) -> T {
    let slope = beta_max.clone() - beta_min;
    (slope * t / &t.like(2, 1) + beta_min) * t
}

/// The time at which S(t) = `s`: t = 2S/(b0 + sqrt(b0^2 + 2 (b1-b0) S)).
pub(crate) fn time<T: Real>(s: &T, beta_min: &T, beta_max: &T) -> T {
    let slope = beta_max.clone() - beta_min;
    let two = s.like(2, 1);
    let root = (beta_min.clone() * beta_min + &(two.clone() * &slope * s)).sqrt();
    two * s / &(beta_min.clone() + &root)
}

impl fmt::Display for VpLinear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "vp-linear:beta_min={},beta_max={}",
            self.beta_min, self.beta_max
        )
    }
}
