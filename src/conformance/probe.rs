//! The impulse-response probe: one run that returns every effective coefficient of a sampler.
//!
//! A sampler of the family is linear in (start, model outputs, noises). Component 0 of the state
//! carries an impulse in the start, component 1 + k one in the k-th output, the ones behind them
//! the noises. An impulse of 1 passes a clip to [-1, 1] as it is: larger ones show it.

use super::sampler::{Element, Model, Noise, Sampler, Stop, Task};
use super::{Precision, Reference};
use crate::arithmetic::Real;
use crate::plan::Columns;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls and draws beyond the expected ones that are still recorded.
const SPARE: usize = 4;

/// An impulse, where the format has room for every coefficient that a correct sampler may have,
/// times as much, and that four times.
const IMPULSE: f64 = 64.0;

/// The size of the impulses for a run with these coefficients: a power of 2, so that what they
/// make is divided by it without rounding.
pub(super) fn impulse(reference: &Reference, precision: Precision) -> f64 {
    let entries = reference.rows.iter().flatten();
    let sizes = entries.map(|x| x.to_f64().abs() + x.radius());
    let largest = sizes.fold(1.0, f64::max);
    match largest * IMPULSE * 4.0 < precision.largest() {
        true => IMPULSE,
        false => 1.0,
    }
}

/// What a run showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The time told to the model, call by call.
    pub labels: Vec<f64>,
    /// The state shown at every call, then the result, step by step the end of every step:
    /// coefficients of (start, outputs, noises).
    pub rows: Vec<Vec<f64>>,
    /// How many calls had been made when each noise was drawn.
    pub draws: Vec<usize>,
}

impl Response {
    /// Whether two runs agree bit for bit; a NaN agrees with a NaN.
    pub fn same_bits(&self, other: &Response) -> bool {
        let bits = |response: &Response| -> Vec<u64> {
            let rows = response.rows.iter().flatten();
            let all = rows.chain(&response.labels).copied();
            all.map(f64::to_bits).collect()
        };
        self.draws == other.draws && bits(self) == bits(other)
    }
}

/// Runs `task` on impulses of a size, with room for the calls and noises that are expected. Step by
/// step every step starts from the impulse of the start. The rows are those of unit impulses.
///
/// Noises beyond the room are the last one again: that a sampler draws what it does not use is for
/// the number of draws to show.
///
/// # Errors
/// How the run stopped; a panic of the sampler is [`Stop::Failed`].
pub fn respond<S: Sampler>(
    sampler: &mut S,
    task: &Task,
    expected: Columns,
    size: f64,
) -> Result<Response, Stop> {
    let (calls, draws) = (expected.outputs + SPARE, expected.noises + SPARE);
    let most = expected.noises + SPARE * calls;
    let width = 1 + calls + draws;
    let unit = |component: usize| -> Vec<S::Element> {
        let element = |i| S::Element::from_f64(if i == component { size } else { 0.0 });
        (0..width).map(element).collect()
    };
    let row = |state: &[S::Element]| state.iter().map(|x| x.to_f64() / size).collect();
    let outputs: Vec<_> = (0..calls).map(|call| unit(1 + call)).collect();
    let noises: Vec<_> = (0..draws).map(|draw| unit(1 + calls + draw)).collect();
    let seen = RefCell::new(Response {
        labels: Vec::new(),
        rows: Vec::new(),
        draws: Vec::new(),
    });
    let mut answer = |time: S::Element, state: &[S::Element]| {
        let mut seen = seen.borrow_mut();
        let call = seen.labels.len();
        if call == calls {
            let wanted = expected.outputs;
            return Err(Stop::Ended(format!(
                "more than {calls} model calls; the plan has {wanted}"
            )));
        }
        if state.len() != width {
            return Err(Stop::Ended(format!(
                "call {call}: a state of {} numbers; the start has {width}",
                state.len()
            )));
        }
        seen.labels.push(time.to_f64());
        seen.rows.push(row(state));
        Ok(outputs[call].clone())
    };
    let mut draw = || {
        let mut seen = seen.borrow_mut();
        let (call, drawn) = (seen.labels.len(), seen.draws.len());
        if drawn == most {
            let wanted = expected.noises;
            return Err(Stop::Ended(format!(
                "more than {most} noises; the plan has {wanted}"
            )));
        }
        seen.draws.push(call);
        Ok(noises[drawn.min(draws - 1)].clone())
    };
    let mut ended: Vec<Vec<f64>> = Vec::new();
    let mut restart = |state: Vec<S::Element>| {
        if ended.len() <= task.steps {
            ended.push(row(&state));
        }
        unit(0)
    };
    let run = AssertUnwindSafe(|| {
        let mut model = Model {
            answer: &mut answer,
            script: &outputs,
            restart: match task.local {
                true => Some(&mut restart),
                false => None,
            },
        };
        let mut noise = Noise {
            draw: &mut draw,
            script: &noises,
        };
        sampler.sample(task, unit(0), &mut model, &mut noise)
    });
    let last = match catch_unwind(run) {
        Ok(done) => done?,
        Err(panic) => return Err(Stop::Failed(format!("panicked: {}", said(&*panic)))),
    };
    if last.len() != width {
        let length = last.len();
        return Err(Stop::Failed(format!(
            "a result of {length} numbers; the start has {width}"
        )));
    }
    let mut seen = seen.into_inner();
    if task.local {
        let (made, steps) = (ended.len(), task.steps);
        if made != steps || ended.iter().any(|state| state.len() != width) {
            let what = "a run step by step hands a state over at the start of each";
            return Err(Stop::Failed(format!("{made} of {steps} steps: {what}")));
        }
        // What the first step is handed is the start.
        seen.rows.extend(ended.into_iter().skip(1));
    }
    seen.rows.push(row(&last));
    seen.pack(calls);
    Ok(seen)
}

impl Response {
    /// The rows without the noises that were drawn and never used.
    pub(super) fn without_idle_noises(&self) -> Vec<Vec<f64>> {
        let first = 1 + self.labels.len();
        let width = self.rows.first().map_or(0, Vec::len);
        let used = |column: usize| self.rows.iter().any(|row| row[column] != 0.0);
        let kept = |column: &usize| *column < first || used(*column);
        let columns: Vec<usize> = (0..width).filter(kept).collect();
        let rows = self.rows.iter();
        rows.map(|row| columns.iter().map(|column| row[*column]).collect())
            .collect()
    }

    /// Drops the columns that no call or draw used, so that noises stand next to outputs.
    fn pack(&mut self, room: usize) {
        let (made, drawn) = (self.labels.len(), self.draws.len());
        for row in &mut self.rows {
            let noises = row.split_off(1 + room);
            row.truncate(1 + made);
            row.extend(noises.into_iter().take(drawn));
        }
    }
}

/// What a panic said.
pub(super) fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}
