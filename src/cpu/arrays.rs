//! The arrays of a stepper, and the views of them that a host gets.

use super::draw::Draw;
use super::kernel::Element;
use super::stepper::Options;
use super::tensor::Tensor;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Program, Shape, from_f16, to_f16};

/// A tensor to read, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View<'a> {
    /// Values.
    F32(&'a [f32]),
    /// Bits of binary16 values; [`from_f16`] reads one.
    F16(&'a [u16]),
}

/// A tensor to write, as it is stored.
#[derive(Debug, PartialEq)]
pub enum ViewMut<'a> {
    /// Values.
    F32(&'a mut [f32]),
    /// Bits of binary16 values; [`to_f16`] makes one.
    F16(&'a mut [u16]),
}

impl<'a> View<'a> {
    /// The values, if they are stored in f32.
    pub fn as_f32(self) -> Option<&'a [f32]> {
        match self {
            View::F32(values) => Some(values),
            View::F16(_) => None,
        }
    }

    /// A copy in f32.
    pub fn to_f32(self) -> Vec<f32> {
        match self {
            View::F32(values) => values.to_vec(),
            View::F16(bits) => bits.iter().copied().map(from_f16).collect(),
        }
    }
}

impl<'a> ViewMut<'a> {
    /// The values, if they are stored in f32.
    pub fn into_f32(self) -> Option<&'a mut [f32]> {
        match self {
            ViewMut::F32(values) => Some(values),
            ViewMut::F16(_) => None,
        }
    }

    /// Fills the tensor, rounding to its format.
    ///
    /// # Errors
    /// `E-SHAPE` for another length than the tensor has.
    pub fn write(self, values: &[f32]) -> Result<()> {
        let length = match &self {
            ViewMut::F32(stored) => stored.len(),
            ViewMut::F16(stored) => stored.len(),
        };
        if values.len() != length {
            return Err(Error::new(
                Code::Shape,
                format!("{} values", values.len()),
                "tensor",
                format!("give {length}"),
            ));
        }
        self.fill(values);
        Ok(())
    }

    /// As [`ViewMut::write`], of the tensor's length.
    pub(super) fn fill(self, values: &[f32]) {
        match self {
            ViewMut::F32(stored) => stored.copy_from_slice(values),
            ViewMut::F16(stored) => {
                for (bits, value) in stored.iter_mut().zip(values) {
                    *bits = to_f16(*value);
                }
            }
        }
    }
}

/// All arrays in one format; those that a program does without are empty.
#[derive(Debug, Default)]
pub(super) struct Arrays<E> {
    pub(super) states: Vec<Tensor<E>>,
    pub(super) outputs: Vec<Tensor<E>>,
    pub(super) conditional: Tensor<E>,
    pub(super) unconditional: Tensor<E>,
    pub(super) noise: Tensor<E>,
    /// What makes the noise, if the host does not.
    pub(super) draw: Option<Draw>,
}

impl<E: Element> Arrays<E> {
    /// Zero-filled arrays.
    ///
    /// # Errors
    /// `E-SHAPE` for an empty tensor, `E-MEMORY` beyond the budget or the machine.
    pub(super) fn allocate(program: &Program<f32>, shape: Shape, options: Options) -> Result<Self> {
        let mut passes = program.passes().filter_map(|pass| pass.conversion.as_ref());
        let guided = passes.any(|conversion| conversion.unconditional.is_some());
        let draw = Draw::new(options.noise, shape);
        let noise = program.noises > 0 && draw.is_none();
        let arrays =
            1 + program.states + program.outputs + usize::from(guided) + usize::from(noise);
        let short = || {
            Error::new(
                Code::Memory,
                format!(
                    "{arrays} arrays of {} samples of {} elements of {} bytes",
                    shape.batch,
                    shape.elements,
                    size_of::<E>()
                ),
                "shape",
                "choose a smaller batch, f16, or a larger budget",
            )
        };
        if shape.batch == 0 || shape.elements == 0 {
            return Err(Error::new(
                Code::Shape,
                format!("{} samples of {} elements", shape.batch, shape.elements),
                "shape",
                "give at least one sample of one element",
            ));
        }
        let length = shape.batch.checked_mul(shape.elements).ok_or_else(short)?;
        let bytes = length as u128 * size_of::<E>() as u128 * arrays as u128;
        if options
            .budget
            .is_some_and(|budget| bytes > u128::from(budget))
        {
            return Err(short());
        }
        let array = |wanted: bool| match wanted {
            true => Tensor::zeros(length).map_err(|_| short()),
            false => Ok(Tensor::default()),
        };
        Ok(Arrays {
            states: (0..program.states)
                .map(|_| array(true))
                .collect::<Result<_>>()?,
            outputs: (0..program.outputs)
                .map(|_| array(true))
                .collect::<Result<_>>()?,
            conditional: array(true)?,
            unconditional: array(guided)?,
            noise: array(noise)?,
            draw,
        })
    }
}

/// The arrays in the format chosen.
#[derive(Debug)]
pub(super) enum Storage {
    F32(Arrays<f32>),
    F16(Arrays<u16>),
}

impl Storage {
    pub(super) fn allocate(program: &Program<f32>, shape: Shape, options: Options) -> Result<Self> {
        Ok(match options.format {
            Format::F32 => Storage::F32(Arrays::allocate(program, shape, options)?),
            Format::F16 => Storage::F16(Arrays::allocate(program, shape, options)?),
        })
    }
}
