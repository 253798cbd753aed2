//! Rounding an enclosure to the published formats, once and to nearest, ties to even.
//!
//! A digit is decided when both ends of the enclosure round to it.

use super::number::{Number, nearest_even};
use crate::plan::Value;
use rug::ops::Pow;
use rug::{Integer, Rational};

/// A binary format: significant bits, exponent range, width.
#[derive(Clone, Copy)]
struct Format {
    name: &'static str,
    precision: i32,
    smallest: i32,
    largest: i32,
    width: u32,
}

const fn format(
    name: &'static str,
    precision: i32,
    (smallest, largest): (i32, i32),
    width: u32,
) -> Format {
    Format {
        name,
        precision,
        smallest,
        largest,
        width,
    }
}

const FORMATS: [Format; 4] = [
    format("f64", 53, (-1022, 1023), 64),
    format("f32", 24, (-126, 127), 32),
    format("f16", 11, (-14, 15), 16),
    format("bf16", 8, (-126, 127), 16),
];

/// Significant decimal digits published.
const DIGITS: u32 = 40;

/// What a comparison found.
pub(super) enum Outcome {
    /// Every format holds the correct rounding, or one within its tolerance: how many are correct.
    Right {
        /// True if every format holds the correct rounding.
        correct: bool,
    },
    /// A format holds another number.
    Wrong {
        /// The format.
        format: &'static str,
        /// The correct rounding.
        expected: String,
        /// What is published.
        found: String,
    },
    /// The enclosure is too wide to tell.
    Undecided,
}

/// How far a published number may be from the correct rounding.
#[derive(Clone, Copy)]
pub(super) enum Tolerance<'a> {
    /// Not at all; decimals are published.
    None,
    /// One unit in the last place of this number, which is the row's largest; no decimals.
    Unit(&'a Number),
}

/// Compares a published value with the enclosure of what it should be.
pub(super) fn compare(value: &Value, number: &Number, tolerance: Tolerance<'_>) -> Outcome {
    let Some((lower, upper)) = number.bounds() else {
        return Outcome::Undecided;
    };
    let published = [
        value.f64.to_bits(),
        value.f32.to_bits().into(),
        value.f16.into(),
        value.bf16.into(),
    ];
    let mut correct = true;
    for (format, found) in FORMATS.iter().zip(published) {
        let expected = format.pattern(&lower);
        if expected != format.pattern(&upper) {
            return Outcome::Undecided;
        }
        if expected == found {
            continue;
        }
        correct = false;
        if let Tolerance::Unit(largest) = tolerance {
            match format.is_near(expected, found, largest) {
                None => return Outcome::Undecided,
                Some(true) => continue,
                Some(false) => {}
            }
        }
        return Outcome::Wrong {
            format: format.name,
            expected: format.show(expected),
            found: format.show(found),
        };
    }
    let wanted = matches!(tolerance, Tolerance::None);
    match &value.dec {
        None if !wanted => Outcome::Right { correct },
        found => {
            let expected = decimal(&lower);
            if expected != decimal(&upper) {
                return Outcome::Undecided;
            }
            if found.as_ref() == Some(&expected) {
                return Outcome::Right { correct };
            }
            Outcome::Wrong {
                format: "dec",
                expected,
                found: found.clone().unwrap_or_else(|| "nothing".to_owned()),
            }
        }
    }
}

impl Format {
    /// The bit pattern of the nearest number of the format, ties to even.
    fn pattern(self, value: &Rational) -> u64 {
        let magnitude = Rational::from(value.abs_ref());
        let sign = u64::from(*value < 0) << (self.width - 1);
        if magnitude == 0 {
            return sign;
        }
        let exponent = binary_exponent(&magnitude).max(self.smallest);
        let unit = exponent - (self.precision - 1);
        let units = nearest_even(&(magnitude >> unit));
        // The leading bit of a normal number adds 1 to the exponent field; so does a carry.
        let field = Integer::from(exponent - self.smallest) << (self.precision - 1) as u32;
        let bits = (field + units).to_u64().unwrap_or(u64::MAX);
        sign | bits.min(self.infinity())
    }

    fn infinity(self) -> u64 {
        ((self.largest - self.smallest + 2) as u64) << (self.precision - 1)
    }

    /// The finite value of a bit pattern.
    fn value(self, bits: u64) -> Option<Rational> {
        let sign = bits >> (self.width - 1) & 1;
        let magnitude = bits & !(1 << (self.width - 1));
        if magnitude >= self.infinity() {
            return None;
        }
        let stored = self.precision - 1;
        let field = (magnitude >> stored) as i32;
        let fraction = magnitude & ((1 << stored) - 1);
        let (units, exponent) = match field {
            0 => (fraction, self.smallest),
            _ => (fraction | 1 << stored, self.smallest + field - 1),
        };
        let value = Rational::from(units) << (exponent - stored);
        Some(if sign == 1 { -value } else { value })
    }

    /// Whether two patterns differ by at most one unit in the last place of `largest`.
    fn is_near(self, expected: u64, found: u64, largest: &Number) -> Option<bool> {
        let (Some(expected), Some(found)) = (self.value(expected), self.value(found)) else {
            return Some(false);
        };
        let (lower, upper) = largest.bounds()?;
        let magnitude = Rational::from(lower.abs_ref()).min(upper.abs());
        let exponent = match magnitude == 0 {
            true => self.smallest,
            false => binary_exponent(&magnitude).max(self.smallest),
        };
        let unit = Rational::from(1) << (exponent - (self.precision - 1));
        Some((expected - found).abs() <= unit)
    }

    fn show(self, bits: u64) -> String {
        let digits = (self.width / 4) as usize;
        match self.value(bits) {
            Some(value) => format!("{:e} (bits 0x{bits:0digits$x})", value.to_f64()),
            None => format!("bits 0x{bits:0digits$x}"),
        }
    }
}

/// The e with 2^e <= value < 2^(e+1), value > 0.
fn binary_exponent(value: &Rational) -> i32 {
    let bits = |x: &Integer| x.significant_bits() as i32;
    let estimate = bits(value.numer()) - bits(value.denom());
    let power = Rational::from(1) << estimate;
    if *value < power {
        estimate - 1
    } else {
        estimate
    }
}

/// 40 significant digits as published: `-d.ddde-x`, trailing zeros and a zero exponent left out.
fn decimal(value: &Rational) -> String {
    if *value == 0 {
        return "0".to_owned();
    }
    let magnitude = Rational::from(value.abs_ref());
    let mut exponent =
        (f64::from(binary_exponent(&magnitude)) * std::f64::consts::LOG10_2).floor() as i32;
    let ten = |power: i32| Rational::from(10).pow(power);
    while magnitude >= ten(exponent + 1) {
        exponent += 1;
    }
    let mut units = nearest_even(&(magnitude * ten(DIGITS as i32 - 1 - exponent)));
    if units == Integer::from(10).pow(DIGITS) {
        exponent += 1;
        units /= 10;
    }
    let digits = units.to_string();
    let (whole, fraction) = digits.split_at(1);
    let fraction = fraction.trim_end_matches('0');
    let sign = if *value < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    match exponent {
        0 => format!("{sign}{whole}{point}{fraction}"),
        _ => format!("{sign}{whole}{point}{fraction}e{exponent}"),
    }
}
