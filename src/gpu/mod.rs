//! The production path on wgpu: plans executed by fused kernels on buffers of any device.

mod adapter;
mod arrays;
mod bandwidth;
mod device;
mod kernels;
mod lanes;
mod probe;
mod segment;
mod shader;
mod stepper;
mod tensor;
mod variant;

pub use adapter::{Adapter, Kind, adapters};
pub use arrays::{Arrays, bytes};
pub use bandwidth::{Bandwidth, bandwidth};
pub use device::{Gpu, PATIENCE, available};
pub use lanes::{Lanes, lanes_texts};
pub use probe::Probe;
pub use shader::select;
pub use stepper::{Call, Options, Stepper};
pub use variant::kernel_texts;
