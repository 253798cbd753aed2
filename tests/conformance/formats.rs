//! Correct samplers that keep their states in 16 bits.

use crate::ask;
use crate::planned::{CONVENTIONS, conforms, planned};
use dpm_spec::arithmetic::Real;
use dpm_spec::conformance::{
    Check, Declaration, Model, Noise, Precision, Reference, Sampler, Stop, Subject, Task, Verdict,
    everything, settings,
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

/// Notes what a run starts from.
struct Starting(Declaration, f64);

impl Sampler for Starting {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        self.0.clone()
    }

    fn sample(
        &mut self,
        _: &Task,
        start: Vec<f64>,
        _: &mut Model<'_, f64>,
        _: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        self.1 = start[0];
        Err(Stop::Refused("has seen enough".to_owned()))
    }
}

/// 64, if the format has room for 256 times what a coefficient of a correct sampler may come to.
#[test]
fn impulses_are_as_large_as_the_format_has_room_for() {
    let declared = everything("starting", Precision::F16).unwrap();
    let mut seen = [0, 0];
    for setting in settings() {
        let mut cases = setting.cases();
        let Some(case) = cases.find(|it| it.check == Check::Rows && it.subject == Subject::Run)
        else {
            continue;
        };
        let task = case.task(&declared);
        let reference = task.map(|task| Reference::new(&task, declared.convention, Precision::F16));
        let (5, Ok(Ok(reference))) = (case.request.steps, reference) else {
            continue;
        };
        let sizes = reference.rows.iter().flatten();
        let sizes = sizes.map(|x| x.to_f64().abs() + x.radius());
        let fits = 256.0 * sizes.fold(1.0, f64::max) < 65504.0;
        let mut starting = Starting(declared.clone(), 0.0);
        assert_eq!(ask::found(&mut starting, &case).verdict, Verdict::Skipped);
        assert_eq!(starting.1, if fits { 64.0 } else { 1.0 }, "{case}");
        seen[usize::from(fits)] += 1;
    }
    assert!(seen.iter().all(|it| *it > 10), "{seen:?}");
}
