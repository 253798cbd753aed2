//! 2F1(-w/2, 1; 3/2; y) for w >= 0 and y < 1, in every arithmetic; enclosures are proven.
//!
//! With e = 1 - y > 0 Euler's integral is an average of positive numbers,
//!
//! P_w = int_0^1 (e + y s^2)^(w/2) ds,
//!
//! and integration by parts gives (1 + w) P_w = 1 + w e P_(w-2), P_0 = 1: for even w a polynomial
//! in e with positive terms, otherwise a reduction to 0 < w < 2 that loses no digits. There one of
//! three series is taken, whatever the parity of w. The connection formula in 1 - y is avoided:
//! its two parts have poles at odd w, exactly where guidance scales usually lie.
//!
//! | e | series | ratio of terms |
//! |---|---|---|
//! | [1/4, 7/4] | the power series in y | below abs(y) <= 3/4 |
//! | above | in 1 - s sqrt x, where e + y s^2 = e (1 - x s^2), x = -y/e | below 1/2 |
//! | below | cut at S with y S^2 = 2 e: the first series at y = 2/3 on [0, S]; on [S, 1] in e/(y s^2) | below 2/3, 1/2 |
//!
//! Each series says what bounds its tail; an enclosure on which the bound does not hold comes out
//! unbounded, by a root or quotient that is undefined there. The choice follows an approximate e,
//! for speed; its neighbours hold as well.

use crate::arithmetic::{Rational, Special, rational};

/// 2F1(-w/2, 1; 3/2; y) for w >= 0, y < 1, where `complement` = 1 - y > 0 to full accuracy.
pub(super) fn hypergeometric<T: Special>(w: Rational, y: &T, complement: &T) -> T {
    let two = rational(2, 1);
    let reductions = (w / two).to_integer();
    let least = w % two;
    let one = y.like(1, 1);
    let mut value = if *least.numer() == 0 {
        one.clone()
    } else {
        below_two(least, y, complement)
    };
    for i in 1..=reductions {
        let w = y.constant(least) + &y.like(2 * i, 1);
        let weighted = w.clone() * complement * &value + &one;
        value = weighted / &(w + &one);
    }
    value
}

/// The same for 0 < w < 2.
fn below_two<T: Special>(w: Rational, y: &T, complement: &T) -> T {
    let rough = complement.to_f64();
    if rough < 0.25 {
        near_one(w, y, complement)
    } else if rough > 1.75 {
        far_below_zero(w, y, complement)
    } else {
        near_zero(w, y)
    }
}

/// sum_k t_k, t_(k+1) = t_k y (2k - w)/(2k + 3), t_0 = 1.
///
/// From k = 1 on the ratio is at most abs(y), so the tail from t_n on is at most
/// abs(t_n)/(1 - abs(y)) <= 2 abs(t_n)/(1 - y^2); the root below is undefined where abs(y) > 1.
fn near_zero<T: Special>(w: Rational, y: &T) -> T {
    let w = y.constant(w);
    let mut sum = y.like(0, 1);
    let mut term = y.like(1, 1);
    for k in 0..terms(y.bits(), y.to_f64().abs()) {
        sum = sum + &term;
        let step = y.like(2 * k, 1) - &w;
        term = term * y * &step / &y.like(2 * k + 3, 1);
    }
    let root = (y.like(1, 1) - &(y.clone() * y)).sqrt();
    let bound = term * &y.like(2, 1) / &(root.clone() * &root);
    sum.widened(&bound)
}

