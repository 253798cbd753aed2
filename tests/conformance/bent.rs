//! Every recipe in f64, told times and made results as said.

use crate::planned::planned;
use dpm_spec::conformance::{
    Declaration, Model, Noise, Precision, Sampler, Stop, Task, everything,
};
use std::cell::RefCell;

/// What a multiple of is added to the result.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of {
    Start,
    Output(usize),
    Noise(usize),
}

/// A sampler that is bent on purpose.
#[derive(Clone)]
pub(crate) struct Bent<'a> {
    /// Whatever it is declared to be, it computes in f64.
    pub(crate) declaration: Declaration,
    pub(crate) time: &'a dyn Fn(usize, f64) -> f64,
    pub(crate) added: Vec<(Of, f64)>,
}

/// Declares everything, and is right.
pub(crate) fn straight(precision: Precision) -> Bent<'static> {
    Bent {
        declaration: everything("bent", precision).unwrap(),
        time: &|_, time| time,
        added: Vec::new(),
    }
}

impl Bent<'_> {
    pub(crate) fn run(
        &self,
        task: &Task,
        start: Vec<f64>,
        mut call: impl FnMut(f64, &[f64]) -> Result<Vec<f64>, Stop>,
        mut draw: impl FnMut() -> Result<Vec<f64>, Stop>,
    ) -> Result<Vec<f64>, Stop> {
        let (outputs, noises) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let made = |time, state: &[f64]| {
            let time = (self.time)(outputs.borrow().len(), time);
            let output = call(time, state)?;
            outputs.borrow_mut().push(output.clone());
            Ok(output)
        };
        let drawn = || {
            let noise = draw()?;
            noises.borrow_mut().push(noise.clone());
            Ok(noise)
        };
        let first = start.clone();
        let mut result = planned(
            self.declaration.convention,
            task,
            start,
            made,
            drawn,
            |x| x,
            |x| x,
        )?;
        let (outputs, noises) = (outputs.into_inner(), noises.into_inner());
        for (of, factor) in &self.added {
            let what = match of {
                Of::Start => Some(&first),
                Of::Output(k) => outputs.get(*k),
                Of::Noise(k) => noises.get(*k),
            };
            for (x, it) in result.iter_mut().zip(what.into_iter().flatten()) {
                *x += factor * it;
            }
        }
        Ok(result)
    }
}

impl Sampler for Bent<'_> {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        self.declaration.clone()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        self.run(
            task,
            start,
            |time, state| model.call(time, state),
            || noise.draw(),
        )
    }
}
