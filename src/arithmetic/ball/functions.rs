//! The functions of [`Field`] and [`Real`].

use super::{Ball, GUARD, Magnitude, SMALL, nearest_to_rational, rounding_term};
use crate::arithmetic::{Field, Rational, Real};
use rug::Float;
use rug::float::Round;
use rug::ops::Pow;
use std::cmp::Ordering;

impl Ball {
    /// The image under an increasing function that rounds as told.
    pub(super) fn through_ends(&self, function: impl Fn(Float, Round) -> Float) -> Self {
        let precision = self.precision();
        let lower = function(self.lower(precision + GUARD), Round::Down);
        let upper = function(self.upper(precision + GUARD), Round::Up);
        Self::enclosing(&lower, &upper, precision)
    }

    /// Whether the radius is at most about 2^-10 of a scale with that exponent.
    pub(super) fn is_small_beside(&self, exponent: i64) -> bool {
        match self.radius.exponent() {
            Some(own) => own - exponent <= SMALL,
            None => self.radius.is_zero(),
        }
    }

    /// Whether the radius is at most about 2^-10 of the midpoint.
    #[inline]
    pub(super) fn is_narrow(&self) -> bool {
        self.is_small_beside(Self::exponent_of(&self.mid))
    }

    /// r (1 + r/m)/(2 sqrt m) for a root of the midpoint rounded to `root`, off by `rounding` at
    /// most.
    pub(super) fn square_root_radius(&self, root: &Float, rounding: Magnitude) -> Magnitude {
        if self.radius.is_zero() {
            return Magnitude::ZERO;
        }
        let relative = self.radius.over(Magnitude::below(&self.mid));
        let divisor = Magnitude::below(root).minus(rounding).scaled(1);
        (self.radius * (Magnitude::ONE + relative)).over(divisor)
    }

    /// The function's value at the midpoint as an enclosure, then widened by `propagated`, which
    /// is given that value as rounded, and what the rounding can have changed.
    pub(super) fn near_midpoint(
        &self,
        function: impl Fn(&mut Float) -> Ordering,
        propagated: impl Fn(&Float, Magnitude) -> Magnitude,
    ) -> Self {
        let mut mid = Float::with_val(self.precision(), &self.mid);
        let ternary = function(&mut mid);
        let mut radius = rounding_term(&mid, ternary);
        if !self.radius.is_zero() {
            radius = radius + propagated(&mid, radius);
        }
        Self::with_radius(mid, radius)
    }

    /// sin(pi x) or cos(pi x); `slope` is the derivative over pi but for the sign.
    fn circular(
        &self,
        function: impl Fn(&mut Float, Round) -> Ordering,
        slope: impl Fn(&mut Float, Round) -> Ordering,
    ) -> Self {
        let whole_range = Self::with_radius(Float::new(self.precision()), Magnitude::ONE);
        match self.radius.exponent() {
            Some(exponent) if exponent > 0 => return whole_range,
            None if !self.radius.is_zero() => return Self::unbounded(self.precision()),
            _ => {}
        }
        let value = self.near_midpoint(
            |x| function(x, Round::Nearest),
            |_, _| {
                let mut at_midpoint = self.mid.clone();
                slope(&mut at_midpoint, Round::AwayZero);
                let angle = Magnitude::PI * self.radius;
                angle * (Magnitude::above(&at_midpoint) + angle.scaled(-1))
            },
        );
        let ends = value.precision() + GUARD;
        let (lower, upper) = (value.lower(ends), value.upper(ends));
        if lower >= -1 && upper <= 1 {
            return value;
        }
        let unit = |x: Float| x.clamp(&-1, &1);
        Self::enclosing(&unit(lower), &unit(upper), value.precision())
    }

    fn exponent_of(value: &Float) -> i64 {
        value.get_exp().map_or(i64::MIN / 2, i64::from)
    }
}

impl Field for Ball {
    /// Radius zero whenever the precision holds the rational.
    fn constant(&self, value: Rational) -> Self {
        let (mid, ternary) = nearest_to_rational(value, self.precision());
        let radius = rounding_term(&mid, ternary);
        Self::with_radius(mid, radius)
    }

    fn exp(&self) -> Self {
        if !self.is_small_beside(0) {
            return self.through_ends(|mut x, round| {
                x.exp_round(round);
                x
            });
        }
        self.near_midpoint(
            |x| x.exp_round(Round::Nearest),
            |value, rounding| {
                let bound = Magnitude::above(value) + rounding;
                bound * self.radius * (Magnitude::ONE + self.radius)
            },
        )
    }

