//! The two traits every formula is written against, and one file per arithmetic.
//!
//! A constant is made *like* a witness value: same precision, same truncation order. There is no
//! global precision and no `zero()` (see `spec/notation.md`).
//! Nothing here branches on a value: an enclosure has no total order. Where an operation has no
//! finite result (division by an enclosure that holds zero) the result is not finite, and
//! [`Real::is_finite`] tells; deriving a plan turns that into a typed error.

#[cfg(feature = "oracle")]
pub mod ball;
#[cfg(feature = "oracle")]
mod big;
mod double_double;
#[cfg(feature = "oracle")]
mod exponential;
#[cfg(feature = "oracle")]
mod in_place;
pub(crate) mod narrow;
mod plain;
mod rational;
#[cfg(feature = "oracle")]
mod series;
mod special;
mod symbolic;
#[cfg(feature = "oracle")]
mod traced;
mod widened;

#[cfg(feature = "oracle")]
pub use ball::{Ball, Magnitude};
pub use double_double::DoubleDouble;
#[cfg(feature = "oracle")]
pub use exponential::ExponentialPolynomial;
#[cfg(feature = "oracle")]
pub use in_place::InPlace;
pub use rational::{Rational, parse_rational, rational, rational_from_f64};
#[cfg(feature = "oracle")]
pub use series::Series;
pub use special::Special;
pub use symbolic::Symbolic;
#[cfg(feature = "oracle")]
pub use traced::Traced;
pub use widened::{Unit, Widened};

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// What a solver's weights need: a field with the exponential and the phi functions.
pub trait Field:
    Clone
    + Debug
    + Neg<Output = Self>
    + for<'a> Add<&'a Self, Output = Self>
    + for<'a> Sub<&'a Self, Output = Self>
    + for<'a> Mul<&'a Self, Output = Self>
    + for<'a> Div<&'a Self, Output = Self>
{
    /// The constant `value`, made like `self`.
    fn constant(&self, value: Rational) -> Self;

    /// The constant `num/den`, made like `self`. `den` must not be zero.
    fn like(&self, num: i128, den: i128) -> Self {
        self.constant(rational(num, den))
    }

    /// e^self.
    fn exp(&self) -> Self;

    /// e^self - 1 without cancellation.
    fn exp_m1(&self) -> Self;

    /// phi_k(self) = int_0^1 e^((1-s) self) s^(k-1)/(k-1)! ds for k >= 1; phi_0 = exp.
    fn phi(&self, k: u32) -> Self;
}

/// What schedules, grids and exact solutions need besides.
pub trait Real: Field {
    /// Natural logarithm.
    fn ln(&self) -> Self;
    /// ln(1 + self) without cancellation.
    fn ln_1p(&self) -> Self;
    /// Square root.
    fn sqrt(&self) -> Self;
    /// sin(pi self).
    fn sin_pi(&self) -> Self;
    /// cos(pi self).
    fn cos_pi(&self) -> Self;
    /// atan2(self, x) / pi.
    fn atan2_pi(&self, x: &Self) -> Self;
    /// An approximation, to choose a segment or to draw a picture; never a result.
    fn to_f64(&self) -> f64;
    /// False for NaN, infinities and unbounded enclosures.
    fn is_finite(&self) -> bool;
    /// Something that holds both: the hull of two enclosures; a point arithmetic returns `self`.
    fn hull(&self, other: &Self) -> Self;
    /// The nearest integer, ties to even, if every value in the enclosure has the same one.
    fn nearest_integer(&self) -> Option<i64>;
    /// self^exponent for self > 0.
    fn pow(&self, exponent: &Self) -> Self {
        (self.ln() * exponent).exp()
    }
    /// The exact value of a finite f64, made like `self`.
    #[allow(
        clippy::wrong_self_convention,
        reason = "the receiver is the witness, as in `like`"
    )]
    fn from_f64(&self, value: f64) -> Self;
}
