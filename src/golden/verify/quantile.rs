//! Quantiles of the Beta distribution, correctly rounded to f64, by bisection with a proven bracket.

use super::number::{Constants, Number};
use crate::arithmetic::{Rational, rational};

/// The f64 nearest to the x with I_x(a, b) = `probability`; none while that is undecided.
///
/// A search at low precision proposes it; the two midpoints around it, one on each side of the
/// quantile at full precision, prove it.
pub(super) fn quantile(
    a: Rational,
    b: Rational,
    probability: Rational,
    constants: Constants,
) -> Option<f64> {
    if probability <= rational(0, 1) || probability >= rational(1, 1) {
        return Some(if probability > rational(0, 1) {
            1.0
        } else {
            0.0
        });
    }
    let rough = Beta::new(a, b, probability, Constants { precision: 96 });
    let (mut below, mut above) = (0.0_f64.to_bits(), 1.0_f64.to_bits());
    while above - below > 1 {
        let middle = below.midpoint(above);
        let x = rough.mass.constants().float(f64::from_bits(middle));
        match rough.exceeds(&x) {
            Some(true) => above = middle,
            Some(false) => below = middle,
            // Within the width of an enclosure: one of the neighbours is the nearest.
            None => {
                (below, above) = (middle, middle);
                break;
            }
        }
    }
    let fine = Beta::new(a, b, probability, constants);
    (below.saturating_sub(1)..=above + 1).find_map(|bits| {
        let float = |bits| constants.float(f64::from_bits(bits));
        let middle = |to: u64| (float(bits) + float(to)).scaled(1, 2);
        let proven =
            !fine.exceeds(&middle(bits.checked_sub(1)?))? && fine.exceeds(&middle(bits + 1))?;
        proven.then(|| f64::from_bits(bits))
    })
}

/// A Beta distribution and a probability.
struct Beta {
    a: Rational,
    b: Rational,
    /// The probability times B(a, b).
    target: Number,
    /// B(a, b).
    mass: Number,
}

impl Beta {
    fn new(a: Rational, b: Rational, probability: Rational, constants: Constants) -> Self {
        let half = constants.ratio(1, 2);
        let mass = incomplete(a, b, &half) + incomplete(b, a, &half);
        Beta {
            a,
            b,
            target: &mass * constants.parameter(probability),
            mass,
        }
    }

    /// Whether I_x exceeds the probability, if that is decided.
    fn exceeds(&self, x: &Number) -> Option<bool> {
        let constants = x.constants();
        let one = constants.integer(1);
        let reached = match x.is_below(&constants.ratio(1, 2))? {
            true => incomplete(self.a, self.b, x),
            false => &self.mass - incomplete(self.b, self.a, &(one - x)),
        };
        self.target.is_below(&reached)
    }
}

/// B_x(a, b) = int_0^x t^(a-1) (1-t)^(b-1) dt for 0 <= x <= 1/2: (1-t)^(b-1) expanded by the binomial
/// theorem and integrated term by term, x^a sum_k (1-b)_k/k! x^k/(a+k) (NIST DLMF 8.17.7).
fn incomplete(a: Rational, b: Rational, x: &Number) -> Number {
    let constants = x.constants();
    let (power, shape) = (x.pow(a), constants.parameter(b));
    let first = constants.parameter(a);
    let x = x.rounded();
    let mut coefficient = constants.integer(1).rounded();
    let mut sum = constants.integer(0);
    let smallest = (-f64::from(constants.precision)).exp2();
    for k in 0.. {
        let count = constants.integer(k);
        let term = &coefficient / (&first + &count);
        sum = sum + &term;
        // From k > b on each coefficient is at most x <= 1/2 times the one before.
        let settled = shape.is_below(&count) == Some(true);
        if settled && term.approximate().abs() < smallest {
            let rest = &term + &term;
            return power * (&sum + rest.hull(&-&rest));
        }
        coefficient =
            coefficient * (count - &shape + constants.integer(1)) * &x / constants.integer(k + 1);
    }
    sum
}
