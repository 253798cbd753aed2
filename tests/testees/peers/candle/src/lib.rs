//! What the testees of candle-transformers share.

#[path = "../../../../../testees/rust/dpm_spec_testee.rs"]
pub mod dpm_spec_testee;

use candle_core::{Device, Result, Tensor};

/// The version in Cargo.toml.
pub const VERSION: &str = "0.11.1";

/// A batch of one image with one row of pixels.
pub fn image(x: &[f64]) -> Result<Tensor> {
    Tensor::from_slice(x, (1, 1, 1, x.len()), &Device::Cpu)
}

pub fn pixels(image: &Tensor) -> Result<Vec<f64>> {
    image.flatten_all()?.to_vec1()
}
