//! Operations into storage that is already there, for long loops over big floats.
//!
//! The operators of [`Field`](super::Field) give each result storage of its own, which at a few
//! hundred bits costs as much as the arithmetic. Here the target is named, and its precision is
//! that of the result. One loop written against this trait serves `rug::Float` and [`Ball`](super::Ball); with
//! balls it is as rigorous as the operators, whose radius arithmetic it shares.

use super::Real;
use rug::Rational;

/// A real type whose results go into existing storage, rounded to that storage's precision.
pub trait InPlace: Real {
    /// The nearest representation of `value` at that precision.
    fn nearest(value: &Rational, precision: u32) -> Self;
    /// A zero of that precision.
    fn storage(precision: u32) -> Self;
    /// Becomes `x`, rounded.
    fn set(&mut self, x: &Self);
    /// Becomes `x + y`.
    fn set_sum(&mut self, x: &Self, y: &Self);
    /// Becomes `x - y`.
    fn set_difference(&mut self, x: &Self, y: &Self);
    /// Becomes `x y`.
    fn set_product(&mut self, x: &Self, y: &Self);
    /// Becomes `x / y`.
    fn set_quotient(&mut self, x: &Self, y: &Self);
    /// Becomes the square root of `x`.
    fn set_square_root(&mut self, x: &Self);
    /// Becomes the natural logarithm of `x`.
    fn set_logarithm(&mut self, x: &Self);
    /// `y` is added.
    fn increase(&mut self, y: &Self);
    /// Multiplied by `y`.
    fn multiply(&mut self, y: &Self);
    /// Multiplied by 2^power.
    fn shift(&mut self, power: i32);
    /// The sign changed.
    fn negate(&mut self);
    /// Room for an error of up to 2^power: widens an enclosure; a point arithmetic does nothing.
    fn widen(&mut self, power: i64);
    /// An e with |x| < 2^e for every x meant here, near the least; `i64::MIN` for zero, `i64::MAX`
    /// where there is none.
    fn bound_exponent(&self) -> i64;
}
