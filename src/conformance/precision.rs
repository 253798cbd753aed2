//! The number formats that samplers compute in.

use crate::arithmetic::Unit;
use crate::error::{Code, Result};
use crate::fused::{from_f16, to_f16};
use crate::id::choose;

/// The format that a sampler computes in; it decides what a rounding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// binary64, u = 2^-53.
    F64,
    /// binary32, u = 2^-24.
    F32,
    /// binary16, u = 2^-11.
    F16,
    /// bfloat16, u = 2^-8.
    Bf16,
}

const NAMES: &[(&str, Precision)] = &[
    ("f64", Precision::F64),
    ("f32", Precision::F32),
    ("f16", Precision::F16),
    ("bf16", Precision::Bf16),
];

impl Precision {
    /// Parses `f64`, `f32`, `f16` or `bf16`.
    ///
    /// # Errors
    /// `E-PARAMETER` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        choose(text, NAMES, Code::Parameter, "element")
    }

    /// The name as typed.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, precision)| *precision == self)
            .map_or("", |(name, _)| name)
    }

    /// What one of its roundings loses.
    pub fn unit(self) -> Unit {
        match self {
            Precision::F64 => Unit::F64,
            Precision::F32 => Unit::F32,
            Precision::F16 => Unit::F16,
            Precision::Bf16 => Unit::BF16,
        }
    }

    /// A number of the format next to a number of ordinary size: exact for f64 and f32, elsewhere
    /// within one unit.
    pub fn near(self, value: f64) -> f64 {
        let single = value as f32;
        match self {
            Precision::F64 => value,
            Precision::F32 => f64::from(single),
            Precision::F16 => f64::from(from_f16(to_f16(single))),
            Precision::Bf16 => f64::from(f32::from_bits(single.to_bits() & 0xffff_0000)),
        }
    }
}
