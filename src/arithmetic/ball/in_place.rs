//! Results into existing storage.

use super::operators::{product_radius, quotient_radius, sum_radius};
use super::{Ball, Magnitude, rounding_term};
use crate::arithmetic::{InPlace, Real};
use rug::float::{Round, exp_max, exp_min};
use rug::ops::{AddAssignRound, AssignRound, MulAssignRound, NegAssign};
use rug::{Float, Rational};
use std::cmp::Ordering;

impl InPlace for Ball {
    fn nearest(value: &Rational, precision: u32) -> Self {
        Ball::rounded(precision, value, Magnitude::ZERO)
    }
    fn storage(precision: u32) -> Self {
        Ball::exact(Float::new(precision))
    }
    #[inline]
    fn set(&mut self, x: &Self) {
        let ternary = self.mid.assign_round(&x.mid, Round::Nearest);
        self.settle(x.radius, ternary);
    }
    #[inline]
    fn set_sum(&mut self, x: &Self, y: &Self) {
        let ternary = self.mid.assign_round(&x.mid + &y.mid, Round::Nearest);
        self.settle(sum_radius(x, y), ternary);
    }
    #[inline]
    fn set_difference(&mut self, x: &Self, y: &Self) {
        let ternary = self.mid.assign_round(&x.mid - &y.mid, Round::Nearest);
        self.settle(sum_radius(x, y), ternary);
    }
    #[inline]
    fn set_product(&mut self, x: &Self, y: &Self) {
        let ternary = self.mid.assign_round(&x.mid * &y.mid, Round::Nearest);
        self.settle(product_radius(x, y), ternary);
    }
    fn set_quotient(&mut self, x: &Self, y: &Self) {
        if y.is_narrow() {
            let ternary = self.mid.assign_round(&x.mid / &y.mid, Round::Nearest);
            let rounding = rounding_term(&self.mid, ternary);
            let radius = quotient_radius(x.radius, y, &self.mid, rounding);
            self.settle(radius, Ordering::Equal);
        } else {
            self.set(&(x.clone() / y));
        }
    }
    fn set_square_root(&mut self, x: &Self) {
        if x.is_narrow() {
            let ternary = self.mid.assign_round(x.mid.sqrt_ref(), Round::Nearest);
            let rounding = rounding_term(&self.mid, ternary);
            self.settle(x.square_root_radius(&self.mid, rounding), ternary);
        } else {
            self.set(&x.sqrt());
        }
    }
    fn set_logarithm(&mut self, x: &Self) {
        self.set(&x.ln());
    }
    #[inline]
    fn increase(&mut self, y: &Self) {
        let radius = sum_radius(self, y);
        let ternary = self.mid.add_assign_round(&y.mid, Round::Nearest);
        self.settle(radius, ternary);
    }
    #[inline]
    fn multiply(&mut self, y: &Self) {
        let radius = product_radius(self, y);
        let ternary = self.mid.mul_assign_round(&y.mid, Round::Nearest);
        self.settle(radius, ternary);
    }
    fn shift(&mut self, power: i32) {
        let radius = self.radius.scaled(i64::from(power));
        let exponent = self.mid.get_exp().map(|e| e.saturating_add(power));
        if exponent.is_none_or(|e| e > exp_min() && e < exp_max()) {
            self.mid <<= power;
            self.settle(radius, Ordering::Equal);
        } else {
            let shifted = &self.mid << power;
            let (mid, ternary) = Float::with_val_round(self.mid.prec(), shifted, Round::Nearest);
            self.mid = mid;
            self.settle(radius, ternary);
        }
    }
    #[inline]
    fn negate(&mut self) {
        self.mid.neg_assign();
    }
    #[inline]
    fn widen(&mut self, power: i64) {
        self.settle(
            self.radius + Magnitude::power_of_two(power),
            Ordering::Equal,
        );
    }
    fn bound_exponent(&self) -> i64 {
        let bound = Magnitude::above(&self.mid) + self.radius;
        match bound.exponent() {
            Some(exponent) => exponent,
            None if bound.is_zero() => i64::MIN,
            None => i64::MAX,
        }
    }
}
