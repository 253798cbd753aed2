//! Every mistake is rejected by the check that should reject it, and named where it has a name.

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

/// Mistake, the check that must find it, and words of its message (the diagnosis, if it has one).
const MISTAKES: &[(M, Check, &str)] = &[
    (
        M::RatioInverted,
        Check::Rows,
        "equals the reference with every ratio of steps inverted",
    ),
    (
        M::EqualStepsAssumed,
        Check::Rows,
        "equals the reference with equal steps assumed",
    ),
    (
        M::RatioInTime,
        Check::Rows,
        "equals the reference with ratios of steps taken in t",
    ),
    (
        M::RatioInLogSigma,
        Check::Rows,
        "equals the reference with ratios of steps taken in ln sigma",
    ),
    (
        M::MeanStep,
        Check::Rows,
        "equals the reference with the mean of two steps",
    ),
    (
        M::DifferenceHalved,
        Check::Rows,
        "equals the reference with its difference halved",
    ),
    (
        M::DifferenceDoubled,
        Check::Rows,
        "equals the reference with its difference doubled",
    ),
    (
        M::DifferenceSignFlipped,
        Check::Rows,
        "equals the reference with the sign of its difference flipped",
    ),
    (M::HistoryOffByOne, Check::Rows, "coefficient of output"),
    (
        M::HistoryNeverAdvances,
        Check::Rows,
        "coefficient of output",
    ),
    (
        M::RatioInverted,
        Check::Sums,
        "a prediction linear in lambda is carried to",
    ),
    (
        M::DifferenceHalved,
        Check::Sums,
        "a prediction linear in lambda is carried to",
    ),
    (
        M::EqualStepsAssumed,
        Check::Sums,
        "a prediction linear in lambda is carried to",
    ),
    (M::StartsSecondOrder, Check::Sums, "constant prediction"),
    (M::NeverLeavesFirstOrder, Check::Rows, "equals ddim"),
    (
        M::LastStepEuler,
        Check::Rows,
        "equals the reference with final=lower",
    ),
    (
        M::LastStepLeftOut,
        Check::Calls,
        "model calls; the recipe makes",
    ),
    (M::FirstNodeRepeated, Check::Rows, "coefficient of output"),
    (
        M::OutputTakenForNoise,
        Check::Rows,
        "equals the reference with its outputs taken for noise",
    ),
    (
        M::ExponentialWithoutMinusOne,
        Check::Sums,
        "constant prediction",
    ),
    (M::SignOfStepFlipped, Check::Sums, "constant prediction"),
    (M::AlphaOfSource, Check::Sums, "constant prediction"),
    (M::SigmaOfSource, Check::Rows, "coefficient of"),
    (M::WeightsOnePercentOff, Check::Rows, "coefficient of"),
    (
        M::StateFactorInverted,
        Check::Rows,
        "coefficient of the start",
    ),
    (M::LabelOfTarget, Check::Labels, "but the state stands at"),
    (
        M::LabelOfFirstNode,
        Check::Labels,
        "but the state stands at",
    ),
    (M::LabelRounded, Check::Labels, "but the state stands at"),
    (
        M::LabelInThousands,
        Check::Labels,
        "but the state stands at",
    ),
    (
        M::ExtraCallAtEnd,
        Check::Calls,
        "model calls; the recipe makes",
    ),
    (M::ExtraCallEachStep, Check::Calls, "more than"),
    (
        M::CallLeftOut,
        Check::Calls,
        "model calls; the recipe makes",
    ),
    (M::NanWithOneStep, Check::Finite, "NaN"),
    (M::NanAtThreeNMinusOne, Check::Finite, "inf"),
    (M::PanicsWithTwoSteps, Check::Finite, "two steps"),
    (M::KeepsHistoryBetweenRuns, Check::State, "gives other bits"),
    (M::CountsRuns, Check::Determinism, "gives other bits"),
    (
        M::BreaksInSecondRun,
        Check::Determinism,
        "does not end: its buffers are gone",
    ),
    (M::CountsCalls, Check::State, "gives other bits"),
    (M::DrawsAtEtaZero, Check::Noise, "noises drawn"),
    (M::DrawsTwice, Check::Noise, "noises drawn"),
    (M::NoiseIsVariance, Check::Rows, "coefficient of noise"),
    (M::NoiseWithoutEta, Check::Rows, "coefficient of noise"),
    (M::DriftWithoutEta, Check::Sums, "constant prediction"),
    (M::NoiseLeftOutAtEnd, Check::Noise, "noises drawn"),
    (M::ResultIsPrediction, Check::Rows, "the result"),
    (M::WrongLength, Check::Finite, "a result of"),
    (M::RunsForEver, Check::Calls, "more than"),
    (M::AveragesStates, Check::Rows, "coefficient of"),
    (
        M::ClampsOutputs,
        Check::Order,
        "on `guided` the error at N = 10 is",
    ),
    (M::ClampsStates, Check::Order, "that of the recipe"),
    (
        M::LabelOfTarget,
        Check::Order,
        "on `mixture` the error at N =",
    ),
    (M::NeverLeavesFirstOrder, Check::Order, "that of the recipe"),
    (M::NoiseIsVariance, Check::Moments, "the variance"),
    (M::NoiseHalved, Check::Moments, "the variance"),
    (M::DriftWithoutEta, Check::Moments, "the mean"),
    (M::RestartsLeftOut, Check::Rows, "0 of 5 steps"),
    (M::RestartsIgnored, Check::Rows, "the state shown at call 4"),
    (M::AlphaOfSource, Check::Rows, "the end of step"),
    (
        M::AlphaOfSource,
        Check::Rows,
        "equals the reference with alpha of a step's start at its end",
    ),
    (
        M::SigmaOfSource,
        Check::Rows,
        "equals the reference with sigma of a step's start at its end",
    ),
    (
        M::SignOfStepFlipped,
        Check::Rows,
        "equals the reference with the sign of its steps in lambda flipped",
    ),
    (
        M::LambdaIsTime,
        Check::Rows,
        "equals the reference with lambda replaced by t",
    ),
    (
        M::LambdaIsLogSigma,
        Check::Rows,
        "equals the reference with lambda replaced by ln sigma",
    ),
    (
        M::NodesRounded,
        Check::Rows,
        "equals the reference on nodes rounded to thousandths",
    ),
    (
        M::NodesShifted,
        Check::Rows,
        "equals the reference on nodes shifted by one, the last one twice",
    ),
    (
        M::FirstStepLeftOut,
        Check::Rows,
        "equals the reference on nodes without the first step",
    ),
    (
        M::InterpolatedInTime,
        Check::Rows,
        "equals the reference with its outputs interpolated in t",
    ),
    (
        M::NoiseIsVariance,
        Check::Rows,
        "equals the reference with the variance of its noise for the deviation",
    ),
    (
        M::NoiseHalved,
        Check::Rows,
        "equals the reference with its noise halved",
    ),
    (
        M::NoiseOfEtaOne,
        Check::Rows,
        "equals the reference with the noise of eta = 1",
    ),
    (
        M::HistoryOfZerosInside,
        Check::Rows,
        "coefficient of output 0",
    ),
    (
        M::StartScaledInside,
        Check::Rows,
        "coefficient of the start",
    ),
];

