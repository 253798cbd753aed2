//! + - * / and the sign.

use super::{Ball, GUARD, Magnitude};
use rug::Float;
use rug::float::Round;
use rug::ops::{AddAssignRound, DivAssignRound, MulAssignRound, NegAssign, SubAssignRound};
use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

impl Ball {
    /// Works in place where the precisions allow it.
    fn combined(
        mut self,
        other: &Self,
        propagated: Magnitude,
        operation: impl Fn(&mut Float, &Float) -> Ordering,
    ) -> Self {
        let precision = self.precision().max(other.precision());
        if self.mid.prec() < precision {
            self.mid.set_prec(precision);
        }
        let ternary = operation(&mut self.mid, &other.mid);
        self.settle(propagated, ternary);
        self
    }

    /// The hull of `operation` at the corners of the box `self` x `other`, for what is monotone in
    /// each argument along the box's edges. `operation` rounds as told.
    pub(super) fn through_corners(
        &self,
        other: &Self,
        operation: impl Fn(&Float, &Float, Round) -> Float,
    ) -> Self {
        let precision = self.precision().max(other.precision());
        let ends = |ball: &Self| [Round::Down, Round::Up].map(|r| ball.end(precision + GUARD, r));
        let mut corners = [Round::Down, Round::Up].map(|round| {
            ends(self)
                .iter()
                .flat_map(|x| ends(other).map(|y| operation(x, &y, round)))
                .collect::<Vec<_>>()
        });
        if corners.iter().flatten().any(|value| !value.is_finite()) {
            return Self::unbounded(precision);
        }
        for values in &mut corners {
            values.sort_by(Float::total_cmp);
        }
        match (corners[0].first(), corners[1].last()) {
            (Some(lower), Some(upper)) => Self::enclosing(lower, upper, precision),
            _ => Self::unbounded(precision),
        }
    }
}

impl Neg for Ball {
    type Output = Self;

    fn neg(mut self) -> Self {
        self.mid.neg_assign();
        self
    }
}

impl Add<&Ball> for Ball {
    type Output = Self;

    fn add(self, other: &Self) -> Self {
        let propagated = sum_radius(&self, other);
        self.combined(other, propagated, |x, y| {
            x.add_assign_round(y, Round::Nearest)
        })
    }
}

impl Sub<&Ball> for Ball {
    type Output = Self;

    fn sub(self, other: &Self) -> Self {
        let propagated = sum_radius(&self, other);
        self.combined(other, propagated, |x, y| {
            x.sub_assign_round(y, Round::Nearest)
        })
    }
}

impl Mul<&Ball> for Ball {
    type Output = Self;

    fn mul(self, other: &Self) -> Self {
        let propagated = product_radius(&self, other);
        self.combined(other, propagated, |x, y| {
            x.mul_assign_round(y, Round::Nearest)
        })
    }
}

/// r_x + r_y, for sums and differences.
#[inline]
pub(super) fn sum_radius(x: &Ball, y: &Ball) -> Magnitude {
    x.radius + y.radius
}

/// abs(m_x) r_y + r_x (abs(m_y) + r_y)
#[inline]
pub(super) fn product_radius(x: &Ball, y: &Ball) -> Magnitude {
    let mut radius = Magnitude::ZERO;
    if !y.radius.is_zero() {
        radius = Magnitude::above(&x.mid) * y.radius;
    }
    if !x.radius.is_zero() {
        radius = radius + x.radius * (Magnitude::above(&y.mid) + y.radius);
    }
    radius
}

impl Div<&Ball> for Ball {
    type Output = Self;

    /// The whole line if the divisor holds zero.
    fn div(mut self, divisor: &Self) -> Self {
        if divisor.is_narrow() {
            let own = self.radius;
            self = self.combined(divisor, Magnitude::ZERO, |x, y| {
                x.div_assign_round(y, Round::Nearest)
            });
            let radius = quotient_radius(own, divisor, &self.mid, self.radius);
            self.settle(radius, Ordering::Equal);
            self
        } else if divisor.contains_zero() {
            Self::unbounded(self.precision().max(divisor.precision()))
        } else {
            self.through_corners(divisor, |x, y, round| {
                Float::with_val_round(x.prec(), x / y, round).0
            })
        }
    }
}

/// `rounding` + (abs(q) r_y + r_x) / (abs(m_y) - r_y), where the exact q of the midpoints is within
/// `rounding` of `quotient`.
#[inline]
pub(super) fn quotient_radius(
    own: Magnitude,
    divisor: &Ball,
    quotient: &Float,
    rounding: Magnitude,
) -> Magnitude {
    if own.is_zero() && divisor.radius.is_zero() {
        return rounding;
    }
    let bound = Magnitude::above(quotient) + rounding;
    let distance = Magnitude::below(&divisor.mid).minus(divisor.radius);
    rounding + (bound * divisor.radius + own).over(distance)
}
