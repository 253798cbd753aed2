//! f32 and f64: what a plain implementation computes. Every operation stays in the type itself.

use super::{DoubleDouble, Field, Rational, Real};

/// sin(pi x + ahead pi/2). The remainder and the difference are exact: only pi times it rounds.
macro_rules! sin_pi {
    ($float:ident, $x:expr, $ahead:expr) => {{
        let x = $x % 2.0;
        let quarters = (2.0 * x).round_ties_even();
        let angle = std::$float::consts::PI * (x - 0.5 * quarters);
        let quarters = quarters as i64 + $ahead;
        let size = if quarters & 1 == 0 {
            angle.sin()
        } else {
            angle.cos()
        };
        if quarters & 2 == 0 { size } else { -size }
    }};
}

macro_rules! plain {
    ($float:ident, $terms:expr, $rounded:expr) => {
        impl Field for $float {
            /// Correctly rounded.
            fn constant(&self, value: Rational) -> Self {
                $rounded(DoubleDouble::ZERO.constant(value))
            }
            fn like(&self, num: i128, den: i128) -> Self {
                $rounded(DoubleDouble::ZERO.like(num, den))
            }
            fn exp(&self) -> Self {
                $float::exp(*self)
            }
            fn exp_m1(&self) -> Self {
                $float::exp_m1(*self)
            }
            /// Taylor for |z| <= 1, the recurrence outside.
            fn phi(&self, k: u32) -> Self {
                let z = *self;
                // phi_k falls with k, and from 512 on it is 0 wherever e^z is finite
                let k = k.min(512);
                if k == 0 || !z.is_finite() {
                    return z.exp();
                }
                if k == 1 && z == 0.0 {
                    return 1.0;
                }
                if k > 1 && z.abs() <= 1.0 {
                    let sum = (0..$terms)
                        .rev()
                        .fold(0.0, |sum, j| sum * z / (j + k + 1) as $float + 1.0);
                    return sum / factorial::<$float>(k);
                }
                (1..k).fold(z.exp_m1() / z, |value, j| {
                    (value - factorial::<$float>(j).recip()) / z
                })
            }
        }

        impl Real for $float {
            fn ln(&self) -> Self {
                $float::ln(*self)
            }
            fn ln_1p(&self) -> Self {
                $float::ln_1p(*self)
            }
            fn sqrt(&self) -> Self {
                $float::sqrt(*self)
            }
            fn sin_pi(&self) -> Self {
                sin_pi!($float, *self, 0)
            }
            fn cos_pi(&self) -> Self {
                sin_pi!($float, *self, 1)
            }
            fn atan2_pi(&self, x: &Self) -> Self {
                self.atan2(*x) / std::$float::consts::PI
            }
            fn to_f64(&self) -> f64 {
                f64::from(*self)
            }
            fn is_finite(&self) -> bool {
                $float::is_finite(*self)
            }
            fn hull(&self, _other: &Self) -> Self {
                *self
            }
            fn nearest_integer(&self) -> Option<i64> {
                let rounded = self.round_ties_even();
                (rounded.abs() < 9.0e18).then_some(rounded as i64)
            }
            fn pow(&self, exponent: &Self) -> Self {
                self.powf(*exponent)
            }
            fn from_f64(&self, value: f64) -> Self {
                value as $float
            }
        }
    };
}

plain!(f32, 11, DoubleDouble::to_f32);
plain!(f64, 19, DoubleDouble::hi);

/// k!, infinite where it leaves the range.
fn factorial<F: From<u16> + std::iter::Product>(k: u32) -> F {
    (1..=k).map(|j| F::from(j as u16)).product()
}
