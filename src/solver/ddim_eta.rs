//! `ddim-eta`: the generalised DDIM step of Song et al. 2020 (arXiv 2010.02502, eqs. 12 and 16).
//!
//! x' = alpha_t x_0 + sqrt(sigma_t^2 - s^2) eps + s xi with s = eta sigma_t sqrt(1 - e^(-2h)).
//! Another family than `sde-dpmpp-1`: the two are the same sampler at eta = 0 and at eta = 1 (where it
//! is DDPM), and differ between.

use super::Transfer;
use crate::arithmetic::{Field, Real};
use crate::schedule::Point;

/// The step's three numbers, relative to the target: e^(-h) sqrt(1 - eta^2 (1 - e^(-2h))) is `kept`.
#[derive(Clone, Debug)]
pub struct Coefficients<T> {
    /// Factor of x/alpha_s (in units of alpha_t): kept noise.
    pub kept: T,
    /// Weight of x_0 in units of alpha_t: 1 - kept, formed without cancellation.
    pub data: T,
    /// Weight of xi in units of sigma_t: eta sqrt(1 - e^(-2h)).
    pub noise: T,
}

/// kept = e^(-h) sqrt(1 - eta^2 E), data = E (1 + eta^2 e^(-2h))/(1 + kept), noise = eta sqrt(E), E = 1 - e^(-2h).
pub fn coefficients<T: Real>(h: &T, eta: &T) -> Coefficients<T> {
    let [kept, data] = kept_and_data(h, eta, T::sqrt);
    Coefficients {
        kept,
        data,
        noise: eta.clone() * &lost(h).sqrt(),
    }
}

/// The factors of the drift alone, for an arithmetic whose square `root` is of 1 + O(h) only.
pub fn kept_and_data<T: Field>(h: &T, eta: &T, root: impl Fn(&T) -> T) -> [T; 2] {
    let one = h.like(1, 1);
    let lost = lost(h);
    let eta2 = eta.clone() * eta;
    let kept = (-h.clone()).exp() * &root(&(one.clone() - &(eta2.clone() * &lost)));
    let data = lost.clone() * &(eta2 * &(one.clone() - &lost) + &one) / &(one + &kept);
    [kept, data]
}

/// E = 1 - e^(-2h).
pub fn lost<T: Field>(h: &T) -> T {
    -(h.like(-2, 1) * h).exp_m1()
}

impl<T: Real> Coefficients<T> {
    /// The factors of x_s, x_0 and xi from `source` to `target`.
    pub fn transfer(self, source: &Point<T>, target: &Point<T>) -> Transfer<T> {
        Transfer {
            state: self.kept * &target.alpha / &source.alpha,
            output: self.data * &target.alpha,
            noise: Some(self.noise * &target.sigma),
        }
    }
}
