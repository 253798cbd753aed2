//! A fused program on any device, its tensors in the host's hands between the steps.

use crate::converge::Backend;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Program, Shape};
use crate::sample::Bandwidth;

/// What fused programs run on.
pub(crate) trait Device: Sync {
    /// Its name, backend and driver.
    fn name(&self) -> String;

    /// What its arithmetic does, found by trying.
    fn probe(&self) -> Result<Vec<(&'static str, bool)>>;

    /// The most arrays that a pass may touch: what a program is lowered for.
    fn arrays(&self) -> usize;

    /// A program on this device.
    fn stepper(
        &self,
        program: &Program<f32>,
        shape: Shape,
        format: Format,
        deterministic: bool,
    ) -> Result<Box<dyn Stepping>>;
}

/// A tensor of a stepper.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "cpu"),
    allow(dead_code, reason = "a build without devices has none that looks")
)]
pub(crate) enum Tensor {
    /// What the next call is shown.
    Shown,
    State(usize),
    Output(usize),
    /// The network's output, the conditional one under guidance.
    Conditional,
    Unconditional,
    /// The noise of the step after the next call; only written.
    Noise,
}

/// A program that is run by hand.
pub(crate) trait Stepping {
    /// Writes a start state, rounded to the format.
    fn start(&mut self, state: usize, values: &[f32]) -> Result<()>;
    /// Computes what the first call is shown.
    fn prepare(&mut self) -> Result<()>;
    /// The values of a tensor; waits.
    fn read(&self, tensor: Tensor) -> Result<Vec<f32>>;
    /// Writes what a network returned, or a noise, rounded to the format.
    fn write(&mut self, tensor: Tensor, values: &[f32]) -> Result<()>;
    /// Steps up to the next call, or to the result.
    fn advance(&mut self) -> Result<()>;
    /// Measures the step after a call; the tensors are lost.
    fn bandwidth(&mut self, call: usize) -> Result<Bandwidth>;
}

/// The device of a backend; of several adapters the first whose name holds `adapter`.
///
/// # Errors
/// `E-FEATURE` in a build without it, `E-ENVIRONMENT` on a machine without it, `E-PARAMETER` for a
/// backend that is no device.
pub(crate) fn open(backend: Backend, adapter: Option<&str>) -> Result<Box<dyn Device>> {
    match backend {
        #[cfg(feature = "gpu")]
        Backend::Gpu(_) => Ok(Box::new(match adapter {
            Some(name) => crate::gpu::Gpu::named(name)?,
            None => crate::gpu::Gpu::new()?,
        })),
        #[cfg(not(feature = "gpu"))]
        Backend::Gpu(_) => {
            let adapter = adapter.map_or_else(String::new, |name| format!(", adapter `{name}`"));
            Err(Error::new(
                Code::Feature,
                "this build lacks the feature `gpu`",
                format!("backend `{backend}`{adapter}"),
                "choose f64 or f32, or cargo install dpm-spec --features cli,gpu",
            ))
        }
        Backend::Cpu(_) if adapter.is_some() => Err(Error::new(
            Code::Parameter,
            format!("`{backend}` has no adapters"),
            "adapter",
            "choose gpu-f32 or gpu-f16, or leave the adapter out",
        )),
        #[cfg(feature = "cpu")]
        Backend::Cpu(_) => Ok(Box::new(crate::cpu::Cpu)),
        #[cfg(not(feature = "cpu"))]
        Backend::Cpu(_) => Err(Error::new(
            Code::Feature,
            "this build lacks the feature `cpu`",
            format!("backend `{backend}`"),
            "choose f64 or f32, or build with the feature `cpu`",
        )),
        _ => Err(Error::new(
            Code::Parameter,
            format!("`{backend}` is no device"),
            "backend",
            format!("choose one of {}", Backend::DEVICES.join(", ")),
        )),
    }
}

/// The backend asked for, else a GPU in f32, else the CPU and why; open.
pub(crate) fn choose(wanted: Option<Backend>, adapter: Option<&str>) -> Result<Chosen> {
    let backend = wanted.unwrap_or(Backend::Gpu(Format::F32));
    match open(backend, adapter) {
        Err(error)
            if wanted.is_none()
                && adapter.is_none()
                && matches!(error.code, Code::Feature | Code::Environment) =>
        {
            let backend = Backend::Cpu(Format::F32);
            Ok(Chosen {
                backend,
                device: open(backend, None)?,
                why: Some(error.what),
            })
        }
        device => Ok(Chosen {
            backend,
            device: device?,
            why: None,
        }),
    }
}

/// A backend that is open.
pub(crate) struct Chosen {
    pub(crate) backend: Backend,
    pub(crate) device: Box<dyn Device>,
    /// Why it is not the GPU, where nothing was asked for.
    pub(crate) why: Option<String>,
}

/// A tensor that the program has not.
#[cfg(feature = "cpu")]
pub(crate) fn no_tensor(tensor: Tensor) -> Error {
    Error::new(
        Code::Shape,
        format!("no tensor {tensor:?}"),
        "program",
        "ask for those that the program has",
    )
}
