//! Devices that are lost, hang, or were given something invalid.

use crate::adapters::run::{program, wave};
use crate::adapters::{adapters, name};
use crate::{SHAPE, encoder, noop, noop_adapter, refused};
use dpm_spec::Code;
use dpm_spec::fused::{Lowering, Shape};
use dpm_spec::gpu::{Gpu, Options, PATIENCE, Stepper};
use std::time::Duration;
use wgpu::{BufferDescriptor, BufferUsages, Limits};

/// Devices of every kind: with our handlers and with none.
fn devices() -> Vec<Gpu> {
    let mut found = adapters();
    found.push(noop_adapter(Limits::default()));
    let mut devices = Vec::new();
    for adapter in &found {
        devices.push(Gpu::open(adapter).unwrap());
        let opened = pollster::block_on(adapter.request_device(&Default::default()));
        let (device, queue) = opened.unwrap();
        devices.push(Gpu::on(device, queue));
    }
    devices
}

fn stepper(gpu: &Gpu, shape: Shape) -> dpm_spec::Result<Stepper> {
    let program = program("dpmpp-2m", "vp-linear", &Lowering::plain());
    Stepper::new(gpu, &program, shape, Options::default())
}

#[test]
fn after_a_loss_every_call_fails_and_none_in_silence() {
    type Attempt = (&'static str, fn(&Gpu, &mut Stepper) -> dpm_spec::Result<()>);
    let attempts: [Attempt; 8] = [
        ("wait", |gpu, _| gpu.wait()),
        ("new", |gpu, _| stepper(gpu, SHAPE).map(|_| ())),
        ("resize", |_, stepper| stepper.resize(9)),
        ("warm_up", |_, stepper| stepper.warm_up()),
        ("submit", |gpu, stepper| {
            let mut encoder = encoder(gpu);
            stepper.encode(&mut encoder)?;
            gpu.submit(encoder)
        }),
        ("start and read", |_, stepper| {
            stepper.start(0, &wave(0, SHAPE.len()))?;
            stepper.download(stepper.result()).map(|_| ())
        }),
        ("read", |gpu, stepper| {
            gpu.read(stepper.result()).map(|_| ())
        }),
        ("download", |_, stepper| {
            stepper.download(stepper.result()).map(|_| ())
        }),
    ];
    for attempt in attempts {
        for gpu in devices() {
            let mut stepper = stepper(&gpu, SHAPE).unwrap();
            gpu.device().destroy();
            let (what, call) = attempt;
            let error = call(&gpu, &mut stepper).expect_err(what);
            assert_eq!(error.code, Code::Device, "{what}: {error}");
            // The loss is known from then on, to every clone.
            let known = gpu.clone().wait().expect_err(what);
            assert!(known.remedy.contains("new device"), "{what}: {known}");
        }
    }
}

#[test]
fn what_a_host_records_wrongly_is_refused_and_the_device_works_on() {
    for gpu in devices() {
        let stepper = stepper(&gpu, SHAPE).unwrap();
        let state = stepper.result();
        let mut wrong = encoder(&gpu);
        wrong.copy_buffer_to_buffer(state, 0, state, 1 << 40, 4);
        refused(
            gpu.submit(wrong),
            Code::Device,
            "nothing of this call was done",
        );
        gpu.check().unwrap();
        let mut open = encoder(&gpu);
        std::mem::forget(
            open.begin_compute_pass(&Default::default())
                .forget_lifetime(),
        );
        refused(
            gpu.submit(open),
            Code::Device,
            "nothing of this call was done",
        );
        gpu.wait().unwrap();
        stepper.upload(state, &wave(3, SHAPE.len())).unwrap();
        assert_eq!(stepper.download(state).unwrap(), wave(3, SHAPE.len()));
    }
}

/// A step recorded into an encoder that is spoilt already spoils nothing but that encoder.
#[test]
fn a_step_in_a_spoilt_encoder_is_refused() {
    for gpu in devices() {
        let mut stepper = stepper(&gpu, SHAPE).unwrap();
        let mut spoilt = encoder(&gpu);
        let state = stepper.result().clone();
        spoilt.copy_buffer_to_buffer(&state, 0, &state, 1 << 40, 4);
        let told = stepper
            .encode(&mut spoilt)
            .and_then(|()| gpu.submit(spoilt));
        refused(told, Code::Device, "nothing of this call was done");
        stepper.start(0, &wave(0, SHAPE.len())).unwrap();
        let mut encoder = encoder(&gpu);
        stepper.encode(&mut encoder).unwrap();
        gpu.submit(encoder).unwrap();
    }
}

/// An error outside our calls would panic by default; a device that we opened keeps it for the next check.
#[test]
fn an_error_that_no_scope_caught_is_told_at_the_next_check() {
    let gpu = noop();
    gpu.check().unwrap();
    let _ = gpu.device().create_buffer(&BufferDescriptor {
        label: Some("wrong"),
        size: 16,
        usage: BufferUsages::empty(),
        mapped_at_creation: false,
    });
    refused(gpu.check(), Code::Device, "wrong");
    refused(gpu.wait(), Code::Device, "wrong");
}

#[test]
fn a_device_that_does_not_answer_in_time_counts_as_hung() {
    assert_eq!(PATIENCE, Duration::from_secs(60));
    for adapter in &adapters() {
        let gpu = Gpu::open(adapter)
            .unwrap()
            .with_patience(Duration::from_micros(20));
        let shape = Shape {
            batch: 4,
            elements: 1 << 20,
        };
        let mut stepper = stepper(&gpu, shape).unwrap();
        let mut encoder = encoder(&gpu);
        while stepper.call().is_some() {
            stepper.encode(&mut encoder).unwrap();
        }
        let told = gpu.submit(encoder);
        if adapter.get_info().backend == wgpu::Backend::Gl && told.is_ok() {
            eprintln!("done when submitted, never late: {}", name(adapter));
            continue;
        }
        refused(told, Code::Device, "not done within");
        refused(
            stepper.download(stepper.result()),
            Code::Device,
            "not done within",
        );
        // Not an error of the device: what was submitted ends, given time.
        let done = gpu.device().poll(wgpu::PollType::wait_indefinitely());
        assert!(done.is_ok());
    }
}

/// One thread's wait takes notice of what another's is about to wait for.
#[test]
fn threads_share_a_device() {
    for adapter in &adapters() {
        let gpu = &Gpu::open(adapter).unwrap();
        std::thread::scope(|threads| {
            for thread in 0..4 {
                threads.spawn(move || {
                    for turn in 0..100 {
                        let mut stepper = stepper(gpu, SHAPE).unwrap();
                        let mut encoder = encoder(gpu);
                        stepper.encode(&mut encoder).unwrap();
                        gpu.queue().submit([encoder.finish()]);
                        let sent = wave(thread * 1000 + turn, SHAPE.len());
                        let output = &stepper.arrays().conditional;
                        stepper.upload(output, &sent).unwrap();
                        let got = stepper.download(output).unwrap();
                        assert_eq!(got, sent, "{}", name(adapter));
                    }
                });
            }
        });
    }
}
