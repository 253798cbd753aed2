//! The number formats that samplers compute in.

use crate::arithmetic::{Unit, narrow};
use crate::error::{Code, Result};
use crate::fused::from_f16;
use crate::id::choose;

/// The format that a sampler computes in; it decides what a rounding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// binary64, u = 2^-53.
    F64,
    /// binary32, u = 2^-24.
    F32,
    /// States in binary16, u = 2^-11; times, schedule and weights in f32 at least.
    F16,
    /// States in bfloat16, u = 2^-8; times, schedule and weights in f32 at least.
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

    /// What a rounding of times, schedule and weights loses: samplers that store states in f16 or
    /// bf16 compute these in f32 at least.
    pub fn schedule_unit(self) -> Unit {
        match self {
            Precision::F64 => Unit::F64,
            _ => Unit::F32,
        }
    }

    /// Its largest number.
    pub(super) fn largest(self) -> f64 {
        match self {
            Precision::F64 => f64::MAX,
            Precision::F32 | Precision::Bf16 => f64::from(f32::MAX),
            Precision::F16 => 65504.0,
        }
    }

    /// Whether states are stored in fewer bits than weights are computed in.
    pub(super) fn is_narrow(self) -> bool {
        self.unit() != self.schedule_unit()
    }

    /// The number nearest to `value` that times can be in: an f64 or an f32.
    pub fn near(self, value: f64) -> f64 {
        match self {
            Precision::F64 => value,
            _ => f64::from(value as f32),
        }
    }

    /// The number of the format that is nearest to `value`.
    pub(crate) fn rounded(self, value: f64) -> f64 {
        match self {
            Precision::F64 => value,
            Precision::F32 => f64::from(value as f32),
            Precision::F16 => f64::from(from_f16(narrow::to_f16_bits(value, 0.0))),
            Precision::Bf16 => {
                let bits = u32::from(narrow::to_bf16_bits(value, 0.0));
                f64::from(f32::from_bits(bits << 16))
            }
        }
    }
}
