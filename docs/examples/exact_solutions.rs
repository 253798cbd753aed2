//! Certified exact solutions and denoisers of problems, as JSON on standard output:
//!
//! ```sh
//! cargo run --features oracle --example exact_solutions -- gaussian guided:G=5/2
//! ```
//!
//! z = x/alpha and tau = (sigma/alpha)^2; every printed number is within 1e-60 of the exact one.

use dpm_spec::Result;
use dpm_spec::arithmetic::{Ball, Field, Rational, rational};
use dpm_spec::problem::{Passage, Problem, enclosed_within, solution_within};
use serde_json::{Value, json};

/// The width of an enclosure is at most 2^-this.
const ACCURACY: u32 = 204;
const DIGITS: usize = 75;

fn main() -> Result<()> {
    // where a flow line is entered and left
    let passages = [
        (rational(400, 1), rational(4, 1)),
        (rational(9, 1), rational(1, 50)),
        (rational(1, 1), rational(1, 10_000)),
        (rational(1, 4), rational(0, 1)),
    ];
    let mut solutions = Vec::new();
    for id in std::env::args().skip(1) {
        let problem = Problem::parse(&id)?;
        for (tau_s, tau_t) in passages {
            solutions.push(solution(&problem, tau_s, tau_t).map_err(|error| error.at(&id))?);
        }
    }
    println!("{}", Value::Array(solutions));
    Ok(())
}

fn solution(problem: &Problem, tau_s: Rational, tau_t: Rational) -> Result<Value> {
    let entry = near_start(problem, tau_s)?;
    let entry_like = |one: &Ball| -> Vec<Ball> { entry.iter().map(|z| one.constant(*z)).collect() };
    let solution = solution_within(problem, ACCURACY, |one| {
        Ok(Passage {
            z: entry_like(one),
            tau_s: one.constant(tau_s),
            tau_t: one.constant(tau_t),
        })
    })?;
    let denoised = enclosed_within(ACCURACY, |one| {
        let model = problem.model(one);
        model.denoise(&one.constant(tau_s), &entry_like(one))
    })?;
    let exact: Vec<String> = entry.iter().map(Rational::to_string).collect();
    Ok(json!({
        "problem": problem.to_string(),
        "tau_s": tau_s.to_string(),
        "tau_t": tau_t.to_string(),
        "z_s": exact,
        "z_t": decimals(&solution),
        "denoiser": decimals(&denoised),
    }))
}

/// An exact number near the named start, one a component.
fn near_start(problem: &Problem, tau: Rational) -> Result<Vec<Rational>> {
    let witness = 1.0_f64;
    let start = problem.model(&witness).start(&witness.constant(tau))?;
    let rounded = start.iter().map(|z| (z * 1024.0).round() as i128);
    Ok(rounded.map(|numerator| rational(numerator, 1024)).collect())
}

fn decimals(balls: &[Ball]) -> Vec<String> {
    let decimal = |ball: &Ball| ball.mid().to_string_radix(10, Some(DIGITS));
    balls.iter().map(decimal).collect()
}
