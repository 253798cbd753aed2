//! A rational number to the nearest double-double, in integer arithmetic.

use super::error_free::power_of_two;

/// `hi` is the f64 nearest to numerator/denominator, `lo` the f64 nearest to what is left.
/// Denominator 0 gives an infinity or NaN.
pub(super) const fn quotient(numerator: i128, denominator: i128) -> (f64, f64) {
    if numerator == 0 || denominator == 0 {
        return (numerator as f64 / denominator as f64, 0.0);
    }
    let (hi, rest) = nearest(numerator.unsigned_abs(), denominator.unsigned_abs(), 0);
    let lo = match rest {
        None => 0.0,
        Some(rest) => {
            let lo = nearest(rest.numerator, rest.denominator, rest.exponent).0;
            if rest.negative { -lo } else { lo }
        }
    };
    if (numerator < 0) == (denominator < 0) {
        (hi, lo)
    } else {
        (-hi, -lo)
    }
}

/// What rounding left over: +-numerator/denominator 2^exponent.
struct Rest {
    numerator: u128,
    denominator: u128,
    exponent: i32,
    negative: bool,
}

/// numerator/denominator 2^exponent to 53 bits, ties to even. Both parts lie in 1 ..= 2^127.
const fn nearest(numerator: u128, denominator: u128, exponent: i32) -> (f64, Option<Rest>) {
    let shift = floor_log2(numerator, denominator) - 52;
    let mut divisor = denominator;
    if shift > 0 {
        divisor <<= shift;
    }
    let mut digits = numerator / divisor;
    let mut left = numerator % divisor;
    let mut wanted = if shift < 0 { shift.unsigned_abs() } else { 0 };
    while wanted > 0 {
        let room = divisor.leading_zeros();
        let step = if room == 0 { 1 } else { room };
        let step = if step < wanted { step } else { wanted };
        left <<= step;
        digits = (digits << step) | (left / divisor);
        left %= divisor;
        wanted -= step;
    }
    let opposite = divisor - left;
    let up = left > opposite || (left == opposite && digits & 1 == 1);
    let value = (digits + up as u128) as f64 * power_of_two(shift + exponent);
    let rest = Rest {
        numerator: if up { opposite } else { left },
        denominator: divisor,
        exponent: shift + exponent,
        negative: up,
    };
    (value, if left == 0 { None } else { Some(rest) })
}

/// floor(log2(numerator/denominator)).
const fn floor_log2(numerator: u128, denominator: u128) -> i32 {
    let (n_zeros, d_zeros) = (numerator.leading_zeros(), denominator.leading_zeros());
    let smaller = (numerator << n_zeros) < (denominator << d_zeros);
    d_zeros as i32 - n_zeros as i32 - smaller as i32
}
