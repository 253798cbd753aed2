//! The numbers that a sampler runs in, each with the arithmetic that stands for exactness beside it.
//!
//! f64 and f32 are measured against double-double, which no build lacks and whose bytes do not
//! depend on a platform's mathematical library; big floats against balls of more bits.

use crate::arithmetic::{DoubleDouble, Real, Special};

/// A number type of a sampler.
pub(super) trait Number: Real {
    /// What schedule, denoiser and solution are computed in.
    type Exact: Special;

    /// The precisions to try in turn until an enclosure is narrow enough.
    fn precisions(&self) -> Vec<u32>;

    /// One, in the exact arithmetic of `bits`.
    fn exact_one(&self, bits: u32) -> Self::Exact;

    /// The value itself, made like `like`.
    fn exact(&self, like: &Self::Exact) -> Self::Exact;

    /// The number nearest to `value`, made like `self`; not finite if the enclosure is not.
    fn nearest(&self, value: &Self::Exact) -> Self;

    /// |error| if its enclosure tells three digits, or lies far below the numbers' own resolution.
    fn size(&self, error: &Self::Exact) -> Option<f64>;
}

macro_rules! beside_double_double {
    ($number:ty, $exact:expr, $nearest:expr) => {
        impl Number for $number {
            type Exact = DoubleDouble;

            fn precisions(&self) -> Vec<u32> {
                vec![DoubleDouble::ONE.bits()]
            }
            fn exact_one(&self, _bits: u32) -> DoubleDouble {
                DoubleDouble::ONE
            }
            fn exact(&self, _like: &DoubleDouble) -> DoubleDouble {
                $exact(*self)
            }
            fn nearest(&self, value: &DoubleDouble) -> Self {
                $nearest(*value)
            }
            fn size(&self, error: &DoubleDouble) -> Option<f64> {
                Some(error.hi().abs())
            }
        }
    };
}

beside_double_double!(f64, DoubleDouble::exact, DoubleDouble::hi);
beside_double_double!(
    f32,
    |value| DoubleDouble::exact(f64::from(value)),
    DoubleDouble::to_f32
);
beside_double_double!(DoubleDouble, |value| value, |value| value);

#[cfg(feature = "oracle")]
mod big {
    use super::Number;
    use crate::arithmetic::{Ball, Real};
    use rug::Float;
    use rug::float::Special;

    /// Bits that the exact arithmetic has more than the sampler, at first.
    const GUARD: u32 = 64;
    /// The last precision.
    const LAST: u32 = 4096;

    impl Number for Float {
        type Exact = Ball;

        fn precisions(&self) -> Vec<u32> {
            let raised = |bits: &u32| Some(bits * 2);
            std::iter::successors(Some(self.prec() + GUARD), raised)
                .take_while(|bits| *bits <= LAST)
                .collect()
        }
        fn exact_one(&self, bits: u32) -> Ball {
            Ball::exact(Float::with_val(bits, 1))
        }
        fn exact(&self, like: &Ball) -> Ball {
            Ball::exact(Float::with_val(like.precision(), self))
        }
        fn nearest(&self, value: &Ball) -> Self {
            match value.is_finite() {
                true => Float::with_val(self.prec(), value.mid()),
                false => Float::with_val(self.prec(), Special::Nan),
            }
        }
        fn size(&self, error: &Ball) -> Option<f64> {
            let size = Float::with_val(64, error.mid().abs_ref());
            let width = error.upper(64) - error.lower(64);
            let resolution = Float::with_val(64, 1) >> self.prec();
            let bound = size.clone().max(&resolution) / 1000_u32;
            (width < bound).then(|| size.to_f64())
        }
    }
}
