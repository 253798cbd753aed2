//! Plans without a C library: derived in double-double, every number rounded once.

use super::file::{Certificate, Kind, PlanFile};
use super::number::Value;
use super::{Request, derive};
use crate::arithmetic::DoubleDouble;
use crate::error::Result;

/// The plan of a request in f64, f32, f16 and bf16, from double-double; decimals are absent.
///
/// Each number is off its correct rounding in rare cases only, and never by more than one unit in the
/// last place (weights: of the row's largest entry).
///
/// # Errors
/// Those of [`derive()`].
pub fn double_double_plan(request: &Request) -> Result<PlanFile> {
    let plan = derive(request, &DoubleDouble::ONE)?;
    let plan = plan.try_map(|value, _| Ok(rounded(*value)))?;
    Ok(PlanFile {
        request: request.clone(),
        plan,
        certificate: Certificate::new(Kind::DoubleDouble),
    })
}

fn rounded(value: DoubleDouble) -> Value {
    // A zero is exact and has no sign, as in a certified plan.
    let value = if value == DoubleDouble::ZERO {
        DoubleDouble::ZERO
    } else {
        value
    };
    Value {
        dec: None,
        f64: value.hi(),
        f32: value.to_f32(),
        f16: value.to_f16_bits(),
        bf16: value.to_bf16_bits(),
    }
}
