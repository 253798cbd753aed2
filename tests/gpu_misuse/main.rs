//! Whatever is asked of the GPU path in a wrong way is refused with a code and a remedy; nothing
//! panics, and nothing goes wrong in silence. Most of it runs on wgpu's backend without a driver.
#![cfg(feature = "gpu")]

#[path = "../adapters/mod.rs"]
mod adapters;
mod buffers;
mod calls;
mod limits;
mod losses;

use dpm_spec::fused::Shape;
use dpm_spec::gpu::Gpu;
use dpm_spec::{Code, Error};
use wgpu::{Backends, Features, Instance, InstanceDescriptor, Limits, NoopBackendOptions};

const SHAPE: Shape = Shape {
    batch: 2,
    elements: 21,
};

/// An adapter that validates and copies but computes nothing.
fn noop_adapter(limits: Limits) -> wgpu::Adapter {
    let mut descriptor = InstanceDescriptor::new_without_display_handle();
    descriptor.backends = Backends::NOOP;
    descriptor.backend_options.noop = NoopBackendOptions {
        enable: true,
        limits: Some(limits),
        features: Some(Features::empty()),
        ..Default::default()
    };
    let instance = Instance::new(descriptor);
    pollster::block_on(instance.enumerate_adapters(Backends::NOOP)).remove(0)
}

fn noop() -> Gpu {
    Gpu::open(&noop_adapter(Limits::default())).unwrap()
}

fn encoder(gpu: &Gpu) -> wgpu::CommandEncoder {
    gpu.device().create_command_encoder(&Default::default())
}

/// Refused with this code, and with words on what is wrong and what would be right.
#[track_caller]
fn refused<T>(result: Result<T, Error>, code: Code, words: &str) {
    let error = result
        .err()
        .unwrap_or_else(|| panic!("accepted; {words} expected"));
    assert_eq!(error.code, code, "{error}");
    assert!(
        error.to_string().contains(words),
        "`{words}` is not in: {error}"
    );
    assert!(
        !error.place.is_empty() && error.remedy.len() > 10,
        "{error}"
    );
}
