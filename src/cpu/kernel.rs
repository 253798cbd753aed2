//! One fused pass over memory, block by block: a block's numbers stay in the first-level cache while
//! plain loops, which the compiler vectorises, convert, sum and store them. Every loop runs over a
//! whole block, at the end of a tensor over whatever stands behind it: a loop of unknown length, or
//! one that checks an index, does its last round number by number.

use super::arrays::{Arrays, View, ViewMut};
use crate::fused::{Conversion, Pass, Source, Sum, from_f16, to_f16};
use bytemuck::Pod;
use pulp::NullaryFnOnce;
use std::ops::Range;

/// Elements of a block: all the rooms of one take 12 KiB.
const BLOCK: usize = 512;
/// A block in f32.
type Room = [f32; BLOCK];
/// Terms that one loop sums.
const GROUP: usize = 4;
/// Elements that a thread takes at a time.
pub(super) const SHARE: usize = 1 << 14;

/// A number as it is stored.
pub(super) trait Element: Pod + Default + Send + Sync {
    /// At most a block in f32: itself, or converted into `room`.
    fn view<'a>(stored: &'a [Self], room: &'a mut Room) -> &'a Room;
    /// Rounds at most a block to the format.
    fn store(values: &Room, stored: &mut [Self]);
    /// What comes back of a block that is stored.
    fn rounded(values: &mut Room);
    /// What a host sees.
    fn shown(stored: &[Self]) -> View<'_>;
    /// What a host writes.
    fn shown_mut(stored: &mut [Self]) -> ViewMut<'_>;
}

impl Element for f32 {
    #[inline(always)]
    fn view<'a>(stored: &'a [f32], room: &'a mut Room) -> &'a Room {
        match stored.try_into() {
            Ok(whole) => whole,
            Err(_) => {
                room[..stored.len()].copy_from_slice(stored);
                room
            }
        }
    }

    #[inline(always)]
    fn store(values: &Room, stored: &mut [f32]) {
        stored.copy_from_slice(&values[..stored.len()]);
    }

    #[inline(always)]
    fn rounded(_: &mut Room) {}

    fn shown(stored: &[f32]) -> View<'_> {
        View::F32(stored)
    }

    fn shown_mut(stored: &mut [f32]) -> ViewMut<'_> {
        ViewMut::F32(stored)
    }
}

impl Element for u16 {
    #[inline(always)]
    fn view<'a>(stored: &'a [u16], room: &'a mut Room) -> &'a Room {
        for (value, half) in room.iter_mut().zip(stored) {
            *value = from_f16(*half);
        }
        room
    }

    #[inline(always)]
    fn store(values: &Room, stored: &mut [u16]) {
        for (half, value) in stored.iter_mut().zip(values) {
            *half = to_f16(*value);
        }
    }

    #[inline(always)]
    fn rounded(values: &mut Room) {
        for value in values {
            *value = from_f16(to_f16(*value));
        }
    }

    fn shown(stored: &[u16]) -> View<'_> {
        View::F16(stored)
    }

    fn shown_mut(stored: &mut [u16]) -> ViewMut<'_> {
        ViewMut::F16(stored)
    }
}

/// A part of a pass: the elements from number `first` on.
pub(super) struct Job<'a, E> {
    pub(super) pass: &'a Pass<f32>,
    /// All arrays but those that the pass writes.
    pub(super) arrays: &'a Arrays<E>,
    pub(super) first: usize,
    pub(super) length: usize,
    /// The written state; empty if there is none.
    pub(super) target: &'a mut [E],
    /// The kept prediction; empty if there is none.
    pub(super) keep: &'a mut [E],
}

impl<E: Element> NullaryFnOnce for Job<'_, E> {
    type Output = ();

    /// Inlined into the dispatch, as all that it calls, so that the loops use this machine's vectors.
    #[inline(always)]
    fn call(self) {
        let Job { pass, arrays, .. } = self;
        let mut rooms = [[0.0; BLOCK]; GROUP];
        let mut register = [0.0; BLOCK];
        let mut result = [0.0; BLOCK];
        for begin in (0..self.length).step_by(BLOCK) {
            let end = self.length.min(begin + BLOCK);
            let target = part(self.target, begin, end);
            let keep = part(self.keep, begin, end);
            let range = self.first + begin..self.first + end;
            let block = Block::new(pass, arrays, range, target, keep);
            if let Some(conversion) = &pass.conversion {
                block.convert(conversion, &mut rooms, &mut register);
            }
            if let Some(sum) = &pass.sum {
                block.add(sum, &register, &mut rooms, &mut result);
                E::store(&result, target);
            }
            if !keep.is_empty() {
                E::store(&register, keep);
            }
        }
    }
}

