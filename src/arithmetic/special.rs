//! What exact solutions need beyond [`Real`]: truncated series with proven tails, the complementary
//! error function, certified roots.

use super::Real;
use crate::error::{Code, Error, Result};

/// A real type that can enclose what a truncated series leaves out.
pub trait Special: Real {
    /// Bits of precision: a series may stop where its tail is below 2^-bits of its sum.
    fn bits(&self) -> u32;

    /// Everything within `bound` of `self`; a point arithmetic returns `self`.
    #[must_use]
    fn widened(self, bound: &Self) -> Self;

    /// The midpoint of an enclosure, exact; a point arithmetic returns `self`.
    #[must_use]
    fn center(&self) -> Self;

    /// pi, made like `self`.
    #[must_use]
    fn pi(&self) -> Self;

    /// erfc(self) = 2/sqrt(pi) int_self^oo e^(-t^2) dt, relatively accurate in the far tail.
    #[must_use]
    fn erfc(&self) -> Self;

    /// ln erfc(self), also where erfc itself would underflow.
    #[must_use]
    fn ln_erfc(&self) -> Self;

    /// The root near `self`, a point, of a function whose value there is `value` and whose
    /// derivative encloses `slope`. An enclosure takes one interval Newton step, X being a
    /// neighbourhood of `self`: N(X) = self - value/slope(X) inside X proves that X holds exactly
    /// one root and N(X) holds it, for every function that `value` and `slope` allow. A point
    /// arithmetic returns `self`.
    ///
    /// # Errors
    /// `E-UNDECIDED` if no neighbourhood is mapped into itself; `E-NONFINITE` for NaN.
    fn certified_root(&self, value: &Self, slope: impl Fn(&Self) -> Self) -> Result<Self>;
}

macro_rules! point {
    () => {
        fn widened(self, _bound: &Self) -> Self {
            self
        }
        fn center(&self) -> Self {
            self.clone()
        }
        fn certified_root(&self, _value: &Self, _slope: impl Fn(&Self) -> Self) -> Result<Self> {
            if Real::is_finite(self) {
                Ok(self.clone())
            } else {
                Err(Error::new(
                    Code::NonFinite,
                    "the iteration left the range of the arithmetic",
                    "root",
                    "choose a point nearer to the data, or a larger precision",
                ))
            }
        }
    };
}

/// erfc by way of double-double, so that no platform's libm is asked.
impl Special for f64 {
    fn bits(&self) -> u32 {
        f64::MANTISSA_DIGITS
    }
    fn pi(&self) -> Self {
        std::f64::consts::PI
    }
    fn erfc(&self) -> Self {
        super::DoubleDouble::exact(*self).erfc().hi()
    }
    fn ln_erfc(&self) -> Self {
        super::DoubleDouble::exact(*self).ln_erfc().hi()
    }
    point!();
}

impl Special for super::DoubleDouble {
    fn bits(&self) -> u32 {
        104
    }
    fn pi(&self) -> Self {
        Self::PI
    }
    fn erfc(&self) -> Self {
        self.complementary_error_function()
    }
    fn ln_erfc(&self) -> Self {
        self.logarithm_of_erfc()
    }
    point!();
}

#[cfg(feature = "oracle")]
impl Special for rug::Float {
    fn bits(&self) -> u32 {
        self.prec()
    }
    fn pi(&self) -> Self {
        rug::Float::with_val(self.prec(), rug::float::Constant::Pi)
    }
    fn erfc(&self) -> Self {
        rug::Float::with_val(self.prec(), self.erfc_ref())
    }
    fn ln_erfc(&self) -> Self {
        if is_near(self) {
            Real::ln(&Special::erfc(self))
        } else {
            far_ln_erfc(self)
        }
    }
    point!();
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
    fn center(&self) -> Self {
        if self.is_finite() {
            super::Ball::exact(self.mid().clone())
        } else {
            self.clone()
        }
    }
    fn pi(&self) -> Self {
        self.enclosed_pi()
    }
    fn erfc(&self) -> Self {
        self.enclosed_erfc()
    }
    fn ln_erfc(&self) -> Self {
        if is_near(self) {
            self.enclosed_erfc().ln()
        } else {
            far_ln_erfc(self)
        }
    }
    fn certified_root(&self, value: &Self, slope: impl Fn(&Self) -> Self) -> Result<Self> {
        self.interval_newton(value, slope)
    }
}

/// Whether the asymptotic series of erfc is too short here: its least term, near the x^2-th, is
/// e^(-x^2). Where it is long enough MPFR's erfc is many times slower, and at last underflows.
#[cfg(feature = "oracle")]
fn is_near<T: Special>(x: &T) -> bool {
    let approximate = x.to_f64();
    approximate < 8.0 || approximate * approximate < f64::from(x.bits())
}

/// -x^2 - ln(x sqrt pi) + ln sum_n (-1)^n (2n-1)!!/(2 x^2)^n for x > 0: the sum of a stopped
/// series is off by less than its first omitted term (DLMF 7.12.1).
#[cfg(feature = "oracle")]
fn far_ln_erfc<T: Special>(x: &T) -> T {
    let square = x.clone() * x;
    let ratio = x.like(-1, 2) / &square;
    let size = (0.5 / square.to_f64()).log2();
    let mut term = x.like(1, 1);
    let mut sum = term.clone();
    let mut exponent = 0.0;
    for odd in (1..).step_by(2) {
        term = term * &ratio * &x.like(odd, 1);
        exponent += size + (odd as f64).log2();
        if exponent.is_nan() || exponent < -f64::from(x.bits()) - 2.0 {
            break;
        }
        sum = sum + &term;
    }
    let sum = sum.widened(&term);
    (sum / &(x.clone() * &x.pi().sqrt())).ln() - &square
}
