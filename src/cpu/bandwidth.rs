//! Bytes a second of a step beside those of copying on the same threads.

use super::pass::Workers;
use super::stepper::Stepper;
use crate::error::Result;
use crate::sample::{Bandwidth, Contestant, contest};
use std::hint::black_box;
use std::time::Instant;

/// The copies tried: name, bytes that a thread takes at a time.
const COPIES: [(&str, usize); 4] = [
    ("memcpy in shares of 64 KiB", 64 << 10),
    ("memcpy in shares of 1 MiB", 1 << 20),
    ("memcpy in shares of 8 MiB", 8 << 20),
    ("memcpy at once, on one thread", usize::MAX),
];

/// Measures the step after a call of a stepper, whose arrays it overwrites.
///
/// # Errors
/// `E-ENVIRONMENT` if threads cannot be started.
pub(super) fn bandwidth(stepper: &mut Stepper, call: usize) -> Result<Bandwidth> {
    let bytes = stepper.traffic(call);
    let elements = stepper.shape().len();
    let workers = Workers::new(None)?;
    // Written once, so that every page has memory of its own.
    let source = vec![1_u8; (bytes / 2) as usize];
    let mut target = vec![2_u8; source.len()];
    contest(bytes, &COPIES.map(|copy| copy.0), false, |who, repeats| {
        let begun = Instant::now();
        for _ in 0..repeats {
            match who {
                Contestant::Step => stepper.repeat(call),
                Contestant::Kernel(k) => {
                    let share = COPIES[k].1.min(source.len());
                    let parts = target.chunks_mut(share).zip(source.chunks(share));
                    workers.each(parts.collect(), elements, |(to, from)| {
                        to.copy_from_slice(from);
                    });
                    black_box(&mut target);
                }
                Contestant::BufferCopy => {}
            }
        }
        Ok(begun.elapsed())
    })
}
