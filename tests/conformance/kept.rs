//! Samplers that keep what they computed for another run of as many steps.

use crate::ask;
use crate::planned::{plainly, planned};
use dpm_spec::conformance::{
    Case, Convention, Declaration, Model, Noise, Precision, Sampler, Stop, Task, Verdict, cases,
};
use dpm_spec::recipe::StateSpace;
use std::collections::BTreeMap;

/// What is kept, by the number of steps.
#[derive(Clone, Copy, Debug)]
enum Keeps {
    Nothing,
    /// The nodes of the first run of this length.
    FirstNodes,
    /// Those of the run before, if that was as long.
    LastNodes,
    /// Of those the later half.
    LastHalf,
    /// A table of the first run's, which has no others.
    Table(fn(String) -> Stop),
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
        let steps = task.steps;
        if matches!(self.keeps, Keeps::LastNodes | Keeps::LastHalf) {
            self.nodes.retain(|kept, _| *kept == steps);
        }
        let kept = self
            .nodes
            .entry(steps)
            .or_insert_with(|| task.times.clone());
        let times = match self.keeps {
            Keeps::Nothing => task.times.clone(),
            Keeps::Table(stop) if *kept != task.times => {
                return Err(stop("has no such times".to_owned()));
            }
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
    "vp-linear:n=10:grid=lambda",
    "discrete-linear:n=10:grid=linspace",
    "edm:n=5:grid=karras",
    "flow:n=5:grid=flow",
];

/// Notes the nodes of every task.
struct Noting {
    convention: Convention,
    nodes: Vec<Vec<f64>>,
}

impl Sampler for Noting {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("noting", Precision::F64).times(self.convention);
        let declared = declared.solvers(["ddim"]);
        let schedules = ["vp-linear", "discrete-linear"];
        declared.and_then(|it| it.schedules(schedules)).unwrap()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        self.nodes.push(task.times.clone());
        plainly(self.convention, task, start, model, noise)
    }
}

/// The parts s of the way to the start become (3 s - s^2)/2; of indices the nearest whole ones.
#[test]
fn between_two_runs_of_a_task_stands_one_of_as_many_steps_on_other_nodes() {
    for (convention, ground) in [
        (Convention::Continuous, "vp-linear:n=5:grid=lambda"),
        (Convention::Sigma, "vp-linear:n=5:grid=time"),
        (Convention::Lambda, "vp-linear:n=5:grid=time"),
        (Convention::Discrete, "discrete-linear:n=10:grid=linspace"),
    ] {
        let case = ask::case(&format!("core/ddim/state/{ground}"));
        let mut noting = Noting {
            convention,
            nodes: Vec::new(),
        };
        assert_eq!(ask::found(&mut noting, &case).verdict, Verdict::Exact);
        let task = &noting.nodes[0];
        let (first, last) = (task[0], task[task.len() - 1]);
        let moved = |time: &f64| {
            let s = (time - last) / (first - last);
            last + (first - last) * (3.0 * s - s * s) / 2.0
        };
        let others = noting.nodes.iter();
        let others: Vec<_> = others
            .filter(|it| it.len() == task.len() && *it != task)
            .collect();
        assert_eq!(others.len(), 1, "{convention:?}");
        for (made, right) in others[0].iter().zip(task.iter().map(moved)) {
            let (right, off) = match convention {
                Convention::Discrete => (right.round(), 0.0),
                _ => (right, 1e-12),
            };
            assert!((made - right).abs() <= off, "{convention:?} {made} {right}");
        }
    }
}

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
            assert!(finding.verdict.is_failure(), "{case} {keeps:?}");
            // Nodes that are put together of two runs may turn back.
            let turned =
                matches!(keeps, Keeps::LastHalf) && finding.message.contains("does not end: ");
            let told = finding.message.ends_with(words) || turned;
            assert!(told, "{case} {keeps:?}: {}", finding.message);
        }
        // What is refused elsewhere is not asked there.
        let finding = found(Keeps::Table(Stop::Refused), case);
        assert_eq!(finding.verdict, Verdict::Exact, "{case}: {finding:?}");
        let finding = found(Keeps::Table(Stop::Failed), case);
        let words = "a run of as many steps on other nodes does not end: has no such times";
        let told = (finding.verdict, finding.message.as_str());
        assert_eq!(told, (Verdict::Fails, words), "{case}");
        let finding = found(Keeps::Nothing, case);
        assert_eq!(finding.verdict, Verdict::Exact, "{case}: {finding:?}");
    }
}
