//! `flow`: alpha = 1 - s', sigma = s' with s' = shift s/(1 + (shift-1) s), s in (0, 1].

use super::{Lambda, Point};
use crate::arithmetic::{Field, Rational, Real, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use std::fmt;

/// Rectified-flow schedule (Lipman et al. 2022, arXiv 2210.02747) with the resolution shift of
/// Esser et al. 2024 (arXiv 2403.03206, eq. 23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Shift > 0; 1 leaves time as it is.
    pub shift: Rational,
}

impl Flow {
    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let shift = id.take_number("shift", rational(1, 1))?;
        id.finish(&["shift"])?;
        if shift <= rational(0, 1) {
            return Err(Error::new(
                Code::Parameter,
                format!("shift = {shift}"),
                "`flow`",
                "choose shift > 0",
            ));
        }
        Ok(Flow { shift })
    }

    /// alpha, sigma, lambda at time s before the shift. alpha is formed as (1-s)/(1+(shift-1)s).
    pub fn at_time<T: Real>(&self, s: &T) -> Point<T> {
        let [alpha, sigma] = alpha_sigma(s, &s.constant(self.shift));
        Point::finite(Some(s.clone()), alpha, sigma)
    }

    /// The point with sigma/alpha = `rho` > 0.
    pub fn at_rho<T: Real>(&self, rho: &T) -> Point<T> {
        let one = rho.like(1, 1);
        let total = one.clone() + rho;
        Point {
            t: Some(self.time(rho)),
            alpha: one / &total,
            sigma: rho.clone() / &total,
            lambda: Lambda::Finite(-rho.ln()),
        }
    }

    /// The time before the shift at which sigma/alpha = `rho`: s = rho/(rho + shift).
    pub fn time<T: Real>(&self, rho: &T) -> T {
        time(rho, &rho.constant(self.shift))
    }
}

/// alpha = (1-s)/(1+(shift-1)s), sigma = shift s/(1+(shift-1)s).
pub(crate) fn alpha_sigma<T: Field>(s: &T, shift: &T) -> [T; 2] {
    let one = s.like(1, 1);
    let denominator = (shift.clone() - &one) * s + &one;
    let alpha = (one - s) / &denominator;
    [alpha, shift.clone() * s / &denominator]
}

/// s = rho/(rho + shift).
pub(crate) fn time<T: Field>(rho: &T, shift: &T) -> T {
    rho.clone() / &(rho.clone() + shift)
}

/// s' = shift s/(1 + (shift-1) s), `shift` in the arithmetic itself (it may be e^mu).
pub fn shifted<T: Real>(s: &T, shift: &T) -> T {
    let one = s.like(1, 1);
    shift.clone() * s / &((shift.clone() - &one) * s + &one)
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flow:shift={}", self.shift)
    }
}
