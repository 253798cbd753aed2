//! Runs on data whose flow is known: the network answers what it is shown, where it is told to be.

use crate::ask;
use crate::planned::plainly;
use crate::sessions::{Act, right, told};
use dpm_spec::conformance::{
    Case, Check, Convention, Declaration, Model, Noise, Precision, Sampler, Stop, Task, Verdict,
    check,
};
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::Problem;
use dpm_spec::recipe::StateSpace;
use dpm_spec::schedule::{Curve, Point, Schedule};
use std::cell::RefCell;
use std::collections::BTreeMap;

const PROBLEMS: [&str; 3] = ["mixture", "mixture", "guided"];
const STARTS: [f64; 3] = [0.75, -1.5, 0.75];

/// alpha and sigma at a time.
fn place(schedule: &Schedule, convention: Convention, time: f64) -> [f64; 2] {
    let curve = Curve::new(schedule, &1.0_f64);
    let point: Point<f64> = match convention {
        Convention::Sigma => curve.at_rho(&time),
        Convention::Lambda => curve.at_lambda(&time),
        _ => curve.at_time(&time),
    };
    [point.alpha, point.sigma]
}

/// What a perfect network says of a state.
fn answer(prediction: Prediction, [alpha, sigma]: [f64; 2], state: &[f64]) -> Vec<f64> {
    let pairs = state.iter().zip(PROBLEMS);
    pairs
        .map(|(x, problem)| {
            let model = Problem::parse(problem).unwrap().model(&1.0_f64);
            let tau = (sigma / alpha).powi(2);
            let data = model.denoise(&tau, &[x / alpha]).unwrap()[0];
            match prediction {
                Prediction::Noise => (x - alpha * data) / sigma,
                _ => data,
            }
        })
        .collect()
}

fn near(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && (a.iter().zip(b)).all(|(a, b)| (a - b).abs() < 1e-9 * b.abs().max(1.0))
}

/// Asks the network at its nodes and beside them, and compares what it says.
struct Watching {
    convention: Convention,
    asked: RefCell<BTreeMap<String, usize>>,
}

impl Sampler for Watching {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("watching", Precision::F64).times(self.convention);
        let declared = declared.solvers(["ddim", "dpm-2m"]);
        let schedules = match self.convention {
            Convention::Discrete => ["discrete-linear", "discrete-scaled-linear"],
            _ => ["vp-linear", "edm"],
        };
        let declared = declared.and_then(|it| it.schedules(schedules)).unwrap();
        declared.spaces(&[StateSpace::Vp, StateSpace::Ve])
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        if !model.script().is_empty() {
            return plainly(self.convention, task, start, model, noise);
        }
        let [alpha, sigma] = place(&task.schedule, self.convention, task.times[0]);
        assert!(
            near(&start, &STARTS.map(|it| it * alpha.hypot(sigma))),
            "{task:?}: {start:?}"
        );
        let prediction = match task.solver.entry.id {
            "dpm-2m" => Prediction::Noise,
            _ => Prediction::Data,
        };
        for (k, time) in task.times[..task.steps].iter().enumerate() {
            let told = match (k % 2, self.convention) {
                (0, _) => *time,
                (_, Convention::Lambda) => time + 0.01,
                (_, Convention::Discrete) => time - 1.0,
                _ => time * 0.97,
            };
            let state: Vec<f64> = start.iter().map(|x| x * (1.0 - 0.1 * k as f64)).collect();
            let said = model.call(told, &state)?;
            let right = answer(
                prediction,
                place(&task.schedule, self.convention, told),
                &state,
            );
            assert!(
                near(&said, &right),
                "{task:?} at {told}: {said:?}, not {right:?}"
            );
            let asked = self.asked.get_mut();
            *asked.entry(task.schedule.to_string()).or_insert(0) += 1;
        }
        assert_eq!(noise.draw()?, [0.0; 3]);
        if model.call(task.times[0], &start).is_ok() {
            return Err(Stop::Failed("one call more was answered".to_owned()));
        }
        Ok(start)
    }
}

fn orders(case: &Case) -> bool {
    case.check == Check::Order && case.request.steps <= 10
}

#[test]
fn the_network_knows_its_data_at_every_time_that_it_is_told() {
    for convention in [
        Convention::Continuous,
        Convention::Discrete,
        Convention::Sigma,
        Convention::Lambda,
    ] {
        let mut watching = Watching {
            convention,
            asked: RefCell::default(),
        };
        let report = check(&mut watching, orders).unwrap();
        let mut failing = report
            .failures()
            .filter(|it| it.finding.verdict == Verdict::Fails);
        let first = failing.next();
        assert!(first.is_none(), "{convention:?}: {first:?}");
        let asked = watching.asked.borrow();
        let enough = asked.values().filter(|it| **it > 20).count();
        assert_eq!(enough, 2, "{convention:?}: {asked:?}");
    }
}

/// DDIM with something added to one component of its results.
struct Off(usize, f64);

impl Sampler for Off {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("off", Precision::F64).solvers(["ddim"]);
        declared.and_then(|it| it.schedules(["vp-linear"])).unwrap()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        _: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let known = !model.script().is_empty();
        let mut x = ddim(task, start, |time, state| model.call(time, state))?;
        if !known {
            x[self.0] += self.1;
        }
        Ok(x)
    }
}

