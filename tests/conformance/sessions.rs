//! What a run offers a sampler, and how samplers that break its rules are told.

use crate::ask;
use crate::planned::planned;
use dpm_spec::conformance::{
    Case, Check, Convention, Declaration, Model, Noise, Only, Precision, Report, Sampler, Stop,
    Task, Verdict, assert_conforms, check, settings,
};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) type Act =
    fn(&Task, Vec<f32>, &mut Model<'_, f32>, &mut Noise<'_, f32>) -> Result<Vec<f32>, Stop>;

/// DDIM and its stochastic form on one schedule, run by a function.
pub(crate) struct Doing(pub(crate) Act);

pub(crate) fn declared() -> Declaration {
    let declared = Declaration::new("doing", Precision::F32).solvers(["ddim", "sde-dpmpp-1"]);
    let declared = declared.and_then(|it| it.schedules(["vp-linear"]));
    declared.and_then(|it| it.grids(["lambda"])).unwrap()
}

impl Sampler for Doing {
    type Element = f32;

    fn declaration(&self) -> Declaration {
        declared().local().thresholds()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f32>,
        model: &mut Model<'_, f32>,
        noise: &mut Noise<'_, f32>,
    ) -> Result<Vec<f32>, Stop> {
        (self.0)(task, start, model, noise)
    }
}

/// The right way.
pub(crate) fn right(
    task: &Task,
    start: Vec<f32>,
    model: &mut Model<'_, f32>,
    noise: &mut Noise<'_, f32>,
) -> Result<Vec<f32>, Stop> {
    let model = RefCell::new(model);
    planned(
        Convention::Continuous,
        task,
        start,
        |time, state| model.borrow_mut().call(time, state),
        || noise.draw(),
        |state| model.borrow_mut().restart(state),
        |x| x,
    )
}

fn asked(act: Act, chosen: impl Fn(&Case) -> bool) -> Report {
    check(&mut Doing(act), chosen).unwrap()
}

/// The verdict and the message of the one case of this id.
pub(crate) fn told(act: Act, id: &str) -> (Verdict, String) {
    let finding = ask::found(&mut Doing(act), &ask::case(id));
    (finding.verdict, finding.message)
}

pub(crate) const ONE: &str = "core/ddim/finite/vp-linear:n=1:grid=lambda";
const NOISY: &str = "core/sde-dpmpp-1/finite/vp-linear:n=1:grid=lambda:eta=1";
const BY_STEP: &str = "core/ddim/rows/vp-linear:n=5:grid=lambda:mode=local";

#[test]
fn scripts_tell_what_is_to_come_where_it_is_known() {
    let act: Act = |task, start, model, noise| {
        assert_eq!(model.is_local(), task.local);
        let (outputs, noises) = (model.script().to_vec(), noise.script().to_vec());
        let known = !outputs.is_empty();
        assert!(!known || start.len() == 1 + outputs.len() + noises.len());
        assert!(
            outputs
                .iter()
                .chain(&noises)
                .all(|it| it.len() == start.len())
        );
        let (made, drawn) = (RefCell::new(0), RefCell::new(0));
        let model = RefCell::new(model);
        let result = planned(
            Convention::Continuous,
            task,
            start,
            |time, state| {
                let output = model.borrow_mut().call(time, state)?;
                assert!(!known || outputs[made.replace_with(|it| *it + 1)] == output);
                Ok(output)
            },
            || {
                let drawn = drawn.replace_with(|it| *it + 1);
                let made = noise.draw()?;
                assert!(!known || noises[drawn] == made);
                Ok(made)
            },
            |state| model.borrow_mut().restart(state),
            |x| x,
        );
        let told =
            TOLD.with(|told| told.replace_with(|it| [it[0] + usize::from(known), it[1] + 1]));
        assert!(told[0] <= told[1]);
        result
    };
    assert_conforms(&mut Doing(act), |case| {
        case.request.steps <= 5 && is_run(case)
    });
    let [known, all] = TOLD.with(|told| *told.borrow());
    assert!(0 < known && known < all, "{known} of {all}");
}

thread_local! {
    /// Runs whose outputs were known, and all runs.
    static TOLD: RefCell<[usize; 2]> = const { RefCell::new([0, 0]) };
}

fn is_run(case: &Case) -> bool {
    !matches!(case.check, Check::Grid | Check::Threshold)
}

#[test]
fn a_panic_fails_its_case_with_its_words() {
    let acts: [(Act, &str); 3] = [
        (|_, _, _, _| panic!("by {}", "hand"), "panicked: by hand"),
        (|_, _, _, _| panic!("bare"), "panicked: bare"),
        (
            |_, _, _, _| std::panic::panic_any(5),
            "panicked: no message",
        ),
    ];
    for (act, message) in acts {
        assert_eq!(told(act, ONE), (Verdict::Fails, message.to_owned()));
    }
}

