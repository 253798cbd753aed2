//! Samplers that keep what they computed for another run of as many steps.

use crate::ask;
use crate::planned::planned;
use dpm_spec::conformance::{
    Case, Convention, Declaration, Model, Noise, Precision, Sampler, Stop, Task, Verdict, cases,
};
use dpm_spec::recipe::StateSpace;
use std::collections::BTreeMap;

/// What is kept, by the number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Keeps {
    Nothing,
    /// The nodes of the first run of this length.
    FirstNodes,
    /// Those of the run before, if that was as long.
    LastNodes,
    /// Of those the later half.
    LastHalf,
}

struct Keeping {
    keeps: Keeps,
    nodes: BTreeMap<usize, Vec<f64>>,
}

impl Sampler for Keeping {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("keeping", Precision::F64);
        let declared = declared.solvers(["ddim", "dpmpp-2m", "dpmpp-3m-exact"]);
        let schedules = ["vp-linear", "discrete-linear", "edm", "flow"];
        let declared = declared.and_then(|it| it.schedules(schedules)).unwrap();
        declared.spaces(&[StateSpace::Vp, StateSpace::Flow, StateSpace::Ve])
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let steps = task.steps();
        if matches!(self.keeps, Keeps::LastNodes | Keeps::LastHalf) {
            self.nodes.retain(|kept, _| *kept == steps);
        }
        let kept = self
            .nodes
            .entry(steps)
            .or_insert_with(|| task.times.clone());
        let times = match self.keeps {
            Keeps::Nothing => task.times.clone(),
            Keeps::LastHalf => {
                let half = steps / 2;
                [&task.times[..half], &kept[half..]].concat()
            }
            _ => kept.clone(),
        };
        let mut calls = 0;
        let told = Task {
            times,
            ..task.clone()
        };
        planned(
            Convention::Continuous,
            &told,
            start,
            |_, state| {
                // The time that it tells is that of the task.
                let time = task.times[calls];
                calls += 1;
                model.call(time, state)
            },
            || noise.draw(),
            |x| x,
            |x| x,
        )
    }
}

const GROUNDS: [&str; 7] = [
    "vp-linear:n=5:grid=lambda",
    "vp-linear:n=5:grid=time",
    "vp-linear:n=2:grid=time",
    "vp-linear:n=50:grid=lambda",
    "discrete-linear:n=10:grid=linspace",
    "edm:n=5:grid=karras",
    "flow:n=5:grid=flow",
];

#[test]
fn what_is_kept_for_as_many_steps_is_found_by_state_on_every_grid() {
    let is_asked = |case: &Case| {
        let id = case.to_string();
        let solver = ["ddim", "dpmpp-2m", "dpmpp-3m-exact"].contains(&case.solver());
        solver
            && GROUNDS
                .iter()
                .any(|it| id.ends_with(&format!("/state/{it}")))
    };
    let asked: Vec<Case> = cases().into_iter().filter(is_asked).collect();
    assert_eq!(asked.len(), 3 * GROUNDS.len());
    let found = |keeps: Keeps, case: &Case| {
        let nodes = BTreeMap::new();
        ask::found(&mut Keeping { keeps, nodes }, case)
    };
    for case in &asked {
        for (keeps, words) in [
            (Keeps::FirstNodes, "has the coefficients of these"),
            (Keeps::LastNodes, "gives other bits"),
            (Keeps::LastHalf, "gives other bits"),
        ] {
            let finding = found(keeps, case);
            assert_eq!(finding.verdict, Verdict::Deviates, "{case} {keeps:?}");
            let told = finding.message.ends_with(words);
            assert!(told, "{case} {keeps:?}: {}", finding.message);
        }
        let finding = found(Keeps::Nothing, case);
        assert_eq!(finding.verdict, Verdict::Exact, "{case}: {finding:?}");
    }
}
