//! What a double-double is compared with: MPFR at 600 bits.

#![allow(dead_code, reason = "each test file uses its own part")]

use dpm_spec::arithmetic::DoubleDouble;
use rug::Float;

pub(crate) const PRECISION: u32 = 600;

/// Every result keeps `FIELD_BITS` (operations) or `FUNCTION_BITS` (functions) relative to the exact
/// one; `QUANTUM` is what the low word can't hold when it falls among the subnormal f64.
pub(crate) const FIELD_BITS: f64 = 104.0;
pub(crate) const FUNCTION_BITS: f64 = 102.0;
const QUANTUM: i32 = -1073;

pub(crate) fn exact(x: DoubleDouble) -> Float {
    Float::with_val(PRECISION, x.hi()) + x.lo()
}

/// Right bits of `computed`, infinite if it is exact.
pub(crate) fn bits(computed: DoubleDouble, expected: &Float) -> f64 {
    let error = (exact(computed) - expected).abs();
    let allowance = Float::with_val(PRECISION, Float::i_exp(1, QUANTUM));
    if error <= allowance {
        return f64::INFINITY;
    }
    let relative = error / expected.clone().abs();
    -relative.log2().to_f64()
}

#[track_caller]
pub(crate) fn check(
    name: &str,
    arguments: &[DoubleDouble],
    computed: DoubleDouble,
    expected: &Float,
    floor: f64,
) {
    let right = bits(computed, expected);
    assert!(
        right >= floor && (computed.hi() + computed.lo()) == computed.hi(),
        "{name}{arguments:?} = {computed:?}: {right:.1} bits of {floor} are right, exact {expected:.40}"
    );
}

/// phi_k by its recurrence, with enough digits for what cancels.
pub(crate) fn phi(k: u32, z: &Float) -> Float {
    let lost = -z.get_exp().unwrap_or(0).min(0) as u32;
    let precision = PRECISION + 64 + (lost + 16) * k;
    let z = Float::with_val(precision, z);
    let mut value = z.clone().exp();
    let mut inverse_factorial = Float::with_val(precision, 1);
    for j in 0..k {
        value = (value - &inverse_factorial) / &z;
        inverse_factorial /= j + 1;
    }
    Float::with_val(PRECISION, value)
}

pub(crate) fn nearest(value: &Float) -> (f64, f64) {
    let hi = value.to_f64();
    (hi, Float::with_val(PRECISION, value - hi).to_f64())
}
