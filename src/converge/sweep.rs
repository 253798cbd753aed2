//! Many runs on all cores, in an order of results that does not depend on them.

use super::{Convergence, Point, Study};
use crate::error::Result;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Runs every study at every number of steps; `done` is called after each run.
///
/// # Errors
/// Those of the first study and number of steps that fails, in the order given.
pub fn sweep(
    studies: &[Study],
    steps: &[usize],
    done: &(dyn Fn() + Sync),
) -> Result<Vec<Convergence>> {
    let mut queue: Vec<(usize, usize)> = (0..studies.len())
        .flat_map(|study| (0..steps.len()).map(move |column| (study, column)))
        .collect();
    // The longest first: then the cores end together.
    queue.sort_by_key(|(_, column)| std::cmp::Reverse(steps[*column]));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        while let Some((study, column)) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.push(((*study, *column), run(&studies[*study], steps[*column])));
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
    let points: Vec<Point> = found
        .into_iter()
        .map(|(_, point)| point)
        .collect::<Result<_>>()?;
    let rows = points.chunks(steps.len().max(1));
    Ok(studies
        .iter()
        .zip(rows)
        .map(|(study, points)| Convergence {
            study: study.clone(),
            points: points.to_vec(),
        })
        .collect())
}

fn run(study: &Study, steps: usize) -> Result<Point> {
    let request = study.request(steps)?;
    let place = |error: crate::Error| {
        error.at(format!(
            "{} on {}, {steps} steps",
            study.recipe.solver, study.problem
        ))
    };
    study.backend.point(study, &request).map_err(place)
}
