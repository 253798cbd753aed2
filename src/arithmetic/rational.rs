//! Exact rational parameters: what users type (`0.008`, `1/3`, `1e-3`) is what is computed with.

use crate::error::{Code, Error, Result};
use num_traits::CheckedMul;

/// An exact rational number.
pub type Rational = num_rational::Ratio<i128>;

/// `num/den`; `den` must not be zero (a zero gives 0/1).
pub fn rational(num: i128, den: i128) -> Rational {
    if den == 0 {
        Rational::new_raw(0, 1)
    } else {
        Rational::new(num, den)
    }
}

/// The exact value of a finite f64, if it fits (magnitudes from about 2^-120 to 2^120).
pub fn rational_from_f64(value: f64) -> Option<Rational> {
    if value == 0.0 {
        return Some(rational(0, 1));
    }
    let bits = value.to_bits();
    let biased = ((bits >> 52) & 0x7ff) as i32;
    if biased == 0 || biased == 0x7ff {
        return None;
    }
    let mantissa = ((bits & ((1 << 52) - 1)) | (1 << 52)) as i128;
    let zeros = mantissa.trailing_zeros() as i32;
    let (mantissa, exponent) = (mantissa >> zeros, biased - 1075 + zeros);
    let signed = if value < 0.0 { -mantissa } else { mantissa };
    match exponent {
        0..=70 => Some(rational(signed << exponent, 1)),
        -120..=-1 => Some(rational(signed, 1 << -exponent)),
        _ => None,
    }
}

/// Reads `3`, `-0.25`, `1e-3` or `1/3` exactly.
///
/// # Errors
/// `E-NUMBER` if the text is not such a number or needs more than 36 digits.
pub fn parse_rational(text: &str) -> Result<Rational> {
    let malformed = || {
        Error::new(
            Code::Number,
            format!("`{text}` is not an exact number of at most 36 digits"),
            "number",
            "write an integer, a decimal such as 0.008 or 1e-3, or a fraction such as 1/3",
        )
    };
    if let Some((num, den)) = text.split_once('/') {
        let (num, den) = (
            decimal(num).ok_or_else(malformed)?,
            decimal(den).ok_or_else(malformed)?,
        );
        if *den.numer() == 0 {
            return Err(malformed());
        }
        return num.checked_mul(&den.recip()).ok_or_else(malformed);
    }
    decimal(text).ok_or_else(malformed)
}

fn decimal(text: &str) -> Option<Rational> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let all: String = [whole, fraction].concat();
    if (whole.is_empty() && fraction.is_empty()) || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let all = all.trim_start_matches('0');
    if all.len() > 36 {
        return None;
    }
    let value: i128 = if all.is_empty() { 0 } else { all.parse().ok()? };
    let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let scale = 10_i128.checked_pow(exponent.unsigned_abs())?;
    let value = if negative { -value } else { value };
    if exponent >= 0 {
        Some(rational(value.checked_mul(scale)?, 1))
    } else {
        Some(rational(value, scale))
    }
}
