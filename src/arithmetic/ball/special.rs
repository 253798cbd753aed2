//! pi, erfc and the interval Newton step.

use super::{Ball, Magnitude};
use crate::arithmetic::Real;
use crate::error::{Code, Error, Result};
use rug::Float;
use rug::float::{Constant, Round};

/// An upper bound of 2/sqrt(pi) = 1.12838, as (1 + 2^-3 + 2^-8).
fn two_over_root_pi() -> Magnitude {
    Magnitude::ONE + Magnitude::power_of_two(-3) + Magnitude::power_of_two(-8)
}

impl Ball {
    pub(in crate::arithmetic) fn enclosed_pi(&self) -> Self {
        Self::rounded(self.precision(), Constant::Pi, Magnitude::ZERO)
    }

    /// erfc decreases, with slope -2/sqrt(pi) e^(-x^2): a narrow ball takes the largest slope on
    /// it, a wide one the two ends.
    pub(in crate::arithmetic) fn enclosed_erfc(&self) -> Self {
        let scale = self.mid.get_exp().map_or(0, |e| i64::from(e).max(0));
        if !self.is_small_beside(-scale) {
            let mirrored = -self.clone();
            return mirrored.through_ends(|mut x, round| {
                x = -x;
                x.erfc_round(round);
                x
            });
        }
        self.near_midpoint(
            |x| x.erfc_round(Round::Nearest),
            |_, _| {
                let nearest = Magnitude::below(&self.mid).minus(self.radius);
                let nearest = nearest.to_float(Round::Down);
                let mut exponent = Float::with_val_round(64, nearest.square_ref(), Round::Down).0;
                exponent = -exponent;
                exponent.exp_round(Round::Up);
                two_over_root_pi() * Magnitude::above(&exponent) * self.radius
            },
        )
    }

    /// See [`Special::certified_root`](crate::arithmetic::Special::certified_root). The first
    /// neighbourhood is twice as wide as the Newton step from the midpoint; a slope that varies
    /// much over it gets wider ones.
    pub(in crate::arithmetic) fn interval_newton(
        &self,
        value: &Self,
        slope: impl Fn(&Self) -> Self,
    ) -> Result<Self> {
        const ATTEMPTS: i64 = 6;
        let point = Self::exact(self.mid.clone());
        let step = value.clone() / &slope(&point);
        let unit = self
            .mid
            .get_exp()
            .map_or(i64::from(rug::float::exp_min()), i64::from)
            - i64::from(self.precision());
        let reach = Magnitude::above(&step.mid) + step.radius + Magnitude::power_of_two(unit);
        for attempt in 1..=ATTEMPTS {
            let radius = reach.scaled(attempt);
            let image = point.clone()
                - &(value.clone() / &slope(&Self::with_radius(self.mid.clone(), radius)));
            let moved = Float::with_val_round(64, &image.mid - &self.mid, Round::AwayZero).0;
            let outermost = Magnitude::above(&moved) + image.radius;
            // both radii are exact numbers here, so a positive difference is certain
            if self.is_finite() && radius.is_finite() && !radius.minus(outermost).is_zero() {
                return Ok(image);
            }
        }
        Err(Error::new(
            Code::Undecided,
            format!("no neighbourhood of {:.6} is mapped into itself", self.mid),
            "root",
            "raise the precision, or start nearer to the root",
        ))
    }
}
