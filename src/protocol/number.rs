//! Floats as text: C99 hexadecimal or decimal, `inf`, `-inf`, `nan`. Clauses: `spec/protocol.md`.

use crate::conformance::Precision;

/// Reads a number of a format.
///
/// A hexadecimal text must be exact in the format; a decimal one is rounded to the nearest number.
///
/// # Errors
/// What is wrong with the text, and what would be right.
pub fn read_number(text: &str, precision: Precision) -> Result<f64, String> {
    let (sign, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let value = match magnitude {
        "inf" => f64::INFINITY,
        "nan" if sign > 0.0 => f64::NAN,
        _ => match magnitude.strip_prefix("0x") {
            Some(digits) => hexadecimal(digits, precision)?,
            None => decimal(magnitude, precision)?,
        },
    };
    Ok(sign * value)
}

/// Writes a number in the one text that it has.
pub fn write_number(value: f64) -> String {
    match value.is_nan() {
        true => "nan".to_owned(),
        false => crate::plan::hexadecimal(value),
    }
}

fn hexadecimal(text: &str, precision: Precision) -> Result<f64, String> {
    let malformed = || "is malformed; write a hexadecimal float such as 0x1.8p-3".to_owned();
    let (mantissa, exponent) = text.split_once('p').ok_or_else(malformed)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(malformed());
    }
    let bare = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed());
    }
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Ok(0.0);
    }
    let inexact = || {
        let name = precision.name();
        format!("is no {name}: it has more digits than the format holds, or lies beyond it")
    };
    let exponent: i64 = exponent.parse().map_err(|_| inexact())?;
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let last = exponent
        .checked_sub(4 * (fraction.len() as i64 - trailing as i64))
        .ok_or_else(inexact)?;
    let integer = u64::from_str_radix(significant, 16).map_err(|_| inexact())?;
    let value = scaled(integer, last).ok_or_else(inexact)?;
    match precision.rounded(value) == value {
        true => Ok(value),
        false => Err(inexact()),
    }
}

/// `integer` 2^`exponent`, if it is an f64; `integer` > 0.
fn scaled(integer: u64, exponent: i64) -> Option<f64> {
    let zeros = integer.trailing_zeros();
    let (odd, exponent) = (integer >> zeros, exponent.checked_add(i64::from(zeros))?);
    let length = i64::from(u64::BITS - odd.leading_zeros());
    let top = exponent.checked_add(length)?;
    if length > 53 || exponent < -1074 || top > 1024 {
        return None;
    }
    // Both factors are powers of two in range, and every product is exact.
    let half = exponent / 2;
    Some(odd as f64 * power(half) * power(exponent - half))
}

/// 2^`exponent` for exponents of normal numbers.
fn power(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

fn decimal(text: &str, precision: Precision) -> Result<f64, String> {
    if !is_decimal(text) {
        let comma = if text.contains(',') {
            " with a point"
        } else {
            ""
        };
        return Err(format!(
            "is malformed; write a hexadecimal or decimal float{comma} such as 0x1.8p-3 or 0.1875, or inf, -inf, nan"
        ));
    }
    let overflow = || {
        let name = precision.name();
        format!("overflows {name}; write inf if that is what was computed")
    };
    let value = match precision {
        Precision::F32 => text.parse().map(|single: f32| f64::from(single)),
        // Where the format is narrower the text is read as f64 first: no number of few digits lies
        // so near to the middle between two of the format's that it matters.
        _ => text.parse().map(|wide: f64| precision.rounded(wide)),
    };
    let value = value.map_err(|_| overflow())?;
    match value.is_finite() {
        true => Ok(value),
        false => Err(overflow()),
    }
}

/// Digits with at most one point among them and perhaps an exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.is_none_or(|text| {
        let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
        !bare.is_empty() && digits(bare)
    });
    let some = whole.len() + fraction.len() > 0;
    some && digits(whole) && digits(fraction) && exponent
}