    fn exp_m1(&self) -> Self {
        if !self.is_small_beside(0) {
            return self.through_ends(|mut x, round| {
                x.exp_m1_round(round);
                x
            });
        }
        self.near_midpoint(
            |x| x.exp_m1_round(Round::Nearest),
            |value, _| {
                let exponential = Float::with_val_round(64, value + 1_u32, Round::Up).0;
                let slope = Magnitude::above(&exponential) + rounding_term(value, Ordering::Less);
                slope * self.radius * (Magnitude::ONE + self.radius)
            },
        )
    }

    fn phi(&self, k: u32) -> Self {
        self.phi_enclosed(k)
    }
}

impl Real for Ball {
    fn ln(&self) -> Self {
        if !self.is_narrow() {
            return self.through_ends(|mut x, round| {
                x.ln_round(round);
                x
            });
        }
        let distance = Magnitude::below(&self.mid).minus(self.radius);
        self.near_midpoint(
            |x| x.ln_round(Round::Nearest),
            |_, _| self.radius.over(distance),
        )
    }

    fn ln_1p(&self) -> Self {
        let shifted = Float::with_val_round(64, &self.mid + 1_u32, Round::Down).0;
        if !self.is_small_beside(Self::exponent_of(&shifted)) {
            return self.through_ends(|mut x, round| {
                x.ln_1p_round(round);
                x
            });
        }
        let distance = Magnitude::below(&shifted).minus(self.radius);
        self.near_midpoint(
            |x| x.ln_1p_round(Round::Nearest),
            |_, _| self.radius.over(distance),
        )
    }

    fn sqrt(&self) -> Self {
        if !self.is_narrow() {
            return self.through_ends(|mut x, round| {
                x.sqrt_round(round);
                x
            });
        }
        self.near_midpoint(
            |x| x.sqrt_round(Round::Nearest),
            |root, rounding| self.square_root_radius(root, rounding),
        )
    }

    fn sin_pi(&self) -> Self {
        self.circular(Float::sin_pi_round, Float::cos_pi_round)
    }

    fn cos_pi(&self) -> Self {
        self.circular(Float::cos_pi_round, Float::sin_pi_round)
    }

    /// In (-1, 1]; [-1, 1] for a box that meets the negative x-axis from both sides.
    fn atan2_pi(&self, x: &Self) -> Self {
        let precision = self.precision().max(x.precision());
        if !self.is_finite() || !x.is_finite() || (self.contains_zero() && x.contains_zero()) {
            return Self::unbounded(precision);
        }
        if self.contains_zero() && x.mid.is_sign_negative() {
            let one = Float::with_val(precision, 1);
            return if self.radius.is_zero() {
                Self::exact(one)
            } else {
                Self::with_radius(Float::new(precision), Magnitude::ONE)
            };
        }
        if self.radius.is_zero() && x.radius.is_zero() {
            return Self::rounded(precision, self.mid.atan2_pi_ref(&x.mid), Magnitude::ZERO);
        }
        self.through_corners(x, |y, x, round| {
            Float::with_val_round(y.prec(), y.atan2_pi_ref(x), round).0
        })
    }

    fn to_f64(&self) -> f64 {
        if self.is_finite() {
            self.mid.to_f64()
        } else {
            f64::NAN
        }
    }

    fn is_finite(&self) -> bool {
        self.radius.is_finite()
    }

    fn hull(&self, other: &Self) -> Self {
        let precision = self.precision().max(other.precision());
        if self.radius.is_zero() && other.radius.is_zero() && self.mid == other.mid {
            return self.to_precision(precision);
        }
        let ends = precision + GUARD;
        Self::enclosing(
            &self.lower(ends).min(&other.lower(ends)),
            &self.upper(ends).max(&other.upper(ends)),
            precision,
        )
    }

    /// Rounding to integers increases, so equal roundings of both ends decide for all points.
    fn nearest_integer(&self) -> Option<i64> {
        let ends = self.precision() + GUARD;
        let lower = self.lower(ends).round_even();
        let upper = self.upper(ends).round_even();
        if lower == upper {
            lower.to_integer()?.to_i64()
        } else {
            None
        }
    }

    fn pow(&self, exponent: &Self) -> Self {
        let precision = self.precision().max(exponent.precision());
        if self.contains_zero() || self.mid.is_sign_negative() || !exponent.is_finite() {
            return Self::unbounded(precision);
        }
        if self.radius.is_zero() && exponent.radius.is_zero() {
            return Self::rounded(
                precision,
                Pow::pow(&self.mid, &exponent.mid),
                Magnitude::ZERO,
            );
        }
        self.through_corners(exponent, |x, y, round| {
            Float::with_val_round(x.prec(), Pow::pow(x, y), round).0
        })
    }

    /// Exact, the precision being 53 bits at least.
    fn from_f64(&self, value: f64) -> Self {
        Self::rounded(self.precision(), value, Magnitude::ZERO)
    }
}
