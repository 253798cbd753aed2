//! Many runs on all cores, in an order of results that does not depend on them.

use super::fused::Devices;
use super::{Convergence, Point, Study};
use crate::error::Result;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Runs every study at each of its numbers of steps; `done` is called after each run.
///
/// # Errors
/// `E-FEATURE` or `E-ENVIRONMENT` if a study asks for a device that is not there; then those of the
/// first study and number of steps that fails, in the order given.
pub fn sweep(studies: &[Study], done: &(dyn Fn() + Sync)) -> Result<Vec<Convergence>> {
    let runs = |(index, study): (usize, &Study)| -> Vec<(usize, usize)> {
        (0..study.steps.len())
            .map(|column| (index, column))
            .collect()
    };
    let mut queue: Vec<(usize, usize)> = studies.iter().enumerate().flat_map(runs).collect();
    // The longest first: then the cores end together.
    queue.sort_by_key(|(study, column)| std::cmp::Reverse(studies[*study].steps[*column]));
    let devices = Devices::open(studies)?;
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        while let Some((study, column)) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            let steps = studies[*study].steps[*column];
            found.push(((*study, *column), run(&studies[*study], steps, &devices)));
            done();
        }
        found
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut found = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores.min(queue.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let joined = workers.into_iter().flat_map(|worker| match worker.join() {
            Ok(found) => found,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect::<Vec<_>>()
    });
    found.sort_by_key(|(place, _)| *place);
    let mut results: Vec<Convergence> = studies
        .iter()
        .map(|study| Convergence {
            study: study.clone(),
            points: Vec::with_capacity(study.steps.len()),
        })
        .collect();
    for ((study, _), point) in found {
        results[study].points.push(point?);
    }
    Ok(results)
}

fn run(study: &Study, steps: usize, devices: &Devices) -> Result<Point> {
    let request = study.request(steps)?;
    let place = |error: crate::Error| {
        error.at(format!(
            "{} on {}, {steps} steps",
            study.recipe.solver, study.problem
        ))
    };
    study.backend.point(study, &request, devices).map_err(place)
}
