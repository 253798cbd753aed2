//! Scheduler configurations of model repositories, turned into plan requests.
//!
//! Reads a `scheduler_config.json` as diffusers writes it. What a key means, and what a missing key
//! means, is the class's own rule (diffusers 0.42.1); betas are PyTorch's float32 bits, because
//! without them no plan matches the library. An option that cannot be honoured is an error that
//! names it; what the class ignores is returned as a note. Clause: `spec/import.md`.

mod config;
mod ddim;
mod dpmsolver;
mod flow_match;

use crate::arithmetic::{Rational, rational};
use crate::error::Result;
use crate::plan::Request;
use config::Config;

/// What the configuration file does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// N, `num_inference_steps`.
    pub steps: usize,
    /// `mu` of dynamic shifting.
    pub mu: Option<Rational>,
    /// eta of DDIM, in [0, 1]; the library's default is 0.
    pub eta: Rational,
}

impl Options {
    /// N steps, no mu, eta = 0.
    pub fn steps(steps: usize) -> Self {
        Options {
            steps,
            mu: None,
            eta: rational(0, 1),
        }
    }
}

/// A request, and what the library would silently ignore in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// What to derive.
    pub request: Request,
    /// Remarks for the user, one sentence each.
    pub notes: Vec<String>,
}

/// Reads a `scheduler_config.json`.
///
/// # Errors
/// `E-FORMAT` if the text is not a JSON object with a `_class_name` that is known here; `E-IMPORT`
/// naming an option that cannot be honoured; every error of the plan's parts.
pub fn diffusers(text: &str, options: &Options) -> Result<Imported> {
    let mut config = Config::parse(text)?;
    let request = match config.class() {
        "DDIMScheduler" => ddim::request(&mut config, options),
        "FlowMatchEulerDiscreteScheduler" => flow_match::request(&mut config, options),
        _ => dpmsolver::request(&mut config, options),
    }?;
    let notes = config.finish()?;
    Ok(Imported { request, notes })
}
