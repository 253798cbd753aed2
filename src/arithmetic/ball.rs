//! A ball: all reals within `radius` of a big-float midpoint; every operation encloses.
//!
//! # Promise
//! For every operation f and all reals x in the ball X (y in Y, ...): f(x, y) lies in f(X, Y).
//! That is all a certificate needs. Dependence between operands is not tracked: `x - x` is zero
//! within twice the radius.
//!
//! # Argument
//! Trusted: MPFR rounds correctly and its ternary value says whether a result is exact. A result
//! rounded to nearest at precision p with exponent e (value in [2^(e-1), 2^e)) is off by at most
//! half a unit, 2^(e-p-1), and by 2^emin at most where it underflows. That *rounding term* is added
//! to the radius unless the ternary value is zero, so exact results of exact operands keep radius
//! zero: `ln 1`, `1/2 + 1/2`, `sqrt 4`. All radius arithmetic rounds up ([`Magnitude`]).
//! With midpoint m, radius r, and the value f(m) rounded:
//!
//! | operation | propagated radius |
//! |---|---|
//! | `-x` | r |
//! | `x + y`, `x - y` | r_x + r_y |
//! | `x y` | abs(m_x) r_y + r_x (abs(m_y) + r_y) |
//! | `x / y` | (abs(q) r_y + r_x) / (abs(m_y) - r_y), q = m_x/m_y: from x/y - q = (dx - q dy)/(m_y + dy) |
//! | `exp` | e^m (e^r - 1) <= e^m r (1 + r) for r <= 1 |
//! | `exp_m1` | the same, with e^m = 1 + expm1(m) |
//! | `phi_k` | r phi_k'(m + r), see `ball/phi.rs` |
//! | `ln` | -ln(1 - r/m) <= r/(m - r) |
//! | `ln_1p` | r/(1 + m - r) |
//! | `sqrt` | sqrt(m) - sqrt(m - r) <= r (1 + r/m)/(2 sqrt m) |
//! | `sin_pi` | pi r abs(cos pi m) + (pi r)^2/2; cut to [-1, 1] |
//! | `cos_pi` | pi r abs(sin pi m) + (pi r)^2/2; cut to [-1, 1] |
//!
//! Where r is not small beside m these are loose: such balls (beyond a ratio of about 2^-10), and
//! `pow` and `atan2_pi` of inexact balls, are evaluated at the ends with directed roundings
//! instead. exp, expm1, phi_k, ln, ln_1p and sqrt increase; quotients, powers and angles take
//! their extremes at corners of the box wherever they are defined on all of it, for they are
//! monotone in each argument along each edge.
//!
//! # No finite result
//! There is one unbounded ball, the whole line, and it absorbs: it may stand for an undefined
//! value, so even zero times it is the whole line. It results whenever an operand holds a point where
//! the operation is undefined (division by a ball that holds 0, `ln` reaching 0 or below, `sqrt`
//! reaching below 0, an angle at the origin, `pow` of what is not positive), on overflow, and from
//! NaN or infinite input. [`Real::is_finite`](super::Real::is_finite) is false for it alone;
//! [`Ball::try_div`], [`Ball::try_ln`] and [`Ball::try_sqrt`] give typed errors instead.
//! The sign of a zero is not kept.
//!
//! # Precision
//! A result has the larger of its operands' precisions and at least 53 bits. Between 53 and 4096 is
//! tested; MPFR's limit is 2^31.

mod functions;
mod in_place;
mod magnitude;
mod operators;
mod phi;
mod special;

pub use magnitude::Magnitude;

use super::Rational;
use crate::error::{Code, Error, Result};
use rug::Float;
use rug::float::Round;
use rug::ops::{AssignRound, NegAssign};
use std::cmp::Ordering;

/// A midpoint and a radius, or the whole line. See the [module](self) for what is promised.
#[derive(Clone, Debug)]
pub struct Ball {
    mid: Float,
    radius: Magnitude,
}

const LEAST_PRECISION: u32 = 53;

/// Bits beyond the result's for the ends of a ball, before a directed rounding.
const GUARD: u32 = 32;

