//! What is asked, in the words of the protocol.

use super::hello::Greeting;
use super::message::{Case, Number, Rule, texts};
use crate::arithmetic::{DoubleDouble, Field, Rational, Real};
use crate::conformance::{Precision, Task};
use crate::threshold::Threshold;

/// A task, its ids as the testee said them.
pub(super) fn case(greeting: &Greeting, task: &Task) -> Case {
    let policy = task.policy.to_string();
    let policy = policy.split(',').filter_map(|item| item.split_once('='));
    Case {
        solver: greeting.solver(&task.solver),
        eta: number(task.eta),
        schedule: greeting.schedule(&task.schedule),
        prediction: task.prediction.name().to_owned(),
        policy: policy
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        space: task.space.name().to_owned(),
        steps: task.steps,
        times: texts(&task.times, Precision::F64),
    }
}

pub(super) fn rule(threshold: Threshold) -> Rule {
    let rational = |value: Rational| number(DoubleDouble::ONE.constant(value).to_f64());
    let unbounded = || number(f64::INFINITY);
    match threshold {
        Threshold::Static { bound } => Rule::Static {
            bound: rational(bound),
        },
        Threshold::Dynamic { ratio, max } => Rule::Dynamic {
            ratio: rational(ratio),
            max: max.map_or_else(unbounded, rational),
        },
    }
}

fn number(value: f64) -> Number {
    texts(&[value], Precision::F64).concat()
}
