//! Sums and products of two f64 as an unevaluated pair: rounded result and exact error.

/// `a + b` and its rounding error (Knuth).
#[inline]
pub(super) const fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// The same for |a| >= |b| or a = 0 (Dekker).
#[inline]
pub(super) const fn quick_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// `a * b` and its rounding error, for a product of ordinary size (see [`ordinary`]).
///
/// Not with `f64::mul_add`: without the target feature that is a call into libm, in software on
/// some platforms.
#[inline]
pub(super) const fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let (a_high, a_low) = split(a);
    let (b_high, b_low) = split(b);
    let error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);
    (product, error)
}

/// The value rounded to 26 bits, and the rest in 26 bits: products of such halves are exact.
/// On the bit pattern, where Veltkamp's multiplication would overflow from 2^996 on.
#[inline]
const fn split(value: f64) -> (f64, f64) {
    let high = f64::from_bits(((value.to_bits()) + (1 << 26)) & !((1 << 27) - 1));
    (high, value - high)
}

/// True when neither an exact product of this size nor its error leaves the range of f64.
#[inline]
pub(super) const fn ordinary(value: f64) -> bool {
    let exponent = (value.to_bits() >> 52) & 0x7ff;
    exponent >= 1023 - 900 && exponent <= 1023 + 1000
}

/// 2^exponent for -1022 <= exponent <= 1023.
#[inline]
pub(super) const fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// value 2^exponent, rounded once.
#[inline]
pub(super) fn scale(value: f64, exponent: i32) -> f64 {
    if (-1022..=1023).contains(&exponent) {
        value * power_of_two(exponent)
    } else {
        // three steps reach every exponent that does not give 0 or infinity for every value
        let exponent = exponent.clamp(-2200, 2200);
        let third = exponent / 3;
        value * power_of_two(exponent - 2 * third) * power_of_two(third) * power_of_two(third)
    }
}

/// The exponent e with 2^e <= |value| < 2^(e+1), for a finite value other than 0.
#[inline]
pub(super) const fn exponent(value: f64) -> i32 {
    let biased = ((value.to_bits() >> 52) & 0x7ff) as i32;
    if biased == 0 {
        let fraction = value.to_bits() & ((1 << 52) - 1);
        -1011 - fraction.leading_zeros() as i32
    } else {
        biased - 1023
    }
}