#[test]
fn a_run_without_end_is_ended_after_four_calls_and_draws_too_many() {
    let calls: Act = |task, start, model, _| {
        loop {
            model.call(task.times[0] as f32, &start)?;
        }
    };
    let draws: Act = |_, _, _, noise| {
        loop {
            noise.draw()?;
        }
    };
    let ended = |act, id| {
        let (verdict, message) = told(act, id);
        assert_eq!(verdict, Verdict::Fails);
        message
    };
    assert_eq!(ended(calls, ONE), "more than 5 model calls; the plan has 1");
    assert_eq!(ended(draws, ONE), "more than 20 noises; the plan has 0");
    assert_eq!(ended(draws, NOISY), "more than 21 noises; the plan has 1");
    let short: Act = |task, start, model, _| model.call(task.times[0] as f32, &start[1..]);
    assert_eq!(
        ended(short, ONE),
        "call 0: a state of 9 numbers; the start has 10"
    );
    let cut: Act = |task, start, model, noise| {
        let result = right(task, start, model, noise)?;
        Ok(result[1..].to_vec())
    };
    assert_eq!(ended(cut, ONE), "a result of 9 numbers; the start has 10");
}

#[test]
fn a_run_step_by_step_hands_over_one_whole_state_a_step() {
    assert!(!told(right, BY_STEP).0.is_failure());
    let never: Act = |task, start, model, noise| {
        let model = RefCell::new(model);
        planned(
            Convention::Continuous,
            task,
            start,
            |time, state| model.borrow_mut().call(time, state),
            || noise.draw(),
            |state| state,
            |x| x,
        )
    };
    let cut: Act = |task, start, model, noise| {
        let model = RefCell::new(model);
        planned(
            Convention::Continuous,
            task,
            start,
            |time, state| model.borrow_mut().call(time, state),
            || noise.draw(),
            |state| model.borrow_mut().restart(state[1..].to_vec()),
            |x| x,
        )
    };
    for (act, made) in [(never, 0), (cut, 5)] {
        let (verdict, message) = told(act, BY_STEP);
        assert_eq!(verdict, Verdict::Fails);
        let words = "a run step by step hands a state over at the start of each";
        assert_eq!(message, format!("{made} of 5 steps: {words}"));
    }
}

#[test]
fn what_a_sampler_leaves_out_is_skipped_with_its_words() {
    for (id, words) in [
        (
            "core/any/grid/vp-linear:n=5:grid=lambda",
            "makes no grid lambda",
        ),
        (
            "core/any/threshold/none:n=7:grid=none:rule=static:bound=1",
            "has no thresholds",
        ),
    ] {
        assert_eq!(told(right, id), (Verdict::Skipped, words.to_owned()));
    }
    let refused: Act = |_, _, _, _| Err(Stop::Refused("not today".to_owned()));
    assert_eq!(
        told(refused, ONE),
        (Verdict::Skipped, "not today".to_owned())
    );
    let report = asked(refused, is_run);
    assert!(!report.passes(), "nothing was answered: {report}");
}

#[test]
fn a_report_passes_if_something_was_answered_and_nothing_failed() {
    let whole = asked(right, |case| case.request.steps == 5);
    let with = |verdicts: &[Verdict]| {
        let mut report = whole.clone();
        report.outcomes.truncate(verdicts.len());
        for (outcome, verdict) in report.outcomes.iter_mut().zip(verdicts) {
            outcome.finding.verdict = *verdict;
        }
        report
    };
    use Verdict::{Conforms, Deviates, Exact, Fails, Imprecise, NotApplicable, Skipped};
    for good in [&[Exact][..], &[Conforms], &[NotApplicable, Skipped, Exact]] {
        assert!(with(good).passes(), "{good:?}");
    }
    for bad in [
        &[][..],
        &[Skipped],
        &[NotApplicable],
        &[NotApplicable, Skipped],
        &[NotApplicable, NotApplicable, Skipped],
        &[Exact, Exact, Deviates],
        &[Fails, Exact],
    ] {
        assert!(!with(bad).passes(), "{bad:?}");
    }
    let text = with(&[Exact, Imprecise, Skipped]).to_string();
    assert!(
        text.starts_with("doing  (Rust, f32, times continuous), edition 2026.1\n"),
        "{text}"
    );
    assert!(text.contains("1 exact"), "{text}");
    let many = with(&[Fails; 13]);
    let text = many.to_string();
    assert_eq!(text.lines().count(), 2 + 4 * 10 + 3, "{text}");
    for (number, outcome) in many.failures().enumerate() {
        let (id, case) = (outcome.case.to_string(), &outcome.case);
        let mut told = vec![format!("{id}: fails")];
        if number < 10 {
            told.push(format!("    {}", outcome.finding.message));
            told.push(format!("    {}: {}", case.clause(), case.check.catches()));
            told.push(format!("    Only::parse(&[\"{id}\".into()], &settings())"));
            let only = Only::parse(&[id], &settings()).unwrap();
            assert!(only.has(&outcome.case));
        }
        assert!(text.contains(&format!("{}\n", told.join("\n"))), "{text}");
    }
}

#[test]
fn an_assertion_on_a_sampler_panics_with_its_report_unless_it_conforms() {
    assert_conforms(&mut Doing(right), |case| case.request.steps == 3);
    let never: Act = |_, start, _, _| Ok(start);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        assert_conforms(&mut Doing(never), |case| case.request.steps == 3);
    }));
    let words = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(
        words.contains("core/ddim/calls/vp-linear:n=3:grid=lambda: deviates"),
        "{words}"
    );
    let nothing = catch_unwind(AssertUnwindSafe(|| {
        assert_conforms(&mut Doing(right), |_| false);
    }));
    let words = nothing.unwrap_err().downcast::<String>().unwrap();
    assert!(words.contains("no chosen case"), "{words}");
}
