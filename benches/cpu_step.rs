//! The CPU step beside diffusers' `DPMSolverMultistepScheduler.step`, in turn, in one run.
//!
//! `cargo bench --features gpu --bench cpu_step`; the peer, `benches/peers/diffusers_step.py`, runs
//! under the Python named by `DPM_SPEC_PYTHON` (default `target/cross/bin/python`, made by
//! `make cross`) with 1 and with 2 threads, as it is installed and with an allocator that keeps what
//! was freed. The ratios are over the fastest as installed and over the fastest of all; at
//! 1 x 4 x 64 x 64 in f32 the first is to be 20 at least, at 16 x 16 x 128 x 128 it is to be 6.
//! Both sides read one scheduler configuration, take the steps 6 to 15 of 20
//! (dpmsolver++, order 2, Karras grid, noise prediction) and must end at the same numbers. The
//! machine's Vulkan, Metal and DirectX 12 adapters are timed with them, those steps in one submission.

mod peers;

use dpm_spec::cpu::{Options, Stepper};
use dpm_spec::fused::{Format, Lowering, Program, Shape};
use dpm_spec::gpu;
use dpm_spec::import::{self, diffusers};
use dpm_spec::plan::double_double_plan;
use peers::{Outcome, Peer, REST, median, peers};
use std::hint::black_box;
use std::time::Instant;

const CONFIGURATION: &str =
    include_str!("../tests/data/stable-diffusion-v1-5-dpmpp-2m-karras.json");
const STEPS: usize = 20;
const TIMED: std::ops::Range<usize> = 5..15;
const ROUNDS: usize = 15;

fn main() -> Outcome<()> {
    let plan =
        double_double_plan(&diffusers(CONFIGURATION, &import::Options::steps(STEPS))?.request)?;
    let plan = plan.plan.try_map(|value, _| Ok(value.f32))?;
    let program = Program::lower(&plan, &Lowering::plain())?;
    let mut peers = peers("diffusers_step.py");
    println!("| tensor | | microseconds a step | faster than as installed | than any |");
    println!("|---|---|---|---|---|");
    for [batch, channels, height, width] in [[1, 4, 64, 64], [16, 16, 128, 128]] {
        let shape = Shape {
            batch,
            elements: channels * height * width,
        };
        for format in [Format::F32, Format::F16] {
            let tensor = format!("{format} {batch} {channels} {height} {width}");
            compare(&program, shape, format, &tensor, &mut peers)?;
        }
    }
    for peer in peers {
        peer.end()?;
    }
    Ok(())
}

fn compare(
    program: &Program<f32>,
    shape: Shape,
    format: Format,
    tensor: &str,
    peers: &mut [Peer],
) -> Outcome<()> {
    let mut own = Vec::new();
    for (name, threads) in [("dpm-spec", None), ("dpm-spec, 1 threads", Some(1))] {
        let options = Options {
            format,
            threads,
            ..Options::default()
        };
        own.push((name, Stepper::new(program, shape, options)?, Vec::new()));
    }
    let mut devices = Vec::new();
    for adapter in gpu::available(wgpu::Backends::PRIMARY).unwrap_or_default() {
        let options = gpu::Options {
            format,
            ..gpu::Options::default()
        };
        let gpu = gpu::Gpu::open(&adapter)?;
        let mut stepper = gpu::Stepper::new(&gpu, program, shape, options)?;
        stepper.warm_up()?;
        let name = format!("dpm-spec on {}", adapter.get_info().name);
        devices.push((name, stepper, Vec::new()));
    }
    let mut others: Vec<Vec<f64>> = vec![Vec::new(); peers.len()];
    for _ in 0..ROUNDS {
        let mut expected = None;
        for (peer, times) in peers.iter_mut().zip(&mut others) {
            let (seconds, first) = peer.run(tensor)?;
            times.push(seconds);
            expected = Some(first);
            std::thread::sleep(REST);
        }
        for (name, stepper, times) in &mut own {
            let (seconds, first) = run(stepper, program.initial.scale)?;
            times.push(seconds);
            agree(name, format, &first, expected.as_deref())?;
            std::thread::sleep(REST);
        }
        for (name, stepper, times) in &mut devices {
            let (seconds, first) = run_on_device(stepper, program.initial.scale)?;
            times.push(seconds);
            agree(name, format, &first, expected.as_deref())?;
            std::thread::sleep(REST);
        }
    }
    let others: Vec<f64> = others.into_iter().map(median).collect();
    let fastest = |any: bool| {
        let counted = peers.iter().zip(&others).filter(|(p, _)| any || !p.keeping);
        counted.map(|(_, time)| *time).min_by(f64::total_cmp)
    };
    let line = |name: &str, time: f64| {
        let ratio =
            |other: Option<f64>| other.map_or(String::new(), |o| format!("{:.1}", o / time));
        let ratios = [ratio(fastest(false)), ratio(fastest(true))].join(" | ");
        println!("| {tensor} | {name} | {:.2} | {ratios} |", 1e6 * time);
    };
    for (name, _, times) in own {
        line(name, median(times));
    }
    for (name, _, times) in devices {
        line(&name, median(times));
    }
    for (peer, time) in peers.iter().zip(&others) {
        line(&peer.name, *time);
    }
    Ok(())
}

