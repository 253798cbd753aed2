//! A number and how far an implementation in a narrow format may be from it: every operation is
//! exact in double-double, and its result is widened by one rounding of the format.
//!
//! Deriving a plan in this arithmetic bounds what an implementation loses that writes the same
//! formulas in f64, f32, f16 or bf16, however it rounds each operation. First-order and higher
//! terms are kept; the radius is an f64, made larger at every operation by more than its own
//! roundings can lose. The midpoint's own error (2^-98 of it) is far below one unit of any format
//! and stands inside that margin.

use super::{DoubleDouble, Field, Rational, Real};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A binary format, as far as its roundings go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// u: half the distance from 1 to the next number, the largest relative error of a rounding.
    pub relative: f64,
    /// The largest error of a rounding in the subnormal range; 0 where it is below f64's own.
    pub absolute: f64,
}

impl Unit {
    /// binary64.
    pub const F64: Unit = Unit::new(53, 0.0);
    /// binary32.
    pub const F32: Unit = Unit::new(24, f32::from_bits(1) as f64 / 2.0);
    /// binary16.
    pub const F16: Unit = Unit::new(11, 1.0 / (1_u64 << 25) as f64);
    /// bfloat16.
    pub const BF16: Unit = Unit::new(8, f32::from_bits(1 << 15) as f64);

    const fn new(bits: u32, absolute: f64) -> Self {
        Unit {
            relative: 1.0 / (1_u64 << bits) as f64,
            absolute,
        }
    }
}

/// More than the roundings of a few f64 operations lose.
const MARGIN: f64 = 1.0 + 1.0 / (1_u64 << 40) as f64;

/// A midpoint and a radius: every operation widens its result by one rounding of the format.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Widened {
    mid: DoubleDouble,
    radius: f64,
    unit: Unit,
}

impl Widened {
    /// A number that the format holds: radius 0.
    pub fn exact(value: f64, unit: Unit) -> Self {
        Widened {
            mid: DoubleDouble::exact(value),
            radius: 0.0,
            unit,
        }
    }

    /// The same number rounded once to another format, whose roundings count from now on.
    pub fn stored(self, unit: Unit) -> Self {
        Widened { unit, ..self }.rounded(self.mid, self.radius)
    }

    /// The exact result.
    pub fn mid(self) -> DoubleDouble {
        self.mid
    }

    /// How far from it an implementation may be; infinite where nothing can be said.
    pub fn radius(self) -> f64 {
        self.radius
    }

    /// An operation's result: what its operands' radii come to, and one rounding.
    fn rounded(self, mid: DoubleDouble, propagated: f64) -> Self {
        let reach = mid.hi().abs() + propagated;
        let radius = propagated + self.unit.relative * reach + self.unit.absolute;
        self.within(mid, radius)
    }

    fn within(self, mid: DoubleDouble, radius: f64) -> Self {
        let radius = if mid.hi().is_finite() && !radius.is_nan() {
            radius * MARGIN
        } else {
            f64::INFINITY
        };
        Widened {
            mid,
            radius,
            unit: self.unit,
        }
    }

    /// The upper end.
    fn upper(self) -> f64 {
        self.mid.hi() + self.radius
    }

    /// The result of a function that moves by `moved` at most where the argument moves by the radius.
    fn moved(self, mid: DoubleDouble, moved: impl Fn(f64, f64) -> f64) -> Self {
        let propagated = match self.radius == 0.0 {
            true => 0.0,
            false => moved(self.mid.hi(), self.radius),
        };
        self.rounded(mid, propagated)
    }
}

impl Neg for Widened {
    type Output = Self;

    fn neg(self) -> Self {
        Widened {
            mid: -self.mid,
            ..self
        }
    }
}

impl Add<&Widened> for Widened {
    type Output = Self;

    fn add(self, other: &Self) -> Self {
        self.rounded(self.mid + other.mid, self.radius + other.radius)
    }
}

impl Sub<&Widened> for Widened {
    type Output = Self;

    fn sub(self, other: &Self) -> Self {
        self.rounded(self.mid - other.mid, self.radius + other.radius)
    }
}

impl Mul<&Widened> for Widened {
    type Output = Self;

