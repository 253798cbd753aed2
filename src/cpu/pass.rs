//! Spreads the passes of a program over the threads.

use super::arrays::Arrays;
use super::kernel::{Element, Job, SHARE};
use super::quantile::threshold;
use crate::error::{Code, Error, Result};
use crate::fused::{Pass, Shape};
use crate::threshold::Threshold;
use pulp::Arch;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Tensors of fewer elements are not worth a second thread.
pub(super) const ALONE: usize = 64 << 10;

/// The threads that compute.
#[derive(Debug)]
pub(super) enum Workers {
    /// The caller's thread.
    Caller,
    /// The process's pool: as many as the machine has cores.
    Shared,
    /// A pool of its own.
    Own(ThreadPool),
}

impl Workers {
    /// # Errors
    /// `E-PARAMETER` for 0 threads, `E-ENVIRONMENT` if they cannot be started.
    pub(super) fn new(threads: Option<usize>) -> Result<Self> {
        match threads {
            None => {
                // Starts the threads now, so that the first step is as quick as the others.
                rayon::current_num_threads();
                Ok(Workers::Shared)
            }
            Some(0) => Err(Error::new(
                Code::Parameter,
                "0 threads",
                "threads",
                "give at least 1, or leave it to the machine",
            )),
            Some(1) => Ok(Workers::Caller),
            Some(count) => match ThreadPoolBuilder::new().num_threads(count).build() {
                Ok(pool) => Ok(Workers::Own(pool)),
                Err(error) => Err(Error::new(
                    Code::Environment,
                    format!("{count} threads: {error}"),
                    "threads",
                    "ask for fewer",
                )),
            },
        }
    }

    /// Does `work` on every item; on the caller's thread if the tensor is small.
    pub(super) fn each<T: Send>(
        &self,
        items: Vec<T>,
        length: usize,
        work: impl Fn(T) + Send + Sync,
    ) {
        match self {
            Workers::Own(pool) if length >= ALONE => {
                pool.install(|| items.into_par_iter().for_each(work));
            }
            Workers::Shared if length >= ALONE => items.into_par_iter().for_each(work),
            _ => items.into_iter().for_each(work),
        }
    }
}

impl<E: Element> Arrays<E> {
    /// One pass over all elements.
    pub(super) fn pass(&mut self, pass: &Pass<f32>, workers: &Workers, arch: Arch) {
        let length = self.conditional.len();
        let target = pass.sum.as_ref().map(|sum| sum.target);
        let kept = pass
            .conversion
            .as_ref()
            .and_then(|conversion| conversion.keep);
        // Out of the struct while they are written; everything else is shared between the threads.
        let mut state = target
            .map(|i| std::mem::take(&mut self.states[i]))
            .unwrap_or_default();
        let mut output = kept
            .map(|i| std::mem::take(&mut self.outputs[i]))
            .unwrap_or_default();
        let share = match length < ALONE || matches!(workers, Workers::Caller) {
            true => length,
            false => SHARE,
        };
        let mut states = state.chunks_mut(share);
        let mut outputs = output.chunks_mut(share);
        let jobs = (0..length).step_by(share).map(|first| Job {
            pass,
            arrays: &*self,
            first,
            length: share.min(length - first),
            target: states.next().unwrap_or_default(),
            keep: outputs.next().unwrap_or_default(),
        });
        workers.each(jobs.collect(), length, |job| arch.dispatch(job));
        if let Some(i) = target {
            self.states[i] = state;
        }
        if let Some(i) = kept {
            self.outputs[i] = output;
        }
    }

    /// Thresholds an output array, sample by sample.
    pub(super) fn threshold(
        &mut self,
        output: usize,
        rule: Threshold,
        shape: Shape,
        workers: &Workers,
    ) {
        let samples = self.outputs[output].chunks_mut(shape.elements).collect();
        workers.each(samples, shape.len(), |sample| {
            let mut values = E::shown(sample).to_f32();
            threshold(rule, &mut values);
            E::shown_mut(sample).fill(&values);
        });
    }
}
