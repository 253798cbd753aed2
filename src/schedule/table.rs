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
        let place = t.to_f64();
        let tau = self.on_segments(place.floor(), (place - place.round()).abs(), |k| {
            let fraction = t.clone() - &t.like(k as i128, 1);
            let (from, to) = (self.coordinate(k), self.coordinate(k + 1));
            let value = from.clone() + &((to - &from) * &fraction);
            self.tau(value)
        });
        Point::vp(Some(t.clone()), tau)
    }

    /// The fractional index at which (sigma/alpha)^2 = `tau`.
    pub fn time(&self, tau: &T) -> T {
        let log_rho = 0.5 * tau.to_f64().ln();
        let above = self.log_rho.partition_point(|knot| *knot <= log_rho);
        let near = [above.wrapping_sub(1), above]
            .iter()
            .filter_map(|k| self.log_rho.get(*k))
            .fold(f64::INFINITY, |gap, knot| gap.min((knot - log_rho).abs()));
        let value = self.value(tau);
        self.on_segments(above as f64 - 1.0, near, |k| {
            let (from, to) = (self.coordinate(k), self.coordinate(k + 1));
            (value.clone() - &from) / &(to - &from) + &tau.like(k as i128, 1)
        })
    }

    /// Evaluates on the segment that starts at the knot `below`; within 1e-9 of a knot, where the
    /// approximation can't choose, on both neighbours, and takes the hull.
    fn on_segments(&self, below: f64, distance_to_knot: f64, evaluate: impl Fn(usize) -> T) -> T {
        let last = self.abar.len() as f64 - 2.0;
        let segment = |k: f64| k.clamp(0.0, last) as usize;
        let here = evaluate(segment(below));
        if distance_to_knot > 1e-9 {
            return here;
        }
        here.hull(&evaluate(segment(below - 1.0)))
            .hull(&evaluate(segment(below + 1.0)))
    }

    /// The interpolated quantity at a knot.
    fn coordinate(&self, k: usize) -> T {
        match self.interpolation {
            Interpolation::LogAlpha => self.abar[k].ln(),
            Interpolation::LogSigma => (self.noise[k].clone() / &self.abar[k]).ln(),
            Interpolation::Sigma => (self.noise[k].clone() / &self.abar[k]).sqrt(),
        }
    }

    /// (sigma/alpha)^2 from the interpolated quantity.
    fn tau(&self, value: T) -> T {
        match self.interpolation {
            Interpolation::LogAlpha => (-value).exp_m1(),
            Interpolation::LogSigma => value.exp(),
            Interpolation::Sigma => value.clone() * &value,
        }
    }

    /// The interpolated quantity from (sigma/alpha)^2.
    fn value(&self, tau: &T) -> T {
        match self.interpolation {
            Interpolation::LogAlpha => -tau.ln_1p(),
            Interpolation::LogSigma => tau.ln(),
            Interpolation::Sigma => tau.sqrt(),
        }
    }
}
