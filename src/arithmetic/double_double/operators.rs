//! + - * / and the square root, each within 2^-104 of the exact result.

use super::DoubleDouble;
use super::error_free::{ordinary, quick_two_sum, two_product, two_sum};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Joldes, Muller, Popescu: Tight and rigorous error bounds for basic building blocks of
/// double-word arithmetic (2017), algorithm 6 (AccurateDWPlusDW): error at most 3 2^-106.
#[inline]
fn add(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let (sum, error) = two_sum(a.hi, b.hi);
    if !sum.is_finite() {
        return DoubleDouble::exact(sum);
    }
    let (low_sum, low_error) = two_sum(a.lo, b.lo);
    let (sum, error) = quick_two_sum(sum, error + low_sum);
    DoubleDouble::renormalised(sum, low_error + error)
}

/// The cross products are added without error, which leaves their own two roundings and the last:
/// at most 3 2^-106 and terms of third order.
#[inline]
fn mul(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let (product, error) = two_product(a.hi, b.hi);
    if !ordinary(product) {
        return mul_far(a, b);
    }
    let (cross, cross_error) = two_sum(a.hi * b.lo, a.lo * b.hi);
    let (low, low_error) = two_sum(error, cross);
    let (product, low) = quick_two_sum(product, low);
    DoubleDouble::renormalised(product, low + (low_error + (cross_error + a.lo * b.lo)))
}

/// A product near the ends of the range: fractions and exponents apart.
#[cold]
fn mul_far(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let product = a.hi * b.hi;
    if a.hi == 0.0 || b.hi == 0.0 || !a.hi.is_finite() || !b.hi.is_finite() {
        return DoubleDouble::exact(product);
    }
    let ((a, a_exponent), (b, b_exponent)) = (a.fraction_and_exponent(), b.fraction_and_exponent());
    mul(a, b).scaled(a_exponent + b_exponent)
}

/// Long division with three quotient words. The remainder after the first is exact, so what is
/// left is the rounding of the result, 2^-106, and terms of third order.
#[inline]
fn div(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let first = a.hi / b.hi;
    if !(ordinary(first) && ordinary(a.hi) && ordinary(b.hi)) {
        return div_far(a, b);
    }
    let (product, error) = two_product(first, b.hi);
    let (low_product, low_error) = two_product(first, b.lo);
    // a.hi - product - error is the remainder of an f64 division, an f64
    let (rest, rest_error) = two_sum((a.hi - product) - error, a.lo);
    let (rest, more_error) = two_sum(rest, -low_product);
    let rest_low = rest_error + more_error - low_error;
    let second = rest / b.hi;
    let (product, error) = two_product(second, b.hi);
    let third = (((rest - product) - error) + (rest_low - second * b.lo)) / b.hi;
    let (hi, lo) = quick_two_sum(first, second);
    DoubleDouble::renormalised(hi, lo + third)
}

/// A quotient with a part near the ends of the range.
#[cold]
fn div_far(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let quotient = a.hi / b.hi;
    if a.hi == 0.0 || b.hi == 0.0 || !a.hi.is_finite() || !b.hi.is_finite() {
        return DoubleDouble::exact(quotient);
    }
    let ((a, a_exponent), (b, b_exponent)) = (a.fraction_and_exponent(), b.fraction_and_exponent());
    div(a, b).scaled(a_exponent - b_exponent)
}

/// Two Newton corrections of the f64 root; its remainder a - root^2 is exact.
pub(super) fn sqrt(a: DoubleDouble) -> DoubleDouble {
    if !ordinary(a.hi) {
        if a.hi == 0.0 || a.hi.is_sign_negative() || !a.hi.is_finite() {
            return DoubleDouble::exact(a.hi.sqrt());
        }
        let (fraction, exponent) = a.fraction_and_exponent();
        let half = exponent.div_euclid(2);
        return sqrt(fraction.times_power((1 + exponent - 2 * half) as f64)).scaled(half);
    }
    let root = a.hi.sqrt();
    let (square, error) = two_product(root, root);
    let (rest, rest_low) = two_sum((a.hi - square) - error, a.lo);
    let first = rest / (2.0 * root);
    // a = (root + first + second)^2
    let (product, error) = two_product(2.0 * root, first);
    let second = (((rest - product) - error) + (rest_low - first * first)) / (2.0 * root);
    let (hi, lo) = quick_two_sum(root, first);
    DoubleDouble::renormalised(hi, lo + second)
}

impl Neg for DoubleDouble {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
        }
    }
}

macro_rules! operator {
    ($Trait:ident, $method:ident, $a:ident, $b:ident, $result:expr) => {
        impl $Trait for DoubleDouble {
            type Output = Self;
            #[inline]
            fn $method(self, right: Self) -> Self {
                let ($a, $b) = (self, right);
                $result
            }
        }
        impl $Trait<&Self> for DoubleDouble {
            type Output = Self;
            #[inline]
            fn $method(self, right: &Self) -> Self {
                $Trait::$method(self, *right)
            }
        }
    };
}

operator!(Add, add, a, b, add(a, b));
operator!(Sub, sub, a, b, add(a, -b));
operator!(Mul, mul, a, b, mul(a, b));
operator!(Div, div, a, b, div(a, b));
