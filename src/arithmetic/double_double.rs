//! Double-double: the unevaluated sum of two f64, about 106 bits, in pure Rust.
//!
//! The field operations and sqrt keep 104 bits, the functions 102 (`tests/double_double.rs`,
//! against MPFR). It is written here because no crate is good enough. Right bits of the worst of
//! 100,000 random arguments each: twofloat 0.8.4 has 53 in division (1/3 has no low word), 36 in
//! exp, ln, exp_m1 and ln_1p, 67 in sin, 53 in atan2; qd 0.8.0 has 89 in sums that cancel (fewer
//! the more they do), 96 in exp, 98 in ln and 51 near 1, and no exp_m1, ln_1p, sine or arctangent.
//! Neither has sin_pi, phi, exact rational constants or rounding to narrow formats. This module:
//! 105 in sums, 107 in division and sqrt, 104 in exp and sin_pi, 103 in ln, exp_m1, ln_1p and phi.

mod circular;
mod erfc;
mod error_free;
mod exponential;
mod operators;
mod quotient;
mod series;

use super::{Field, Rational, Real, narrow};
use error_free::{exponent, scale, two_product};
use quotient::quotient;

/// hi + lo with `hi` the f64 nearest to the sum.
///
/// A result that is not finite has `lo` = 0. Under 2^-968 the low word falls among the subnormal
/// f64, and precision goes down with the magnitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DoubleDouble {
    hi: f64,
    lo: f64,
}

impl DoubleDouble {
    /// Zero.
    pub const ZERO: Self = Self::exact(0.0);
    /// One.
    pub const ONE: Self = Self::exact(1.0);
    /// pi.
    pub const PI: Self = Self {
        hi: std::f64::consts::PI,
        lo: 1.2246467991473532e-16,
    };
    /// 1/pi.
    pub const FRAC_1_PI: Self = Self {
        hi: std::f64::consts::FRAC_1_PI,
        lo: -1.9678676675182486e-17,
    };
    /// ln 2.
    pub const LN_2: Self = Self {
        hi: std::f64::consts::LN_2,
        lo: 2.3190468138462996e-17,
    };

    /// hi + lo, whatever their sizes.
    pub fn new(hi: f64, lo: f64) -> Self {
        let (sum, error) = error_free::two_sum(hi, lo);
        Self::finite_or_bare(sum, error)
    }

    /// The value itself.
    pub const fn exact(value: f64) -> Self {
        Self { hi: value, lo: 0.0 }
    }

    /// The f64 nearest to the value.
    pub const fn hi(self) -> f64 {
        self.hi
    }

    /// The f64 nearest to what `hi` leaves.
    pub const fn lo(self) -> f64 {
        self.lo
    }

    /// The f32 nearest to hi + lo, ties to even: rounded once.
    pub fn to_f32(self) -> f32 {
        narrow::to_f32(self.hi, self.lo)
    }

    /// The bits of the binary16 nearest to hi + lo, ties to even: rounded once.
    pub fn to_f16_bits(self) -> u16 {
        narrow::to_f16_bits(self.hi, self.lo)
    }

    /// The bits of the bfloat16 nearest to hi + lo, ties to even: rounded once.
    pub fn to_bf16_bits(self) -> u16 {
        narrow::to_bf16_bits(self.hi, self.lo)
    }

    /// numerator/denominator, both words correctly rounded.
    pub(crate) fn ratio(numerator: i128, denominator: i128) -> Self {
        const EXACT: u128 = 1 << 53;
        if numerator.unsigned_abs() <= EXACT && denominator.unsigned_abs() <= EXACT {
            let (numerator, denominator) = (numerator as f64, denominator as f64);
            if denominator == 1.0 {
                return Self::exact(numerator);
            }
            let hi = numerator / denominator;
            // the remainder of a division is an f64, so its quotient is rounded once
            let (product, error) = two_product(hi, denominator);
            let lo = ((numerator - product) - error) / denominator;
            return Self::finite_or_bare(hi, lo);
        }
        let (hi, lo) = quotient(numerator, denominator);
        Self { hi, lo }
    }

    #[inline]
    fn finite_or_bare(hi: f64, lo: f64) -> Self {
        let lo = if hi.is_finite() { lo } else { 0.0 };
        Self { hi, lo }
    }

    /// hi + lo for |hi| >= |lo|, both finite.
    #[inline]
    fn renormalised(hi: f64, lo: f64) -> Self {
        let (hi, lo) = error_free::quick_two_sum(hi, lo);
        Self::finite_or_bare(hi, lo)
    }

    /// self 2^exponent.
    fn scaled(self, exponent: i32) -> Self {
        let hi = scale(self.hi, exponent);
        if hi.is_infinite() {
            return Self::exact(hi);
        }
        Self::renormalised(hi, scale(self.lo, exponent))
    }

    /// self factor, for a power of two that leaves the words in range.
    #[inline]
    fn times_power(self, factor: f64) -> Self {
        Self {
            hi: self.hi * factor,
            lo: self.lo * factor,
        }
    }

    /// self = m 2^e with 1 <= |m| < 2; for a finite value other than 0.
    fn fraction_and_exponent(self) -> (Self, i32) {
        let exponent = exponent(self.hi);
        (self.scaled(-exponent), exponent)
    }
}

impl Field for DoubleDouble {
    fn constant(&self, value: Rational) -> Self {
        Self::ratio(*value.numer(), *value.denom())
    }
    fn like(&self, num: i128, den: i128) -> Self {
        Self::ratio(num, den)
    }
    fn exp(&self) -> Self {
        exponential::exp(*self)
    }
    fn exp_m1(&self) -> Self {
        exponential::exp_m1(*self)
    }
    fn phi(&self, k: u32) -> Self {
        exponential::phi(k, *self)
    }
}

impl Real for DoubleDouble {
    fn ln(&self) -> Self {
        exponential::ln(*self)
    }
    fn ln_1p(&self) -> Self {
        exponential::ln_1p(*self)
    }
    fn sqrt(&self) -> Self {
        operators::sqrt(*self)
    }
    fn sin_pi(&self) -> Self {
        circular::sin_pi(*self)
    }
    fn cos_pi(&self) -> Self {
        circular::cos_pi(*self)
    }
    fn atan2_pi(&self, x: &Self) -> Self {
        circular::atan2_pi(*self, *x)
    }
    fn to_f64(&self) -> f64 {
        self.hi
    }
    fn is_finite(&self) -> bool {
        self.hi.is_finite()
    }
    fn hull(&self, _other: &Self) -> Self {
        *self
    }
    fn nearest_integer(&self) -> Option<i64> {
        // from here on i64 may end
        if !(-9.0e18..9.0e18).contains(&self.hi) {
            return None;
        }
        let whole = self.hi.round_ties_even();
        let part = self.hi - whole;
        let step = if part == 0.0 {
            // an integral `hi` can be so large that `lo` reaches 1/2 and more
            let below = self.lo.floor();
            let rest = self.lo - below;
            let odd = (whole as i64).wrapping_add(below as i64) & 1 == 1;
            below as i64 + i64::from(rest > 0.5 || (rest == 0.5 && odd))
        } else if part.abs() == 0.5 && self.lo * part > 0.0 {
            part.signum() as i64
        } else {
            0
        };
        Some(whole as i64 + step)
    }
    fn from_f64(&self, value: f64) -> Self {
        Self::exact(value)
    }
}
