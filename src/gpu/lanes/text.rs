//! The kernels' texts.

use super::super::shader::{select, storage, workgroup};
use super::super::stepper::Options;
use super::rows::{features, steps};
use crate::error::Result;
use crate::fused::{Format, Program};
use std::collections::BTreeSet;

const ROWS: &str = include_str!("../lanes_rows.wgsl");

/// The step of all lanes.
pub(super) fn step(format: Format, features: &BTreeSet<String>) -> String {
    let step = select(include_str!("../lanes.wgsl"), features);
    format!("{}\n{ROWS}\n{step}", storage(format))
}

/// The lanes' way to their next rows.
pub(super) fn next() -> String {
    format!(
        "{}{ROWS}\n{}",
        workgroup(),
        include_str!("../lanes_next.wgsl")
    )
}

/// The WGSL of the kernels that [`Lanes`](super::Lanes) runs for some programs, without a device.
///
/// # Errors
/// `E-PARAMETER` for a program that lanes don't take.
pub fn lanes_texts(programs: &[Program<f32>], options: Options) -> Result<Vec<String>> {
    let mut rows = Vec::new();
    for program in programs {
        rows.extend(steps(program)?.0);
    }
    Ok(vec![
        step(options.format, &features(&rows, options)),
        next(),
    ])
}
