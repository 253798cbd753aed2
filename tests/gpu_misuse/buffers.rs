//! Buffers that the host application puts in place of the stepper's own.

use crate::adapters::run::{program, wave};
use crate::{SHAPE, encoder, noop, noop_adapter, refused};
use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Format, Lowering, Program};
use dpm_spec::gpu::{Arrays, Gpu, Options, Stepper, bytes};
use dpm_spec::{Code, Error};
use wgpu::{Buffer, BufferDescriptor, BufferUsages, Limits};

fn guided() -> Program<f32> {
    let guidance = rational(15, 2);
    program("sde-dpmpp-2m", "vp-linear", &Lowering::guided(guidance))
}

fn buffer(gpu: &Gpu, size: u64, usage: BufferUsages) -> Buffer {
    gpu.device().create_buffer(&BufferDescriptor {
        label: None,
        size,
        usage,
        mapped_at_creation: false,
    })
}

fn size() -> u64 {
    bytes(SHAPE, Format::F32)
}

fn own(gpu: &Gpu) -> Arrays {
    Arrays::allocate(gpu, &guided(), SHAPE, Options::default()).unwrap()
}

fn with(gpu: &Gpu, change: impl FnOnce(&mut Arrays)) -> Result<Stepper, Error> {
    let mut arrays = own(gpu);
    change(&mut arrays);
    Stepper::on(gpu, &guided(), SHAPE, Options::default(), arrays)
}

#[test]
fn every_array_has_a_buffer_of_its_own_that_is_large_enough() {
    let gpu = noop();
    let storage = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
    with(&gpu, |arrays| {
        arrays.conditional = buffer(&gpu, size() + 64, storage)
    })
    .unwrap();
    let made = with(&gpu, |arrays| arrays.unconditional = None);
    refused(made, Code::Shape, "Unconditional");
    refused(
        with(&gpu, |arrays| arrays.noise = None),
        Code::Shape,
        "Noise",
    );
    refused(
        with(&gpu, |arrays| arrays.states.clear()),
        Code::Shape,
        "State(0)",
    );
    refused(
        with(&gpu, |arrays| arrays.outputs.clear()),
        Code::Shape,
        "Output(0)",
    );
    let made = with(&gpu, |arrays| {
        arrays.conditional = buffer(&gpu, size() - 4, storage)
    });
    refused(made, Code::Shape, "at least 176 bytes");
    let copies = BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
    let made = with(&gpu, |arrays| {
        arrays.conditional = buffer(&gpu, size(), copies)
    });
    refused(made, Code::Shape, "STORAGE");
    let made = with(&gpu, |arrays| arrays.conditional = arrays.states[0].clone());
    refused(made, Code::Shape, "buffer of its own");
}

#[test]
fn a_buffer_of_another_device_is_refused() {
    let adapter = noop_adapter(Limits::default());
    let (gpu, other) = (Gpu::open(&adapter).unwrap(), Gpu::open(&adapter).unwrap());
    let foreign = own(&other);
    let made = with(&gpu, |arrays| {
        arrays.conditional = foreign.conditional.clone()
    });
    refused(made, Code::Device, "buffers of this device");
    let mut stepper = with(&gpu, |_| {}).unwrap();
    let values = wave(0, SHAPE.len());
    refused(
        stepper.upload(&foreign.states[0], &values),
        Code::Device,
        "of this device",
    );
    refused(
        stepper.download(&foreign.states[0]),
        Code::Device,
        "of this device",
    );
    stepper.start(0, &values).unwrap();
    let mut recorded = encoder(&other);
    // What is recorded into another device's encoder is refused there, at the latest when it ends.
    let refusal = stepper
        .encode(&mut recorded)
        .and_then(|()| other.submit(recorded));
    refused(refusal, Code::Device, "");
    gpu.check().unwrap();
    other.check().unwrap();
}

/// wgpu numbers resources by instance: it takes a foreign number for one of its own, or panics.
#[test]
fn a_buffer_of_another_instance_panics_nobody() {
    let (gpu, other) = (noop(), noop());
    let many: Vec<Arrays> = (0..8).map(|_| own(&other)).collect();
    let foreign = &many[7].states[0];
    let stepper = with(&gpu, |_| {}).unwrap();
    refused(stepper.download(foreign), Code::Device, "of this device");
    let made = with(&gpu, |arrays| arrays.conditional = foreign.clone());
    refused(made, Code::Device, "of this device");
    gpu.check().unwrap();
    assert_eq!(
        stepper.download(stepper.result()).unwrap().len(),
        SHAPE.len()
    );
}

#[test]
fn a_buffer_without_the_usage_is_refused() {
    let gpu = noop();
    let stepper = with(&gpu, |_| {}).unwrap();
    let bare = buffer(&gpu, size(), BufferUsages::STORAGE);
    let values = wave(0, SHAPE.len());
    refused(stepper.upload(&bare, &values), Code::Device, "usage");
    refused(stepper.download(&bare), Code::Device, "usage");
    refused(gpu.read(&bare), Code::Device, "usage");
    let small = buffer(&gpu, 16, BufferUsages::COPY_DST | BufferUsages::COPY_SRC);
    refused(
        stepper.upload(&small, &values),
        Code::Device,
        "large enough",
    );
    refused(stepper.download(&small), Code::Device, "large enough");
    assert_eq!(gpu.read(&small).unwrap().len(), 16);
    let empty = buffer(&gpu, 0, BufferUsages::COPY_DST | BufferUsages::COPY_SRC);
    refused(stepper.download(&empty), Code::Device, "large enough");
    assert!(gpu.read(&empty).unwrap().is_empty());
    gpu.check().unwrap();
}
