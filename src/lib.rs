//! The executable, verified specification of the samplers of diffusion models.

pub mod arithmetic;
pub mod error;
pub mod id;
pub mod schedule;

pub use error::{Code, Error, Result};
