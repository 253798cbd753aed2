//! Certified plans: derived in balls, at twice the precision until every rounding is decided.

use super::round::Decision;
use crate::arithmetic::{Ball, Traced};
use crate::error::{Code, Error, Result};
use crate::plan::{Certificate, Kind, Plan, PlanFile, Request, Value, derive};
use rug::Float;

/// The first precision in bits.
pub const FIRST_BITS: u32 = 128;
/// The last precision in bits.
pub const LAST_BITS: u32 = 4096;
/// From this precision on a number that is left open is suspected to lie on a tie, and rationals are
/// carried exactly beside the balls.
const TRACED_BITS: u32 = 512;

/// The plan of a request, every number correctly rounded to 40 digits, f64, f32, f16 and bf16.
///
/// # Errors
/// Those of [`derive()`]; `E-UNDECIDED` naming a number whose rounding [`LAST_BITS`] do not decide.
pub fn certify(request: &Request) -> Result<PlanFile> {
    let witness = |bits| Ball::exact(Float::with_val(bits, 1));
    let (plan, bits) = decide(|bits| match bits {
        ..TRACED_BITS => derive(request, &witness(bits)),
        _ => derive(request, &Traced::of(witness(bits)))?.try_map(|value, _| Ok(value.tightest())),
    })?;
    Ok(PlanFile {
        request: request.clone(),
        plan,
        certificate: Certificate::new(Kind::Ball { bits }),
    })
}

/// Rounds the plan that `enclose` gives for a precision, raising the precision until every rounding is
/// decided; also the precision that decided the last one.
///
/// # Errors
/// The first error of `enclose` that no precision can cure; `E-UNDECIDED`.
pub fn decide(enclose: impl Fn(u32) -> Result<Plan<Ball>>) -> Result<(Plan<Value>, u32)> {
    let mut decisions: Vec<Decision> = Vec::new();
    let mut bits = FIRST_BITS;
    loop {
        let last = bits >= LAST_BITS;
        match enclose(bits) {
            Ok(plan) => match refine(&mut decisions, &plan) {
                None => return Ok((rounded(&plan, &decisions)?, bits)),
                Some(place) if last => return Err(undecided(&place)),
                Some(_) => {}
            },
            Err(e) if !last && matches!(e.code, Code::NonFinite | Code::GridRounding) => {}
            Err(e) => return Err(e),
        }
        bits *= 2;
    }
}

/// Refines one decision a number; the place of a number that stays undecided.
fn refine(decisions: &mut Vec<Decision>, plan: &Plan<Ball>) -> Option<String> {
    let mut index = 0;
    let mut open = None;
    // the closure never fails
    let _ = plan.try_map(|ball, place| {
        if decisions.len() == index {
            decisions.push(Decision::default());
        }
        let decision = &mut decisions[index];
        index += 1;
        decision.refine(ball);
        if open.is_none() && !decision.undecided().is_empty() {
            open = Some(format!("{} ({})", place(), decision.undecided().join(", ")));
        }
        Ok(())
    });
    open
}

fn rounded(plan: &Plan<Ball>, decisions: &[Decision]) -> Result<Plan<Value>> {
    let mut decisions = decisions.iter();
    plan.try_map(|_, place| {
        let decision = decisions.next().cloned().unwrap_or_default();
        decision.value().map_err(|e| e.at(place()))
    })
}

fn undecided(place: &str) -> Error {
    Error::new(
        Code::Undecided,
        format!("{LAST_BITS} bits do not decide a rounding"),
        place,
        "move the grid or a parameter a little; the number may lie exactly between two floats",
    )
}