/// Seconds a step, and the first numbers of the result.
fn run(stepper: &mut Stepper, scale: f32) -> Outcome<(f64, Vec<f32>)> {
    let length = stepper.shape().len();
    let start: Vec<f32> = wave(0, length).into_iter().map(|x| scale * x).collect();
    stepper.start(0, &start)?;
    let mut begin = Instant::now();
    let mut seconds = 0.0;
    for number in 0..STEPS {
        if number == TIMED.start {
            begin = Instant::now();
        }
        let Some(call) = stepper.call() else { break };
        if number == 0 {
            call.output.write(&wave(1, length))?;
        } else {
            black_box(call);
        }
        stepper.advance()?;
        if number == TIMED.end - 1 {
            seconds = begin.elapsed().as_secs_f64() / TIMED.len() as f64;
        }
    }
    Ok((seconds, stepper.result()?.to_f32()[..4].to_vec()))
}

/// The same on a device; the timed steps are recorded and submitted together.
fn run_on_device(stepper: &mut gpu::Stepper, scale: f32) -> Outcome<(f64, Vec<f32>)> {
    let length = stepper.shape().len();
    let start: Vec<f32> = wave(0, length).into_iter().map(|x| scale * x).collect();
    stepper.start(0, &start)?;
    stepper.upload(&stepper.arrays().conditional, &wave(1, length))?;
    let gpu = stepper.gpu().clone();
    let mut seconds = 0.0;
    for part in [0..TIMED.start, TIMED, TIMED.end..STEPS] {
        gpu.wait()?;
        let begin = Instant::now();
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        for number in part.clone() {
            if number == 0 {
                stepper.prepare(&mut encoder)?;
            }
            stepper.encode(&mut encoder)?;
        }
        gpu.submit(encoder)?;
        if part == TIMED {
            seconds = begin.elapsed().as_secs_f64() / TIMED.len() as f64;
        }
    }
    let result = stepper.download(stepper.result())?;
    Ok((seconds, result[..4].to_vec()))
}

/// The same numbers as the peer.
fn wave(seed: usize, length: usize) -> Vec<f32> {
    let value = |i: usize| ((i * 7919 + seed * 104_729) % 20_011) as f32 / 10_000.5 - 1.0;
    (0..length).map(value).collect()
}

fn agree(name: &str, format: Format, own: &[f32], peer: Option<&[f32]>) -> Outcome<()> {
    let tolerance = match format {
        Format::F32 => 1e-4,
        Format::F16 => 1e-2,
    };
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= tolerance * b.abs();
    match peer {
        Some(peer) if !own.iter().zip(peer).all(near) => {
            Err(format!("{name} ends at {own:?}, diffusers at {peer:?}").into())
        }
        _ => Ok(()),
    }
}
