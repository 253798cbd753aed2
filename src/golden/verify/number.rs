//! A number of the second route: an exact rational as long as it is one, an enclosure afterwards.
//!
//! Exactness decides ties: the label 750 lies halfway between two bfloat16 numbers, and no enclosure
//! of positive width could tell.

use super::interval::Interval;
use crate::arithmetic;
use rug::{Integer, Rational};
use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A real number that is known exactly or enclosed.
#[derive(Clone, Debug)]
pub(super) struct Number {
    precision: u32,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Exact(Rational),
    Within(Interval),
}

/// The constants of one precision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constants {
    /// Bits of every bound.
    pub(super) precision: u32,
}

impl Constants {
    pub(super) fn exact(self, value: Rational) -> Number {
        Number {
            precision: self.precision,
            kind: Kind::Exact(value),
        }
    }

    pub(super) fn integer(self, value: i64) -> Number {
        self.exact(Rational::from(value))
    }

    pub(super) fn ratio(self, num: usize, den: usize) -> Number {
        self.exact(Rational::from((num, den.max(1))))
    }

    pub(super) fn parameter(self, value: arithmetic::Rational) -> Number {
        self.exact(Rational::from((*value.numer(), *value.denom())))
    }

    pub(super) fn float(self, value: f64) -> Number {
        self.exact(Rational::from_f64(value).unwrap_or_default())
    }

    pub(super) fn within(self, interval: Interval) -> Number {
        Number {
            precision: self.precision,
            kind: Kind::Within(interval),
        }
    }

    pub(super) fn pi(self) -> Number {
        self.within(Interval::pi(self.precision))
    }
}

impl Number {
    pub(super) fn constants(&self) -> Constants {
        Constants {
            precision: self.precision,
        }
    }

    /// The exact value, if it is known.
    pub(super) fn as_exact(&self) -> Option<&Rational> {
        match &self.kind {
            Kind::Exact(value) => Some(value),
            Kind::Within(_) => None,
        }
    }

    pub(super) fn enclosure(&self) -> Interval {
        match &self.kind {
            Kind::Exact(value) => Interval::rational(self.precision, value),
            Kind::Within(interval) => interval.clone(),
        }
    }

    /// The enclosure, without the exact value: long products of rationals would grow without bound.
    pub(super) fn rounded(&self) -> Number {
        self.constants().within(self.enclosure())
    }

    /// A value near the number, to order magnitudes by.
    pub(super) fn approximate(&self) -> f64 {
        match &self.kind {
            Kind::Exact(value) => value.to_f64(),
            Kind::Within(interval) => interval.lower().to_f64(),
        }
    }

    /// Exact lower and upper bounds, if there are any.
    pub(super) fn bounds(&self) -> Option<(Rational, Rational)> {
        match &self.kind {
            Kind::Exact(value) => Some((value.clone(), value.clone())),
            Kind::Within(x) => Some((x.lower().to_rational()?, x.upper().to_rational()?)),
        }
    }

    fn is_exactly(&self, value: i32) -> bool {
        self.as_exact().is_some_and(|exact| *exact == value)
    }

    fn both(
        &self,
        other: &Number,
        exact: impl Fn(&Rational, &Rational) -> Rational,
        within: impl Fn(&Interval, &Interval) -> Interval,
    ) -> Number {
        match (&self.kind, &other.kind) {
            (Kind::Exact(a), Kind::Exact(b)) => self.constants().exact(exact(a, b)),
            _ => {
                let (a, b) = (self.enclosure(), other.enclosure());
                self.constants().within(within(&a, &b))
            }
        }
    }

    fn plus(&self, other: &Number) -> Number {
        self.both(other, |a, b| Rational::from(a + b), Interval::add)
    }

    fn minus(&self, other: &Number) -> Number {
        self.both(other, |a, b| Rational::from(a - b), Interval::sub)
    }

    fn times(&self, other: &Number) -> Number {
        if self.is_exactly(0) || other.is_exactly(0) {
            return self.constants().integer(0);
        }
        self.both(other, |a, b| Rational::from(a * b), Interval::mul)
    }

    fn over(&self, other: &Number) -> Number {
        if other.is_exactly(0) {
            return self.constants().within(Interval::unbounded(self.precision));
        }
        if self.is_exactly(0) {
            return self.clone();
        }
        self.both(other, |a, b| Rational::from(a / b), Interval::div)
    }

    fn apply(&self, function: impl Fn(&Interval) -> Interval) -> Number {
        self.constants().within(function(&self.enclosure()))
    }

    pub(super) fn exp(&self) -> Number {
        match self.is_exactly(0) {
            true => self.constants().integer(1),
            false => self.apply(Interval::exp),
        }
    }

