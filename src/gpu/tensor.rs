//! A tensor's bytes in a buffer.

use crate::fused::{Format, from_f16, to_f16};

/// Values rounded to the format, as bytes.
pub(crate) fn packed(values: &[f32], format: Format) -> Vec<u8> {
    match format {
        Format::F32 => bytemuck::cast_slice(values).to_vec(),
        Format::F16 => values
            .iter()
            .flat_map(|x| to_f16(*x).to_le_bytes())
            .collect(),
    }
}

/// The values of a buffer's bytes.
pub(crate) fn unpacked(bytes: &[u8], format: Format) -> Vec<f32> {
    match format {
        Format::F32 => bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect(),
        Format::F16 => bytes
            .chunks_exact(2)
            .map(|b| from_f16(u16::from_le_bytes([b[0], b[1]])))
            .collect(),
    }
}