/// A block of an array, of an empty one nothing.
fn part<E>(values: &mut [E], begin: usize, end: usize) -> &mut [E] {
    match values.is_empty() {
        true => values,
        false => &mut values[begin..end],
    }
}

/// What a block of elements reads.
struct Block<'a, E> {
    arrays: &'a Arrays<E>,
    range: Range<usize>,
    /// Number and values of the state array that will be written, and of the output array.
    written: (Option<usize>, &'a [E]),
    kept: (Option<usize>, &'a [E]),
}

impl<'a, E: Element> Block<'a, E> {
    #[inline(always)]
    fn new(
        pass: &Pass<f32>,
        arrays: &'a Arrays<E>,
        range: Range<usize>,
        target: &'a [E],
        keep: &'a [E],
    ) -> Self {
        Block {
            arrays,
            range,
            written: (pass.sum.as_ref().map(|sum| sum.target), target),
            kept: (pass.conversion.as_ref().and_then(|c| c.keep), keep),
        }
    }

    #[inline(always)]
    fn stored(&self, source: Source) -> &'a [E] {
        let (own, values, others) = match source {
            Source::State(i) => (
                self.written.0 == Some(i),
                self.written.1,
                &self.arrays.states[i],
            ),
            Source::Output(i) => (self.kept.0 == Some(i), self.kept.1, &self.arrays.outputs[i]),
            Source::Noise(_) | Source::Register => (false, self.kept.1, &self.arrays.noise),
        };
        match own {
            true => values,
            false => &others[self.range.clone()],
        }
    }

    #[inline(always)]
    fn term<'r>(
        &self,
        term: &(Source, f32),
        register: &'r Room,
        room: &'r mut Room,
    ) -> (&'r Room, f32)
    where
        'a: 'r,
    {
        let values = match (term.0, self.arrays.draw) {
            (Source::Register, _) => register,
            (Source::Noise(number), Some(draw)) => {
                draw.fill(&mut room[..self.range.len()], self.range.start, number);
                E::rounded(room);
                room
            }
            (source, _) => E::view(self.stored(source), room),
        };
        (values, term.1)
    }

    #[inline(always)]
    fn convert(&self, conversion: &Conversion<f32>, rooms: &mut [Room; GROUP], out: &mut Room) {
        let [r0, r1, r2, _] = rooms;
        let conditional = E::view(&self.arrays.conditional[self.range.clone()], r0);
        let kc = conversion.conditional;
        let state = conversion
            .state
            .map(|(i, k)| (E::view(self.stored(Source::State(i)), r1), k));
        let unconditional = conversion.unconditional.map(|k| {
            (
                E::view(&self.arrays.unconditional[self.range.clone()], r2),
                k,
            )
        });
        match (state, unconditional) {
            (None, None) => sum([(conditional, kc)], out),
            (Some(x), None) => sum([x, (conditional, kc)], out),
            (None, Some(u)) => sum([(conditional, kc), u], out),
            (Some(x), Some(u)) => sum([x, (conditional, kc), u], out),
        }
        if let Some(bound) = conversion.clip {
            for m in out {
                // A NaN passes.
                let below = if *m > bound { bound } else { *m };
                *m = if below < -bound { -bound } else { below };
            }
        }
    }

    #[inline(always)]
    fn add(&self, terms: &Sum<f32>, register: &Room, rooms: &mut [Room; GROUP], out: &mut Room) {
        let [r0, r1, r2, r3] = rooms;
        let (head, rest) = terms.terms.split_at(terms.terms.len().min(GROUP));
        match head {
            [] => out.fill(0.0),
            [a] => sum([self.term(a, register, r0)], out),
            [a, b] => sum(
                [self.term(a, register, r0), self.term(b, register, r1)],
                out,
            ),
            [a, b, c] => sum(
                [
                    self.term(a, register, r0),
                    self.term(b, register, r1),
                    self.term(c, register, r2),
                ],
                out,
            ),
            [a, b, c, d, ..] => sum(
                [
                    self.term(a, register, r0),
                    self.term(b, register, r1),
                    self.term(c, register, r2),
                    self.term(d, register, r3),
                ],
                out,
            ),
        }
        for term in rest {
            let (vector, weight) = self.term(term, register, r0);
            for (s, x) in out.iter_mut().zip(vector) {
                *s += x * weight;
            }
        }
    }
}

/// out = sum of vector times weight, from left to right, nothing fused.
#[inline(always)]
fn sum<const N: usize>(terms: [(&Room, f32); N], out: &mut Room) {
    for i in 0..BLOCK {
        let mut total = terms[0].0[i] * terms[0].1;
        for (vector, weight) in &terms[1..] {
            total += vector[i] * weight;
        }
        out[i] = total;
    }
}
