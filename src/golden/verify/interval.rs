//! Enclosures by directed rounding: a lower and an upper bound, both MPFR numbers.
//!
//! MPFR rounds every operation below correctly in the direction asked for, so each result holds the
//! exact result for all values in its operands. What cannot be bounded becomes the whole line.

use rug::float::{Constant, Round, Special};
use rug::ops::{AssignRound, Pow};
use rug::{Float, Rational};
use std::cmp::Ordering;

/// All x with `lower` <= x <= `upper`.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    lower: Float,
    upper: Float,
}

fn down<T>(precision: u32, value: T) -> Float
where
    Float: AssignRound<T, Round = Round, Ordering = Ordering>,
{
    Float::with_val_round(precision, value, Round::Down).0
}

fn up<T>(precision: u32, value: T) -> Float
where
    Float: AssignRound<T, Round = Round, Ordering = Ordering>,
{
    Float::with_val_round(precision, value, Round::Up).0
}

/// True for x >= 0, -0 included.
fn nonnegative(x: &Float) -> bool {
    *x >= 0
}

impl Interval {
    /// The interval between two bounds; the whole line if either is not finite.
    pub(super) fn between(lower: Float, upper: Float) -> Self {
        if lower.is_finite() && upper.is_finite() {
            return Interval { lower, upper };
        }
        let precision = lower.prec();
        Interval {
            lower: Float::with_val(precision, Special::NegInfinity),
            upper: Float::with_val(precision, Special::Infinity),
        }
    }

    /// The whole line.
    pub(super) fn unbounded(precision: u32) -> Self {
        let nan = Float::with_val(precision, Special::Nan);
        Interval::between(nan.clone(), nan)
    }

    /// The tightest interval around a rational number.
    pub(super) fn rational(precision: u32, value: &Rational) -> Self {
        Interval::between(down(precision, value), up(precision, value))
    }

    /// pi.
    pub(super) fn pi(precision: u32) -> Self {
        Interval::between(down(precision, Constant::Pi), up(precision, Constant::Pi))
    }

    pub(super) fn lower(&self) -> &Float {
        &self.lower
    }

    pub(super) fn upper(&self) -> &Float {
        &self.upper
    }

    fn precision(&self) -> u32 {
        self.lower.prec()
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let p = self.precision();
        Interval::between(
            down(p, &self.lower + &other.lower),
            up(p, &self.upper + &other.upper),
        )
    }

    pub(super) fn sub(&self, other: &Self) -> Self {
        let p = self.precision();
        Interval::between(
            down(p, &self.lower - &other.upper),
            up(p, &self.upper - &other.lower),
        )
    }

    pub(super) fn neg(&self) -> Self {
        Interval {
            lower: Float::with_val(self.precision(), -&self.upper),
            upper: Float::with_val(self.precision(), -&self.lower),
        }
    }

    pub(super) fn mul(&self, other: &Self) -> Self {
        let p = self.precision();
        let bounds = |a: &Float, b: &Float, c: &Float, d: &Float| {
            Interval::between(down(p, a * b), up(p, c * d))
        };
        if nonnegative(&self.lower) && nonnegative(&other.lower) {
            return bounds(&self.lower, &other.lower, &self.upper, &other.upper);
        }
        let corners = [
            bounds(&self.lower, &other.lower, &self.lower, &other.lower),
            bounds(&self.lower, &other.upper, &self.lower, &other.upper),
            bounds(&self.upper, &other.lower, &self.upper, &other.lower),
            bounds(&self.upper, &other.upper, &self.upper, &other.upper),
        ];
        let [a, b, c, d] = corners;
        a.hull(&b).hull(&c.hull(&d))
    }

    pub(super) fn div(&self, other: &Self) -> Self {
        if other.lower <= 0 && other.upper >= 0 {
            return Interval::unbounded(self.precision());
        }
        if other.upper < 0 {
            return self.neg().div(&other.neg());
        }
        let p = self.precision();
        let (low, high) = (&self.lower, &self.upper);
        let below = if nonnegative(low) {
            &other.upper
        } else {
            &other.lower
        };
        let above = if nonnegative(high) {
            &other.lower
        } else {
            &other.upper
        };
        Interval::between(down(p, low / below), up(p, high / above))
    }

    pub(super) fn exp(&self) -> Self {
        let p = self.precision();
        Interval::between(down(p, self.lower.exp_ref()), up(p, self.upper.exp_ref()))
    }

    /// The natural logarithm; the whole line unless all values are positive.
    pub(super) fn ln(&self) -> Self {
        let p = self.precision();
        Interval::between(down(p, self.lower.ln_ref()), up(p, self.upper.ln_ref()))
    }

    /// The square root of the values that are not negative.
    pub(super) fn sqrt(&self) -> Self {
        let p = self.precision();
        let lower = if nonnegative(&self.lower) {
            down(p, self.lower.sqrt_ref())
        } else {
            Float::new(p)
        };
        Interval::between(lower, up(p, self.upper.sqrt_ref()))
    }

    /// The cosine of angles between 0 and 3, where it falls.
    pub(super) fn cos(&self) -> Self {
        let p = self.precision();
        if self.lower < 0 || self.upper > 3 {
            return Interval::unbounded(p);
        }
        Interval::between(down(p, self.upper.cos_ref()), up(p, self.lower.cos_ref()))
    }

    /// The angle between 0 and pi with this cosine.
    pub(super) fn acos(&self) -> Self {
        let p = self.precision();
        Interval::between(down(p, self.upper.acos_ref()), up(p, self.lower.acos_ref()))
    }

    /// x^(num/den) for x >= 0, by an integer power and an integer root.
    pub(super) fn pow(&self, num: u32, den: u32) -> Self {
        let p = self.precision();
        if self.lower < 0 {
            return Interval::unbounded(p);
        }
        let power = Interval::between(
            down(p, Pow::pow(&self.lower, num)),
            up(p, Pow::pow(&self.upper, num)),
        );
        Interval::between(
            down(p, power.lower.root_ref(den)),
            up(p, power.upper.root_ref(den)),
        )
    }

    /// The smallest interval that holds both.
    pub(super) fn hull(&self, other: &Self) -> Self {
        let lower = if self.lower <= other.lower {
            &self.lower
        } else {
            &other.lower
        };
        let upper = if self.upper >= other.upper {
            &self.upper
        } else {
            &other.upper
        };
        Interval::between(lower.clone(), upper.clone())
    }

    /// True if every value lies below every value of `other`, false if none does, none if undecided.
    pub(super) fn is_below(&self, other: &Self) -> Option<bool> {
        match (self.upper < other.lower, self.lower > other.upper) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }
}
