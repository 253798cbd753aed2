//! Deriving an f64 plan of 50 steps (double-double, rounded once) against diffusers preparing and
//! stepping through the same scalars: `cargo bench --bench plan_speed`.
//!
//! The peer runs in the same minute: `benches/peers/diffusers_steps.py`, under the Python named by
//! `DPM_SPEC_PYTHON` (default `target/cross/bin/python`, made by `make cross`).

use criterion::{Criterion, criterion_group, criterion_main};
use dpm_spec::arithmetic::DoubleDouble;
use dpm_spec::grid::Grid;
use dpm_spec::import::{Options, diffusers};
use dpm_spec::plan::{Request, derive};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

const CONFIGURATION: &str =
    include_str!("../tests/data/stable-diffusion-v1-5-dpmpp-2m-karras.json");

fn requests() -> Vec<(&'static str, Request)> {
    let continuous = || -> dpm_spec::Result<Request> {
        let schedule = Schedule::parse("vp-linear")?;
        let recipe = Recipe::new(Solver::parse("dpmpp-2m")?, &schedule);
        Ok(Request::new(recipe, schedule, Grid::parse("lambda")?, 50))
    };
    let imported =
        || diffusers(CONFIGURATION, &Options::steps(50)).map(|imported| imported.request);
    let named = [
        ("vp-linear, lambda grid", continuous()),
        ("scheduler configuration, Karras grid", imported()),
    ];
    named
        .into_iter()
        .filter_map(|(name, request)| request.ok().map(|request| (name, request)))
        .collect()
}

/// f64 numbers of the plan, each rounded once.
fn rounded(request: &Request) -> Option<dpm_spec::plan::Plan<f64>> {
    let plan = derive(request, &DoubleDouble::ONE).ok()?;
    plan.try_map(|value, _| Ok(value.hi())).ok()
}

fn plan_of_50_steps(criterion: &mut Criterion) {
    let mut fastest = Vec::new();
    for (name, request) in requests() {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| rounded(black_box(&request)))
        });
        let times = (0..200).map(|_| {
            let start = Instant::now();
            black_box(rounded(black_box(&request)));
            start.elapsed().as_secs_f64() * 1e6
        });
        fastest.push((name, median(times.collect())));
    }
    match peer() {
        Ok(peer) => {
            for (name, ours) in fastest {
                println!(
                    "{name}: {ours:.1} us; diffusers prepares and steps in {peer:.1} us: {:.1} times as long",
                    peer / ours
                );
            }
        }
        Err(why) => println!("no comparison: {why}"),
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Median microseconds of set_timesteps(50) and 50 steps on one element.
fn peer() -> Result<f64, String> {
    let python =
        std::env::var("DPM_SPEC_PYTHON").unwrap_or_else(|_| "target/cross/bin/python".to_owned());
    let output = Command::new(&python)
        .arg("benches/peers/diffusers_steps.py")
        .output();
    let output = output
        .map_err(|error| format!("{python}: {error}; run `make cross` or set DPM_SPEC_PYTHON"))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    text.parse().map_err(|_| {
        format!(
            "{python} printed `{text}`, {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

criterion_group!(benches, plan_of_50_steps);
criterion_main!(benches);
