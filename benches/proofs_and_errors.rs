//! All proofs of order, exact solutions to 2^-200, and a sweep of errors at 200 bits:
//! `cargo bench --features full --bench proofs_and_errors`.

use criterion::{Criterion, criterion_group, criterion_main};
use dpm_spec::arithmetic::{Ball, Field, rational};
use dpm_spec::converge::{Backend, Measure, Pattern, Refinement, Study, sweep};
use dpm_spec::order::prove;
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::{Passage, Problem, solution_within};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};
use std::hint::black_box;

fn proofs(criterion: &mut Criterion) {
    let ids = Solver::ENTRIES.iter().map(|entry| Solver::parse(entry.id));
    let solvers: Vec<Solver> = ids.filter_map(Result::ok).collect();
    criterion.bench_function("orders of the whole catalogue", |b| {
        b.iter(|| {
            solvers
                .iter()
                .map(|s| prove(black_box(s)))
                .collect::<Vec<_>>()
        });
    });
}

/// The published parameters, from lambda = -2 to 2 or so, enclosed to 2^-200; work starts at 256 bits.
fn enclosures(criterion: &mut Criterion) {
    for id in [
        "gaussian",
        "guided",
        "mixture",
        "rotated-gaussian",
        "rotated-mixture",
    ] {
        let Ok(problem) = Problem::parse(id) else {
            continue;
        };
        let passage = |one: &Ball| {
            let (tau_s, tau_t) = (one.like(54, 1), one.like(1, 54));
            let z = problem.model(one).start(&tau_s)?;
            Ok(Passage { z, tau_s, tau_t })
        };
        assert!(solution_within(&problem, 200, passage).is_ok(), "{id}");
        criterion.bench_function(&format!("exact solution of {id}"), |b| {
            b.iter(|| solution_within(black_box(&problem), 200, passage));
        });
    }
}

/// 12 solvers by 6 numbers of steps on the mixture, all cores.
fn errors(criterion: &mut Criterion) {
    let deterministic = Solver::ENTRIES.iter().filter(|entry| !entry.stochastic);
    let studies: Vec<Study> = deterministic
        .take(12)
        .filter_map(|entry| study(entry.id))
        .collect();
    let mut group = criterion.benchmark_group("sweep");
    group.sample_size(10);
    group.bench_function("12 solvers, N = 40 to 1280, 200 bits", |b| {
        b.iter(|| sweep(black_box(&studies), &|| ()));
    });
    group.finish();
}

fn study(id: &str) -> Option<Study> {
    let schedule = Schedule::parse("vp-linear").ok()?;
    let mut recipe = Recipe::new(Solver::parse(id).ok()?, &schedule);
    recipe.prediction = match recipe.form().side {
        Side::Data => Prediction::Data,
        Side::Noise => Prediction::Noise,
    };
    Some(Study {
        recipe,
        schedule,
        refinement: Refinement::Pattern {
            from: rational(-2, 1),
            to: rational(2, 1),
            pattern: Pattern::Uniform,
        },
        problem: Problem::parse("mixture").ok()?,
        backend: Backend::Big(200),
        measure: Measure::Global,
        steps: vec![40, 80, 160, 320, 640, 1280],
    })
}

criterion_group!(benches, proofs, enclosures, errors);
criterion_main!(benches);
