//! Exact solutions to a wanted width: the precision is doubled until the enclosure is that narrow.

use super::Problem;
use crate::arithmetic::Ball;
use crate::error::{Code, Error, Result};
use crate::golden::LAST_BITS;
use rug::Float;

/// Bits beyond the wanted ones at first: one doubling is dearer than these.
const GUARD_BITS: u32 = 56;
const FIRST_BITS: u32 = 128;

/// Where a flow line is entered, and at which noise level it is asked for.
#[derive(Clone, Debug)]
pub struct Passage {
    /// z = x/alpha at `tau_s`, one a component.
    pub z: Vec<Ball>,
    /// (sigma/alpha)^2 > 0 at entry.
    pub tau_s: Ball,
    /// (sigma/alpha)^2 >= 0 where the solution is wanted.
    pub tau_t: Ball,
}

/// The exact solution, each component enclosed in a ball at most 2^-`accuracy` wide.
///
/// `passage` makes entry and noise levels anew in the precision of its witness: exact numbers as
/// [`Ball::exact`], nodes from a [`Curve`](crate::schedule::Curve) of that witness.
///
/// # Errors
/// Those of `passage` and of the problem; `E-PROBLEM` for `images`, whose reference encloses nothing;
/// `E-UNDECIDED` if 4096 bits do not suffice.
pub fn solution_within(
    problem: &Problem,
    accuracy: u32,
    passage: impl Fn(&Ball) -> Result<Passage>,
) -> Result<Vec<Ball>> {
    if let Problem::Images(_) = problem {
        return Err(Error::new(
            Code::Problem,
            format!("`{problem}` has no closed solution"),
            "exact solution",
            "take Model::solution, whose runs agree to 1e-10",
        ));
    }
    enclosed_within(accuracy, |witness| {
        let Passage { z, tau_s, tau_t } = passage(witness)?;
        problem.model(witness).solution(&z, &tau_s, &tau_t)
    })
}

/// What `values` encloses, each ball at most 2^-`accuracy` wide; its argument is a witness of the
/// precision to work in.
///
/// # Errors
/// Those of `values` but `E-UNDECIDED` and `E-NONFINITE`, which a higher precision may cure;
/// `E-UNDECIDED` if 4096 bits do not suffice.
pub fn enclosed_within(
    accuracy: u32,
    values: impl Fn(&Ball) -> Result<Vec<Ball>>,
) -> Result<Vec<Ball>> {
    let mut bits = accuracy
        .saturating_add(GUARD_BITS)
        .clamp(FIRST_BITS, LAST_BITS);
    loop {
        match values(&Ball::exact(Float::with_val(bits, 1))) {
            Ok(balls) if balls.iter().all(|ball| is_within(ball, accuracy)) => return Ok(balls),
            Err(error) if !matches!(error.code, Code::Undecided | Code::NonFinite) => {
                return Err(error);
            }
            _ if bits >= LAST_BITS => {
                return Err(Error::new(
                    Code::Undecided,
                    format!("{LAST_BITS} bits give no enclosure of width 2^-{accuracy}"),
                    "exact solution",
                    "ask for a wider one, or move the start or the times",
                ));
            }
            _ => bits = bits.saturating_mul(2).min(LAST_BITS),
        }
    }
}

/// Whether twice the radius is at most 2^-accuracy.
fn is_within(ball: &Ball, accuracy: u32) -> bool {
    let radius = ball.radius();
    radius.is_zero()
        || radius
            .exponent()
            .is_some_and(|exponent| exponent < -i64::from(accuracy))
}
