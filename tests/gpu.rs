//! What the `gpu` feature promises: the adapters of this machine, or a typed error.
#![cfg(feature = "gpu")]

#[path = "adapters/mod.rs"]
mod adapters;

use adapters::required;
use dpm_spec::Code;
use dpm_spec::gpu;

#[test]
fn a_machine_lists_its_adapters_or_says_how_to_get_one() {
    match gpu::adapters() {
        Ok(list) => assert!(
            list.iter().all(|adapter| !adapter.name.is_empty()),
            "{list:?}"
        ),
        Err(error) => {
            assert_eq!(error.code, Code::Environment);
            assert!(!required(), "DPM_SPEC_REQUIRE_GPU=1, but: {error}");
            eprintln!("no adapter here: {error}");
        }
    }
}
