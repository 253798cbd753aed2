//! Slips in stages, blocks and noise predictions are rejected by the check that should, and named.

use crate::counted::{OURS, Wrong};
use crate::staged::{Slip as S, Staged};
use dpm_spec::conformance::{
    Case, Check, Declaration, Outcome, Sampler, Session, Setting, Verdict, explored, settings,
};
use dpm_spec::policy::Policy;

/// What a sampler comes to in the chosen cases that apply to it.
fn asked(slip: S, settings: &[Setting], chosen: impl Fn(&Case) -> bool) -> Vec<Outcome> {
    let mut sampler = Staged { slip };
    let mut session = Session::new(&mut sampler).unwrap();
    let mut outcomes = Vec::new();
    for setting in settings {
        outcomes.extend(session.ask(setting, &chosen));
    }
    outcomes.retain(|it| it.finding.verdict != Verdict::NotApplicable);
    outcomes
}

/// Those of the edition with so many steps.
fn asked_for(steps: impl Fn(usize) -> bool) -> Vec<Setting> {
    let mut all = settings();
    all.retain(|it| steps(it.request.steps));
    all
}

#[test]
fn solvers_written_from_the_papers_are_exact_or_conform_everywhere() {
    let outcomes = asked(S::None, &asked_for(|_| true), |_| true);
    let bad = outcomes.iter().filter(|it| {
        let good = [Verdict::Exact, Verdict::Conforms];
        !good.contains(&it.finding.verdict)
    });
    let bad: Vec<String> = bad
        .map(|it| format!("{} {}: {}", it.case, it.finding.verdict, it.finding.message))
        .collect();
    assert!(
        bad.is_empty(),
        "{} of {}: {:#?}",
        bad.len(),
        outcomes.len(),
        &bad[..bad.len().min(8)]
    );
    let of = |check| outcomes.iter().filter(move |it| it.case.check == check);
    let in_falling_blocks = |it: &&Outcome| it.case.request.recipe.policy != Policy::default();
    let falling = of(Check::Rows).filter(in_falling_blocks).count();
    assert_eq!(falling, 4 * 3 * 16, "solvers, grounds, numbers of steps");
    assert!(of(Check::Rows).count() > 300, "{}", outcomes.len());
}

pub(crate) const SLIPS: &[Wrong<S>] = &[
    (
        S::StageToldStart,
        Check::Labels,
        "but the state stands at",
        "huggingface/diffusers#1512",
    ),
    (
        S::StageToldStart,
        Check::Order,
        "the error at N =",
        "huggingface/diffusers#1512",
    ),
    (
        S::StageToldEnd,
        Check::Labels,
        "but the state stands at",
        OURS,
    ),
    (
        S::StageToldMiddle,
        Check::Labels,
        "but the state stands at",
        OURS,
    ),
    (S::StageToldMiddle, Check::Order, "the error at N =", OURS),
    (
        S::StageInTime,
        Check::Rows,
        "equals the reference with its stages at their parts of the step in t",
        OURS,
    ),
    (
        S::StageInSigma,
        Check::Rows,
        "equals the reference with its stages at their parts of the step in sigma",
        OURS,
    ),
    (
        S::StageOfWholeStep,
        Check::Rows,
        "equals the reference with the whole step in place of the part up to a stage",
        OURS,
    ),
    (
        S::StagesSwapped,
        Check::Rows,
        "equals the reference with r1 and r2 swapped",
        OURS,
    ),
    (
        S::SecondStageAtHalf,
        Check::Rows,
        "equals dpmpp-3s:r1=1/3,r2=1/2",
        OURS,
    ),
    (
        S::SecondStageAtHalf,
        Check::Rows,
        "equals dpm-3s:r1=1/3,r2=1/2",
        OURS,
    ),
    (
        S::FirstStageAtThird,
        Check::Rows,
        "equals dpmpp-2s:r1=1/3",
        OURS,
    ),
    (
        S::SecondStageOfOrderOne,
        Check::Rows,
        "equals the reference with a second stage of order 1",
        OURS,
    ),
    (
        S::LastDividedByFirst,
        Check::Rows,
        "equals the reference with r1 for r2 in its last combination",
        OURS,
    ),
    (
        S::LastTakesFirstStage,
        Check::Rows,
        "equals the reference with the output of its first stage for that of its second",
        OURS,
    ),
    (
        S::OutputsReversed,
        Check::Rows,
        "equals the reference with the outputs of its last combination in reverse",
        OURS,
    ),
    (
        S::DifferenceHalved,
        Check::Rows,
        "equals the reference with its difference halved",
        OURS,
    ),
    (
        S::DifferenceHalved,
        Check::Sums,
        "a prediction linear in lambda is carried to",
        OURS,
    ),
    (
        S::DifferenceSignFlipped,
        Check::Rows,
        "equals the reference with the sign of its difference flipped",
        OURS,
    ),
    (
        S::LambdaIsTime,
        Check::Rows,
        "equals the reference with lambda replaced by t",
        OURS,
    ),
    (
        S::LambdaIsLogSigma,
        Check::Rows,
        "equals the reference with lambda replaced by ln sigma",
        OURS,
    ),
    (
        S::TwoOfOrderOneAtThreeNMinusOne,
        Check::Rows,
        "coefficient of",
        "huggingface/diffusers#9007",
    ),
    (S::FullBlocksAtThreeN, Check::Rows, "coefficient of", OURS),
    (S::SignOfOutputs, Check::Sums, "constant prediction", OURS),
    (
        S::SignOfOutputs,
        Check::Rows,
        "equals the reference with the sign of its outputs flipped",
        OURS,
    ),
    (
        S::AlphaAndSigmaSwapped,
        Check::Rows,
        "equals the reference with alpha and sigma swapped",
        OURS,
    ),
    (
        S::AlphaOfSource,
        Check::Rows,
        "equals the reference with alpha of a step's start at its end",
        OURS,
    ),
    (
        S::IndexOffByOne,
        Check::Labels,
        "but the state stands at",
        OURS,
    ),
    (
        S::IndexTruncated,
        Check::Labels,
        "but the state stands at",
        "docs/findings/007",
    ),
    (
        S::StepsByTheMeanStride,
        Check::Rows,
        "coefficient of",
        "docs/findings/012",
    ),
    (
        S::LastNodeRepeated,
        Check::Rows,
        "equals the reference on nodes without the last step",
        "huggingface/diffusers#6477",
    ),
];

