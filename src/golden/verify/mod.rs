//! Re-deriving every number of a plan file by a second route.
//!
//! It shares no code with the first (`arithmetic`, `schedule`, `grid`, `solver`, `plan`) but the file
//! reader's data types and rug: enclosures are intervals with directed roundings instead of balls,
//! schedules and their inverses use other formulas, weights are moments of the Lagrange basis against
//! the exponential by a series of positive terms with a bound of the rest, predictions are solved
//! from their definitions, and the instruction list is written anew from the policy's definition.
//!
//! | file | what it derives anew |
//! |---|---|
//! | `interval`, `number` | enclosures; exact rationals as long as a number is one |
//! | `levels`, `discrete` | alpha, sigma, lambda, times |
//! | `grid`, `quantile` | which levels are visited |
//! | `weights` | integrals of the interpolant |
//! | `convert` | predictions, labels, input scales, state space |
//! | `program`, `multistep`, `singlestep` | the instruction list |
//! | `structure`, `digits` | the comparison |

mod convert;
mod digits;
mod discrete;
mod grid;
mod interval;
mod levels;
mod multistep;
mod number;
mod program;
mod quantile;
mod singlestep;
mod structure;
mod weights;

use crate::error::{Code, Error, Result};
use crate::plan::{Kind, PlanFile};
use digits::{Outcome, Tolerance};
use number::{Constants, Number};
use structure::Entry;

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Numbers re-derived; each was compared in every format that the file holds.
    pub values: usize,
    /// Numbers whose every format is correctly rounded; fewer only for double-double files.
    pub correct: usize,
    /// Bits of the second route's enclosures that decided every digit.
    pub precision: u32,
}

const FIRST: u32 = 256;
const LARGEST: u32 = 4096;
const MOST_STEPS: usize = 100_000;

/// Re-derives a plan from its request and compares instruction list and every published digit.
///
/// In a file without decimals (certificate kind `double-double`) a number may be off its correct
/// rounding by one unit in the last place, a weight by one unit of the largest weight beside it.
///
/// # Errors
/// `E-VERIFY` names the first place and format that differ, with both digits; `E-UNDECIDED` if an
/// enclosure of 4096 bits still could not decide a digit.
pub fn verify(file: &PlanFile) -> Result<Verified> {
    let (steps, start_at) = (file.request.steps, file.request.start_at);
    if start_at >= steps || steps > MOST_STEPS {
        return Err(Error::new(
            Code::Verify,
            format!("a run from node {start_at} of {steps} steps"),
            "grid.steps",
            format!("start before the last of at most {MOST_STEPS} steps"),
        ));
    }
    let mut precision = FIRST;
    loop {
        let undecided = match attempt(file, precision)? {
            Attempt::Decided(verified) => return Ok(verified),
            Attempt::Undecided(place) => place,
            Attempt::NoPlan if precision < LARGEST => String::new(),
            Attempt::NoPlan => {
                return Err(Error::new(
                    Code::Verify,
                    "solver, schedule, grid and policy together define no plan",
                    "request",
                    "derive the plan anew",
                ));
            }
        };
        precision *= 2;
        if precision > LARGEST {
            return Err(Error::new(
                Code::Undecided,
                format!("an enclosure of {LARGEST} bits does not decide a digit"),
                undecided,
                "check this number by other means",
            ));
        }
    }
}

enum Attempt {
    Decided(Verified),
    /// The place that needs more bits.
    Undecided(String),
    /// No program at this precision: a rounded label may be undecided, or there is none at all.
    NoPlan,
}

fn attempt(file: &PlanFile, precision: u32) -> Result<Attempt> {
    let Some(plan) = program::plan(&file.request, Constants { precision }) else {
        return Ok(Attempt::NoPlan);
    };
    let entries = structure::entries(&file.plan, &plan)?;
    let mut correctly = 0;
    for entry in &entries {
        let Entry {
            place,
            published,
            derived,
            row,
        } = entry;
        let tolerance = match file.certificate.kind {
            Kind::Ball { .. } => Tolerance::None,
            Kind::DoubleDouble => Tolerance::Unit(largest(row, derived)),
        };
        match digits::compare(published, derived, tolerance) {
            Outcome::Right { correct } => correctly += usize::from(correct),
            Outcome::Undecided => return Ok(Attempt::Undecided(place.clone())),
            Outcome::Wrong {
                format,
                expected,
                found,
            } => {
                return Err(Error::new(
                    Code::Verify,
                    format!("published {found}, re-derived {expected}"),
                    format!("{place}, format {format}"),
                    "derive the plan anew; if it differs again, report it",
                ));
            }
        }
    }
    Ok(Attempt::Decided(Verified {
        values: entries.len(),
        correct: correctly,
        precision,
    }))
}

fn largest<'a>(row: &[&'a Number], alone: &'a Number) -> &'a Number {
    let size = |number: &&&Number| number.approximate().abs();
    let ordered = |a: &&&Number, b: &&&Number| size(a).total_cmp(&size(b));
    row.iter().max_by(ordered).copied().unwrap_or(alone)
}
