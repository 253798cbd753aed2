//! The executable, verified specification of the samplers of diffusion models.

pub mod arithmetic;
pub mod error;
pub mod grid;
pub mod id;
pub mod prediction;
pub mod schedule;
pub mod solver;

pub use error::{Code, Error, Result};