/// Where the ratio of radius to scale is above 2^this, ends are evaluated.
const SMALL: i64 = -10;

impl Ball {
    /// The one number `value`, radius zero; the whole line for NaN and infinities.
    pub fn exact(value: Float) -> Self {
        Self::with_radius(value, Magnitude::ZERO)
    }

    /// All reals within `radius` of `mid`; the whole line where either is not finite.
    pub fn with_radius(mid: Float, radius: Magnitude) -> Self {
        if mid.is_finite() && radius.is_finite() {
            Ball { mid, radius }
        } else {
            Self::unbounded(mid.prec())
        }
    }

    /// The whole line.
    pub fn unbounded(precision: u32) -> Self {
        Ball {
            mid: Float::new(precision),
            radius: Magnitude::INFINITE,
        }
    }

    /// The least ball of that precision, but for rounding, that holds `lower` and `upper`; the
    /// whole line if either is NaN or infinite.
    pub fn enclosing(lower: &Float, upper: &Float, precision: u32) -> Self {
        if !lower.is_finite() || !upper.is_finite() {
            return Self::unbounded(precision);
        }
        let sum_precision = precision.max(lower.prec()).max(upper.prec()) + 2;
        let sum = Float::with_val(sum_precision, lower + upper) >> 1_u32;
        let mid = Float::with_val(precision, sum);
        // Outward to 32 bits, which a magnitude holds exactly.
        let above = Float::with_val_round(32, upper - &mid, Round::Up).0;
        let below = Float::with_val_round(32, lower - &mid, Round::Down).0;
        let radius = Magnitude::below(&above).max(Magnitude::below(&below));
        Self::with_radius(mid, radius)
    }

    /// The midpoint; zero for the whole line.
    pub fn mid(&self) -> &Float {
        &self.mid
    }

    /// The radius.
    pub fn radius(&self) -> Magnitude {
        self.radius
    }

    /// The precision, in bits, that results made from this ball alone have.
    pub fn precision(&self) -> u32 {
        self.mid.prec().max(LEAST_PRECISION)
    }

    /// The same ball with a midpoint of another precision, at least 53 bits.
    #[must_use]
    pub fn to_precision(&self, precision: u32) -> Self {
        if !self.radius.is_finite() {
            return Self::unbounded(precision);
        }
        Self::rounded(precision.max(LEAST_PRECISION), &self.mid, self.radius)
    }

    /// A float of that precision, the greatest but for rounding, not above any point of the ball.
    pub fn lower(&self, precision: u32) -> Float {
        self.end(precision, Round::Down)
    }

    /// A float of that precision, the least but for rounding, not below any point of the ball.
    pub fn upper(&self, precision: u32) -> Float {
        self.end(precision, Round::Up)
    }

    fn end(&self, precision: u32, round: Round) -> Float {
        if self.radius.is_zero() {
            return Float::with_val_round(precision, &self.mid, round).0;
        }
        let mut reach = self.radius.to_float(Round::Up);
        if round == Round::Down {
            reach.neg_assign();
        }
        Float::with_val_round(precision, &self.mid + &reach, round).0
    }

    /// Whether `value` is certainly a point of the ball; decided exactly, but for radii below
    /// MPFR's least number.
    pub fn contains(&self, value: &Float) -> bool {
        if !self.radius.is_finite() {
            return !value.is_nan();
        }
        if !value.is_finite() {
            return false;
        }
        if self.radius.is_zero() {
            return *value == self.mid;
        }
        let distance_sign = |from: &Float, to: &Float| {
            let (from, reach) = (from.as_neg(), self.radius.to_float(Round::Down));
            let reach = reach.as_neg();
            // MPFR's sum of several numbers is correctly rounded, so its sign is exact.
            Float::with_val(2, Float::sum([to, &*from, &*reach].into_iter())).cmp0()
        };
        distance_sign(&self.mid, value) != Some(Ordering::Greater)
            && distance_sign(value, &self.mid) != Some(Ordering::Greater)
    }