    pub(super) fn ln(&self) -> Number {
        match self.is_exactly(1) {
            true => self.constants().integer(0),
            false => self.apply(Interval::ln),
        }
    }

    /// The square root, exact for squares of rationals.
    pub(super) fn sqrt(&self) -> Number {
        let root = self.as_exact().filter(|value| {
            *value >= &0 && value.numer().is_perfect_square() && value.denom().is_perfect_square()
        });
        match root {
            Some(square) => {
                let (num, den) = (square.numer().sqrt_ref(), square.denom().sqrt_ref());
                let exact = Rational::from((Integer::from(num), Integer::from(den)));
                self.constants().exact(exact)
            }
            None => self.apply(Interval::sqrt),
        }
    }

    pub(super) fn cos(&self) -> Number {
        self.apply(Interval::cos)
    }

    pub(super) fn acos(&self) -> Number {
        self.apply(Interval::acos)
    }

    /// self^(num/den) for self >= 0; the whole line if the exponent's terms do not fit 32 bits.
    pub(super) fn pow(&self, exponent: arithmetic::Rational) -> Number {
        if exponent == arithmetic::rational(1, 1) {
            return self.clone();
        }
        match (
            u32::try_from(*exponent.numer()),
            u32::try_from(*exponent.denom()),
        ) {
            (Ok(num), Ok(den)) => self.apply(|x| x.pow(num, den)),
            _ => self.constants().within(Interval::unbounded(self.precision)),
        }
    }

    pub(super) fn square(&self) -> Number {
        self * self
    }

    /// self num/den.
    pub(super) fn scaled(&self, num: i64, den: i64) -> Number {
        self * self.constants().exact(Rational::from((num, den)))
    }

    pub(super) fn hull(&self, other: &Number) -> Number {
        let hull = self.enclosure().hull(&other.enclosure());
        self.constants().within(hull)
    }

    /// Whether self < other, if that is decided.
    pub(super) fn is_below(&self, other: &Number) -> Option<bool> {
        match (&self.kind, &other.kind) {
            (Kind::Exact(a), Kind::Exact(b)) => Some(a.cmp(b) == Ordering::Less),
            _ => self.enclosure().is_below(&other.enclosure()),
        }
    }

    /// The nearest integer, ties to even, if it is decided.
    pub(super) fn nearest_integer(&self) -> Option<Integer> {
        match &self.kind {
            Kind::Exact(value) => Some(nearest_even(value)),
            Kind::Within(interval) => {
                let [low, high] = [interval.lower(), interval.upper()]
                    .map(|bound| bound.to_rational().as_ref().map(nearest_even));
                if low == high { low } else { None }
            }
        }
    }

    /// The largest integers that do not exceed the lower and the upper bound.
    pub(super) fn floors(&self) -> Option<(i64, i64)> {
        let floor = |bound: Option<Rational>| bound.map(|x| Integer::from(x.floor_ref()).to_i64());
        match &self.kind {
            Kind::Exact(value) => {
                let k = floor(Some(value.clone()))??;
                Some((k, k))
            }
            Kind::Within(x) => Some((
                floor(x.lower().to_rational())??,
                floor(x.upper().to_rational())??,
            )),
        }
    }
}

/// The nearest integer, ties to even.
pub(super) fn nearest_even(value: &Rational) -> Integer {
    let below = Integer::from(value.floor_ref());
    let rest = Rational::from(value - &below);
    let up = match rest.cmp(&Rational::from((1, 2))) {
        Ordering::Less => false,
        Ordering::Equal => below.is_odd(),
        Ordering::Greater => true,
    };
    if up { below + 1 } else { below }
}

impl Neg for Number {
    type Output = Number;
    fn neg(self) -> Number {
        -&self
    }
}

impl Neg for &Number {
    type Output = Number;
    fn neg(self) -> Number {
        match &self.kind {
            Kind::Exact(value) => self.constants().exact(Rational::from(-value)),
            Kind::Within(interval) => self.constants().within(interval.neg()),
        }
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $compute:ident) => {
        impl $trait<&Number> for &Number {
            type Output = Number;
            fn $method(self, other: &Number) -> Number {
                self.$compute(other)
            }
        }
        impl $trait<Number> for &Number {
            type Output = Number;
            fn $method(self, other: Number) -> Number {
                self.$compute(&other)
            }
        }
        impl $trait<&Number> for Number {
            type Output = Number;
            fn $method(self, other: &Number) -> Number {
                self.$compute(other)
            }
        }
        impl $trait<Number> for Number {
            type Output = Number;
            fn $method(self, other: Number) -> Number {
                self.$compute(&other)
            }
        }
    };
}

operator!(Add, add, plus);
operator!(Sub, sub, minus);
operator!(Mul, mul, times);
operator!(Div, div, over);
