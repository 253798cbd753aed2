//! Correct samplers that keep their states in 16 bits.

use crate::planned::{CONVENTIONS, conforms, planned};
use dpm_spec::conformance::{
    Declaration, Model, Noise, Precision, Sampler, Stop, Task, everything,
};
use half::{bf16, f16};
use std::cell::RefCell;

/// Weights in f32, states kept in 16 bits, as networks in half precision are sampled.
struct Stored {
    declaration: Declaration,
    stored: fn(f32) -> f32,
}

impl Sampler for Stored {
    type Element = f32;

    fn declaration(&self) -> Declaration {
        self.declaration.clone()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f32>,
        model: &mut Model<'_, f32>,
        noise: &mut Noise<'_, f32>,
    ) -> Result<Vec<f32>, Stop> {
        let model = RefCell::new(model);
        planned(
            self.declaration.convention,
            task,
            start,
            |time, state| model.borrow_mut().call(time, state),
            || noise.draw(),
            |state| model.borrow_mut().restart(state),
            self.stored,
        )
    }
}

fn states(precision: Precision, stored: fn(f32) -> f32) {
    for convention in CONVENTIONS {
        let declared = everything("stored", precision).unwrap();
        let declaration = Declaration {
            grids: Vec::new(),
            ..declared.times(convention).local()
        };
        conforms(Stored {
            declaration,
            stored,
        });
    }
}

#[test]
fn f16_conforms_in_every_convention() {
    states(Precision::F16, |x| f16::from_f32(x).to_f32());
}

#[test]
fn bf16_conforms_in_every_convention() {
    states(Precision::Bf16, |x| bf16::from_f32(x).to_f32());
}
