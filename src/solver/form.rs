//! The four forms of the equation: data or noise prediction, ODE or SDE.
//!
//! A form gives c, and the numbers that carry u' = c u + g back to x (`spec/notation.md`).

use super::Side;
use crate::arithmetic::{Field, Rational, Real, rational};
use crate::schedule::Point;

/// Data or noise prediction; `eta` = 0 is the ODE, 1 the reverse SDE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Which prediction is integrated.
    pub side: Side,
    /// Amount of noise in [0, 1].
    pub eta: Rational,
}

/// x' = `state` x + `output` (increment) + `noise` xi.
#[derive(Clone, Debug)]
pub struct Transfer<T> {
    /// Factor of the state.
    pub state: T,
    /// Factor of the solver's increment, applied to the model's prediction (eps, not -eps).
    pub output: T,
    /// Standard deviation of the added noise; none at eta = 0.
    pub noise: Option<T>,
}

impl Form {
    /// c of u' = c u + g: -(1+eta) in data form, +1 in noise form.
    pub fn c<T: Real>(&self, like: &T) -> T {
        self.side.c(&like.constant(self.eta))
    }

    /// The three factors of a step of size `h` from `source` to `target`, both with sigma > 0 and alpha > 0.
    pub fn transfer<T: Real>(&self, source: &Point<T>, target: &Point<T>, h: &T) -> Transfer<T> {
        let transfer = self.side.transfer(&h.constant(self.eta), source, target, h);
        let noise = transfer.noise.filter(|_| self.eta != rational(0, 1));
        Transfer { noise, ..transfer }
    }
}

impl Side {
    /// c of u' = c u + g: -(1+eta) in data form, +1 in noise form.
    pub fn c<T: Field>(self, eta: &T) -> T {
        match self {
            Side::Data => -gain(eta),
            Side::Noise => eta.like(1, 1),
        }
    }

    /// [`Form::transfer`] with eta in the arithmetic itself; the noise is given at eta = 0 too.
    pub fn transfer<T: Real>(
        self,
        eta: &T,
        source: &Point<T>,
        target: &Point<T>,
        h: &T,
    ) -> Transfer<T> {
        match self {
            Side::Data => {
                let decay = (-(eta.clone() * h)).exp();
                let lost = -(h.like(-2, 1) * eta * h).exp_m1();
                Transfer {
                    state: target.sigma.clone() / &source.sigma * &decay,
                    output: target.alpha.clone() * &gain(eta),
                    noise: Some(target.sigma.clone() * &lost.sqrt()),
                }
            }
            Side::Noise => {
                let gained = eta.clone() * &(h.like(2, 1) * h).exp_m1();
                Transfer {
                    state: target.alpha.clone() / &source.alpha,
                    output: -(target.sigma.clone() * &gain(eta)),
                    noise: Some(target.sigma.clone() * &gained.sqrt()),
                }
            }
        }
    }
}

/// 1 + eta. Formed in `T`: the exact sum of a long fraction and 1 may not fit.
fn gain<T: Field>(eta: &T) -> T {
    eta.like(1, 1) + eta
}
