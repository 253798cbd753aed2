//! The kernels of a program as plain data: for hosts that run them by other means than this crate,
//! such as a browser's own WebGPU, and for tests that look at them without a device.

use super::arrays::{Span, spans};
use super::kernels::{GROUP, workgroups};
use super::stepper::Options;
use super::variant::{Array, Compile, Variant, of_pass};
use crate::error::Result;
use crate::fused::{Program, Shape};
use crate::noise::TABLE;

/// One dispatch of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The kernel's WGSL; its entry point is `advance`, its one bind group number 0.
    pub wgsl: String,
    /// The uniform at binding 0: the numbers of the pass.
    pub row: Vec<u8>,
    /// The uniform at binding 1: which part of the tensor this is.
    pub span: Vec<u8>,
    /// The storage buffers, by binding.
    pub bindings: Vec<Bound>,
    /// Workgroups in x and y.
    pub groups: (u32, u32),
}

/// A part of an array that a dispatch binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Number of the binding.
    pub binding: u32,
    /// The array; [`Array::NormalTable`] is filled with [`TABLE`], the others are the host's.
    pub array: Array,
    /// Whether it is written.
    pub written: bool,
    /// First byte and bytes.
    pub part: (u64, u64),
}

/// The dispatches of every pass, in the order of [`Program::passes`]; more than one a pass where a
/// tensor exceeds the limits.
///
/// # Errors
/// `E-PARAMETER` if a pass has more terms than the kernel; `E-MEMORY` beyond the limits.
pub fn dispatches(
    program: &Program<f32>,
    shape: Shape,
    options: Options,
    limits: &wgpu::Limits,
) -> Result<Vec<Vec<Dispatch>>> {
    let spans = spans(shape, options.format, options.noise, limits)?;
    let most = limits.max_compute_workgroups_per_dimension;
    let mut passes = Vec::new();
    for pass in program.passes() {
        let (variant, row) = of_pass(pass, Compile::of(options))?;
        let wgsl = variant.wgsl(options.format);
        let parts = spans.iter().map(|span| Dispatch {
            wgsl: wgsl.clone(),
            row: bytemuck::bytes_of(&row).to_vec(),
            span: bytemuck::bytes_of(span).to_vec(),
            bindings: bound(&variant, span),
            groups: workgroups(u64::from(span.packs), GROUP, most),
        });
        passes.push(parts.collect());
    }
    Ok(passes)
}

fn bound(variant: &Variant, span: &Span) -> Vec<Bound> {
    let bindings = variant.bindings.iter();
    let part = |array| match array {
        Array::NormalTable => (0, size_of_val(&TABLE) as u64),
        _ => span.part(),
    };
    bindings
        .map(|&(binding, array, written)| Bound {
            binding,
            array,
            written,
            part: part(array),
        })
        .collect()
}
