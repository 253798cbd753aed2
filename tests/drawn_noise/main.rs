//! Noise that a step makes gives the bits of the same noise from the host.
#![cfg(feature = "cpu")]
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

#[cfg(feature = "gpu")]
#[path = "../adapters/mod.rs"]
mod adapters;
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;

use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Lowering, Program, Shape};
use dpm_spec::grid::Grid;
use dpm_spec::noise::{Noise, fill};
use dpm_spec::plan::{Request, double_double_plan};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;

const SEED: u64 = 0x0123_4567_89ab_cdef;
const GENERATED: Noise = Noise::Philox { seed: SEED };

fn program(solver: &str) -> Program<f32> {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.eta = rational(3, 4);
    let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), 4);
    let plan = double_double_plan(&request).unwrap().plan;
    let plan = plan.try_map(|value, _| Ok(value.f32)).unwrap();
    Program::lower(&plan, &Lowering::plain()).unwrap()
}

fn wave(seed: usize, length: usize) -> Vec<f32> {
    let element = |i: usize| ((i * 7919 + seed * 104_729) % 20_011) as f32 / 10_000.5 - 1.0;
    (0..length).map(element).collect()
}

/// The noise of a draw, sample by sample.
fn noise(draw: usize, shape: Shape) -> Vec<f32> {
    let mut noise = vec![0.0; shape.len()];
    for (stream, sample) in (0..).zip(noise.chunks_exact_mut(shape.elements)) {
        fill(sample, SEED, stream, draw as u32);
    }
    noise
}

/// Elements with other bits.
fn differing(a: &[f32], b: &[f32]) -> usize {
    assert_eq!(a.len(), b.len());
    let other = |(a, b): &(&f32, &f32)| a.to_bits() != b.to_bits();
    a.iter().zip(b).filter(other).count()
}
