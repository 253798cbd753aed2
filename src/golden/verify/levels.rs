//! alpha, sigma, lambda and the inverse of every schedule, by other formulas than `src/schedule`.

use super::discrete::Knots;
use super::number::{Constants, Number};
use crate::arithmetic::{Rational, rational};
use crate::schedule::{Flow, Lambda, Point, Schedule, VpCosine, VpLinear};

/// A schedule at one precision.
pub(super) struct Levels<'a> {
    pub(super) constants: Constants,
    family: Family<'a>,
}

enum Family<'a> {
    Linear(&'a VpLinear),
    Cosine(&'a VpCosine),
    Edm,
    Flow(&'a Flow),
    Discrete(Knots<'a>),
}

impl<'a> Levels<'a> {
    pub(super) fn new(schedule: &'a Schedule, constants: Constants) -> Self {
        let family = match schedule {
            Schedule::VpLinear(linear) => Family::Linear(linear),
            Schedule::VpCosine(cosine) => Family::Cosine(cosine),
            Schedule::Edm(_) => Family::Edm,
            Schedule::Flow(flow) => Family::Flow(flow),
            Schedule::Discrete(discrete) => Family::Discrete(Knots::new(discrete, constants)),
        };
        Levels { constants, family }
    }

    /// The level at an exact time, where alpha may be 0.
    pub(super) fn at_exact(&self, t: Rational) -> Point<Number> {
        let time = self.constants.parameter(t);
        match &self.family {
            Family::Flow(_) if t == rational(1, 1) => self.no_signal(time),
            Family::Discrete(knots) if t.is_integer() => match usize::try_from(t.to_integer()) {
                Ok(k) if knots.is_silent(k) => self.no_signal(time),
                Ok(k) => from_abar(time, knots.abar(k)),
                Err(_) => self.at(time),
            },
            _ => self.at(time),
        }
    }

    /// The level at a time with alpha > 0 and sigma > 0.
    pub(super) fn at(&self, time: Number) -> Point<Number> {
        let one = self.constants.integer(1);
        match &self.family {
            Family::Linear(linear) => {
                let s = self.accumulated(linear, &time);
                let alpha = (-s.scaled(1, 2)).exp();
                let sigma = (one - (-s).exp()).sqrt();
                level(time, alpha, sigma)
            }
            Family::Cosine(cosine) => {
                let s = self.constants.parameter(cosine.s);
                let angle = |t: &Number| self.constants.pi() * (t + &s) / (&s + &one).scaled(2, 1);
                let alpha = angle(&time).cos() / angle(&self.constants.integer(0)).cos();
                let sigma = (&one - alpha.square()).sqrt();
                level(time, alpha, sigma)
            }
            Family::Edm => {
                let lambda = -time.ln();
                located(Some(time.clone()), one, time, lambda)
            }
            Family::Flow(flow) => {
                let sigma = shifted(&time, &self.constants.parameter(flow.shift));
                let alpha = one - &sigma;
                level(time, alpha, sigma)
            }
            Family::Discrete(knots) => from_abar(time.clone(), knots.abar_between(&time)),
        }
    }

    /// The level with sigma/alpha = rho > 0.
    pub(super) fn at_rho(&self, rho: Number) -> Point<Number> {
        let lambda = -rho.ln();
        self.along(rho, lambda)
    }

    /// The level with ln(alpha/sigma) = lambda.
    pub(super) fn at_lambda(&self, lambda: Number) -> Point<Number> {
        let rho = (-&lambda).exp();
        self.along(rho, lambda)
    }

    fn along(&self, rho: Number, lambda: Number) -> Point<Number> {
        let one = self.constants.integer(1);
        match &self.family {
            Family::Edm => located(Some(rho.clone()), one, rho, lambda),
            Family::Flow(flow) => {
                let alpha = &one / (&one + &rho);
                let sigma = one - &alpha;
                // The inverse of a shift is the shift by the reciprocal.
                let time = shifted(&sigma, &self.constants.parameter(flow.shift.recip()));
                located(Some(time), alpha, sigma, lambda)
            }
            preserving => {
                let alpha = &one / (&one + rho.square()).sqrt();
                let sigma = &rho * &alpha;
                let time = match preserving {
                    Family::Linear(linear) => self.linear_time(linear, &alpha),
                    Family::Cosine(cosine) => self.cosine_time(cosine, &alpha),
                    Family::Discrete(knots) => knots.place(&alpha.square(), &rho),
                    Family::Edm | Family::Flow(_) => one,
                };
                located(Some(time), alpha, sigma, lambda)
            }
        }
    }

    /// S(t) = int_0^t beta.
    fn accumulated(&self, linear: &VpLinear, t: &Number) -> Number {
        let first = self.constants.parameter(linear.beta_min);
        let last = self.constants.parameter(linear.beta_max);
        // The mean of beta at 0 and at t, times t.
        let beta = &first + (last - &first) * t;
        (first + beta).scaled(1, 2) * t
    }

    /// The positive root of slope t^2/2 + beta_min t = S = -2 ln alpha.
    fn linear_time(&self, linear: &VpLinear, alpha: &Number) -> Number {
        let s = alpha.ln().scaled(-2, 1);
        let first = self.constants.parameter(linear.beta_min);
        let slope = self.constants.parameter(linear.beta_max) - &first;
        if linear.beta_min == linear.beta_max {
            return s / first;
        }
        let discriminant = first.square() + (&slope * s).scaled(2, 1);
        (discriminant.sqrt() - first) / slope
    }

    /// The t whose angle has the cosine alpha cos th(0).
    fn cosine_time(&self, cosine: &VpCosine, alpha: &Number) -> Number {
        let s = self.constants.parameter(cosine.s);
        let width = (&s + self.constants.integer(1)).scaled(2, 1);
        let first = self.constants.pi() * &s / &width;
        (alpha * first.cos()).acos() * width / self.constants.pi() - s
    }

    /// The level sigma = 0.
    pub(super) fn no_noise(&self) -> Point<Number> {
        let t = match &self.family {
            Family::Discrete(_) => None,
            _ => Some(self.constants.integer(0)),
        };
        Point {
            t,
            alpha: self.constants.integer(1),
            sigma: self.constants.integer(0),
            lambda: Lambda::NoNoise,
        }
    }

    fn no_signal(&self, time: Number) -> Point<Number> {
        Point {
            t: Some(time),
            alpha: self.constants.integer(0),
            sigma: self.constants.integer(1),
            lambda: Lambda::NoSignal,
        }
    }
}

fn located(t: Option<Number>, alpha: Number, sigma: Number, lambda: Number) -> Point<Number> {
    Point {
        t,
        alpha,
        sigma,
        lambda: Lambda::Finite(lambda),
    }
}

fn level(time: Number, alpha: Number, sigma: Number) -> Point<Number> {
    // Where both are rational their ratio may be 1, and lambda exactly 0.
    let lambda = match (alpha.as_exact(), sigma.as_exact()) {
        (Some(_), Some(_)) => (&alpha / &sigma).ln(),
        _ => alpha.ln() - sigma.ln(),
    };
    located(Some(time), alpha, sigma, lambda)
}

/// alpha = sqrt(abar), sigma = sqrt(1 - abar).
fn from_abar(time: Number, abar: Number) -> Point<Number> {
    let noise = abar.constants().integer(1) - &abar;
    level(time, abar.sqrt(), noise.sqrt())
}

/// 1/(1 + (1/s - 1)/shift), the shift of flow matching.
pub(super) fn shifted(s: &Number, shift: &Number) -> Number {
    let one = s.constants().integer(1);
    &one / (&one + (&one / s - &one) / shift)
}
