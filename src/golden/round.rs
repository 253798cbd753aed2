//! Correct rounding, to nearest even, from an enclosure: decided where both ends round alike.
//!
//! Rounding is monotone, so if both ends of an enclosure round to one number, every real between them
//! does (Ziv 1991, Fast evaluation of elementary mathematical functions with correctly rounded last
//! bit). An enclosure of radius zero decides every case, ties too.

use crate::arithmetic::Ball;
use crate::error::{Code, Error, Result};
use crate::plan::{DIGITS, Value, decimal};
use rug::Float;
use rug::float::Round;

/// A binary interchange format of IEEE 754, or bfloat16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Significant bits, the implicit one included.
    precision: i32,
    /// Largest exponent of a power of two that is finite.
    largest: i32,
}

impl Format {
    /// binary64.
    pub const F64: Self = Self::new(53, 1023);
    /// binary32.
    pub const F32: Self = Self::new(24, 127);
    /// binary16.
    pub const F16: Self = Self::new(11, 15);
    /// bfloat16: the upper half of a binary32.
    pub const BF16: Self = Self::new(8, 127);

    const fn new(precision: i32, largest: i32) -> Self {
        Format { precision, largest }
    }

    /// The bits of the number nearest to a finite `value`, ties to even; a zero is positive.
    pub fn nearest(self, value: &Float) -> u64 {
        let Some(exponent) = value.get_exp() else {
            return 0;
        };
        // 2^(exponent-1) <= |value| < 2^exponent; `unit` is the exponent of the last place.
        let stored = self.precision - 1;
        let least_unit = 1 - self.largest - stored;
        let unit = (exponent - self.precision).max(least_unit);
        let infinity = (2 * self.largest as u64 + 1) << stored;
        let magnitude = if exponent > self.largest + 1 {
            infinity
        } else if exponent < unit {
            0
        } else {
            let units = Float::with_val(value.prec(), value.abs_ref()) >> unit;
            let units = units.round_even().to_integer();
            let units = units.and_then(|units| units.to_u64()).unwrap_or(0);
            // the leading bit and a carry both add to the exponent field
            ((((unit - least_unit) as u64) << stored) + units).min(infinity)
        };
        let sign = u64::from(value.is_sign_negative());
        let sign_place = (2 * self.largest as u64 + 2).ilog2() + stored as u32;
        sign << sign_place | magnitude
    }
}

/// The decimal of 40 significant digits nearest to a finite `value`, ties to even.
pub fn nearest_decimal(value: &Float) -> String {
    let (negative, digits, exponent) =
        value.to_sign_string_exp_round(10, Some(DIGITS), Round::Nearest);
    decimal(negative, &digits, exponent.unwrap_or(0))
}

/// The roundings of one number that are decided so far.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    dec: Option<String>,
    f64: Option<u64>,
    f32: Option<u64>,
    f16: Option<u64>,
    bf16: Option<u64>,
}

impl Decision {
    /// Decides what `ball`, an enclosure of the number, decides; what is decided stays.
    pub fn refine(&mut self, ball: &Ball) {
        let precision = if ball.radius().is_zero() {
            ball.mid().prec()
        } else {
            ball.precision() + 64
        };
        let ends = (ball.lower(precision), ball.upper(precision));
        if !ends.0.is_finite() || !ends.1.is_finite() {
            return;
        }
        agree(&mut self.dec, &ends, nearest_decimal);
        agree(&mut self.f64, &ends, |x| Format::F64.nearest(x));
        agree(&mut self.f32, &ends, |x| Format::F32.nearest(x));
        agree(&mut self.f16, &ends, |x| Format::F16.nearest(x));
        agree(&mut self.bf16, &ends, |x| Format::BF16.nearest(x));
    }

    /// The formats that are not decided.
    pub fn undecided(&self) -> Vec<&'static str> {
        let open = [
            ("dec", self.dec.is_none()),
            ("f64", self.f64.is_none()),
            ("f32", self.f32.is_none()),
            ("f16", self.f16.is_none()),
            ("bf16", self.bf16.is_none()),
        ];
        open.iter()
            .filter(|(_, open)| *open)
            .map(|(name, _)| *name)
            .collect()
    }

    /// The number in every format.
    ///
    /// # Errors
    /// `E-UNDECIDED` naming the formats that are not decided; `E-NUMBER` if the number overflows f64.
    pub fn value(&self) -> Result<Value> {
        let (Some(dec), Some(f64), Some(f32), Some(f16), Some(bf16)) =
            (&self.dec, self.f64, self.f32, self.f16, self.bf16)
        else {
            return Err(Error::new(
                Code::Undecided,
                format!("{} undecided", self.undecided().join(", ")),
                "rounding",
                "raise the precision",
            ));
        };
        let value = Value {
            dec: Some(dec.clone()),
            f64: f64::from_bits(f64),
            f32: f32::from_bits(f32 as u32),
            f16: f16 as u16,
            bf16: bf16 as u16,
        };
        value.check()?;
        Ok(value)
    }
}

fn agree<R: PartialEq>(
    known: &mut Option<R>,
    (lower, upper): &(Float, Float),
    nearest: impl Fn(&Float) -> R,
) {
    if known.is_none() {
        let low = nearest(lower);
        *known = (low == nearest(upper)).then_some(low);
    }
}