#[test]
fn every_slip_is_rejected_by_the_check_that_should_and_named() {
    let mut missed = Vec::new();
    let few = asked_for(|steps| [5, 6].contains(&steps));
    for (slip, check, words, _) in SLIPS {
        let outcomes = asked(*slip, &few, |case| case.check == *check);
        let mut failures = outcomes.iter().filter(|it| it.finding.verdict.is_failure());
        if !failures.any(|it| it.finding.message.contains(words)) {
            let failures = outcomes.iter().filter(|it| it.finding.verdict.is_failure());
            let told: Vec<_> = failures.map(|it| &it.finding.message).take(4).collect();
            missed.push(format!("{slip:?} by {}: {told:#?}", check.name()));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Two blocks of order 1 where one of order 2 belongs, or a third order that does not fall at the end.
#[test]
fn blocks_of_a_wrong_order_are_found_at_the_numbers_of_calls_that_have_them() {
    for (slip, rest) in [
        (S::TwoOfOrderOneAtThreeNMinusOne, 2),
        (S::FullBlocksAtThreeN, 0),
    ] {
        let settings = asked_for(|steps| steps <= 8);
        for outcome in asked(slip, &settings, |case| case.check == Check::Rows) {
            let request = &outcome.case.request;
            let wrong = request.recipe.policy != Policy::default()
                && request.recipe.solver.method.outputs() == 3
                && request.steps % 3 == rest;
            let found = outcome.finding.verdict.is_failure();
            let told = (outcome.finding.verdict, &outcome.finding.message);
            assert_eq!(found, wrong, "{slip:?} {}: {told:?}", outcome.case);
        }
    }
}

#[test]
fn a_slip_is_called_by_its_name_on_uneven_nodes() {
    let mut missed = Vec::new();
    for (slip, _, words, _) in SLIPS {
        if !words.starts_with("equals the reference") {
            continue;
        }
        let mut sampler = Staged { slip: *slip };
        let declaration = Declaration {
            policies: vec![Policy::default()],
            ..sampler.declaration()
        };
        let mut session = Session::new(&mut sampler).unwrap();
        let (mut own, mut wrong) = (0, 0);
        for number in 0..24 {
            let setting = explored(3, number, &declaration).unwrap();
            let outcomes = session.ask(&setting, |case| case.check == Check::Rows);
            for Outcome { case, finding } in outcomes {
                // Some slips are none in some solvers and schedules; of one step nothing may be left.
                if finding.verdict.is_failure() && case.request.steps > 1 {
                    wrong += 1;
                    own += usize::from(finding.message.contains(words));
                    if !finding.message.contains("equals ") {
                        missed.push(format!("{slip:?} {case}: {}", finding.message));
                    }
                }
            }
        }
        if own < 4 || 3 * own < 2 * wrong {
            missed.push(format!("{slip:?}: {own} of {wrong} are named"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
