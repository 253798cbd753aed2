//! A schedule realised in one arithmetic: points on it by time, by sigma/alpha, by lambda.

use super::table::Table;
use super::{Edm, Flow, Schedule, VpCosine, VpLinear};
use crate::arithmetic::{Rational, Real};
use crate::error::Result;

/// lambda = ln(alpha/sigma), half the log signal-to-noise ratio; infinite at the two ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Lambda<T> {
    /// An inner point.
    Finite(T),
    /// alpha = 0: lambda = -infinity.
    NoSignal,
    /// sigma = 0: lambda = +infinity.
    NoNoise,
}

impl<T> Lambda<T> {
    /// The finite value, if there is one.
    pub fn finite(&self) -> Option<&T> {
        match self {
            Lambda::Finite(value) => Some(value),
            _ => None,
        }
    }
}

/// A point of the forward process x = alpha x_0 + sigma eps.
#[derive(Clone, Debug, PartialEq)]
pub struct Point<T> {
    /// The schedule's own time, where it has one.
    pub t: Option<T>,
    /// Signal coefficient.
    pub alpha: T,
    /// Noise coefficient.
    pub sigma: T,
    /// ln(alpha/sigma).
    pub lambda: Lambda<T>,
}

impl<T: Real> Point<T> {
    /// A point with alpha > 0 and sigma > 0.
    pub fn finite(t: Option<T>, alpha: T, sigma: T) -> Self {
        let lambda = Lambda::Finite((alpha.clone() / &sigma).ln());
        Point {
            t,
            alpha,
            sigma,
            lambda,
        }
    }

    /// The variance-preserving point with (sigma/alpha)^2 = `tau`.
    pub fn vp(t: Option<T>, tau: T) -> Self {
        let total = tau.like(1, 1) + &tau;
        let alpha = total.like(1, 1) / &total.sqrt();
        let sigma = (tau.clone() / &total).sqrt();
        let lambda = Lambda::Finite(-(tau.ln() / &tau.like(2, 1)));
        Point {
            t,
            alpha,
            sigma,
            lambda,
        }
    }
}

/// A schedule realised in one arithmetic.
#[derive(Clone, Debug)]
pub struct Curve<T> {
    schedule: Schedule,
    shape: Shape<T>,
    witness: T,
}

#[derive(Clone, Debug)]
enum Shape<T> {
    VpLinear(VpLinear),
    VpCosine(VpCosine),
    Table(Table<T>),
    Edm(Edm),
    Flow(Flow),
}

impl<T: Real> Curve<T> {
    /// Realises `schedule` in the arithmetic (and precision) of `witness`.
    pub fn new(schedule: &Schedule, witness: &T) -> Self {
        let shape = match schedule.clone() {
            Schedule::VpLinear(linear) => Shape::VpLinear(linear),
            Schedule::VpCosine(cosine) => Shape::VpCosine(cosine),
            Schedule::Discrete(discrete) => Shape::Table(discrete.table(witness)),
            Schedule::Edm(edm) => Shape::Edm(edm),
            Schedule::Flow(flow) => Shape::Flow(flow),
        };
        Curve {
            schedule: schedule.clone(),
            shape,
            witness: witness.clone(),
        }
    }

    /// The schedule.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// A value to make constants like.
    pub fn witness(&self) -> &T {
        &self.witness
    }

    /// The point at an exact time.
    ///
    /// # Errors
    /// `E-DOMAIN` if the schedule is not defined there.
    pub fn at_exact_time(&self, t: Rational) -> Result<Point<T>> {
        self.schedule.check_time(t)?;
        if self.schedule.lacks_signal(t) {
            return Ok(self.no_signal(t));
        }
        Ok(match &self.shape {
            Shape::Table(table) if t.is_integer() => table.at_index(t.to_integer() as usize),
            _ => self.at_time(&self.witness.constant(t)),
        })
    }

    /// The point at a time strictly inside the domain.
    pub fn at_time(&self, t: &T) -> Point<T> {
        match &self.shape {
            Shape::VpLinear(linear) => linear.at_time(t),
            Shape::VpCosine(cosine) => cosine.at_time(t),
            Shape::Table(table) => table.at_fraction(t),
            Shape::Edm(edm) => edm.at_time(t),
            Shape::Flow(flow) => flow.at_time(t),
        }
    }

    /// The point with sigma/alpha = `rho` > 0; its time by the schedule's inverse.
    pub fn at_rho(&self, rho: &T) -> Point<T> {
        let tau = rho.clone() * rho;
        match &self.shape {
            Shape::VpLinear(linear) => Point::vp(Some(linear.time(&tau)), tau),
            Shape::VpCosine(cosine) => {
                let point = Point::vp(None, tau.clone());
                let sigma2 = tau.clone() / &(tau.like(1, 1) + &tau);
                Point {
                    t: Some(cosine.time(&point.alpha, &sigma2)),
                    ..point
                }
            }
            Shape::Table(table) => Point::vp(Some(table.time(&tau)), tau),
            Shape::Edm(edm) => edm.at_time(rho),
            Shape::Flow(flow) => flow.at_rho(rho),
        }
    }

    /// The point at half log signal-to-noise ratio `lambda`, which it keeps as given.
    pub fn at_lambda(&self, lambda: &T) -> Point<T> {
        let point = self.at_rho(&(-lambda.clone()).exp());
        Point {
            lambda: Lambda::Finite(lambda.clone()),
            ..point
        }
    }

    /// The end sigma = 0, alpha = 1.
    pub fn no_noise(&self) -> Point<T> {
        let like = &self.witness;
        let t = match &self.schedule {
            Schedule::Discrete(_) => None,
            _ => Some(like.like(0, 1)),
        };
        Point {
            t,
            alpha: like.like(1, 1),
            sigma: like.like(0, 1),
            lambda: Lambda::NoNoise,
        }
    }

    /// The end alpha = 0, sigma = 1.
    fn no_signal(&self, t: Rational) -> Point<T> {
        let like = &self.witness;
        Point {
            t: Some(like.constant(t)),
            alpha: like.like(0, 1),
            sigma: like.like(1, 1),
            lambda: Lambda::NoSignal,
        }
    }
}
