//! Samplers that are wrong in some of their runs only, or take what they don't use.

use crate::planned::planned;
use crate::sessions::{Act, ONE, declared, right, told};
use dpm_spec::conformance::{
    Case, Convention, Declaration, Model, Noise, Precision, Sampler, Source, Stop, Task, Verdict,
    check, run, settings,
};
use dpm_spec::{Code, Result};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;

/// A right sampler that counts its runs, and is wrong in some of them.
struct Counting {
    declared: Declaration,
    lengths: Vec<usize>,
    wrong: fn(&[usize], &mut Vec<f32>),
}

fn counting(wrong: fn(&[usize], &mut Vec<f32>)) -> Counting {
    Counting {
        declared: declared(),
        lengths: Vec::new(),
        wrong,
    }
}

impl Sampler for Counting {
    type Element = f32;

    fn declaration(&self) -> Declaration {
        self.declared.clone()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f32>,
        model: &mut Model<'_, f32>,
        noise: &mut Noise<'_, f32>,
    ) -> std::result::Result<Vec<f32>, Stop> {
        self.lengths.push(task.times.len());
        let mut result = right(task, start, model, noise)?;
        (self.wrong)(&self.lengths, &mut result);
        Ok(result)
    }
}

/// The verdicts of the checks on one setting of so many steps.
fn verdicts(sampler: &mut Counting, steps: usize) -> BTreeMap<&'static str, Verdict> {
    let setting = format!("/vp-linear:n={steps}:grid=lambda");
    let asked = |case: &Case| case.to_string().ends_with(&setting);
    let report = check(sampler, |case| asked(case) && case.solver() == "ddim").unwrap();
    let outcomes = report.outcomes.iter();
    outcomes
        .map(|it| (it.case.check.name(), it.finding.verdict))
        .collect()
}

#[test]
fn a_setting_is_run_twice_then_its_second_half_then_on_other_nodes_then_again() {
    // The last one is to measure errors; more steps are run less often.
    for (steps, lengths) in [
        (5, [6, 6, 4, 6, 6, 6].as_slice()),
        (10, &[11, 6, 11, 11, 11]),
        (20, &[21, 11, 21, 21]),
    ] {
        let mut sampler = counting(|_, _| ());
        let verdicts = verdicts(&mut sampler, steps);
        assert!(verdicts.values().all(|it| !it.is_failure()), "{verdicts:?}");
        assert_eq!(sampler.lengths, lengths);
    }
    let mut narrow = counting(|_, _| ());
    narrow.declared.precision = Precision::F16;
    check(&mut narrow, |case| {
        case.solver() == "ddim" && case.request.steps == 10
    })
    .unwrap();
    // And none to measure errors in 16 bits.
    for runs in narrow.lengths.chunks(4) {
        let [first, half, elsewhere, later] = *runs else {
            panic!("{runs:?}");
        };
        let whole = [elsewhere, later];
        assert!(whole == [first; 2] && half < first, "{runs:?}");
    }
}

#[test]
fn what_changes_from_run_to_run_is_told_from_what_another_length_leaves_behind() {
    let shaken: fn(&[usize], &mut Vec<f32>) = |lengths, result| {
        if lengths.len() == 2 {
            result[0] += 1.0;
        }
    };
    let haunted: fn(&[usize], &mut Vec<f32>) = |lengths, result| {
        if lengths.ends_with(&[4, 6, 6]) {
            result[0] += 1.0;
        }
    };
    let drifting: fn(&[usize], &mut Vec<f32>) = |lengths, result| result[0] += lengths.len() as f32;
    let haunted_long: fn(&[usize], &mut Vec<f32>) = |lengths, result| {
        if lengths.ends_with(&[11, 21]) {
            result[0] += 1.0;
        }
    };
    for (wrong, steps, failing) in [
        (shaken, 5, ["determinism"].as_slice()),
        (haunted, 5, &["state"]),
        (haunted_long, 20, &["state"]),
        (drifting, 20, &["determinism", "state", "rows"]),
    ] {
        let verdicts = verdicts(&mut counting(wrong), steps);
        for check in ["determinism", "state", "rows", "calls"] {
            assert_eq!(
                verdicts[check].is_failure(),
                failing.contains(&check),
                "{verdicts:?}"
            );
        }
    }
}

