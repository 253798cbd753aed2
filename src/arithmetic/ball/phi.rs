//! phi_k of a ball.
//!
//! phi_k(z) = int_0^1 e^(uz) (1-u)^(k-1)/(k-1)! du is positive and increases, and so do its
//! derivatives: `phi_k'(z) = phi_k(z) E_z[u]` with the mean of u under the density proportional to
//! e^(uz) (1-u)^(k-1) on [0, 1]. That mean is 1/(k+1) at z = 0 and increases in z, with slope
//! Var(u) <= 1/4; it is below 1, and for z < 0 below the mean 1/|z| of the exponential law with
//! density e^(-u|z|), since the remaining factor (1-u)^(k-1), cut off at 1, decreases in u.
//! Hence for |d| <= r and w = m + r
//!   |phi_k(m + d) - phi_k(m)| <= r phi_k'(w) <= r phi_k(m) e^r c, and
//!   c = min(1/(k+1), 1/|w|) for w <= 0, min(1, 1/(k+1) + w/4) for w > 0.
//!
//! At the exact midpoint the recurrence phi_{j+1} = (phi_j - 1/j!)/z from phi_1 = expm1(z)/z loses
//! about log2((j+1)/|z|) bits a step, which guard bits cover (the ball's own radius tells if they
//! did). Where they would be many, z is tiny and the Taylor sum of z^j/(j+k)! is short: the ratio of
//! its terms after the j-th is at most |z|/(j+k+1) <= 1/2, so the tail is below the last term.

use super::{Ball, Magnitude};
use crate::arithmetic::{Field, Real};
use rug::float::Round;
use rug::{Float, Integer};

impl Ball {
    pub(super) fn phi_enclosed(&self, k: u32) -> Self {
        if k == 0 {
            return self.exp();
        }
        let precision = self.precision();
        if !self.is_finite() {
            return Self::unbounded(precision);
        }
        if !self.is_small_beside(0) {
            return self.through_ends(|x, round| {
                let value = phi_at(&x, k, x.prec());
                value.end(x.prec(), round)
            });
        }
        let mut value = phi_at(&self.mid, k, precision);
        if !self.radius.is_zero() {
            let growth = Magnitude::ONE + self.radius.scaled(1);
            let bound = Magnitude::above(&value.mid) + value.radius;
            value.radius = value.radius + bound * self.radius * growth * self.mean_in_derivative(k);
        }
        Self::with_radius(value.mid, value.radius)
    }

    /// The constant c of the module's argument.
    fn mean_in_derivative(&self, k: u32) -> Magnitude {
        let at_zero = Magnitude::above(
            &Float::with_val_round(64, Float::with_val(64, k + 1).recip_ref(), Round::Up).0,
        );
        let end = self.upper(64);
        if end.is_sign_negative() {
            at_zero.min(Magnitude::ONE.over(Magnitude::below(&end)))
        } else {
            Magnitude::ONE.min(at_zero + Magnitude::above(&end).scaled(-2))
        }
    }
}

/// phi_k, k >= 1, at a point.
fn phi_at(point: &Float, k: u32, precision: u32) -> Ball {
    let Some(exponent) = point.get_exp() else {
        return if point.is_zero() {
            reciprocal_factorial(k, precision)
        } else {
            Ball::unbounded(precision)
        };
    };
    // log2(1/|z|) where that is positive, and what a step of the recurrence loses.
    let smallness = u64::try_from(-i64::from(exponent)).unwrap_or(0);
    let loss = (smallness + 33 - u64::from(k.leading_zeros())) * u64::from(k - 1);
    let value = if smallness == 0 || loss <= 64 + u64::from(precision) / 4 {
        by_recurrence(point, k, precision + 16 + loss as u32)
    } else {
        by_taylor(point, k, precision + 16)
    };
    value.to_precision(precision)
}

fn by_recurrence(point: &Float, k: u32, precision: u32) -> Ball {
    let z = Ball::exact(Float::with_val(precision.max(point.prec()), point));
    let mut value = z.exp_m1() / &z;
    for j in 1..k {
        value = (value - &reciprocal_factorial(j, precision)) / &z;
    }
    value
}

fn by_taylor(point: &Float, k: u32, precision: u32) -> Ball {
    let z = Ball::exact(Float::with_val(precision.max(point.prec()), point));
    let mut term = z.like(1, 1);
    let mut sum = term.clone();
    for j in 1.. {
        term = term * &z / &z.like(i128::from(k + j), 1);
        sum = sum + &term;
        let size = Magnitude::above(&term.mid) + term.radius;
        if size.exponent().is_none_or(|e| e < -i64::from(precision)) {
            sum.radius = sum.radius + size;
            break;
        }
    }
    sum * &reciprocal_factorial(k, precision)
}

fn reciprocal_factorial(k: u32, precision: u32) -> Ball {
    let factorial = Integer::from(Integer::factorial(k));
    let denominator = Float::with_val(factorial.significant_bits().max(1), factorial);
    Ball::rounded(precision, denominator.recip_ref(), Magnitude::ZERO)
}
