//! Intervals with directed roundings: the plainest enclosure, to judge balls by.

use rug::Float;
use rug::float::Round;
use rug::ops::AssignRound;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(crate) struct Interval {
    pub(crate) lower: Float,
    pub(crate) upper: Float,
}

fn rounded<T>(precision: u32, value: T, round: Round) -> Float
where
    Float: AssignRound<T, Round = Round, Ordering = Ordering>,
{
    Float::with_val_round(precision, value, round).0
}

impl Interval {
    fn precision(&self) -> u32 {
        self.lower.prec()
    }

    /// For functions that increase.
    pub(crate) fn increasing(&self, function: impl Fn(&mut Float, Round) -> Ordering) -> Self {
        let (mut lower, mut upper) = (self.lower.clone(), self.upper.clone());
        function(&mut lower, Round::Down);
        function(&mut upper, Round::Up);
        Interval { lower, upper }
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        let p = self.precision();
        Interval {
            lower: rounded(p, &self.lower + &other.lower, Round::Down),
            upper: rounded(p, &self.upper + &other.upper, Round::Up),
        }
    }

    pub(crate) fn sub(&self, other: &Self) -> Self {
        let p = self.precision();
        Interval {
            lower: rounded(p, &self.lower - &other.upper, Round::Down),
            upper: rounded(p, &self.upper - &other.lower, Round::Up),
        }
    }

    pub(crate) fn mul(&self, other: &Self) -> Self {
        self.corners(other, |x, y, round| rounded(x.prec(), x * y, round))
    }

    /// The divisor must not hold zero.
    pub(crate) fn div(&self, other: &Self) -> Self {
        self.corners(other, |x, y, round| rounded(x.prec(), x / y, round))
    }

    fn corners(&self, other: &Self, operation: impl Fn(&Float, &Float, Round) -> Float) -> Self {
        let mut lower = operation(&self.lower, &other.lower, Round::Down);
        let mut upper = operation(&self.lower, &other.lower, Round::Up);
        for x in [&self.lower, &self.upper] {
            for y in [&other.lower, &other.upper] {
                lower = lower.min(&operation(x, y, Round::Down));
                upper = upper.max(&operation(x, y, Round::Up));
            }
        }
        Interval { lower, upper }
    }

    /// sin(pi x): the ends, and 1 or -1 where a half-odd point lies inside.
    pub(crate) fn sin_pi(&self) -> Self {
        self.circular(Float::sin_pi_round, 0.5)
    }

    /// cos(pi x): the ends, and 1 or -1 where an integer lies inside.
    pub(crate) fn cos_pi(&self) -> Self {
        self.circular(Float::cos_pi_round, 0.0)
    }

    fn circular(&self, function: impl Fn(&mut Float, Round) -> Ordering, peak: f64) -> Self {
        let p = self.precision();
        let at = |x: &Float, round| {
            let mut value = x.clone();
            function(&mut value, round);
            value
        };
        let mut lower = at(&self.lower, Round::Down).min(&at(&self.upper, Round::Down));
        let mut upper = at(&self.lower, Round::Up).max(&at(&self.upper, Round::Up));
        // Is there an even (odd) integer n with lower <= n + peak <= upper?
        for (parity, is_maximum) in [(0.0, true), (1.0, false)] {
            let offset = peak + parity;
            let wide = 2 * p + 4096;
            let n: Float = (Float::with_val(wide, &self.lower - offset) / 2_u32).ceil() * 2_u32;
            if n + offset <= self.upper {
                if is_maximum {
                    upper = Float::with_val(p, 1);
                } else {
                    lower = Float::with_val(p, -1);
                }
            }
        }
        Interval { lower, upper }
    }
}
