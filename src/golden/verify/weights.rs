//! Weights as integrals of the interpolating polynomial against the exponential.
//!
//! Over a step of size h the variation-of-constants formula adds h int_0^1 e^{z (1-u)} g(u) du, z = c h.
//! With g replaced by its Lagrange interpolant on points at u_0, u_1, ... the weight of point j is
//! h sum_k a_jk M_k, where a_jk are the coefficients of the basis polynomial and M_k is the moment
//! int_0^1 e^{z (1-u)} u^k du. Published methods replace one moment by a shortcut ([`Rule`]).

use super::interval::Interval;
use super::number::{Constants, Number};
use rug::Float;
use rug::float::Round;
use rug::ops::{AddAssignRound, DivAssignRound, MulAssignRound};

/// Which moments a method uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The exact ones.
    Exact,
    /// M_1 := M_0/2: the slope acts as if constant, at the middle of the step (2m, 2s).
    HalfSlope,
    /// M_2 := M_2/2: the published third-order multistep formula.
    HalfCurvature,
}

/// One weight per point; `positions` in units of the step, 0 its start, 1 its end.
pub(super) fn weights(h: &Number, c: &Number, positions: &[Number], rule: Rule) -> Vec<Number> {
    let constants = h.constants();
    let z = (h * c).enclosure();
    let moments: Vec<Number> = (0..positions.len() as u32)
        .map(|k| h * constants.within(moment(&z, k)))
        .collect();
    (0..positions.len())
        .map(|j| {
            let coefficients = shortened(basis(constants, positions, j), rule);
            let terms = coefficients.iter().zip(&moments).map(|(a, m)| a * m);
            terms.fold(constants.integer(0), |sum, term| sum + term)
        })
        .collect()
}

/// Weights of a step of length 1 without a linear term: the moments are 1/(k+1).
pub(super) fn plain_weights(constants: Constants, positions: &[Number]) -> Vec<Number> {
    let weight = |j| {
        let terms = basis(constants, positions, j);
        let terms = terms.iter().zip(1..).map(|(a, k)| a.scaled(1, k));
        terms.fold(constants.integer(0), |sum, term| sum + term)
    };
    (0..positions.len()).map(weight).collect()
}

/// The shortcut, as a change of coefficients: a weight that it makes 0 is then exactly 0.
fn shortened(mut coefficients: Vec<Number>, rule: Rule) -> Vec<Number> {
    match (rule, coefficients.as_slice()) {
        (Rule::HalfSlope, [level, slope]) => vec![level + slope.scaled(1, 2)],
        (Rule::HalfCurvature, [_, _, _]) => {
            coefficients[2] = coefficients[2].scaled(1, 2);
            coefficients
        }
        _ => coefficients,
    }
}

/// int_0^h e^{c (h-x)} dx for c = 1 or -1.
pub(super) fn accumulated(h: &Number, c: i64) -> Number {
    let z = h.scaled(c, 1).enclosure();
    h * h.constants().within(moment(&z, 0))
}

/// The coefficients, lowest first, of the polynomial that is 1 at point `j` and 0 at the others.
fn basis(constants: Constants, positions: &[Number], j: usize) -> Vec<Number> {
    let mut polynomial = vec![constants.integer(1)];
    for (_, zero) in positions.iter().enumerate().filter(|(i, _)| *i != j) {
        let span = &positions[j] - zero;
        let mut product = vec![constants.integer(0); polynomial.len() + 1];
        for (k, coefficient) in polynomial.iter().enumerate() {
            product[k + 1] = &product[k + 1] + coefficient;
            product[k] = &product[k] - coefficient * zero;
        }
        polynomial = product
            .iter()
            .map(|coefficient| coefficient / &span)
            .collect();
    }
    polynomial
}

/// Beyond this |z| the series is not summed: the result is the whole line, never a guess.
const LARGEST: u32 = 100_000;

/// int_0^1 e^{z (1-u)} u^k du.
///
/// Expanding e^{z (1-u)} for z > 0 gives sum_m k! z^m/(m+k+1)!; for z < 0, e^z e^{-z u} gives
/// e^z sum_m (-z)^m/(m! (m+k+1)). All terms are positive, so the bounds are sums rounded one way.
fn moment(z: &Interval, k: u32) -> Interval {
    let precision = z.lower().prec();
    if *z.upper() <= LARGEST && *z.lower() > 0 {
        return Interval::between(
            rising(z.lower(), k, Round::Down),
            rising(z.upper(), k, Round::Up),
        );
    }
    if *z.upper() < 0 && *z.lower() >= -f64::from(LARGEST) {
        let x = z.neg();
        let sum = Interval::between(
            falling(x.lower(), k, Round::Down),
            falling(x.upper(), k, Round::Up),
        );
        return z.exp().mul(&sum);
    }
    Interval::unbounded(precision)
}

/// A bound of sum_m k! z^m/(m+k+1)! for z > 0.
fn rising(z: &Float, k: u32, round: Round) -> Float {
    let first = reciprocal(z.prec(), k + 1, round);
    series(z, first.clone(), first, round, |term, m| {
        term.mul_assign_round(z, round);
        term.div_assign_round(m + k + 1, round);
        term.clone()
    })
}

/// A bound of sum_m x^m/(m! (m+k+1)) for x > 0.
fn falling(x: &Float, k: u32, round: Round) -> Float {
    let first = reciprocal(x.prec(), k + 1, round);
    series(x, Float::with_val(x.prec(), 1), first, round, |power, m| {
        power.mul_assign_round(x, round);
        power.div_assign_round(m, round);
        let mut term = power.clone();
        term.div_assign_round(m + k + 1, round);
        term
    })
}

fn reciprocal(precision: u32, value: u32, round: Round) -> Float {
    let mut one = Float::with_val(precision, 1);
    one.div_assign_round(value, round);
    one
}

/// `first` plus what `next` makes of `carried` for m = 1, 2, ..., and at Round::Up a bound of the rest.
///
/// Each term is at most x/m times the one before. Once m > 2x the rest is at most the last term.
fn series(
    x: &Float,
    mut carried: Float,
    first: Float,
    round: Round,
    mut next: impl FnMut(&mut Float, u32) -> Float,
) -> Float {
    let mut sum = first;
    let settled = 2.0 * x.to_f64_round(Round::Up);
    for m in 1..u32::MAX {
        let term = next(&mut carried, m);
        sum.add_assign_round(&term, round);
        let negligible = match (term.get_exp(), sum.get_exp()) {
            (Some(term), Some(sum)) => i64::from(term) < i64::from(sum) - i64::from(x.prec()),
            _ => true,
        };
        if f64::from(m) >= settled && negligible {
            if round == Round::Up {
                sum.add_assign_round(&term, round);
            }
            break;
        }
    }
    sum
}
