//! The executable, verified specification of the samplers of diffusion models.

pub mod arithmetic;
pub mod error;

pub use error::{Code, Error, Result};
