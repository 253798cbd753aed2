//! What a device cannot hold, bind or do; and tensors cut to what it can.

use crate::adapters::run::{program, run};
use crate::adapters::{adapters, limited, name};
use crate::{SHAPE, noop, noop_adapter, refused};
use dpm_spec::Code;
use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Format, Lowering, Shape};
use dpm_spec::gpu::{Gpu, Options, Stepper, available};
use wgpu::{Backends, Features, Limits};

#[test]
fn a_machine_without_an_adapter_is_told_so() {
    refused(
        available(Backends::empty()),
        Code::Environment,
        "no adapter found",
    );
}

#[test]
fn an_adapter_that_cannot_run_the_kernels_is_refused_before_anything_is_made() {
    let without = Limits::downlevel_webgl2_defaults();
    refused(
        Gpu::open(&noop_adapter(without)),
        Code::Environment,
        "no compute shaders",
    );
    let few = Limits {
        max_storage_buffers_per_shader_stage: 3,
        ..Limits::default()
    };
    refused(
        Gpu::open(&noop_adapter(few)),
        Code::Environment,
        "binds 3 arrays",
    );
    let opened = Gpu::open_with(&noop_adapter(Limits::default()), Features::SHADER_F16);
    refused(opened, Code::Environment, "SHADER_F16");
}

#[test]
fn a_pass_of_more_arrays_than_the_device_binds_is_refused() {
    let few = Limits {
        max_storage_buffers_per_shader_stage: 4,
        ..Limits::default()
    };
    let gpu = Gpu::open(&noop_adapter(few)).unwrap();
    assert_eq!(gpu.arrays(), 4);
    let guidance = Some(rational(15, 2));
    let lowered = |arrays| program("dpmpp-3m", "vp-linear", &Lowering { guidance, arrays });
    let wide = lowered(8);
    let made = Stepper::new(&gpu, &wide, SHAPE, Options::default());
    refused(made, Code::Parameter, "arrays: 4");
    let narrow = lowered(4);
    Stepper::new(&gpu, &narrow, SHAPE, Options::default()).unwrap();
}

#[test]
fn a_budget_of_bytes_is_kept() {
    let gpu = noop();
    let program = program("dpmpp-2m", "vp-linear", &Lowering::plain());
    // Two tensors of predictions, one of the state, one of the output: 4 x 176 bytes here.
    let arrays = program.states + program.outputs + 1;
    let all = arrays as u64 * 176;
    for (budget, fits) in [(all, true), (all - 1, false), (0, false)] {
        let options = Options {
            budget: Some(budget),
            ..Options::default()
        };
        let made = Stepper::new(&gpu, &program, SHAPE, options);
        match fits {
            true => assert!(
                made.unwrap().resize(3).is_err(),
                "a larger batch is over the budget"
            ),
            false => refused(made, Code::Memory, "budget"),
        }
    }
}

#[test]
fn a_tensor_over_every_limit_is_refused() {
    let small = Limits {
        max_buffer_size: 4096,
        ..Limits::default()
    };
    let gpu = Gpu::open(&noop_adapter(small)).unwrap();
    let program = program("dpmpp-2m", "vp-linear", &Lowering::plain());
    let made = |batch, elements| {
        let shape = Shape { batch, elements };
        Stepper::new(&gpu, &program, shape, Options::default())
    };
    assert!(made(1, 1024).is_ok());
    refused(made(1, 1025), Code::Memory, "at most 4096");
    for (batch, elements) in [(usize::MAX, 1), (1, usize::MAX), (usize::MAX, usize::MAX)] {
        refused(made(batch, elements), Code::Memory, "at most 4096");
    }
}

#[test]
fn a_binding_too_small_to_cut_to_is_refused() {
    let small = Limits {
        max_storage_buffer_binding_size: 128,
        ..Limits::default()
    };
    let gpu = Gpu::open(&noop_adapter(small)).unwrap();
    let program = program("ddim", "vp-linear", &Lowering::plain());
    let made = Stepper::new(&gpu, &program, SHAPE, Options::default());
    refused(made, Code::Memory, "binding of at most 128 bytes");
}

/// Limits that cut a tensor: of a binding's bytes, and of workgroups in one dimension.
fn cutting(limits: &Limits) -> [Limits; 3] {
    let bytes = Limits {
        max_storage_buffer_binding_size: 4096,
        ..limits.clone()
    };
    let groups = Limits {
        max_compute_workgroups_per_dimension: 3,
        ..limits.clone()
    };
    let both = Limits {
        max_storage_buffer_binding_size: 6000,
        max_compute_workgroups_per_dimension: 2,
        ..limits.clone()
    };
    [bytes, groups, both]
}

#[test]
fn a_tensor_cut_into_parts_gives_the_same_bits() {
    for adapter in &adapters() {
        let whole = Gpu::open(adapter).unwrap();
        for limits in cutting(&adapter.limits()) {
            let cut = limited(adapter, limits);
            for (solver, format) in [("dpmpp-3m", Format::F32), ("sde-dpmpp-2m", Format::F16)] {
                let program = program(solver, "vp-linear", &Lowering::plain());
                let options = Options {
                    format,
                    ..Options::default()
                };
                for elements in [1, 1024, 5003] {
                    let shape = Shape { batch: 3, elements };
                    let said = run(&whole, &program, shape, options);
                    let done = run(&cut, &program, shape, options);
                    let differ = said
                        .iter()
                        .zip(&done)
                        .filter(|(a, b)| a.to_bits() != b.to_bits())
                        .count();
                    assert_eq!(differ, 0, "{solver} {shape:?} on {}", name(adapter));
                    assert!(said.iter().any(|x| *x != said[0]) || said.len() < 5);
                }
            }
        }
    }
}
