//! The probe tells what an adapter does to sums and products, and what may be expected of it.
#![cfg(feature = "gpu")]

#[path = "adapters/mod.rs"]
mod adapters;

use dpm_spec::gpu::{Gpu, Probe};

#[test]
fn every_adapter_is_probed_and_software_ones_round_to_nearest_without_fusing() {
    for adapter in adapters::adapters() {
        let probe = Gpu::open(&adapter).unwrap().probe().unwrap();
        eprintln!("{}: {probe:?}", adapters::name(&adapter));
        if adapter.get_info().device_type == wgpu::DeviceType::Cpu {
            assert!(probe.rounds_to_nearest);
            // SwiftShader's threads flush them, as WGSL allows.
            let flushes = adapter.get_info().name.contains("SwiftShader");
            assert_eq!(probe.keeps_subnormals, !flushes);
            assert!(
                !probe.fuses,
                "the software drivers compile no fused product"
            );
            assert_eq!(probe.exact(true), !flushes);
        }
    }
}

#[test]
fn bits_are_promised_only_where_nothing_is_left_open() {
    let exact = Probe {
        fuses: false,
        rearranges: false,
        rounds_to_nearest: true,
        keeps_subnormals: true,
    };
    assert!(exact.exact(false) && exact.exact(true));
    for (probe, deterministic) in [
        (
            Probe {
                fuses: true,
                ..exact
            },
            true,
        ),
        (
            Probe {
                rearranges: true,
                ..exact
            },
            true,
        ),
        (
            Probe {
                rounds_to_nearest: false,
                ..exact
            },
            false,
        ),
        (
            Probe {
                keeps_subnormals: false,
                ..exact
            },
            false,
        ),
    ] {
        assert!(!probe.exact(false), "{probe:?}");
        assert_eq!(probe.exact(true), deterministic, "{probe:?}");
    }
}
