//! Power series with inverse factorials as coefficients.

use super::DoubleDouble;
use super::error_free::{quick_two_sum, two_product};
use super::quotient::quotient;

/// 1/n! for n <= 33, the last factorial that an i128 holds.
const INVERSE_FACTORIALS: [DoubleDouble; 34] = {
    let mut table = [DoubleDouble::ONE; 34];
    let mut factorial = 1_i128;
    let mut n = 1;
    while n < table.len() {
        factorial *= n as i128;
        let (hi, lo) = quotient(1, factorial);
        table[n] = DoubleDouble { hi, lo };
        n += 1;
    }
    table
};

/// 1/n!; 0 from where it is under the range of f64.
pub(super) fn inverse_factorial(n: usize) -> DoubleDouble {
    if let Some(value) = INVERSE_FACTORIALS.get(n) {
        return *value;
    }
    if n > 180 {
        return DoubleDouble::ZERO;
    }
    let last = INVERSE_FACTORIALS.len() - 1;
    (last + 1..=n).fold(INVERSE_FACTORIALS[last], |value, factor| {
        value / DoubleDouble::exact(factor as f64)
    })
}

/// sum of x^j / (first + stride j)! for j < terms and |x| <= 1 (first >= 2 if stride is 1); the
/// terms from `long` on need 53 bits only.
#[inline]
pub(super) fn series(
    x: DoubleDouble,
    first: usize,
    stride: usize,
    long: usize,
    terms: usize,
) -> DoubleDouble {
    let coefficient = |j: usize| inverse_factorial(first + stride * j);
    let tail = (long..terms)
        .rev()
        .fold(0.0, |sum, j| sum * x.hi + coefficient(j).hi);
    let sum = (0..long).rev().fold(DoubleDouble::exact(tail), |sum, j| {
        plus_product(coefficient(j), sum, x)
    });
    DoubleDouble::renormalised(sum.hi, sum.lo)
}

/// a + b c for |b c| <= |a|/2, twice as fast as the two operators: its errors are a few 2^-106 b c,
/// which the next step of a Horner scheme makes smaller. The low word of the result may reach two
/// units in the last place of the high one.
#[inline]
pub(super) fn plus_product(a: DoubleDouble, b: DoubleDouble, c: DoubleDouble) -> DoubleDouble {
    let (product, error) = two_product(b.hi, c.hi);
    let (hi, rest) = quick_two_sum(a.hi, product);
    let lo = rest + (a.lo + (error + (b.hi * c.lo + b.lo * c.hi)));
    DoubleDouble { hi, lo }
}
