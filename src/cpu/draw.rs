//! Noise made in place of being read.

use crate::fused::Shape;
use crate::noise::{Noise, fill_from};

/// The generator of a batch's noise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    seed: u64,
    /// Elements of a sample.
    elements: usize,
}

impl Draw {
    /// None where the noise is the host's.
    pub(super) fn new(noise: Noise, shape: Shape) -> Option<Self> {
        match noise {
            Noise::Host => None,
            Noise::Philox { seed } => Some(Draw {
                seed,
                elements: shape.elements,
            }),
        }
    }

    /// The elements from number `first` of the batch on, sample by sample.
    pub(super) fn fill(self, mut out: &mut [f32], first: usize, draw: usize) {
        let (mut stream, mut skipped) = (first / self.elements, first % self.elements);
        while !out.is_empty() {
            let here = out.len().min(self.elements - skipped);
            let (part, rest) = out.split_at_mut(here);
            fill_from(part, skipped as u64, self.seed, stream as u32, draw as u32);
            (out, stream, skipped) = (rest, stream + 1, 0);
        }
    }
}
