//! A plan as CSV: one number a row, under the name it has in the plan file.

use super::decimal::decimal;
use crate::error::Result;
use crate::plan::{PlanFile, hexadecimal, pattern};

/// The plan as CSV with a header; f64 and f32 in hexadecimal, f16 and bf16 as bit patterns.
///
/// # Errors
/// Those of the number of digits: `E-PARAMETER`, `E-FEATURE`.
pub fn csv(file: &PlanFile, digits: usize) -> Result<String> {
    let mut text = "place,decimal,f64,f32,f16,bf16\n".to_owned();
    file.plan.try_map(|value, place| {
        let cells = [
            place(),
            decimal(value, digits)?,
            hexadecimal(value.f64),
            hexadecimal(value.f32.into()),
            pattern(value.f16),
            pattern(value.bf16),
        ];
        text.push_str(&cells.join(","));
        text.push('\n');
        Ok(())
    })?;
    Ok(text)
}

/// A cell; in quotes if it holds a comma.
pub(super) fn quoted(cell: &str) -> String {
    match cell.contains([',', '"']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}