#[test]
fn every_mistake_is_rejected_by_the_check_that_should_and_named() {
    let mut missed = Vec::new();
    for (mistake, check, words) in MISTAKES {
        let report = asked(*mistake);
        let mut found = report.failures().filter(|it| it.case.check == *check);
        if !found.any(|it| it.finding.message.contains(words)) {
            missed.push(format!("{mistake:?} by {}: {report}", check.name()));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn lost_digits_are_imprecise_and_not_another_formula() {
    for (mistake, words) in [
        (M::WeightsInSinglePrecision, "as by expm1(z) in f32"),
        (M::SigmaByCancellation, "sigma as sqrt(1 - alpha^2)"),
    ] {
        let report = asked(mistake);
        assert!(report.passes(), "{report}");
        let rows = report
            .outcomes
            .iter()
            .filter(|it| it.finding.verdict == Verdict::Imprecise && it.case.check == Check::Rows);
        let messages: Vec<&str> = rows.map(|it| it.finding.message.as_str()).collect();
        let named = messages.iter().filter(|it| it.contains(words)).count();
        println!(
            "{mistake:?}: {named} of {}: {:#?}",
            messages.len(),
            &messages[..4]
        );
        assert!(messages.len() > 50, "{mistake:?}: {report}");
        assert!(
            named * 10 >= messages.len() * 9,
            "{mistake:?}: {messages:#?}"
        );
    }
}
