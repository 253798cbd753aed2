//! f32 and f64: what a plain implementation computes.

use super::{Field, Rational, Real, rational::approximate};

macro_rules! plain {
    ($float:ident, $terms:expr) => {
        impl Field for $float {
            fn constant(&self, value: Rational) -> Self {
                approximate(value) as $float
            }
            fn exp(&self) -> Self {
                $float::exp(*self)
            }
            fn exp_m1(&self) -> Self {
                $float::exp_m1(*self)
            }
            fn phi(&self, k: u32) -> Self {
                match k {
                    0 => $float::exp(*self),
                    1 if *self == 0.0 => 1.0,
                    1 => $float::exp_m1(*self) / *self,
                    _ if self.abs() <= 1.0 => taylor(*self as f64, k, $terms) as $float,
                    _ => (self.phi(k - 1) - self.like(1, factorial(k - 1))) / *self,
                }
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
                (*self * std::$float::consts::PI).sin()
            }
            fn cos_pi(&self) -> Self {
                (*self * std::$float::consts::PI).cos()
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
                (rounded.abs() < 9.0e15).then_some(rounded as i64)
            }
            fn from_f64(&self, value: f64) -> Self {
                value as $float
            }
        }
    };
}

plain!(f32, 11);
plain!(f64, 19);

fn factorial(k: u32) -> i128 {
    (1..=i128::from(k)).product()
}

fn taylor(z: f64, k: u32, terms: u32) -> f64 {
    let mut sum = 0.0;
    for j in (0..terms).rev() {
        sum = sum * z / f64::from(j + k + 1) + 1.0;
    }
    sum / (1..=k).map(f64::from).product::<f64>()
}
