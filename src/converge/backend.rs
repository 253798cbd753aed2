//! Which numbers a sampler computes with.

use super::fused::{self, Devices};
use super::{Point, Study, run};
use crate::error::{Code, Error, Result};
use crate::fused::Format;
use crate::id::suggestion;
use crate::plan::Request;
use std::fmt;

/// The numbers of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Floats of this many bits, against an enclosure of the exact solution (feature `oracle`).
    Big(u32),
    /// The f64 plan, run in f64.
    F64,
    /// The f32 plan, run in f32.
    F32,
    /// The fused program on the first GPU, stored in this format (feature `gpu`); in the
    /// deterministic variant, so that the error is the same on every adapter.
    Gpu(Format),
    /// The fused program on the CPU, stored in this format (feature `cpu`).
    Cpu(Format),
}

/// Least and most bits: beyond them an error may not fit into an f64.
const BITS: std::ops::RangeInclusive<u32> = 53..=960;

impl Backend {
    /// The ids of all backends.
    pub const IDS: &'static [&'static str] = &[
        "big:BITS", "f64", "f32", "gpu-f32", "gpu-f16", "cpu-f32", "cpu-f16",
    ];

    /// The ids of those that run fused programs.
    pub const DEVICES: &'static [&'static str] = &["gpu-f32", "gpu-f16", "cpu-f32", "cpu-f16"];

    /// The best of this build: 200 bits with `oracle`, else f64.
    pub fn best() -> Self {
        match cfg!(feature = "oracle") {
            true => Backend::Big(200),
            false => Backend::F64,
        }
    }

    /// Parses `big:200`, `f64`, `f32`, `gpu-f32`, `gpu-f16`, `cpu-f32` or `cpu-f16`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN`; `E-PARAMETER` for bits outside 53 to 960.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "f64" => return Ok(Backend::F64),
            "f32" => return Ok(Backend::F32),
            "gpu-f32" => return Ok(Backend::Gpu(Format::F32)),
            "gpu-f16" => return Ok(Backend::Gpu(Format::F16)),
            "cpu-f32" => return Ok(Backend::Cpu(Format::F32)),
            "cpu-f16" => return Ok(Backend::Cpu(Format::F16)),
            "big" => return Ok(Backend::Big(200)),
            _ => {}
        }
        let Some(bits) = text.strip_prefix("big:") else {
            return Err(Error::new(
                Code::UnknownId,
                format!("unknown backend `{text}`"),
                "backend",
                suggestion(text, Self::IDS),
            ));
        };
        let bits = bits.parse().ok().filter(|bits| BITS.contains(bits));
        bits.map(Backend::Big).ok_or_else(|| {
            Error::new(
                Code::Parameter,
                format!("`{text}`"),
                "backend",
                format!(
                    "write big:BITS with {} to {} bits",
                    BITS.start(),
                    BITS.end()
                ),
            )
        })
    }

    /// The unit roundoff u.
    pub fn unit(self) -> f64 {
        let bits = match self {
            Backend::Big(bits) => bits,
            Backend::F64 => f64::MANTISSA_DIGITS,
            Backend::F32 => f32::MANTISSA_DIGITS,
            Backend::Gpu(format) | Backend::Cpu(format) => format.significand(),
        };
        // A power of two, exact by its bits.
        f64::from_bits(u64::from(1023 - bits) << 52)
    }

    /// Storage on the device, where the fused program runs.
    pub fn format(self) -> Option<Format> {
        match self {
            Backend::Gpu(format) | Backend::Cpu(format) => Some(format),
            _ => None,
        }
    }

    /// The numbers that states are kept in: `big:200`, `f64`, `f32`, `f16`.
    pub fn numbers(self) -> String {
        match self.format() {
            Some(format) => format.to_string(),
            None => self.to_string(),
        }
    }

    /// Runs a study at one number of steps.
    pub(super) fn point(
        self,
        study: &Study,
        request: &Request,
        devices: &Devices,
    ) -> Result<Point> {
        match self {
            Backend::Gpu(format) | Backend::Cpu(format) => {
                fused::point(study, request, devices, format)
            }
            Backend::F64 => run::point(study, request, &1.0_f64),
            Backend::F32 => run::point(study, request, &1.0_f32),
            #[cfg(feature = "oracle")]
            Backend::Big(bits) => run::point(study, request, &rug::Float::with_val(bits, 1)),
            #[cfg(not(feature = "oracle"))]
            Backend::Big(_) => Err(Error::new(
                Code::Feature,
                "this build lacks the feature `oracle`",
                format!("backend `{self}`"),
                "choose f64 or f32, or cargo install dpm-spec --features cli,oracle",
            )),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backend::Big(bits) => write!(f, "big:{bits}"),
            Backend::F64 => f.write_str("f64"),
            Backend::F32 => f.write_str("f32"),
            Backend::Gpu(format) => write!(f, "gpu-{format}"),
            Backend::Cpu(format) => write!(f, "cpu-{format}"),
        }
    }
}
