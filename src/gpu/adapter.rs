//! The adapters that wgpu finds on this machine.

use super::device::available;
use crate::error::Result;
use wgpu::{Backends, DeviceType};

/// What an adapter is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A graphics processor, discrete, integrated or virtual.
    Hardware,
    /// A driver that computes on the CPU, such as lavapipe.
    Software,
    /// The driver does not say.
    Unknown,
}

/// One adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The driver's name for it.
    pub name: String,
    /// `vulkan`, `metal`, `dx12`.
    pub backend: String,
    /// Driver and its version, if told.
    pub driver: String,
    /// Hardware or software.
    pub kind: Kind,
}

/// Every adapter of this machine, hardware first; never empty.
///
/// # Errors
/// `E-ENVIRONMENT` if there is none.
pub fn adapters() -> Result<Vec<Adapter>> {
    let found = available(Backends::PRIMARY | Backends::GL)?;
    let adapters = found
        .iter()
        .map(|adapter| {
            let info = adapter.get_info();
            let kind = match info.device_type {
                DeviceType::Cpu => Kind::Software,
                DeviceType::Other => Kind::Unknown,
                _ => Kind::Hardware,
            };
            Adapter {
                driver: format!("{} {}", info.driver, info.driver_info)
                    .trim()
                    .to_owned(),
                backend: info.backend.to_string(),
                name: info.name,
                kind,
            }
        })
        .collect();
    Ok(adapters)
}
