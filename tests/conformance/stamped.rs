//! The tests that `conformance_tests!` stamps: every MUST is asked by one, and each can fail.

use crate::planned::{Planned, planned};
use crate::sessions::declared;
use dpm_spec::conformance::{
    Check, Convention, Declaration, Level, Model, Noise, Sampler, Stop, Task, group,
};
use dpm_spec::grid::Grid;
use dpm_spec::schedule::Schedule;
use dpm_spec::threshold::Threshold;
use std::cell::RefCell;
use std::env;
use std::marker::PhantomData;
use std::process::Command;

/// A right sampler, or one that is wrong in what this variable of the environment names.
const FAULT: &str = "DPM_SPEC_TEST_FAULT";

struct Spoiled {
    right: Planned<f32>,
    fault: String,
    /// The lengths of its runs so far.
    lengths: Vec<usize>,
}

fn mine() -> Spoiled {
    let right = Planned {
        declaration: declared().local().thresholds(),
        element: PhantomData,
    };
    Spoiled {
        right,
        fault: env::var(FAULT).unwrap_or_default(),
        lengths: Vec::new(),
    }
}

impl Sampler for Spoiled {
    type Element = f32;

    fn declaration(&self) -> Declaration {
        self.right.declaration()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f32>,
        model: &mut Model<'_, f32>,
        noise: &mut Noise<'_, f32>,
    ) -> Result<Vec<f32>, Stop> {
        let fault = self.fault.as_str();
        let shorter = self.lengths.last().is_some_and(|it| *it < task.times.len());
        self.lengths.push(task.times.len());
        let model = RefCell::new(model);
        let mut result = planned(
            Convention::Continuous,
            task,
            start,
            |time, state| {
                let mut model = model.borrow_mut();
                if fault == "calls" {
                    model.call(time, state)?;
                }
                model.call(if fault == "labels" { 0.9 * time } else { time }, state)
            },
            || noise.draw(),
            |state| model.borrow_mut().restart(state),
            |x| x,
        )?;
        match fault {
            "finite" => result[0] = f32::NAN,
            "rows" | "sums" => result.iter_mut().for_each(|x| *x *= 1.01),
            "determinism" if self.lengths.len().is_multiple_of(2) => result[0] += 1.0,
            "state" if shorter => result[0] += 1.0,
            _ => {}
        }
        Ok(result)
    }

    fn nodes(&mut self, schedule: &Schedule, grid: &Grid, steps: usize) -> Result<Vec<f32>, Stop> {
        let mut nodes = self.right.nodes(schedule, grid, steps)?;
        if self.fault == "grid" {
            nodes[steps] = nodes[steps - 1];
        }
        Ok(nodes)
    }

    fn threshold(
        &mut self,
        rule: Threshold,
        samples: Vec<Vec<f32>>,
    ) -> Result<Vec<Vec<f32>>, Stop> {
        match self.fault.as_str() {
            "threshold" => Ok(samples),
            _ => self.right.threshold(rule, samples),
        }
    }
}

dpm_spec::conformance_tests!(stamped, mine());

#[test]
fn every_must_is_asked_by_one_of_the_stamped_tests() {
    let program = env::current_exe().unwrap();
    let listed = Command::new(program).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for check in Check::ALL {
        let stamped = group(check).map(|test| format!("stamped::stamped::{test}: test"));
        let asked = stamped.is_some_and(|test| listed.lines().any(|line| line == test));
        assert_eq!(asked, check.level() == Level::Core, "{check:?}: {listed}");
    }
}

/// Each runs this very program once more, on one stamped test and with one fault.
#[test]
fn every_stamped_test_fails_on_a_sampler_that_is_wrong_in_what_it_asks() {
    for check in [
        Check::Calls,
        Check::Finite,
        Check::Labels,
        Check::Rows,
        Check::Sums,
        Check::Determinism,
        Check::State,
        Check::Grid,
        Check::Threshold,
    ] {
        let (fault, test) = (check.name(), group(check).unwrap());
        let mut program = Command::new(env::current_exe().unwrap());
        let program = program.args(["--exact", &format!("stamped::stamped::{test}")]);
        let output = program.env(FAULT, fault).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success(), "{fault}: {text}");
        assert!(text.contains("1 failed"), "{fault}: {text}");
        let told = text.lines().any(|line| {
            let id = line.split_once(": ").map_or("", |(id, _)| id);
            id.starts_with("core/") && id.split('/').nth(2) == Some(fault)
        });
        assert!(told, "{fault}: {text}");
    }
}