/// With r = sqrt x and p = 1 - r s, so 1 - x s^2 = p (2 - p), p from 1 - r = 1/(e (1 + r)) to 1:
///
/// (2e)^(w/2)/r int p^(w/2) (1 - p/2)^(w/2) dp = (2e)^(w/2)/r sum_k c_k (1 - (1 - r)^q)/q,
///
/// q = w/2 + k + 1, c_(k+1) = c_k (2k - w)/(4k + 4), c_0 = 1. From k = 1 on c_(k+1)/c_k is at most
/// 1/2 and the other factor at most 1, so the tail from c_n on is at most 2 abs(c_n).
fn far_below_zero<T: Special>(w: Rational, y: &T, complement: &T) -> T {
    let one = y.like(1, 1);
    let half = y.constant(w / rational(2, 1));
    let w = y.constant(w);
    let r = (-(y.clone()) / complement).sqrt();
    let least = one.clone() / &(complement.clone() * &(r.clone() + &one));
    let mut power = least.pow(&(half.clone() + &one));
    let mut sum = y.like(0, 1);
    let mut coefficient = one.clone();
    for k in 0..terms(y.bits(), 0.5) {
        let exponent = half.clone() + &y.like(k + 1, 1);
        let integral = (one.clone() - &power) / &exponent;
        sum = sum + &(coefficient.clone() * &integral);
        power = power * &least;
        let step = y.like(2 * k, 1) - &w;
        coefficient = coefficient * &step / &y.like(4 * k + 4, 1);
    }
    let bound = coefficient * &y.like(2, 1);
    let scale = (complement.clone() * &y.like(2, 1)).pow(&half) / &r;
    sum.widened(&bound) * &scale
}

/// int_0^S (e + y s^2)^(w/2) ds = S (3e)^(w/2) P_w(2/3), for e + y S^2 = 3e, and
///
/// int_S^1 = y^(w/2) sum_k b_k (S^(2k) - S^(w+1))/(w + 1 - 2k),
///
/// b_k = binom(w/2, k)/2^k: b_(k+1) = b_k (w - 2k)/(4k + 4), b_0 = 1. At k = 1 the divisor may be
/// zero (w = 1) or near it; there the quotient is S^2 L phi_1((1 - w) L) with L = -ln S.
/// For S <= s <= 1 the k-th term of the expanded integrand is at most b_k, and from k = 1 on
/// b_(k+1)/b_k at most 1/2: the tail from b_n on is at most 2 abs(b_n); the root below, at most 1,
/// is undefined where S > 1.
fn near_one<T: Special>(w: Rational, y: &T, complement: &T) -> T {
    let one = y.like(1, 1);
    let half = y.constant(w / rational(2, 1));
    let start = near_zero(w, &y.like(2, 3));
    let w = y.constant(w);
    let square = complement.clone() * &y.like(2, 1) / y;
    let cut = square.sqrt();
    let length = -cut.ln();
    let last = cut.pow(&(w.clone() + &one));
    let mut sum = y.like(0, 1);
    let mut coefficient = one.clone();
    let mut power = one.clone();
    for k in 0..terms(y.bits(), 0.5) {
        let integral = if k == 1 {
            let angle = (one.clone() - &w) * &length;
            square.clone() * &length * &angle.phi(1)
        } else {
            let divisor = w.clone() + &y.like(1 - 2 * k, 1);
            (power.clone() - &last) / &divisor
        };
        sum = sum + &(coefficient.clone() * &integral);
        power = power * &square;
        let step = w.clone() - &y.like(2 * k, 1);
        coefficient = coefficient * &step / &y.like(4 * k + 4, 1);
    }
    let root = (one - &square).sqrt();
    let bound = coefficient * &y.like(2, 1) / &root;
    let triple = complement.clone() * &y.like(3, 1);
    let first = cut * &triple.pow(&half) * &start;
    sum.widened(&bound) * &y.pow(&half) + &first
}

/// So many that `ratio`, if not above 3/4, is below 2^-bits to that power, and at least 2.
fn terms(bits: u32, ratio: f64) -> i128 {
    // the least of NaN and a number is the number
    let bits_a_term = -ratio.min(0.75).log2();
    (f64::from(bits) / bits_a_term).ceil() as i128 + 2
}
