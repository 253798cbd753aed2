//! What the `gpu` feature promises: the adapters of this machine, or a typed error.
#![cfg(feature = "gpu")]

use dpm_spec::Code;
use dpm_spec::gpu::adapters;

/// `make test` installs a software adapter and sets this, so that nothing is skipped in silence.
fn adapter_is_required() -> bool {
    std::env::var("DPM_SPEC_REQUIRE_GPU").is_ok_and(|value| value == "1")
}

#[test]
fn a_machine_lists_its_adapters_or_says_how_to_get_one() {
    match adapters() {
        Ok(list) => assert!(
            list.iter().all(|adapter| !adapter.name.is_empty()),
            "{list:?}"
        ),
        Err(error) => {
            assert_eq!(error.code, Code::Environment);
            assert!(
                !adapter_is_required(),
                "DPM_SPEC_REQUIRE_GPU=1, but: {error}"
            );
            eprintln!("no adapter here: {error}");
        }
    }
}