    /// Whether zero may lie in the ball; false is certain.
    pub fn contains_zero(&self) -> bool {
        if self.mid.is_zero() {
            return true;
        }
        Magnitude::below(&self.mid).minus(self.radius).is_zero()
            && !(self.radius.is_zero())
            && self
                .mid
                .cmp_abs(&self.radius.to_float(Round::Up))
                .is_none_or(Ordering::is_le)
    }

    /// Whether the two balls may share a point; false is certain.
    pub fn overlaps(&self, other: &Self) -> bool {
        let precision = self.precision().max(other.precision()) + GUARD;
        self.lower(precision) <= other.upper(precision)
            && other.lower(precision) <= self.upper(precision)
    }

    /// `self / divisor`.
    ///
    /// # Errors
    /// `E-DIVISION` if the divisor holds zero or is unbounded.
    pub fn try_div(&self, divisor: &Self) -> Result<Self> {
        if divisor.contains_zero() {
            return Err(Error::new(
                Code::Division,
                format!("{} holds zero", described(divisor)),
                "divisor",
                "raise the precision, or keep the divisor away from zero",
            ));
        }
        Ok(self.clone() / divisor)
    }

    /// The natural logarithm.
    ///
    /// # Errors
    /// `E-DOMAIN` if the ball reaches zero or below, or is unbounded.
    pub fn try_ln(&self) -> Result<Self> {
        self.inside_domain(super::Real::ln(self), "ln", "positive")
    }

    /// The square root.
    ///
    /// # Errors
    /// `E-DOMAIN` if the ball reaches below zero, or is unbounded.
    pub fn try_sqrt(&self) -> Result<Self> {
        self.inside_domain(super::Real::sqrt(self), "sqrt", "not negative")
    }

    fn inside_domain(&self, value: Self, function: &str, sign: &str) -> Result<Self> {
        if value.radius.is_finite() {
            return Ok(value);
        }
        Err(Error::new(
            Code::Domain,
            format!("{function} of {}", described(self)),
            "argument",
            format!("raise the precision, or keep the argument {sign}"),
        ))
    }

    /// `value` rounded to nearest, the rounding term added to the propagated radius.
    fn rounded<T>(precision: u32, value: T, propagated: Magnitude) -> Self
    where
        Float: AssignRound<T, Round = Round, Ordering = Ordering>,
    {
        let (mid, ternary) = Float::with_val_round(precision, value, Round::Nearest);
        let radius = propagated + rounding_term(&mid, ternary);
        Self::with_radius(mid, radius)
    }

    /// Gives a freshly rounded midpoint its radius.
    #[inline]
    fn settle(&mut self, propagated: Magnitude, ternary: Ordering) {
        self.radius = propagated + rounding_term(&self.mid, ternary);
        if !self.mid.is_finite() || !self.radius.is_finite() {
            *self = Self::unbounded(self.mid.prec());
        }
    }
}

fn described(ball: &Ball) -> String {
    if ball.radius.is_finite() {
        let radius = ball.radius.to_float(Round::Up);
        format!("{:.6} within {radius:.3}", ball.mid)
    } else {
        "the whole line".to_owned()
    }
}

/// What a rounding to nearest can have changed: half a unit in the last place, or all that
/// underflow can lose; nothing if the ternary value says that the result is exact.
#[inline]
fn rounding_term(mid: &Float, ternary: Ordering) -> Magnitude {
    if ternary == Ordering::Equal {
        return Magnitude::ZERO;
    }
    let least = rug::float::exp_min();
    match mid.get_exp() {
        Some(exponent) if exponent > least => {
            Magnitude::power_of_two(i64::from(exponent) - i64::from(mid.prec()) - 1)
        }
        _ => Magnitude::power_of_two(i64::from(least)),
    }
}

/// The nearest float of that precision to a rational, and whether it is exact.
pub(super) fn nearest_to_rational(value: Rational, precision: u32) -> (Float, Ordering) {
    // 128 bits hold every i128.
    let numerator = Float::with_val(128, *value.numer());
    let denominator = Float::with_val(128, *value.denom());
    Float::with_val_round(precision, &numerator / &denominator, Round::Nearest)
}
