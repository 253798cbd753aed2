//! The kernels of a program, and of exact networks, as plain data: for hosts that run them by other means than this crate,
//! such as a browser's own WebGPU, and for tests that look at them without a device.

use super::arrays::{Span, spans};
use super::kernels::{GROUP, workgroups};
use super::quantile::Search;
use super::stepper::Options;
use super::variant::{Array, Compile, Variant, of_pass};
use crate::error::Result;
use crate::fused::{Program, Shape, Stage};
use crate::noise::TABLE;

/// One dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The kernel's WGSL; its entry point is `advance`, its one bind group number 0.
    pub wgsl: String,
    /// The uniforms, by binding: numbers, and which part of the tensor this is.
    pub uniforms: Vec<(u32, Vec<u8>)>,
    /// The storage buffers, by binding.
    pub bindings: Vec<Bound>,
    /// Workgroups in x and y.
    pub groups: (u32, u32),
}

/// A part of an array that a dispatch binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Number of the binding.
    pub binding: u32,
    /// The array.
    pub array: Array,
    /// Whether it is written.
    pub written: bool,
    /// First byte and bytes.
    pub part: (u64, u64),
    /// What the array holds at first, unless the host or a kernel fills it.
    pub content: Option<Vec<u8>>,
}

/// The dispatches of every pass and thresholding, in the order of [`Program::stages`]; more than one
/// a pass where a tensor exceeds the limits.
///
/// # Errors
/// `E-PARAMETER` if a pass has more terms than the kernel; `E-MEMORY` beyond the limits;
/// `E-THRESHOLD`.
pub fn dispatches(
    program: &Program<f32>,
    shape: Shape,
    options: Options,
    limits: &wgpu::Limits,
) -> Result<Vec<Vec<Dispatch>>> {
    let spans = spans(shape, options.format, options.noise, limits)?;
    let most = limits.max_compute_workgroups_per_dimension;
    let mut made = Vec::new();
    for stage in &program.stages {
        let pass = match stage {
            Stage::Pass(pass) => pass,
            Stage::Threshold { output } => {
                if let Some(rule) = program.threshold {
                    let search = Search::to_threshold(limits, shape, options.format, rule)?;
                    made.push(search.dispatches(Array::Output(*output)));
                }
                continue;
            }
            Stage::Call { .. } => continue,
        };
        let (variant, row) = of_pass(pass, Compile::of(options))?;
        let wgsl = variant.wgsl(options.format);
        let parts = spans.iter().map(|span| Dispatch {
            wgsl: wgsl.clone(),
            uniforms: vec![
                (0, bytemuck::bytes_of(&row).to_vec()),
                (1, bytemuck::bytes_of(span).to_vec()),
            ],
            bindings: bound(&variant, span),
            groups: workgroups(u64::from(span.packs), GROUP, most),
        });
        made.push(parts.collect());
    }
    Ok(made)
}

fn bound(variant: &Variant, span: &Span) -> Vec<Bound> {
    let bindings = variant.bindings.iter();
    bindings
        .map(|&(binding, array, written)| match array {
            Array::NormalTable => Bound::filled(binding, array, written, &TABLE),
            _ => Bound {
                binding,
                array,
                written,
                part: span.part(),
                content: None,
            },
        })
        .collect()
}

impl Bound {
    /// The whole of an array that holds some numbers at first.
    pub(super) fn filled<T: bytemuck::NoUninit>(
        binding: u32,
        array: Array,
        written: bool,
        content: &[T],
    ) -> Self {
        let content: &[u8] = bytemuck::cast_slice(content);
        Bound {
            binding,
            array,
            written,
            part: (0, content.len() as u64),
            content: Some(content.to_vec()),
        }
    }
}
