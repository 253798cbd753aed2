//! Upper bounds: non-negative numbers of 32 bits whose every operation rounds up.

use rug::Float;
use rug::float::Round;
use std::ops::{Add, Mul};

/// A radius: zero, `mantissa 2^(exponent - 32)` with a full 32-bit mantissa, or infinite.
///
/// Sums, products and quotients are never below the exact ones, and above them by a factor of at
/// most 1 + 2^-30. The exponent has 64 bits, so a radius neither underflows beside a midpoint of
/// thousands of bits nor at the ends of MPFR's exponent range. Beyond 2^(±[`Self::LIMIT`]) it is
/// rounded up, to infinity or to the least positive magnitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Magnitude {
    mantissa: u32,
    exponent: i64,
}

const TOP: u32 = 1 << 31;

impl Magnitude {
    /// The radius of an exact number.
    pub const ZERO: Self = Magnitude {
        mantissa: 0,
        exponent: 0,
    };
    /// One.
    pub const ONE: Self = Magnitude {
        mantissa: TOP,
        exponent: 1,
    };
    /// The radius of the whole line.
    pub const INFINITE: Self = Magnitude {
        mantissa: TOP,
        exponent: i64::MAX,
    };
    /// An upper bound of pi: the first 32 bits of pi are `c90fdaa2`.
    pub(crate) const PI: Self = Magnitude {
        mantissa: 0xc90f_daa3,
        exponent: 2,
    };
    /// The largest absolute value of an exponent.
    pub const LIMIT: i64 = 1 << 60;

    /// 2^power, exactly (inside the limits of the exponent).
    pub fn power_of_two(power: i64) -> Self {
        normalized(TOP, power.saturating_add(1))
    }

    /// An upper bound of |value|; infinite for NaN.
    pub fn above(value: &Float) -> Self {
        match leading_bits(value) {
            Some((mantissa, exponent)) => rounded_up(u64::from(mantissa) + 1, exponent),
            None if value.is_zero() => Self::ZERO,
            None => Self::INFINITE,
        }
    }

    /// A lower bound of |value|, at least |value| (1 - 2^-31); zero for NaN.
    pub fn below(value: &Float) -> Self {
        match leading_bits(value) {
            Some((mantissa, exponent)) => Magnitude { mantissa, exponent },
            None if value.is_infinite() => Self::INFINITE,
            None => Self::ZERO,
        }
    }

    /// Zero, and no more.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// False for the radius of the whole line.
    #[inline]
    pub fn is_finite(self) -> bool {
        self.exponent != i64::MAX
    }

    /// The `e` with 2^(e-1) <= self < 2^e; `None` for zero and infinity.
    pub fn exponent(self) -> Option<i64> {
        (!self.is_zero() && self.is_finite()).then_some(self.exponent)
    }

    /// An upper bound of `self 2^power`.
    #[must_use]
    pub fn scaled(self, power: i64) -> Self {
        if self.is_zero() || !self.is_finite() {
            self
        } else {
            normalized(self.mantissa, self.exponent.saturating_add(power))
        }
    }

    /// An upper bound of `self / divisor`, where `divisor` is a lower bound of the true one.
    #[must_use]
    pub fn over(self, divisor: Self) -> Self {
        if !self.is_finite() || divisor.is_zero() {
            Self::INFINITE
        } else if self.is_zero() || !divisor.is_finite() {
            self
        } else {
            let quotient = (u64::from(self.mantissa) << 32).div_ceil(u64::from(divisor.mantissa));
            rounded_up(quotient, self.exponent - divisor.exponent)
        }
    }

    /// A lower bound of `self - other`, where `self` is a lower bound and `other` an upper one;
    /// zero where nothing positive is certain.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        if other.is_zero() || !self.is_finite() {
            return self;
        }
        if self.is_zero() || other.exponent > self.exponent {
            return Self::ZERO;
        }
        let shift = self.exponent - other.exponent;
        let taken = match shift {
            0 => other.mantissa,
            1..=31 => (other.mantissa >> shift) + 1,
            _ => 1,
        };
        let rest = self.mantissa.saturating_sub(taken);
        if rest == 0 {
            return Self::ZERO;
        }
        let zeros = rest.leading_zeros();
        Magnitude {
            mantissa: rest << zeros,
            exponent: self.exponent - i64::from(zeros),
        }
    }

    /// The lesser of two.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if self.order() <= other.order() {
            self
        } else {
            other
        }
    }

    /// The greater of two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if self.order() <= other.order() {
            other
        } else {
            self
        }
    }

    fn order(self) -> (bool, i64, u32) {
        (!self.is_zero(), self.exponent, self.mantissa)
    }

    /// A float that is not smaller (rounding up) or not larger (down); the two differ only beyond
    /// the ends of MPFR's exponent range.
    pub(crate) fn to_float(self, round: Round) -> Float {
        if self.is_zero() {
            return Float::new(32);
        }
        let value = Float::with_val(32, self.mantissa);
        let power = self.exponent.saturating_sub(32);
        let shift = power.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        Float::with_val_round(32, &value << shift, round).0
    }
}

impl Add for Magnitude {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let (high, low) = if self.exponent >= other.exponent {
            (self, other)
        } else {
            (other, self)
        };
        if !high.is_finite() {
            return Self::INFINITE;
        }
        let shift = high.exponent - low.exponent;
        let aligned = match shift {
            0 => low.mantissa,
            1..=31 => (low.mantissa >> shift) + 1,
            _ => 1,
        };
        let sum = u64::from(high.mantissa) + u64::from(aligned);
        rounded_up(sum, high.exponent)
    }
}

impl Mul for Magnitude {
    type Output = Self;

    /// Infinite times zero is infinite: the whole line may stand for an undefined value.
    #[inline]
    fn mul(self, other: Self) -> Self {
        if !self.is_finite() || !other.is_finite() {
            return Self::INFINITE;
        }
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        // In [2^62, 2^64): one of the two highest bits is set.
        let product = u64::from(self.mantissa) * u64::from(other.mantissa);
        let lacking = product.leading_zeros();
        let upper = ((product << lacking) >> 32) + 1;
        rounded_up(upper, self.exponent + other.exponent - i64::from(lacking))
    }
}

/// `mantissa 2^(exponent - 32)` for a mantissa in [2^31, 2^33), rounded up to 32 bits.
#[inline]
fn rounded_up(mantissa: u64, exponent: i64) -> Magnitude {
    let carry = mantissa >> 32;
    let mantissa = (mantissa + carry) >> carry;
    normalized(mantissa as u32, exponent + carry as i64)
}

#[inline]
fn normalized(mantissa: u32, exponent: i64) -> Magnitude {
    if exponent > Magnitude::LIMIT {
        Magnitude::INFINITE
    } else if exponent < -Magnitude::LIMIT {
        Magnitude {
            mantissa: TOP,
            exponent: -Magnitude::LIMIT + 1,
        }
    } else {
        Magnitude { mantissa, exponent }
    }
}

/// The first 32 bits of |value| and MPFR's exponent; `None` unless finite and not zero.
#[inline]
fn leading_bits(value: &Float) -> Option<(u32, i64)> {
    let exponent = value.get_exp()?;
    let significand = value.get_significand()?;
    let limb = *significand.as_limbs().last()?;
    let mantissa = (limb >> (8 * size_of_val(&limb) - 32)) as u32;
    Some((mantissa, i64::from(exponent)))
}
