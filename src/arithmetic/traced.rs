//! A ball that remembers the exact rational it encloses, for as long as there is one.
//!
//! An enclosure cannot decide a rounding where the exact number lies on a tie: a label such as
//! 1000 * 3001/4000 = 750.25 lies half-way between two binary16 numbers at every precision. Sums,
//! products and quotients of rationals are rational, so such a number is known exactly; everything
//! else (exponentials, logarithms, roots) is the ball's.

use super::{Ball, Field, Rational, Real};
use rug::ops::NegAssign;
use rug::{Float, Integer};
use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A ball, and the rational that it encloses if that is known.
#[derive(Clone, Debug)]
pub struct Traced {
    ball: Ball,
    exact: Option<rug::Rational>,
}

/// Rationals with more bits than this in numerator and denominator are forgotten.
const MOST_BITS: u32 = 4096;

impl Traced {
    /// A ball and, if its radius is zero, its value.
    pub fn of(ball: Ball) -> Self {
        let exact = if ball.radius().is_zero() {
            ball.mid().to_rational()
        } else {
            None
        };
        Traced { ball, exact }
    }

    fn with(ball: Ball, exact: Option<rug::Rational>) -> Self {
        let bits = |value: &rug::Rational| {
            value.numer().significant_bits() + value.denom().significant_bits()
        };
        Traced {
            ball,
            exact: exact.filter(|value| bits(value) <= MOST_BITS),
        }
    }

    /// The value with radius zero if it is a known binary fraction, else the ball.
    pub fn tightest(&self) -> Ball {
        match &self.exact {
            Some(value) if value.denom().is_power_of_two() => {
                let precision = value.numer().significant_bits().max(self.ball.precision());
                Ball::exact(Float::with_val(precision, value))
            }
            _ => self.ball.clone(),
        }
    }
}

impl Neg for Traced {
    type Output = Self;

    fn neg(mut self) -> Self {
        self.ball = -self.ball;
        if let Some(value) = &mut self.exact {
            value.neg_assign();
        }
        self
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $known:expr) => {
        impl $trait<&Traced> for Traced {
            type Output = Traced;

            fn $method(self, other: &Traced) -> Traced {
                let exact = match (self.exact, &other.exact) {
                    (Some(left), Some(right)) if $known(right) => Some(left.$method(right)),
                    _ => None,
                };
                Traced::with(self.ball.$method(&other.ball), exact)
            }
        }
    };
}

operator!(Add, add, |_| true);
operator!(Sub, sub, |_| true);
operator!(Mul, mul, |_| true);
operator!(Div, div, |divisor: &rug::Rational| !divisor.is_zero());

impl Field for Traced {
    fn constant(&self, value: Rational) -> Self {
        let exact = rug::Rational::from((*value.numer(), *value.denom()));
        Traced::with(self.ball.constant(value), Some(exact))
    }
    fn exp(&self) -> Self {
        Traced::of(self.ball.exp())
    }
    fn exp_m1(&self) -> Self {
        Traced::of(self.ball.exp_m1())
    }
    fn phi(&self, k: u32) -> Self {
        Traced::of(self.ball.phi(k))
    }
}

impl Real for Traced {
    fn ln(&self) -> Self {
        Traced::of(self.ball.ln())
    }
    fn ln_1p(&self) -> Self {
        Traced::of(self.ball.ln_1p())
    }
    fn sqrt(&self) -> Self {
        Traced::of(self.ball.sqrt())
    }
    fn sin_pi(&self) -> Self {
        Traced::of(self.ball.sin_pi())
    }
    fn cos_pi(&self) -> Self {
        Traced::of(self.ball.cos_pi())
    }
    fn atan2_pi(&self, x: &Self) -> Self {
        Traced::of(self.ball.atan2_pi(&x.ball))
    }
    fn to_f64(&self) -> f64 {
        self.ball.to_f64()
    }
    fn is_finite(&self) -> bool {
        self.ball.is_finite()
    }
    fn hull(&self, other: &Self) -> Self {
        let exact = self.exact.clone().filter(|_| self.exact == other.exact);
        Traced::with(self.ball.hull(&other.ball), exact)
    }
    fn nearest_integer(&self) -> Option<i64> {
        match &self.exact {
            Some(value) => {
                let (fraction, floor) = value.clone().fract_floor(Integer::new());
                let up = match fraction.cmp(&rug::Rational::from((1, 2))) {
                    Ordering::Less => false,
                    Ordering::Equal => floor.is_odd(),
                    Ordering::Greater => true,
                };
                Some(floor.to_i64()? + i64::from(up))
            }
            None => self.ball.nearest_integer(),
        }
    }
    fn from_f64(&self, value: f64) -> Self {
        Traced::with(self.ball.from_f64(value), rug::Rational::from_f64(value))
    }
}
