//! What exact solutions need beyond [`Real`]: truncated series with proven tails.

use super::Real;

/// A real type that can enclose what a truncated series leaves out.
pub trait Special: Real {
    /// Bits of precision: a series may stop where its tail is below 2^-bits of its sum.
    fn bits(&self) -> u32;

    /// Everything within `bound` of `self`; a point arithmetic returns `self`.
    #[must_use]
    fn widened(self, bound: &Self) -> Self;
}

impl Special for f64 {
    fn bits(&self) -> u32 {
        f64::MANTISSA_DIGITS
    }
    fn widened(self, _bound: &Self) -> Self {
        self
    }
}

impl Special for super::DoubleDouble {
    fn bits(&self) -> u32 {
        104
    }
    fn widened(self, _bound: &Self) -> Self {
        self
    }
}

#[cfg(feature = "oracle")]
impl Special for rug::Float {
    fn bits(&self) -> u32 {
        self.prec()
    }
    fn widened(self, _bound: &Self) -> Self {
        self
    }
}

#[cfg(feature = "oracle")]
impl Special for super::Ball {
    fn bits(&self) -> u32 {
        self.precision()
    }
    fn widened(self, bound: &Self) -> Self {
        let bits = self.precision();
        let reach = bound.upper(bits).max(&(-bound.lower(bits)));
        let reach =
            super::Ball::with_radius(rug::Float::new(bits), super::Magnitude::above(&reach));
        self + &reach
    }
}
