//! The adapters that tests of the GPU run on; shared by `#[path = "adapters/mod.rs"] mod adapters;`.
//!
//! `DPM_SPEC_REQUIRE_GPU=1`: without an adapter a test fails instead of saying so.
//! `DPM_SPEC_BACKENDS=vulkan,gl`: only these backends, in wgpu's spelling; otherwise all.
//! `DPM_SPEC_ADAPTER=text`: only adapters whose name or driver holds the text, whatever its case.
#![allow(dead_code, reason = "every test file uses its part")]

pub(crate) mod run;

use dpm_spec::gpu::{Gpu, available};
use wgpu::Backends;

/// Every adapter to test on, each named on standard error; empty, with a remark there, if this
/// machine has none and none is required.
pub(crate) fn adapters() -> Vec<wgpu::Adapter> {
    let mut found = available(backends()).unwrap_or_default();
    if let Ok(wanted) = std::env::var("DPM_SPEC_ADAPTER") {
        found.retain(|adapter| {
            let words = name(adapter).to_lowercase();
            words.contains(&wanted.to_lowercase())
        });
    }
    for adapter in &found {
        // In one write, so that nothing of other tests comes between.
        let line = format!("adapter: {}\n", name(adapter));
        eprint!("{line}");
    }
    if found.is_empty() {
        let remark =
            "no adapter here, nothing is tested on a GPU; `make setup` installs a software one";
        assert!(!required(), "DPM_SPEC_REQUIRE_GPU=1, but: {remark}");
        eprintln!("{remark}");
    }
    found
}

/// A device of an adapter with less than the adapter's limits.
pub(crate) fn limited(adapter: &wgpu::Adapter, limits: wgpu::Limits) -> Gpu {
    let descriptor = wgpu::DeviceDescriptor {
        required_limits: limits,
        ..Default::default()
    };
    let opened = pollster::block_on(adapter.request_device(&descriptor));
    let (device, queue) = opened.unwrap();
    Gpu::on(device, queue)
}

/// Name, backend and driver, for messages.
pub(crate) fn name(adapter: &wgpu::Adapter) -> String {
    let info = adapter.get_info();
    format!(
        "{} ({}; {} {})",
        info.name, info.backend, info.driver, info.driver_info
    )
}

/// Whether a test without an adapter fails.
pub(crate) fn required() -> bool {
    std::env::var("DPM_SPEC_REQUIRE_GPU").is_ok_and(|value| value == "1")
}

fn backends() -> Backends {
    match std::env::var("DPM_SPEC_BACKENDS") {
        Ok(list) => Backends::from_comma_list(&list),
        Err(_) => Backends::PRIMARY | Backends::GL,
    }
}
