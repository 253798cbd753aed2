//! A tensor in memory.

use bytemuck::{Pod, Zeroable, cast_slice, cast_slice_mut};
use std::collections::TryReserveError;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// A cache line. The allocator aligns large tensors to 16 bytes only: every load of a 512-bit vector
/// would then touch two lines.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u32; 16]);

/// Numbers of type `E` that begin on a cache line.
#[derive(Debug, Default)]
pub(super) struct Tensor<E> {
    lines: Vec<Line>,
    length: usize,
    format: PhantomData<E>,
}

impl<E: Pod> Tensor<E> {
    /// All 0.
    pub(super) fn zeros(length: usize) -> Result<Self, TryReserveError> {
        let count = length.div_ceil(size_of::<Line>() / size_of::<E>());
        let mut lines = Vec::new();
        lines.try_reserve_exact(count)?;
        lines.resize(count, Line::zeroed());
        Ok(Tensor {
            lines,
            length,
            format: PhantomData,
        })
    }
}

impl<E: Pod> Deref for Tensor<E> {
    type Target = [E];

    #[inline]
    fn deref(&self) -> &[E] {
        &cast_slice(&self.lines)[..self.length]
    }
}

impl<E: Pod> DerefMut for Tensor<E> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [E] {
        &mut cast_slice_mut(&mut self.lines)[..self.length]
    }
}
