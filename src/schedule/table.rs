//! A discrete schedule realised in one arithmetic.

use super::{Interpolation, Lambda, Point};
use crate::arithmetic::Real;

/// A discrete schedule realised in one arithmetic.
#[derive(Clone, Debug)]
pub struct Table<T> {
    abar: Vec<T>,
    noise: Vec<T>,
    /// ln(sigma/alpha) approximately, increasing: to find the segment of a value.
    log_rho: Vec<f64>,
    interpolation: Interpolation,
}

impl<T: Real> Table<T> {
    /// A table of abar_i and 1 - abar_i, noise increasing with the index.
    pub(super) fn new(abar: Vec<T>, noise: Vec<T>, interpolation: Interpolation) -> Self {
        let log_rho = abar
            .iter()
            .zip(&noise)
            .map(|(a, n)| 0.5 * (n.to_f64() / a.to_f64()).ln())
            .collect();
        Table {
            abar,
            noise,
            log_rho,
            interpolation,
        }
    }

    /// alpha, sigma, lambda at an index inside the table.
    pub fn at_index(&self, index: usize) -> Point<T> {
        let (a, n) = (&self.abar[index], &self.noise[index]);
        let lambda = Lambda::Finite((a.clone() / n).ln() / &a.like(2, 1));
        Point {
            t: Some(a.like(index as i128, 1)),
            alpha: a.sqrt(),
            sigma: n.sqrt(),
            lambda,
        }
    }

    /// alpha, sigma, lambda at a fractional index.
    pub fn at_fraction(&self, t: &T) -> Point<T> {
        let below = t.to_f64().floor().max(0.0) as usize;
        let tau = self.on_segment(
            below,
            |k| t.clone() - &t.like(k as i128, 1),
            |k, fraction| {
                let (from, to) = (self.coordinate(k), self.coordinate(k + 1));
                let value = from.clone() + &((to - &from) * &fraction);
                self.interpolation.tau(&value)
            },
        );
        Point::vp(Some(t.clone()), tau)
    }

    /// The fractional index at which (sigma/alpha)^2 = `tau`.
    pub fn time(&self, tau: &T) -> T {
        let log_rho = 0.5 * tau.to_f64().ln();
        let above = self.log_rho.partition_point(|knot| *knot <= log_rho);
        let value = self.interpolation.at_tau(tau);
        self.on_segment(
            above.saturating_sub(1),
            |k| {
                let (from, to) = (self.coordinate(k), self.coordinate(k + 1));
                (value.clone() - &from) / &(to - &from)
            },
            |k, fraction| fraction + &tau.like(k as i128, 1),
        )
    }

    /// Evaluates on the segment between knots k and k+1 where `fraction(k)` lies in [0, 1].
    ///
    /// `guess` comes from an approximation and is at most one segment off. An enclosure that
    /// straddles a knot gets the hull of the two segments that meet there; the first and the last
    /// segment go on beyond the table.
    fn on_segment(
        &self,
        guess: usize,
        fraction: impl Fn(usize) -> T,
        evaluate: impl Fn(usize, T) -> T,
    ) -> T {
        let guess = guess.min(self.abar.len() - 2);
        let here = fraction(guess);
        // Some(0): certainly inside; another number: certainly beyond an end; None: undecided.
        let decided = (here.clone() - &here.like(1, 2)).nearest_integer();
        let neighbour = match decided {
            Some(0) => None,
            _ if here.to_f64() > 0.5 => Some(guess + 1).filter(|k| k + 2 <= self.abar.len()),
            _ => guess.checked_sub(1),
        };
        match (neighbour, decided) {
            (None, _) => evaluate(guess, here),
            (Some(k), Some(_)) => evaluate(k, fraction(k)),
            (Some(k), None) => evaluate(guess, here).hull(&evaluate(k, fraction(k))),
        }
    }

    /// The interpolated quantity at a knot.
    fn coordinate(&self, k: usize) -> T {
        self.interpolation.coordinate(&self.abar[k], &self.noise[k])
    }
}
