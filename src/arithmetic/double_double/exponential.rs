//! exp, exp_m1, phi_k, ln, ln_1p.

use super::DoubleDouble;
use super::error_free::{two_product, two_sum};
use super::series::{inverse_factorial, plus_product, series};

/// What `LN_2` leaves of ln 2.
const LN_2_THIRD_WORD: f64 = 5.707708438416212e-34;

/// e^x - 1 for |x| < 0.37: the series at x/8, then (1 + y)^2 - 1 = 2y + y^2 three times, which
/// loses no relative precision however small x is.
fn exp_m1_near_0(x: DoubleDouble) -> DoubleDouble {
    let eighth = x.times_power(0.125);
    let mut y = plus_product(eighth, eighth * eighth, series(eighth, 2, 1, 7, 14));
    for _ in 0..3 {
        y = plus_product(y.times_power(2.0), y, y);
    }
    DoubleDouble::renormalised(y.hi, y.lo)
}

/// x = n ln 2 + rest with |rest| < 0.36, for |x| < 1000.
fn reduced(x: DoubleDouble) -> (i32, DoubleDouble) {
    let n = (x.hi * std::f64::consts::LOG2_E).round_ties_even();
    if n == 0.0 {
        return (0, x);
    }
    let (product, error) = two_product(n, DoubleDouble::LN_2.hi);
    let (low, low_error) = two_product(n, DoubleDouble::LN_2.lo);
    // x.hi and product are so close that their difference is exact
    let (hi, lo) = two_sum(x.hi - product, x.lo);
    let high = DoubleDouble::renormalised(hi, lo) - DoubleDouble::exact(error);
    let low = DoubleDouble {
        hi: low,
        lo: low_error + n * LN_2_THIRD_WORD,
    };
    (n as i32, high - low)
}

pub(super) fn exp(x: DoubleDouble) -> DoubleDouble {
    // beyond, the result is infinity or 0 in any case (and NaN stays)
    if !(-800.0..800.0).contains(&x.hi) {
        return DoubleDouble::exact(x.hi.exp());
    }
    let (n, rest) = reduced(x);
    (DoubleDouble::ONE + exp_m1_near_0(rest)).scaled(n)
}

pub(super) fn exp_m1(x: DoubleDouble) -> DoubleDouble {
    if !(-1.0..1.0).contains(&x.hi) {
        return exp(x) - DoubleDouble::ONE;
    }
    if x.hi == 0.0 {
        return x;
    }
    let (n, rest) = reduced(x);
    let y = exp_m1_near_0(rest);
    if n == 0 {
        return y;
    }
    // n = -1 or 1
    let power = super::error_free::power_of_two(n);
    y.times_power(power) + DoubleDouble::exact(power - 1.0)
}

/// ln(1 + z) for -0.3 < z < 0.42. A Newton step from the f64 value y, written so that nothing
/// cancels near z = 0: (1 + z) e^-y - 1 = z + e + z e with e = e^-y - 1.
fn ln_1p_near_0(z: DoubleDouble) -> DoubleDouble {
    let y = z.hi.ln_1p();
    let e = exp_m1_near_0(DoubleDouble::exact(-y));
    let delta = z + e + z * e;
    let correction = delta - DoubleDouble::exact(0.5 * delta.hi * delta.hi);
    DoubleDouble::exact(y) + correction
}

pub(super) fn ln(x: DoubleDouble) -> DoubleDouble {
    if !(x.hi > 0.0 && x.hi.is_finite()) {
        return DoubleDouble::exact(x.hi.ln());
    }
    let (mut fraction, mut n) = x.fraction_and_exponent();
    if fraction.hi > std::f64::consts::SQRT_2 {
        fraction = fraction.times_power(0.5);
        n += 1;
    }
    let near = ln_1p_near_0(fraction - DoubleDouble::ONE);
    if n == 0 {
        return near;
    }
    DoubleDouble::LN_2 * DoubleDouble::exact(f64::from(n)) + near
}

pub(super) fn ln_1p(z: DoubleDouble) -> DoubleDouble {
    if z.hi == 0.0 {
        z
    } else if -0.29 < z.hi && z.hi < 0.41 {
        ln_1p_near_0(z)
    } else {
        ln(DoubleDouble::ONE + z)
    }
}

/// phi_k(z).
///
/// phi_1 from exp_m1. The recurrence phi_{j+1} = (phi_j - 1/j!)/z cancels where |z| is small
/// beside k; there the series at z/2^s and s doublings by
/// 2^k phi_k(2z) = e^z phi_k(z) + sum_{j=1}^k phi_j(z)/(k-j)!, all of whose terms are positive
/// (Skaflestad and Wright, The scaling and modified squaring method for matrix functions related
/// to the exponential, 2009).
pub(super) fn phi(k: u32, z: DoubleDouble) -> DoubleDouble {
    // phi_k falls with k, and from 512 on it is 0 wherever e^z is finite
    let k = k.min(512) as usize;
    if k == 0 || !z.hi.is_finite() {
        return exp(z);
    }
    if k == 1 {
        return if z.hi == 0.0 {
            DoubleDouble::ONE
        } else {
            exp_m1(z) / z
        };
    }
    let size = z.hi.abs();
    if size <= 1.0 {
        return phi_series(k, z);
    }
    if size > 2.0 * k as f64 {
        return (1..k).fold(phi(1, z), |value, j| (value - inverse_factorial(j)) / z);
    }
    let doublings = super::error_free::exponent(size) + 1;
    let mut start = z.scaled(-doublings);
    let mut values = vec![phi_series(k, start); k + 1];
    for j in (0..k).rev() {
        values[j] = values[j + 1] * start + inverse_factorial(j);
    }
    for _ in 0..doublings {
        for i in (1..=k).rev() {
            let sum = (1..=i).fold(values[0] * values[i], |sum, j| {
                sum + values[j] * inverse_factorial(i - j)
            });
            values[i] = sum.scaled(-(i as i32));
        }
        values[0] = values[0] * values[0];
        start = start.times_power(2.0);
    }
    values[k]
}

/// For |z| <= 1, with as many terms as |z| <= 1, 1/2, 1/4, 1/8 need: those after fall below 2^-107
/// of the first one, those in 53 bits below 2^-54, for every k >= 2.
fn phi_series(k: usize, z: DoubleDouble) -> DoubleDouble {
    const TERMS: [(usize, usize); 4] = [(18, 30), (14, 24), (12, 20), (10, 18)];
    let halvings = [0.5, 0.25, 0.125]
        .iter()
        .filter(|&&bound| z.hi.abs() <= bound)
        .count();
    let (long, terms) = TERMS[halvings];
    series(z, k, 1, long, terms)
}
