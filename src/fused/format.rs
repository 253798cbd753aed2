//! How the production path stores a tensor.

use super::half::{from_f16, to_f16};
use std::fmt;

/// Storage of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// IEEE 754 binary32, 4 bytes.
    F32,
    /// IEEE 754 binary16, 2 bytes; arithmetic is done in f32.
    F16,
}

impl Format {
    /// Bytes of one element.
    pub fn bytes(self) -> u64 {
        match self {
            Format::F32 => 4,
            Format::F16 => 2,
        }
    }

    /// Bits of the significand; the unit roundoff is 2 to the power of minus this.
    pub fn significand(self) -> u32 {
        match self {
            Format::F32 => f32::MANTISSA_DIGITS,
            Format::F16 => 11,
        }
    }

    /// The number that is read back after `value` was stored.
    pub fn stored(self, value: f32) -> f32 {
        match self {
            Format::F32 => value,
            Format::F16 => from_f16(to_f16(value)),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::F32 => "f32",
            Format::F16 => "f16",
        })
    }
}

/// Samples of a batch, and elements of one sample; a tensor is dense, `[batch][elements]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Samples, at least 1.
    pub batch: usize,
    /// Elements of one sample, at least 1.
    pub elements: usize,
}

impl Shape {
    /// Elements of the tensor; more than any memory holds where they cannot be counted.
    pub fn len(self) -> usize {
        self.batch.saturating_mul(self.elements)
    }

    /// True if there is no element.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}
