//! How the samples of a tensor are cut where a binding cannot hold them all.

use crate::error::{Code, Error, Result};
use crate::fused::{Format, Shape};

/// Samples, or a part of one, in a binding of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) sample: usize,
    pub(super) samples: usize,
    /// Elements.
    pub(super) taken: usize,
    /// Elements of the binding before the first.
    pub(super) lead: usize,
    /// Bytes.
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// Cuts a tensor where a binding or a dispatch cannot hold it: one window for some samples, or
/// several for one.
pub(super) fn windows(
    shape: Shape,
    format: Format,
    limits: &wgpu::Limits,
) -> Result<Vec<Vec<Window>>> {
    let (batch, elements) = (shape.batch, shape.elements);
    let word = 4 / format.bytes();
    // 2^31 bytes keep every index in 32 bits.
    let bound = limits.max_storage_buffer_binding_size.min(1 << 31) / 4 * 4;
    let aligned = u64::from(limits.min_storage_buffer_offset_alignment).max(4);
    let window = |sample: usize, samples: usize, start: u64, taken: u64| {
        let bytes = start * format.bytes();
        let offset = bytes / aligned * aligned;
        let lead = (bytes - offset) / format.bytes();
        Window {
            sample,
            samples,
            taken: taken as usize,
            lead: lead as usize,
            offset,
            size: (lead + taken).div_ceil(word) * 4,
        }
    };
    // Elements that fit from an element on.
    let room = |start: u64| {
        let lead = start * format.bytes() % aligned;
        bound.saturating_sub(lead) / format.bytes()
    };
    let mut groups = Vec::new();
    let mut sample = 0;
    while sample < batch {
        let start = sample as u64 * elements as u64;
        let samples = (room(start) / elements as u64)
            .min((batch - sample) as u64)
            .min(u64::from(limits.max_compute_workgroups_per_dimension))
            as usize;
        if samples > 0 {
            let taken = samples as u64 * elements as u64;
            groups.push(vec![window(sample, samples, start, taken)]);
            sample += samples;
            continue;
        }
        let (mut part, end) = (start, start + elements as u64);
        let mut windows = Vec::new();
        while part < end {
            let taken = room(part).min(end - part);
            if taken == 0 {
                return Err(too_large(shape));
            }
            windows.push(window(sample, 1, part, taken));
            part += taken;
        }
        groups.push(windows);
        sample += 1;
    }
    Ok(groups)
}

pub(super) fn too_large(shape: Shape) -> Error {
    Error::new(
        Code::Memory,
        format!("{} samples of {} elements", shape.batch, shape.elements),
        "threshold",
        "choose fewer than 2^32 elements a sample, a smaller batch, or a device with larger limits",
    )
}
