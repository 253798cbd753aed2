//! `rug::Float`: the reference without an error bound.
//!
//! MPFR rounds each single operation correctly, to nearest even. The precision of a result is that
//! of the *left* operand (`Float op &Float` works in place), and constants are made with the
//! precision of their witness: start from values of one precision and all of a formula has it.
//! Where the arithmetic is concrete, `x.exp()` is rug's own method, which consumes `x`; the traits'
//! methods borrow.

use super::ball::{Ball, nearest_to_rational};
use super::{Field, Rational, Real};
use rug::Float;
use rug::ops::Pow;

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
