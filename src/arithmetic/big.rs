//! `rug::Float`: the reference without an error bound.
//!
//! MPFR rounds each single operation correctly, to nearest even. The precision of a result is that
//! of the *left* operand (`Float op &Float` works in place), and constants are made with the
//! precision of their witness: start from values of one precision and all of a formula has it.
//! Where the arithmetic is concrete, `x.exp()` is rug's own method, which consumes `x`; the traits'
//! methods borrow.

use super::ball::{Ball, nearest_to_rational};
use super::{Field, InPlace, Rational, Real};
use rug::Float;
use rug::float::Round;
use rug::ops::{AddAssignRound, AssignRound, MulAssignRound, NegAssign, Pow};

impl Field for Float {
    fn constant(&self, value: Rational) -> Self {
        nearest_to_rational(value, self.prec()).0
    }
    fn exp(&self) -> Self {
        Float::with_val(self.prec(), self.exp_ref())
    }
    fn exp_m1(&self) -> Self {
        Float::with_val(self.prec(), self.exp_m1_ref())
    }
    /// The midpoint of the ball's phi: within one unit in the last place.
    fn phi(&self, k: u32) -> Self {
        let value = Ball::exact(self.clone()).phi(k);
        if value.is_finite() {
            Float::with_val(self.prec(), value.mid())
        } else {
            Float::with_val(self.prec(), rug::float::Special::Nan)
        }
    }
}

impl Real for Float {
    fn ln(&self) -> Self {
        Float::with_val(self.prec(), self.ln_ref())
    }
    fn ln_1p(&self) -> Self {
        Float::with_val(self.prec(), self.ln_1p_ref())
    }
    fn sqrt(&self) -> Self {
        Float::with_val(self.prec(), self.sqrt_ref())
    }
    fn sin_pi(&self) -> Self {
        Float::with_val(self.prec(), self.sin_pi_ref())
    }
    fn cos_pi(&self) -> Self {
        Float::with_val(self.prec(), self.cos_pi_ref())
    }
    fn atan2_pi(&self, x: &Self) -> Self {
        Float::with_val(self.prec(), self.atan2_pi_ref(x))
    }
    fn to_f64(&self) -> f64 {
        Float::to_f64(self)
    }
    fn is_finite(&self) -> bool {
        Float::is_finite(self)
    }
    fn hull(&self, _other: &Self) -> Self {
        self.clone()
    }
    fn nearest_integer(&self) -> Option<i64> {
        self.clone().round_even().to_integer()?.to_i64()
    }
    fn pow(&self, exponent: &Self) -> Self {
        Float::with_val(self.prec(), Pow::pow(self, exponent))
    }
    fn from_f64(&self, value: f64) -> Self {
        Float::with_val(self.prec(), value)
    }
}

impl InPlace for Float {
    fn nearest(value: &rug::Rational, precision: u32) -> Self {
        Float::with_val(precision, value)
    }
    fn storage(precision: u32) -> Self {
        Float::new(precision)
    }
    #[inline]
    fn set(&mut self, x: &Self) {
        self.assign_round(x, Round::Nearest);
    }
    #[inline]
    fn set_sum(&mut self, x: &Self, y: &Self) {
        self.assign_round(x + y, Round::Nearest);
    }
    #[inline]
    fn set_difference(&mut self, x: &Self, y: &Self) {
        self.assign_round(x - y, Round::Nearest);
    }
    #[inline]
    fn set_product(&mut self, x: &Self, y: &Self) {
        self.assign_round(x * y, Round::Nearest);
    }
    #[inline]
    fn set_quotient(&mut self, x: &Self, y: &Self) {
        self.assign_round(x / y, Round::Nearest);
    }
    fn set_square_root(&mut self, x: &Self) {
        self.assign_round(x.sqrt_ref(), Round::Nearest);
    }
    fn set_logarithm(&mut self, x: &Self) {
        self.assign_round(x.ln_ref(), Round::Nearest);
    }
    #[inline]
    fn increase(&mut self, y: &Self) {
        self.add_assign_round(y, Round::Nearest);
    }
    #[inline]
    fn multiply(&mut self, y: &Self) {
        self.mul_assign_round(y, Round::Nearest);
    }
    #[inline]
    fn shift(&mut self, power: i32) {
        *self <<= power;
    }
    #[inline]
    fn negate(&mut self) {
        self.neg_assign();
    }
    #[inline]
    fn widen(&mut self, _power: i64) {}
    fn bound_exponent(&self) -> i64 {
        match self.get_exp() {
            Some(exponent) => i64::from(exponent),
            None if self.is_zero() => i64::MIN,
            None => i64::MAX,
        }
    }
}