    fn mul(self, other: &Self) -> Self {
        let (x, y) = (self.mid.hi().abs(), other.mid.hi().abs());
        let propagated = x * other.radius + self.radius * (y + other.radius);
        self.rounded(self.mid * other.mid, propagated)
    }
}

impl Div<&Widened> for Widened {
    type Output = Self;

    fn div(self, other: &Self) -> Self {
        let mid = self.mid / other.mid;
        let least = other.mid.hi().abs() - other.radius;
        if least <= 0.0 {
            return self.within(mid, f64::INFINITY);
        }
        let propagated = (mid.hi().abs() * other.radius + self.radius) / least;
        self.rounded(mid, propagated)
    }
}

impl Field for Widened {
    fn constant(&self, value: Rational) -> Self {
        let mid = DoubleDouble::ZERO.constant(value);
        let held = mid.lo() == 0.0 && {
            // What is left of the value beyond the format's bits.
            let unit = self.unit.relative * 2.0;
            let scaled = mid.hi() / exponent_of(mid.hi()) / unit;
            scaled == scaled.trunc()
        };
        match held {
            true => Widened {
                mid,
                radius: 0.0,
                unit: self.unit,
            },
            false => self.rounded(mid, 0.0),
        }
    }

    fn exp(&self) -> Self {
        self.moved(self.mid.exp(), |m, r| m.exp() * r.exp_m1())
    }

    fn exp_m1(&self) -> Self {
        self.moved(self.mid.exp_m1(), |m, r| m.exp() * r.exp_m1())
    }

    /// phi_k rises, and no faster than itself.
    fn phi(&self, k: u32) -> Self {
        self.moved(self.mid.phi(k), |_, r| r * self.upper().phi(k))
    }
}

impl Real for Widened {
    fn ln(&self) -> Self {
        self.moved(self.mid.ln(), |m, r| -(-r / m).ln_1p())
    }

    fn ln_1p(&self) -> Self {
        self.moved(self.mid.ln_1p(), |m, r| -(-r / (1.0 + m)).ln_1p())
    }

    /// Of the part of the enclosure that is not negative.
    fn sqrt(&self) -> Self {
        self.moved(self.mid.sqrt(), |m, r| match m == 0.0 {
            true => r.sqrt(),
            false => r / (m.sqrt() + (m - r).max(0.0).sqrt()),
        })
    }

    /// The slope is pi at most.
    fn sin_pi(&self) -> Self {
        self.rounded(self.mid.sin_pi(), std::f64::consts::PI * self.radius)
    }

    /// The slope is pi at most.
    fn cos_pi(&self) -> Self {
        self.rounded(self.mid.cos_pi(), std::f64::consts::PI * self.radius)
    }

    /// The gradient is 1/(pi r) at most, r the least distance from the origin.
    fn atan2_pi(&self, x: &Self) -> Self {
        let mid = self.mid.atan2_pi(&x.mid);
        let moved = self.radius.hypot(x.radius);
        let least = self.mid.hi().hypot(x.mid.hi()) - moved;
        match least > 0.0 {
            true => self.rounded(mid, moved / (std::f64::consts::PI * least)),
            false => self.within(mid, f64::INFINITY),
        }
    }

    fn to_f64(&self) -> f64 {
        self.mid.hi()
    }

    fn is_finite(&self) -> bool {
        self.mid.is_finite() && self.radius.is_finite()
    }

    fn hull(&self, other: &Self) -> Self {
        let apart = (self.mid - other.mid).hi().abs();
        self.within(self.mid, self.radius.max(apart + other.radius))
    }

    /// The midpoint's: an implementation that rounds to another integer is another formula.
    fn nearest_integer(&self) -> Option<i64> {
        self.mid.nearest_integer()
    }

    fn from_f64(&self, value: f64) -> Self {
        Widened::exact(value, self.unit)
    }
}

/// 2^e <= |x| < 2^(e+1) for a normal number.
fn exponent_of(x: f64) -> f64 {
    let bits = x.to_bits() & (0x7ff << 52);
    match bits {
        0 => 1.0,
        _ => f64::from_bits(bits),
    }
}
