//! Samplers that compute another recipe than the one they are asked for hear which one it is.

use crate::ask;
use crate::planned::Planned;
use dpm_spec::arithmetic::{Real, rational};
use dpm_spec::conformance::{
    Check, Declaration, Model, Noise, Precision, Reference, Sampler, Session, Stop, Task, Verdict,
    everything, explored,
};
use dpm_spec::policy::{Final, Policy, Start};
use dpm_spec::prediction::Prediction;
use dpm_spec::solver::{Family, Method, Solver};
use proptest::prelude::*;
use std::marker::PhantomData;

/// What is computed in place of the task's own.
#[derive(Clone, Copy, Debug)]
enum Other {
    Solver(Solver),
    Start(Start),
    Final(Final),
    Prediction(&'static str),
    Eta(i128),
    /// The same solver with its stages elsewhere, in sixths of the step.
    Stages([i128; 2]),
    /// The inner stages in the other order.
    Swapped,
    Blocks(&'static str),
    /// The last node at sigma = 0.
    Zero,
}

impl Other {
    /// The task that is run.
    fn of(self, task: &Task) -> Task {
        let mut other = task.clone();
        match self {
            Other::Solver(solver) => {
                other.eta = match (solver.entry.stochastic, task.solver.entry.stochastic) {
                    (true, true) => task.eta,
                    (true, false) => 1.0,
                    (false, _) => 0.0,
                };
                other.solver = solver;
            }
            Other::Start(start) => other.policy.start = start,
            Other::Final(last) => other.policy.last = last,
            Other::Prediction(id) => other.prediction = Prediction::parse(id).unwrap(),
            Other::Eta(eighths) => other.eta = eighths as f64 / 8.0,
            Other::Stages([r1, r2]) => {
                let [r1, r2] = [r1, r2].map(|sixths| rational(sixths, 6));
                other.solver.method = match task.solver.method {
                    Method::TwoS(_) => Method::TwoS(r1),
                    Method::TwoSTaylor(_) => Method::TwoSTaylor(r1),
                    Method::ThreeS(..) => Method::ThreeS(r1, r2),
                    Method::ThreeSTaylor(..) => Method::ThreeSTaylor(r1, r2),
                    method => method,
                };
            }
            Other::Swapped => {
                other.solver.method = match task.solver.method {
                    Method::ThreeS(r1, r2) => Method::ThreeS(r2, r1),
                    Method::ThreeSTaylor(r1, r2) => Method::ThreeSTaylor(r2, r1),
                    method => method,
                };
            }
            Other::Blocks(policy) => other.policy = Policy::parse(policy).unwrap(),
            // Of several stages the last block would become one call; an index has no sigma = 0.
            Other::Zero if task.solver.method.family() == Family::Multistep => {
                if task.schedule.discrete().is_none() {
                    other.times.pop();
                    other.times.push(0.0);
                }
            }
            Other::Zero => {}
        }
        other
    }

    /// What the suite calls it for a solver.
    fn name(self, task: &Task) -> String {
        match self {
            Other::Solver(_) | Other::Stages(_) => self.of(task).solver.to_string(),
            Other::Swapped => "the reference with r1 and r2 swapped".to_owned(),
            Other::Blocks(policy) => format!("the reference with {policy}"),
            Other::Zero => "the reference with zero=on".to_owned(),
            Other::Start(start) => format!("the reference with start={start}"),
            Other::Final(last) => format!("the reference with final={last}"),
            Other::Prediction(id) => format!("the reference with its outputs taken for {id}"),
            Other::Eta(eighths) => format!("the reference with eta={}", rational(eighths, 8)),
        }
    }
}

struct Impostor {
    honest: Planned<f64>,
    other: Other,
    /// What is added to the result.
    added: f64,
}

impl Sampler for Impostor {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        self.honest.declaration()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let task = self.other.of(task);
        let first = start.clone();
        let mut result = self.honest.sample(&task, start, model, noise)?;
        for (x, first) in result.iter_mut().zip(first) {
            *x += self.added * first;
        }
        Ok(result)
    }
}

fn others() -> impl Strategy<Value = Other> {
    let solvers: Vec<Solver> = (Solver::ENTRIES.iter())
        .map(|entry| Solver::parse(entry.id).unwrap())
        .collect();
    let predictions: Vec<&str> = Prediction::IDS.iter().map(|(id, _)| *id).collect();
    prop_oneof![
        4 => prop::sample::select(solvers).prop_map(Other::Solver),
        1 => prop::sample::select(vec![Start::Ramp, Start::RampExact]).prop_map(Other::Start),
        1 => prop::sample::select(vec![Final::Full, Final::Lower, Final::Euler]).prop_map(Other::Final),
        1 => prop::sample::select(predictions).prop_map(Other::Prediction),
        1 => prop::sample::select(vec![0, 4, 8]).prop_map(Other::Eta),
        2 => prop::sample::select(vec![[2, 3], [3, 4], [2, 6], [3, 6]]).prop_map(Other::Stages),
        1 => Just(Other::Swapped),
        1 => Just(Other::Zero),
    ]
}

/// Within a thousandth of the way from the right one it is that recipe; further off it is near it.
#[test]
fn a_recipe_is_equal_within_a_thousandth_of_its_error_and_otherwise_near() {
    let id = "core/dpmpp-2m/rows/vp-linear:n=5:grid=lambda";
    let found = |added: f64| {
        let declaration = everything("impostor", Precision::F64).unwrap();
        let case = ask::case(id);
        let task = case.task(&declaration).unwrap();
        let reference = Reference::new(&task, declaration.convention, Precision::F64).unwrap();
        let row = reference.rows.last().unwrap().iter();
        let size = row.map(|x| x.to_f64().abs()).fold(0.0, f64::max);
        let mut impostor = Impostor {
            honest: Planned {
                declaration,
                element: PhantomData,
            },
            other: Other::Solver(Solver::parse("ddim").unwrap()),
            added: added * size,
        };
        ask::found(&mut impostor, &case)
    };
    let error = found(0.0).max_error_u.unwrap() / f64::from(53).exp2();
    for (part, equal) in [(1.0 / 2048.0, true), (1.0 / 512.0, false)] {
        let finding = found(part * error);
        assert_eq!(finding.verdict, Verdict::Deviates);
        let (name, words) = match equal {
            true => (Some("ddim".to_owned()), "; equals ddim within "),
            false => (None, "; nearest is ddim, "),
        };
        assert_eq!(finding.nearest, name, "{}", finding.message);
        let (_, told) = finding.message.split_once(words).unwrap();
        let told: f64 = told.trim_end_matches(" away").parse().unwrap();
        // Each of its own row's largest entry.
        let ratio = told / (part * error);
        assert!((0.4..2.5).contains(&ratio), "{told} {error}");
    }
}

/// Of two steps of -2m a lowered last one leaves DDIM.
#[test]
fn of_names_for_the_same_numbers_the_first_is_taken() {
    let mut impostor = Impostor {
        honest: Planned {
            declaration: everything("impostor", Precision::F64).unwrap(),
            element: PhantomData,
        },
        other: Other::Final(Final::Lower),
        added: 0.0,
    };
    let case = ask::case("core/dpmpp-2m/rows/vp-linear:n=2:grid=lambda");
    let finding = ask::found(&mut impostor, &case);
    assert_eq!(finding.nearest, Some("ddim".to_owned()), "{finding:?}");
}

/// A false recipe is either the same on these nodes, or rejected under its own name or that of a
/// variant that equals it there. Whether it has its own name.
fn told(
    declaration: Declaration,
    number: u64,
    other: Other,
) -> Result<Option<bool>, TestCaseError> {
    let Some(setting) = explored(1, number, &declaration) else {
        return Ok(None);
    };
    let task = setting.cases().next().unwrap().task(&declaration);
    let honest = Planned {
        declaration,
        element: PhantomData,
    };
    let mut impostor = Impostor {
        honest,
        other,
        added: 0.0,
    };
    let mut session = Session::new(&mut impostor).unwrap();
    let outcomes = session.ask(&setting, |case| case.check == Check::Rows);
    prop_assert_eq!(outcomes.len(), 1);
    let finding = &outcomes[0].finding;
    let told = format!(
        "{other:?} for {}: {} {}",
        outcomes[0].case, finding.verdict, finding.message
    );
    match finding.verdict {
        // Equal on these nodes, or no recipe at all with this change.
        Verdict::Exact | Verdict::Conforms => Ok(None),
        Verdict::Fails | Verdict::Skipped | Verdict::NotApplicable => {
            let known = ["E-", "more than", "too coarse here"];
            prop_assert!(
                known.iter().any(|it| finding.message.contains(it)),
                "{}",
                told
            );
            Ok(None)
        }
        _ => {
            let task = task.unwrap();
            let own = Some(other.name(&task));
            // Of more noises than there is room for only the number is told, or that of calls.
            let drawn = task.eta == 0.0 && other.of(&task).eta > 0.0;
            let words = ["equals ", " noises drawn; ", " model calls; "];
            let words = &words[..if drawn { 3 } else { 1 }];
            let told_otherwise = words.iter().any(|it| finding.message.contains(it));
            prop_assert!(finding.nearest == own || told_otherwise, "{}", told);
            Ok(Some(finding.nearest == own))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// On uneven nodes a false recipe is either the same there, or rejected under its own name or
    /// that of a variant that equals it there.
    #[test]
    fn a_false_recipe_is_called_by_its_name(other in others(), number in 0_u64..1 << 32) {
        let declaration = everything("impostor", Precision::F64).unwrap();
        told(declaration, number, other)?;
    }
}

/// Which blocks a single-step solver makes of the same calls.
#[test]
fn blocks_that_are_cut_otherwise_are_called_by_their_name() {
    let blocks = ["blocks=fast,outer=nodes", "blocks=progressive"];
    let mut declaration = everything("impostor", Precision::F64).unwrap();
    (declaration.solvers).retain(|it| it.method.family() == Family::Singlestep);
    for [asked, made] in [[0, 1], [1, 0]].map(|it| it.map(|it| blocks[it])) {
        declaration.policies = vec![Policy::parse(asked).unwrap()];
        let named = |number| told(declaration.clone(), number, Other::Blocks(made)).unwrap();
        let named: Vec<bool> = (0..40).filter_map(named).collect();
        let own = named.iter().filter(|own| **own).count();
        assert!(own > 20, "{asked}: {own} of {}", named.len());
    }
}
