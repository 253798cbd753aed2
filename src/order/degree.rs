//! How large the degree in one ratio can be of what a scheme computes: running the scheme's own
//! code on these bounds tells how many points prove an identity.

use crate::arithmetic::{Field, Rational};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A power series in h whose coefficient of h^j is N_j(r)/D(r) with deg N_j <= `numerator` + j and
/// deg D <= `denominator`, one D for all j.
///
/// A factor r counts 1 and a factor h counts -1: phi_k(r c h) then has bound 0, as its coefficient
/// of h^j has degree j in r.
#[derive(Clone, Copy, Debug)]
pub(super) enum Degree {
    /// Identically zero.
    Zero,
    /// Not zero, as far as known.
    Bound(Bound),
    /// An operation left what can be bounded.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    numerator: i64,
    denominator: i64,
    /// True if no power of h but h^0 occurs: only then may one divide by it.
    free_of_h: bool,
}

impl Degree {
    /// The variable h.
    pub(super) fn step() -> Self {
        Self::polynomial(-1, false)
    }

    /// The ratio r.
    pub(super) fn ratio() -> Self {
        Self::polynomial(1, true)
    }

    fn polynomial(numerator: i64, free_of_h: bool) -> Self {
        Degree::Bound(Bound {
            numerator,
            denominator: 0,
            free_of_h,
        })
    }

    /// The numerator's degree in the coefficients up to h^`power`; `None` if it is not bounded.
    pub(super) fn at_power(self, power: u32) -> Option<i64> {
        match self {
            Degree::Zero => Some(0),
            Degree::Bound(bound) => Some((bound.numerator + i64::from(power)).max(0)),
            Degree::Unknown => None,
        }
    }

    /// e^x or phi_k(x) of an x = O(h) whose coefficients of h^j are polynomials of degree <= j in r.
    fn entire(self) -> Self {
        match self {
            Degree::Zero => self.like(1, 1),
            Degree::Bound(Bound {
                numerator: ..=0,
                denominator: 0,
                free_of_h: false,
            }) => Self::polynomial(0, false),
            _ => Degree::Unknown,
        }
    }

    fn sum(self, other: Self) -> Self {
        match (self, other) {
            (Degree::Unknown, _) | (_, Degree::Unknown) => Degree::Unknown,
            (Degree::Zero, x) | (x, Degree::Zero) => x,
            (Degree::Bound(x), Degree::Bound(y)) => Degree::Bound(Bound {
                numerator: (x.numerator + y.denominator).max(y.numerator + x.denominator),
                denominator: x.denominator + y.denominator,
                free_of_h: x.free_of_h && y.free_of_h,
            }),
        }
    }

    fn product(self, other: Self) -> Self {
        match (self, other) {
            (Degree::Unknown, _) | (_, Degree::Unknown) => Degree::Unknown,
            (Degree::Zero, _) | (_, Degree::Zero) => Degree::Zero,
            (Degree::Bound(x), Degree::Bound(y)) => Degree::Bound(Bound {
                numerator: x.numerator + y.numerator,
                denominator: x.denominator + y.denominator,
                free_of_h: x.free_of_h && y.free_of_h,
            }),
        }
    }

    fn reciprocal(self) -> Self {
        match self {
            Degree::Bound(bound) if bound.free_of_h => Degree::Bound(Bound {
                numerator: bound.denominator,
                denominator: bound.numerator,
                free_of_h: true,
            }),
            _ => Degree::Unknown,
        }
    }
}

impl Neg for Degree {
    type Output = Self;
    fn neg(self) -> Self {
        self
    }
}

impl Add<&Degree> for Degree {
    type Output = Self;
    fn add(self, other: &Self) -> Self {
        self.sum(*other)
    }
}

impl Sub<&Degree> for Degree {
    type Output = Self;
    fn sub(self, other: &Self) -> Self {
        self.sum(*other)
    }
}

impl Mul<&Degree> for Degree {
    type Output = Self;
    fn mul(self, other: &Self) -> Self {
        self.product(*other)
    }
}

impl Div<&Degree> for Degree {
    type Output = Self;
    fn div(self, other: &Self) -> Self {
        self.product(other.reciprocal())
    }
}

impl Field for Degree {
    fn constant(&self, value: Rational) -> Self {
        match *value.numer() {
            0 => Degree::Zero,
            _ => Self::polynomial(0, true),
        }
    }
    fn exp(&self) -> Self {
        self.entire()
    }
    fn exp_m1(&self) -> Self {
        self.entire()
    }
    fn phi(&self, _k: u32) -> Self {
        self.entire()
    }
}
