//! A step against copies of as many bytes, in turn on one device.

use super::Bandwidth;
use crate::error::Result;
use std::time::Duration;

/// Rounds, in each of which every contestant runs once.
const ROUNDS: usize = 9;
/// What one measurement takes at least.
const LONG_ENOUGH: Duration = Duration::from_millis(10);

/// Who runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    Step,
    /// The device's own copy of a buffer.
    BufferCopy,
    /// The copy kernel of this number.
    Kernel(usize),
}

/// Measures the step, the copy kernels named and, where the device has one, its own copy; `run`
/// times so many repeats.
pub(crate) fn contest(
    bytes: u64,
    kernels: &[&str],
    buffer_copy: bool,
    mut run: impl FnMut(Contestant, u32) -> Result<Duration>,
) -> Result<Bandwidth> {
    let mut contestants = vec![Contestant::Step];
    contestants.extend((0..kernels.len()).map(Contestant::Kernel));
    if buffer_copy {
        contestants.push(Contestant::BufferCopy);
    }
    let mut repeats = Vec::new();
    for contestant in &contestants {
        repeats.push(enough(|repeats| run(*contestant, repeats))?);
    }
    let mut seconds = vec![Vec::new(); contestants.len()];
    for _ in 0..ROUNDS {
        for (k, contestant) in contestants.iter().enumerate() {
            let taken = run(*contestant, repeats[k])?;
            seconds[k].push(taken.as_secs_f64() / f64::from(repeats[k]));
        }
    }
    let speeds: Vec<f64> = seconds
        .iter()
        .map(|taken| bytes as f64 / median(taken.clone()))
        .collect();
    let best = (1..=kernels.len())
        .max_by(|a, b| speeds[*a].total_cmp(&speeds[*b]))
        .unwrap_or(0);
    let pairs = seconds[best].iter().zip(&seconds[0]);
    Ok(Bandwidth {
        step: speeds[0],
        copy: speeds[best],
        copy_kernel: kernels
            .get(best.wrapping_sub(1))
            .copied()
            .unwrap_or_default()
            .to_owned(),
        buffer_copy: buffer_copy.then(|| speeds[kernels.len() + 1]),
        ratio: median(pairs.map(|(copy, step)| copy / step).collect()),
    })
}

/// How often to repeat so that a measurement is long enough.
fn enough(mut run: impl FnMut(u32) -> Result<Duration>) -> Result<u32> {
    let mut repeats = 1;
    while run(repeats)? < LONG_ENOUGH && repeats < 4096 {
        repeats *= 2;
    }
    Ok(repeats)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
