//! Every mistake is rejected by the check that should reject it, and named where it has a name.

use crate::counted::{OURS, Wrong};
use crate::paper::{Mistake as M, Paper};
use dpm_spec::conformance::{Check, Report, Verdict, check};

fn asked(mistake: M) -> Report {
    check(&mut Paper::new(mistake), |_| true).unwrap()
}

#[test]
fn the_right_sampler_is_exact_or_conforms_everywhere() {
    let report = asked(M::None);
    assert!(report.passes(), "{report}");
    assert_eq!(report.count(Verdict::Imprecise), 0);
    assert!(report.count(Verdict::Exact) > 500);
}

pub(crate) const MISTAKES: &[Wrong<M>] = &[
    (
        M::RatioInverted,
        Check::Rows,
        "equals the reference with every ratio of steps inverted",
        OURS,
    ),
    (
        M::EqualStepsAssumed,
        Check::Rows,
        "equals the reference with equal steps assumed",
        OURS,
    ),
    (
        M::RatioInTime,
        Check::Rows,
        "equals the reference with ratios of steps taken in t",
        OURS,
    ),
    (
        M::RatioInLogSigma,
        Check::Rows,
        "equals the reference with ratios of steps taken in ln sigma",
        OURS,
    ),
    (
        M::MeanOfSteps,
        Check::Rows,
        "equals the reference with the mean of two steps for its own",
        "crowsonkb/k-diffusion#56",
    ),
    (
        M::DifferenceHalved,
        Check::Rows,
        "equals the reference with its difference halved",
        OURS,
    ),
    (
        M::DifferenceDoubled,
        Check::Rows,
        "equals the reference with its difference doubled",
        OURS,
    ),
    (
        M::DifferenceSignFlipped,
        Check::Rows,
        "equals the reference with the sign of its difference flipped",
        OURS,
    ),
    (
        M::HistoryOffByOne,
        Check::Rows,
        "coefficient of output",
        OURS,
    ),
    (
        M::HistoryNeverAdvances,
        Check::Rows,
        "coefficient of output",
        OURS,
    ),
    (
        M::RatioInverted,
        Check::Sums,
        "a prediction linear in lambda is carried to",
        OURS,
    ),
    (
        M::DifferenceHalved,
        Check::Sums,
        "a prediction linear in lambda is carried to",
        OURS,
    ),
    (
        M::EqualStepsAssumed,
        Check::Sums,
        "a prediction linear in lambda is carried to",
        OURS,
    ),
    (
        M::StartsSecondOrder,
        Check::Sums,
        "constant prediction",
        OURS,
    ),
    (M::NeverLeavesFirstOrder, Check::Rows, "equals ddim", OURS),
    (
        M::LastStepEuler,
        Check::Rows,
        "equals the reference with final=lower",
        OURS,
    ),
    (
        M::LastStepLeftOut,
        Check::Calls,
        "model calls; the recipe makes",
        OURS,
    ),
    (
        M::FirstNodeRepeated,
        Check::Rows,
        "coefficient of output",
        OURS,
    ),
    (
        M::OutputTakenForNoise,
        Check::Rows,
        "equals the reference with its outputs taken for noise",
        OURS,
    ),
    (
        M::ExponentialWithoutMinusOne,
        Check::Sums,
        "constant prediction",
        OURS,
    ),
    (
        M::SignOfStepFlipped,
        Check::Sums,
        "constant prediction",
        OURS,
    ),
    (M::AlphaOfSource, Check::Sums, "constant prediction", OURS),
    (M::SigmaOfSource, Check::Rows, "coefficient of", OURS),
    (M::WeightsOnePercentOff, Check::Rows, "coefficient of", OURS),
    (
        M::StateFactorInverted,
        Check::Rows,
        "coefficient of the start",
        OURS,
    ),
    (
        M::LabelOfTarget,
        Check::Labels,
        "but the state stands at",
        OURS,
    ),
    (
        M::LabelOfFirstNode,
        Check::Labels,
        "but the state stands at",
        OURS,
    ),
    (
        M::LabelRounded,
        Check::Labels,
        "but the state stands at",
        "docs/findings/007",
    ),
    (
        M::LabelInThousands,
        Check::Labels,
        "but the state stands at",
        OURS,
    ),
    (
        M::ExtraCallAtEnd,
        Check::Calls,
        "model calls; the recipe makes",
        OURS,
    ),
    (M::ExtraCallEachStep, Check::Calls, "more than", OURS),
    (
        M::CallLeftOut,
        Check::Calls,
        "model calls; the recipe makes",
        OURS,
    ),
    (M::NanWithOneStep, Check::Finite, "NaN", "docs/findings/014"),
    (
        M::NanAtThreeNMinusOne,
        Check::Finite,
        "inf",
        "huggingface/diffusers#9007",
    ),
    (
        M::PanicsWithTwoSteps,
        Check::Finite,
        "two steps",
        "docs/findings/005",
    ),
    (
        M::KeepsHistoryBetweenRuns,
        Check::State,
        "gives other bits",
        OURS,
    ),
    (M::CountsRuns, Check::Determinism, "gives other bits", OURS),
    (
        M::BreaksInSecondRun,
        Check::Determinism,
        "does not end: its buffers are gone",
        OURS,
    ),
    (M::CountsCalls, Check::State, "gives other bits", OURS),
    (M::DrawsAtEtaZero, Check::Noise, "noises drawn", OURS),
    (M::DrawsTwice, Check::Noise, "noises drawn", OURS),
    (
        M::NoiseIsVariance,
        Check::Rows,
        "coefficient of noise",
        OURS,
    ),
    (
        M::NoiseWithoutEta,
        Check::Rows,
        "coefficient of noise",
        OURS,
    ),
    (M::DriftWithoutEta, Check::Sums, "constant prediction", OURS),
    (M::NoiseLeftOutAtEnd, Check::Noise, "noises drawn", OURS),
    (
        M::ResultIsPrediction,
        Check::Rows,
        "equals the reference with zero=on",
        OURS,
    ),
    (M::WrongLength, Check::Finite, "a result of", OURS),
    (M::RunsForEver, Check::Calls, "more than", OURS),
    (M::AveragesStates, Check::Rows, "coefficient of", OURS),
    (
        M::ClampsOutputs,
        Check::Order,
        "on `guided` the error at N = 10 is",
        OURS,
    ),
    (M::ClampsStates, Check::Order, "that of the recipe", OURS),
    (M::ClampsOutputs, Check::Rows, "coefficient of output", OURS),
    (M::ClampsStates, Check::Rows, "coefficient of", OURS),
    (
        M::SigmaByCancellationAndLabelOfTarget,
        Check::Order,
        "on `mixture` the error at N =",
        OURS,
    ),
    (
        M::LabelOfTarget,
        Check::Order,
        "on `mixture` the error at N =",
        OURS,
    ),
    (
        M::NeverLeavesFirstOrder,
        Check::Order,
        "that of the recipe",
        OURS,
    ),
    (M::NoiseIsVariance, Check::Moments, "the variance", OURS),
    (M::NoiseHalved, Check::Moments, "the variance", OURS),
    (M::DriftWithoutEta, Check::Moments, "the mean", OURS),
    (M::RestartsLeftOut, Check::Rows, "0 of 5 steps", OURS),
    (
        M::RestartsIgnored,
        Check::Rows,
        "the state shown at call 4",
        OURS,
    ),
    (M::AlphaOfSource, Check::Rows, "the end of step", OURS),
    (
        M::AlphaOfSource,
        Check::Rows,
        "equals the reference with alpha of a step's start at its end",
        OURS,
    ),
    (
        M::SigmaOfSource,
        Check::Rows,
        "equals the reference with sigma of a step's start at its end",
        OURS,
    ),
    (
        M::SignOfStepFlipped,
        Check::Rows,
        "equals the reference with the sign of its steps in lambda flipped",
        OURS,
    ),
    (
        M::LambdaIsTime,
        Check::Rows,
        "equals the reference with lambda replaced by t",
        OURS,
    ),
    (
        M::LambdaIsLogSigma,
        Check::Rows,
        "equals the reference with lambda replaced by ln sigma",
        OURS,
    ),
    (
        M::NodesRounded,
        Check::Rows,
        "equals the reference on nodes rounded to thousandths",
        OURS,
    ),
    (
        M::NodesShifted,
        Check::Rows,
        "equals the reference on nodes shifted by one, the last one twice",
        "docs/findings/008",
    ),
    (
        M::FirstStepLeftOut,
        Check::Rows,
        "equals the reference on nodes without the first step",
        OURS,
    ),
    (
        M::InterpolatedInTime,
        Check::Rows,
        "equals the reference with its outputs interpolated in t",
        OURS,
    ),
    (
        M::NoiseIsVariance,
        Check::Rows,
        "equals the reference with the variance of its noise for the deviation",
        OURS,
    ),
    (
        M::NoiseHalved,
        Check::Rows,
        "equals the reference with its noise halved",
        OURS,
    ),
    (
        M::NoiseOfEtaOne,
        Check::Rows,
        "equals the reference with the noise of eta = 1",
        OURS,
    ),
    (
        M::HistoryOfZerosInside,
        Check::Rows,
        "coefficient of output 0",
        OURS,
    ),
    (
        M::StartScaledInside,
        Check::Rows,
        "coefficient of the start",
        OURS,
    ),
];

#[test]
fn every_mistake_is_rejected_by_the_check_that_should_and_named() {
    let mut missed = Vec::new();
    for (mistake, check, words, _) in MISTAKES {
        let report = asked(*mistake);
        let mut found = report.failures().filter(|it| it.case.check == *check);
        if !found.any(|it| it.finding.message.contains(words)) {
            missed.push(format!("{mistake:?} by {}: {report}", check.name()));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