#[test]
fn noises_that_are_drawn_and_not_used_change_no_row() {
    let idle: Act = |task, start, model, noise| {
        noise.draw()?;
        noise.draw()?;
        right(task, start, model, noise)
    };
    let rows = ONE.replace("finite", "rows");
    assert!(!told(idle, &rows).0.is_failure(), "{:?}", told(idle, &rows));
    let deaf: Act = |task, start, model, noise| {
        noise.draw()?;
        let _ = model.call(task.times[0] as f32, &start)?;
        Ok(start)
    };
    let (verdict, message) = told(deaf, &rows);
    assert_eq!(verdict, Verdict::Deviates);
    assert!(message.contains("result"), "{message}");
}

#[test]
fn the_first_noise_that_is_drawn_elsewhere_is_told() {
    let ahead: Act = |task, start, model, noise| {
        let model = RefCell::new(model);
        let mut kept = VecDeque::new();
        let mut drawn = 0;
        planned(
            Convention::Continuous,
            task,
            start,
            |time, state| model.borrow_mut().call(time, state),
            || {
                drawn += 1;
                // The third with the second.
                let more = match drawn {
                    2 => 2,
                    3 => 0,
                    _ => 1,
                };
                for _ in 0..more {
                    kept.push_back(noise.draw()?);
                }
                Ok(kept.pop_front().unwrap())
            },
            |state| model.borrow_mut().restart(state),
            |x| x,
        )
    };
    let id = "should/sde-dpmpp-1/noise/vp-linear:n=5:grid=lambda:eta=1";
    let words = "noise 2 is drawn after 2 model calls, not after 3";
    assert_eq!(told(ahead, id), (Verdict::Deviates, words.to_owned()));
}

/// Samplers of which the second job's may differ.
struct Jobs {
    second: Declaration,
    fails: bool,
}

impl Source for Jobs {
    type Sampler = Counting;

    fn open(&self, job: usize) -> Result<Counting> {
        let mut sampler = counting(|_, _| ());
        if job == 1 {
            sampler.declared = self.second.clone();
        }
        match job == 1 && self.fails {
            true => Err(dpm_spec::Error::new(
                Code::Testee,
                "not there",
                "job 1",
                "start it",
            )),
            false => Ok(sampler),
        }
    }

    fn close(&self, sampler: Counting) -> Result<()> {
        match sampler.lengths.is_empty() {
            true => Err(dpm_spec::Error::new(
                Code::Testee,
                "idle",
                "close",
                "ask it",
            )),
            false => Ok(()),
        }
    }
}

#[test]
fn jobs_together_say_what_one_says_in_one_order() {
    let few: Vec<_> = settings().into_iter().take(7).collect();
    let asked = |source: &Jobs, jobs: usize| {
        let mut said = Vec::new();
        let jobs = NonZeroUsize::new(jobs).unwrap();
        let ending = run(source, jobs, &few, &|_| true, |testee, outcomes| {
            said.push((testee.name.clone(), outcomes));
            Ok(())
        });
        ending.map(|ending| (said, ending.testee, ending.complaints.len()))
    };
    let alike = Jobs {
        second: declared(),
        fails: false,
    };
    let alone = asked(&alike, 1).unwrap();
    assert_eq!(alone.0.len(), 7);
    assert_eq!(alone.2, 0);
    for jobs in [2, 3, 7, 50] {
        assert_eq!(asked(&alike, jobs).unwrap(), alone);
    }
    let other = Jobs {
        second: declared().local(),
        fails: false,
    };
    assert_eq!(
        asked(&other, 1).unwrap(),
        alone,
        "one job opens no second one"
    );
    assert_eq!(asked(&other, 2).unwrap_err().code, Code::Declaration);
    let absent = Jobs {
        second: declared(),
        fails: true,
    };
    assert_eq!(asked(&absent, 2).unwrap_err().code, Code::Testee);
}
