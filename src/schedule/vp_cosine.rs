//! `vp-cosine`: alpha(t) = cos th(t)/cos th(0), th = (pi/2)(t+s)/(1+s), for t in (0, 1).
//!
//! Written without cancellation: alpha = sin(pi (1-t)/(2(1+s)))/cos th0,
//! sigma^2 = sin(th-th0) sin(th+th0)/cos^2 th0.

use super::Point;
use crate::arithmetic::{Rational, Real, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use std::fmt;

/// Cosine schedule (Nichol and Dhariwal 2021, arXiv 2102.09672, eq. 17) in continuous time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpCosine {
    /// Offset s > 0.
    pub s: Rational,
}

impl VpCosine {
    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let s = id.take_number("s", rational(8, 1000))?;
        id.finish(&["s"])?;
        if s <= rational(0, 1) {
            return Err(Error::new(
                Code::Parameter,
                format!("s = {s}"),
                "`vp-cosine`",
                "choose s > 0",
            ));
        }
        Ok(VpCosine { s })
    }

    /// alpha, sigma, lambda at time t.
    pub fn at_time<T: Real>(&self, t: &T) -> Point<T> {
        let [alpha, sigma] = alpha_sigma(t, &t.constant(self.s));
        Point::finite(Some(t.clone()), alpha, sigma)
    }

    /// The time at which the schedule has this alpha and sigma^2, for alpha^2 + sigma^2 = 1.
    pub fn time<T: Real>(&self, alpha: &T, sigma2: &T) -> T {
        time(alpha, sigma2, &alpha.constant(self.s))
    }
}

/// 2 (1 + s): th = pi (t + s)/that.
pub(crate) fn scale<T: Real>(s: &T) -> T {
    s.like(2, 1) * &(s.like(1, 1) + s)
}

/// alpha and sigma at time t.
pub(crate) fn alpha_sigma<T: Real>(t: &T, s: &T) -> [T; 2] {
    let scale = scale(s);
    let cos0 = (s.clone() / &scale).cos_pi();
    let alpha = ((t.like(1, 1) - t) / &scale).sin_pi() / &cos0;
    let difference = (t.clone() / &scale).sin_pi();
    let sum = ((t.clone() + s + s) / &scale).sin_pi();
    let sigma = (difference * &sum).sqrt() / &cos0;
    [alpha, sigma]
}

/// The time of this alpha and sigma^2.
pub(crate) fn time<T: Real>(alpha: &T, sigma2: &T, s: &T) -> T {
    let scale = scale(s);
    let th0 = s.clone() / &scale;
    let (cos0, sin0) = (th0.cos_pi(), th0.sin_pi());
    let q = root(alpha, sigma2, &sin0);
    let y = cos0.clone() * sigma2 / &(alpha.clone() * &sin0 + &q);
    let x = alpha.clone() * &cos0 * &cos0 + &(q * &sin0);
    y.atan2_pi(&x) * &scale
}

/// sqrt(alpha^2 sin^2 th0 + sigma^2).
pub(crate) fn root<T: Real>(alpha: &T, sigma2: &T, sin0: &T) -> T {
    (alpha.clone() * alpha * sin0 * sin0 + sigma2).sqrt()
}

impl fmt::Display for VpCosine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vp-cosine:s={}", self.s)
    }
}
