//! The executable, verified specification of the samplers of diffusion models.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo)]

pub mod arithmetic;
pub mod error;
pub mod file;
pub mod golden;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod grid;
pub mod id;
pub mod import;
pub mod plan;
pub mod policy;
pub mod prediction;
pub mod recipe;
#[cfg(feature = "cli")]
pub mod report;
pub mod schedule;
pub mod solver;
pub mod spec;
pub mod threshold;

pub use error::{Code, Error, Result};
