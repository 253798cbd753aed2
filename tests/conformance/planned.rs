//! Correct samplers: the catalogue's own formulas in f64, f32, f16 and bf16, every operation rounded.

use dpm_spec::arithmetic::Real;
use dpm_spec::conformance::{
    Case, Check, Convention, Declaration, Element, Model, Noise, Outcome, Precision, Reference,
    Sampler, Stop, Subject, Task, Verdict, check, everything,
};
use dpm_spec::grid::Grid;
use dpm_spec::plan::derive;
use dpm_spec::schedule::{Curve, Schedule};
use dpm_spec::threshold::Threshold;
use std::cell::RefCell;
use std::marker::PhantomData;

/// Plans derived and run in an arithmetic.
pub(crate) struct Planned<E> {
    pub(crate) declaration: Declaration,
    pub(crate) element: PhantomData<E>,
}

impl<E: Element + Real> Sampler for Planned<E> {
    type Element = E;

    fn declaration(&self) -> Declaration {
        self.declaration.clone()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<E>,
        model: &mut Model<'_, E>,
        noise: &mut Noise<'_, E>,
    ) -> Result<Vec<E>, Stop> {
        let convention = self.declaration.convention;
        let model = RefCell::new(model);
        planned(
            convention,
            task,
            start,
            |time, state| model.borrow_mut().call(time, state),
            || noise.draw(),
            |state| model.borrow_mut().restart(state),
            |x| x,
        )
    }

    fn nodes(&mut self, schedule: &Schedule, grid: &Grid, steps: usize) -> Result<Vec<E>, Stop> {
        let convention = self.declaration.convention;
        let curve = Curve::new(schedule, &<E as Element>::from_f64(1.0));
        let points = grid.nodes(&curve, steps, schedule.domain());
        let points = points.map_err(|error| Stop::Failed(error.to_string()))?;
        let told = |point| convention.told(point).unwrap();
        Ok(points.iter().map(told).collect())
    }

    fn threshold(&mut self, rule: Threshold, samples: Vec<Vec<E>>) -> Result<Vec<Vec<E>>, Stop> {
        let mut samples = samples;
        for sample in &mut samples {
            rule.apply(sample);
        }
        Ok(samples)
    }
}

/// The plan of a task, derived and run in an arithmetic; every state that it makes is `stored`.
pub(crate) fn planned<E: Element + Real>(
    convention: Convention,
    task: &Task,
    start: Vec<E>,
    mut call: impl FnMut(E, &[E]) -> Result<Vec<E>, Stop>,
    mut draw: impl FnMut() -> Result<Vec<E>, Stop>,
    mut restart: impl FnMut(Vec<E>) -> Vec<E>,
    stored: impl Fn(E) -> E,
) -> Result<Vec<E>, Stop> {
    let failed = |error: dpm_spec::Error| Stop::Failed(error.to_string());
    let request = task.request(convention).map_err(failed)?;
    let plan = derive(&request, &<E as Element>::from_f64(1.0)).map_err(failed)?;
    let mut ends = plan.step_ends();
    ends.pop_last();
    let stopped = RefCell::new(None);
    let stop = |stop: Stop| {
        stopped.replace(Some(stop));
        dpm_spec::Error::new(dpm_spec::Code::Shape, "stopped", "run", "none")
    };
    let done = plan.run_visited(
        &[restart(start)],
        |at| {
            let time = convention.told(&at.node.point).unwrap();
            let state = at.input.iter().map(|x| *x / &at.node.input_scale);
            call(time, &state.collect::<Vec<E>>()).map_err(stop)
        },
        |_| draw().map_err(stop),
        |state, numbers| {
            for number in numbers.iter_mut() {
                *number = stored(*number);
            }
            if ends.contains(&state) {
                *numbers = restart(std::mem::take(numbers));
            }
            Ok(())
        },
    );
    done.map_err(|error| stopped.take().unwrap_or(Stop::Failed(error.to_string())))
}

/// The same, with nothing of its own.
pub(crate) fn plainly<E: Element + Real>(
    convention: Convention,
    task: &Task,
    start: Vec<E>,
    model: &mut Model<'_, E>,
    noise: &mut Noise<'_, E>,
) -> Result<Vec<E>, Stop> {
    planned(
        convention,
        task,
        start,
        |time, state| model.call(time, state),
        || noise.draw(),
        |x| x,
        |x| x,
    )
}

/// What is said where a correct sampler's rows may be off by more than 2^-6 of their largest entry.
pub(crate) const COARSE: &str = " is too coarse here: a correct sampler may be ";

/// Whether a case of a correct sampler may come to that.
fn is_coarse(case: &Case, declared: &Declaration) -> bool {
    match case.check {
        Check::Rows => {
            let task = case.task(declared).unwrap();
            let reference = Reference::new(&task, declared.convention, declared.precision);
            reference.unwrap().bound() > 1.0 / 64.0
        }
        // These add up what rows may be off, the last two through a network that is steep.
        Check::Sums | Check::Scale => declared.precision != Precision::F64,
        Check::Moments | Check::Order => true,
        _ => false,
    }
}

/// Step by step states of 16 bits lose less; of wider ones it would say no more.
fn names_the_remedy(outcome: &Outcome, declared: &Declaration) -> bool {
    let remedy = outcome.finding.message.contains("; declare `local` to be");
    let in_16_bits = matches!(declared.precision, Precision::F16 | Precision::Bf16);
    remedy == (in_16_bits && outcome.case.subject != Subject::Steps)
}

/// Asks everything; what applies must be answered. A convention changes labels and nodes: fifty steps,
/// which take longer than all others together, are asked in one.
pub(crate) fn conforms<S: Sampler>(mut sampler: S) {
    let usual = sampler.declaration().convention == Convention::Continuous;
    let report = check(&mut sampler, |case| usual || case.request.steps < 50).unwrap();
    let declared = &report.testee;
    let good = |it: &&Outcome| match it.finding.verdict {
        Verdict::Exact | Verdict::Conforms => true,
        Verdict::NotApplicable if it.finding.message.contains(COARSE) => {
            is_coarse(&it.case, declared) && names_the_remedy(it, declared)
        }
        Verdict::NotApplicable => {
            // Ends of a grid and times of a run may lie where the sampler's convention has none.
            let told = || it.case.subject != Subject::Nodes && it.case.task(declared).is_ok();
            it.case.inapplicable(declared).is_some() || !told()
        }
        _ => false,
    };
    let bad = report.outcomes.iter().filter(|it| !good(it));
    let bad: Vec<String> = bad
        .map(|it| format!("{} {}: {}", it.case, it.finding.verdict, it.finding.message))
        .collect();
    assert!(
        bad.is_empty(),
        "{:?}: {} of {}: {:#?}",
        report.testee,
        bad.len(),
        report.outcomes.len(),
        &bad[..bad.len().min(12)]
    );
}

fn every_operation_rounded<E: Element + Real>(precision: Precision, convention: Convention) {
    let declared = everything("planned", precision).unwrap();
    conforms(Planned::<E> {
        declaration: declared.times(convention).thresholds().local(),
        element: PhantomData,
    });
}

#[test]
fn f32_conforms_in_every_convention() {
    for convention in CONVENTIONS {
        every_operation_rounded::<f32>(Precision::F32, convention);
    }
}

#[test]
fn f64_conforms_in_every_convention() {
    for convention in CONVENTIONS {
        every_operation_rounded::<f64>(Precision::F64, convention);
    }
}

pub(crate) const CONVENTIONS: [Convention; 4] = [
    Convention::Continuous,
    Convention::Discrete,
    Convention::Sigma,
    Convention::Lambda,
];
