//! Decimal digits of a value, as many as asked for.

use crate::error::{Code, Error, Result};
use crate::plan::{DIGITS, Kind, PlanFile, Value};

/// How many significant digits an f64 can tell apart; more need an enclosure.
const DIGITS_OF_F64: usize = 17;

/// How many digits the numbers of a plan have at most.
pub fn most_digits(file: &PlanFile) -> usize {
    match file.certificate.kind {
        Kind::Ball { .. } => DIGITS,
        Kind::DoubleDouble => DIGITS_OF_F64,
    }
}

/// `value` to `digits` significant digits, to nearest, ties to even, from its 40 digits or its f64.
///
/// # Errors
/// `E-PARAMETER` for a number of digits outside 1..=40; `E-FEATURE` for more than 17 digits of a plan
/// that is not certified.
pub(super) fn decimal(value: &Value, digits: usize) -> Result<String> {
    let place = "digits";
    if digits == 0 || digits > DIGITS {
        let remedy = format!("choose 1 to {DIGITS}");
        return Err(Error::new(
            Code::Parameter,
            format!("{digits} digits"),
            place,
            remedy,
        ));
    }
    match &value.dec {
        Some(dec) => Ok(rounded(dec, digits)),
        None if digits <= DIGITS_OF_F64 => {
            Ok(rounded(&format!("{:.*e}", digits - 1, value.f64), digits))
        }
        None => Err(Error::new(
            Code::Feature,
            format!("{digits} digits of a plan that is not certified"),
            place,
            "choose at most 17, or `cargo install dpm-spec --features cli,oracle`",
        )),
    }
}

/// Rounds `-1.25e-3` or `0.5` to `digits` significant digits.
fn rounded(text: &str, digits: usize) -> String {
    let (sign, magnitude) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = magnitude.split_once('e').unwrap_or((magnitude, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: Vec<u8> = whole
        .bytes()
        .chain(fraction.bytes())
        .map(|byte| byte - b'0')
        .collect();
    let Some(first) = all.iter().position(|digit| *digit != 0) else {
        return "0".to_owned();
    };
    let mut exponent = exponent.parse::<i64>().unwrap_or(0) + whole.len() as i64 - 1 - first as i64;
    let mut kept = all[first..].to_vec();
    if kept.len() > digits {
        let rest = kept.split_off(digits);
        let tie = rest[0] == 5 && rest[1..].iter().all(|digit| *digit == 0);
        let odd = kept[digits - 1] % 2 == 1;
        if rest[0] > 5 || (rest[0] == 5 && (!tie || odd)) {
            exponent += i64::from(carry(&mut kept));
        }
    }
    written(sign, &kept, exponent)
}

/// Adds one unit in the last place; true if all digits were nines and the exponent grows.
fn carry(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return false;
        }
        *digit = 0;
    }
    digits[0] = 1;
    true
}

/// Positional from 1e-4 to 1e6, else with an exponent; no trailing zeros.
fn written(sign: &str, digits: &[u8], exponent: i64) -> String {
    let mut digits: String = digits
        .iter()
        .map(|digit| char::from(b'0' + digit))
        .collect();
    digits.truncate(digits.trim_end_matches('0').len());
    let count = digits.len() as i64;
    match exponent {
        -4..=-1 => format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize)),
        0..=6 if count <= exponent + 1 => {
            format!(
                "{sign}{digits}{}",
                "0".repeat((exponent + 1 - count) as usize)
            )
        }
        0..=6 => {
            let (whole, fraction) = digits.split_at(exponent as usize + 1);
            format!("{sign}{whole}.{fraction}")
        }
        _ => {
            let (whole, fraction) = digits.split_at(1);
            let point = if fraction.is_empty() { "" } else { "." };
            format!("{sign}{whole}{point}{fraction}e{exponent}")
        }
    }
}
