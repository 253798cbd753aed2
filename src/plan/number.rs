//! Numbers as text: hexadecimal floats, bit patterns, decimals. Clause: `spec/plan.md`.
//!
//! The hexadecimal form is that of C's `%a`, always normalised: `0x1.8p-3` is 1.5 times 2^-3. The digit
//! before the point is 1 (also for subnormal numbers), trailing zeros are dropped, the exponent has a
//! sign. Zero is `0x0p+0` or `-0x0p+0`, what overflowed the format is `inf` or `-inf`. One number has
//! one text. C's `strtod`, Python's `float.fromhex` and Java's `Double.parseDouble` read it exactly.

use crate::arithmetic::narrow;
use crate::error::{Code, Error, Result};

/// One number of a plan in every format, each rounded once, to nearest, ties to even.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// 40 significant decimal digits without trailing zeros, as in `-1.25e-3`; absent where no
    /// enclosure was computed.
    pub dec: Option<String>,
    /// binary64; finite.
    pub f64: f64,
    /// binary32; infinite if the number overflows it.
    pub f32: f32,
    /// The bits of the binary16; `0x7c00` if the number overflows it.
    pub f16: u16,
    /// The bits of the bfloat16.
    pub bf16: u16,
}

/// Significant digits of `dec`.
pub const DIGITS: usize = 40;

impl Value {
    /// Checks that the formats hold roundings of one and the same number, to one unit in the last place.
    ///
    /// # Errors
    /// `E-NUMBER` naming the format that disagrees.
    pub fn check(&self) -> Result<()> {
        if !self.f64.is_finite() {
            return Err(number("f64", "is not finite", "give a finite number"));
        }
        let near = |a: u64, b: u64| a.abs_diff(b) <= 1;
        let (f16_infinity, bf16_infinity) = (0x7c00, 0x7f80);
        let decimal = match &self.dec {
            Some(dec) => parse_decimal(dec)?,
            None => self.f64,
        };
        let disagrees = |format: &str| {
            let what = "is not a rounding of the same number as f64";
            Err(number(format, what, "derive the plan anew"))
        };
        if !near(decimal.to_bits(), self.f64.to_bits()) {
            return disagrees("dec");
        }
        if !near(
            (self.f64 as f32).to_bits().into(),
            self.f32.to_bits().into(),
        ) {
            return disagrees("f32");
        }
        if self.f16 & 0x7fff > f16_infinity
            || !near(narrow::to_f16_bits(self.f64, 0.0).into(), self.f16.into())
        {
            return disagrees("f16");
        }
        if self.bf16 & 0x7fff > bf16_infinity
            || !near(narrow::to_bf16_bits(self.f64, 0.0).into(), self.bf16.into())
        {
            return disagrees("bf16");
        }
        Ok(())
    }
}

/// The canonical hexadecimal text of a number that is not NaN.
pub fn hexadecimal(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}inf");
    }
    if value == 0.0 {
        return format!("{sign}0x0p+0");
    }
    let bits = value.abs().to_bits();
    let (fraction, biased) = (bits & FRACTION, (bits >> 52) as i32);
    let (fraction, exponent) = if biased == 0 {
        let shift = fraction.leading_zeros() as i32 - 11;
        (fraction << shift & FRACTION, -1022 - shift)
    } else {
        (fraction, biased - 1023)
    };
    let digits = format!("{fraction:013x}");
    let digits = digits.trim_end_matches('0');
    let point = if digits.is_empty() { "" } else { "." };
    format!("{sign}0x1{point}{digits}p{exponent:+}")
}

const FRACTION: u64 = (1 << 52) - 1;

/// Reads the canonical hexadecimal text of an f64.
///
/// # Errors
/// `E-NUMBER` for anything but the text that [`hexadecimal`] writes for some f64.
pub fn parse_f64(text: &str) -> Result<f64> {
    decoded(text)
        .filter(|value| hexadecimal(*value) == text)
        .ok_or_else(|| malformed(text, "a normalised hexadecimal f64 such as 0x1.8p-3"))
}