fn ddim(
    task: &Task,
    mut x: Vec<f64>,
    mut call: impl FnMut(f64, &[f64]) -> Result<Vec<f64>, Stop>,
) -> Result<Vec<f64>, Stop> {
    for ends in task.times.windows(2) {
        let [from, to] =
            [ends[0], ends[1]].map(|it| place(&task.schedule, Convention::Continuous, it));
        let data = call(ends[0], &x)?;
        let ratio = to[1] / from[1];
        for (x, data) in x.iter_mut().zip(data) {
            *x = ratio * *x + (to[0] - ratio * from[0]) * data;
        }
    }
    Ok(x)
}

#[test]
fn a_deviation_is_told_with_the_error_and_that_of_the_recipe() {
    let id = "core/ddim/order/vp-linear:n=10:grid=lambda";
    for (component, problem) in PROBLEMS.into_iter().enumerate() {
        let task = RefCell::new(None);
        let report = check(&mut Off(component, 0.25), |case| {
            let chosen = case.to_string() == id;
            if chosen {
                task.replace(case.task(&Off(0, 0.0).declaration()).ok());
            }
            chosen
        });
        let (report, task) = (report.unwrap(), task.take().unwrap());
        let [first, last] = [task.times[0], task.times[10]]
            .map(|it| place(&task.schedule, Convention::Continuous, it));
        let call = |time, state: &[f64]| {
            let place = place(&task.schedule, Convention::Continuous, time);
            Ok(answer(Prediction::Data, place, state))
        };
        let start = STARTS.map(|it| it * first[0].hypot(first[1]));
        let planned = ddim(&task, start.to_vec(), call).unwrap()[component];
        let model = Problem::parse(problem).unwrap().model(&1.0_f64);
        let tau = |[alpha, sigma]: [f64; 2]| (sigma / alpha).powi(2);
        let z = [start[component] / first[0]];
        let exact = model.solution(&z, &tau(first), &tau(last)).unwrap()[0] * last[0];
        let error = planned - exact;
        assert!(error.abs() > 1e-4, "{error}");
        let [outcome] = report.outcomes.as_slice() else {
            panic!("{report}");
        };
        assert_eq!(outcome.finding.verdict, Verdict::Deviates);
        let words = format!(
            "on `{problem}` the error at N = 10 is {:.3e}, that of the recipe {error:.3e}",
            error + 0.25
        );
        let words = format!("{words}; the result is ");
        let message = &outcome.finding.message;
        let [got, right, _] = ask::beside(message, &words, ", that of the recipe ");
        assert!(near(&[got, right], &[planned + 0.25, planned]), "{message}");
        let units = 0.25 * f64::from(53).exp2() / planned.abs().max(1.0);
        let found = outcome.finding.max_error_u.unwrap();
        assert!((found / units - 1.0).abs() < 1e-9, "{found} {units}");
    }
}

/// DDIM that tells the network its times a unit in the last place too late.
struct Late(Convention, &'static str);

impl Sampler for Late {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("late", Precision::F64).times(self.0);
        let declared = declared.solvers(["ddim"]);
        declared.and_then(|it| it.schedules([self.1])).unwrap()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        _: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        ddim(task, start, |time, state| model.call(time.next_up(), state))
    }
}

/// A flow begins at t = 1 and a table at its last index: there is no more noise to ask about.
#[test]
fn a_time_that_is_off_by_a_rounding_is_that_of_the_plan() {
    for (convention, schedule, grid) in [
        (Convention::Continuous, "flow", "flow"),
        (Convention::Discrete, "discrete-linear", "linspace"),
    ] {
        let case = ask::case(&format!("core/ddim/order/{schedule}:n=10:grid={grid}"));
        let finding = ask::found(&mut Late(convention, schedule), &case);
        let good = [Verdict::Exact, Verdict::Conforms].contains(&finding.verdict);
        assert!(good, "{schedule}: {finding:?}");
    }
}

#[test]
fn a_result_of_another_length_or_without_a_value_fails() {
    let id = "core/ddim/order/vp-linear:n=5:grid=lambda";
    let acts: [(Act, &str); 3] = [
        (
            |task, start, model, noise| {
                let probe = !model.script().is_empty();
                let result = right(task, start, model, noise)?;
                Ok(if probe { result } else { result[1..].to_vec() })
            },
            "a result of 2 numbers; the start has 3",
        ),
        (
            |task, start, model, noise| {
                let probe = !model.script().is_empty();
                let mut result = right(task, start, model, noise)?;
                if !probe {
                    result[2] = f32::NAN;
                }
                Ok(result)
            },
            "on `guided` the result is NaN",
        ),
        (
            |task, start, model, noise| {
                assert!(!model.script().is_empty(), "on real data");
                right(task, start, model, noise)
            },
            "panicked on data of a known flow",
        ),
    ];
    for (act, message) in acts {
        assert_eq!(told(act, id), (Verdict::Fails, message.to_owned()));
    }
    let refuses: Act = |task, start, model, noise| match model.script().is_empty() {
        true => Err(Stop::Refused("not on data".to_owned())),
        false => right(task, start, model, noise),
    };
    assert_eq!(
        told(refuses, id),
        (Verdict::Skipped, "not on data".to_owned())
    );
}