/// Reads the canonical hexadecimal text of an f32.
///
/// # Errors
/// `E-NUMBER` for anything but the text of some f32.
pub fn parse_f32(text: &str) -> Result<f32> {
    decoded(text)
        .filter(|value| hexadecimal(f64::from(*value as f32)) == text)
        .map(|value| value as f32)
        .ok_or_else(|| malformed(text, "a normalised hexadecimal f32 such as 0x1.8p-3"))
}

/// The value of well-formed text; of other text nothing or a value with another text.
fn decoded(text: &str) -> Option<f64> {
    let (sign, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let magnitude = match magnitude {
        "inf" => f64::INFINITY,
        "0x0p+0" => 0.0,
        _ => {
            let (mantissa, exponent) = magnitude.strip_prefix("0x1")?.split_once('p')?;
            let digits = mantissa.strip_prefix('.').unwrap_or(mantissa);
            let fraction = u64::from_str_radix(&format!("{digits:0<13}"), 16).ok()?;
            let exponent: i32 = exponent.parse().ok()?;
            f64::from_bits(match exponent {
                -1022..=1023 => fraction | ((exponent + 1023) as u64) << 52,
                -1074..-1022 => (fraction | 1 << 52) >> (-1022 - exponent),
                _ => return None,
            })
        }
    };
    Some(sign * magnitude)
}

/// A 16-bit pattern as `0x3c00`.
pub fn pattern(bits: u16) -> String {
    format!("0x{bits:04x}")
}

/// Reads `0x` and four lower-case hexadecimal digits.
///
/// # Errors
/// `E-NUMBER` for other text.
pub fn parse_pattern(text: &str) -> Result<u16> {
    text.strip_prefix("0x")
        .filter(|digits| digits.len() == 4)
        .and_then(|digits| u16::from_str_radix(digits, 16).ok())
        .filter(|bits| pattern(*bits) == text)
        .ok_or_else(|| {
            malformed(
                text,
                "a bit pattern of four hexadecimal digits such as 0x3c00",
            )
        })
}

/// The f64 nearest to canonical decimal text: `-d.ddde-x`, at most 40 digits, no trailing zeros.
///
/// # Errors
/// `E-NUMBER` for other text.
pub fn parse_decimal(text: &str) -> Result<f64> {
    let malformed = || malformed(text, "at most 40 decimal digits such as -1.25e-3");
    if text == "0" {
        return Ok(0.0);
    }
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match magnitude.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()),
        None => (magnitude, Some(0)),
    };
    let exponent = exponent.ok_or_else(malformed)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let canonical = exponent_text(exponent) == magnitude[mantissa.len()..]
        && !mantissa.ends_with('.')
        && whole.len() == 1
        && whole != "0"
        && !fraction.ends_with('0')
        && fraction.len() < DIGITS
        && [whole, fraction]
            .concat()
            .bytes()
            .all(|b| b.is_ascii_digit());
    if !canonical {
        return Err(malformed());
    }
    text.parse().map_err(|_| malformed())
}

/// The canonical text of the decimal 0.`digits` times 10^`exponent`; the first digit is not 0, unless all
/// are.
pub fn decimal(negative: bool, digits: &str, exponent: i32) -> String {
    let digits = digits.trim_end_matches('0');
    let Some(whole) = digits.get(..1) else {
        return "0".to_owned();
    };
    let sign = if negative { "-" } else { "" };
    let point = if digits.len() > 1 { "." } else { "" };
    let exponent = exponent_text(exponent - 1);
    format!("{sign}{whole}{point}{}{exponent}", &digits[1..])
}

/// `e-3`, or nothing for 0.
fn exponent_text(exponent: i32) -> String {
    if exponent == 0 {
        String::new()
    } else {
        format!("e{exponent}")
    }
}

fn malformed(text: &str, right: &str) -> Error {
    let shown: String = text.chars().take(60).collect();
    number(
        "number",
        &format!("`{shown}` is malformed"),
        &format!("write {right}"),
    )
}

fn number(place: &str, what: &str, remedy: &str) -> Error {
    Error::new(Code::Number, format!("{place} {what}"), place, remedy)
}
