//! States x/alpha made from states x by hand: the right way, and wrong ones.

use crate::ask;
use crate::counted::{OURS, Wrong};
use crate::planned::planned;
use dpm_spec::arithmetic::{Real, Unit, Widened};
use dpm_spec::conformance::{
    Case, Check, Convention, Declaration, Model, Noise, Precision, Reference, Report, Sampler,
    Stop, Task, Verdict, check,
};
use dpm_spec::plan::derive;
use dpm_spec::recipe::StateSpace;
use dpm_spec::schedule::Curve;

/// What happens on the way from x to x/alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    Right,
    StartLeftAsItIs,
    ShownLeftAsItIs,
    AlphaOfTheFirstNode,
    /// Nine digits of the start.
    StartLosesDigits,
    /// By so much of the start in what is shown at the fourth call; declared to be f32.
    ShownOff(f64),
    /// Right in x/alpha, wrong in x.
    OwnSpaceScaled,
    /// Converts x/alpha as if it were x.
    ConvertedAsItIs,
    /// Refuses x.
    OwnSpaceRefused,
    /// Nine digits of the start in x/alpha, and wrong in x.
    StartLosesDigitsBesideScaled,
}

struct Scaled {
    way: Way,
    spaces: &'static [StateSpace],
}

const BOTH: &[StateSpace] = &[StateSpace::Vp, StateSpace::Ve];

fn scaled(state: &[f64], factor: f64) -> Vec<f64> {
    state.iter().map(|x| x * factor).collect()
}

impl Sampler for Scaled {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let precision = match self.way {
            Way::ShownOff(_) => Precision::F32,
            _ => Precision::F64,
        };
        let declared = Declaration::new("scaled", precision);
        let declared = declared.solvers(["ddim", "dpmpp-2m", "dpm-2s", "sde-dpmpp-1"]);
        let declared = declared.and_then(|it| it.schedules(["vp-linear", "vp-cosine"]));
        let declared = declared.and_then(|it| it.predictions(["noise"]));
        declared.unwrap().spaces(self.spaces)
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let own = task.space != StateSpace::Ve;
        if own && self.way == Way::OwnSpaceRefused {
            return Err(Stop::Refused("only as x/alpha".to_owned()));
        }
        let curve = Curve::new(&task.schedule, &1.0_f64);
        let (way, first) = (self.way, task.times[0]);
        let alpha = |t: f64| match way {
            _ if own => 1.0,
            Way::AlphaOfTheFirstNode => curve.at_time(&first).alpha,
            _ => curve.at_time(&t).alpha,
        };
        let unscaled = start.clone();
        let start = match way {
            Way::StartLeftAsItIs => start,
            Way::OwnSpaceScaled | Way::StartLosesDigitsBesideScaled if own => scaled(&start, 1.001),
            Way::StartLosesDigits | Way::StartLosesDigitsBesideScaled if !own => {
                scaled(&start, (1.0 + 1e-9) * alpha(first))
            }
            _ => scaled(&start, alpha(first)),
        };
        let task = Task {
            space: StateSpace::Vp,
            ..task.clone()
        };
        let shown = |t: f64, x: &[f64]| match way {
            Way::ShownLeftAsItIs => model.call(t, x),
            Way::ShownOff(amount) if !own && t == task.times[3] => {
                let shown = scaled(x, 1.0 / alpha(t)).into_iter();
                let shown = shown.zip(&unscaled);
                let shown: Vec<f64> = shown.map(|(x, start)| x + amount * start).collect();
                model.call(t, &shown)
            }
            // D = (x/alpha - sigma F)/alpha for (x - sigma F)/alpha.
            Way::ConvertedAsItIs if !own => {
                let shown = scaled(x, 1.0 / alpha(t));
                let output = model.call(t, &shown)?;
                let sigma = curve.at_time(&t).sigma;
                let terms = output.iter().zip(x.iter().zip(&shown));
                Ok(terms
                    .map(|(f, (x, shown))| f + (x - shown) / sigma)
                    .collect())
            }
            _ => model.call(t, &scaled(x, 1.0 / alpha(t))),
        };
        let draw = || noise.draw();
        let result = planned(
            Convention::Continuous,
            &task,
            start,
            shown,
            draw,
            |x| x,
            |x| x,
        )?;
        Ok(scaled(&result, 1.0 / alpha(task.times[task.steps])))
    }
}

fn asked(way: Way) -> Report {
    let mut sampler = Scaled { way, spaces: BOTH };
    let asked = |case: &Case| matches!(case.check, Check::Scale | Check::Rows);
    check(&mut sampler, asked).unwrap()
}

fn failed(report: &Report, check: Check) -> usize {
    let failures = report.failures();
    failures.filter(|it| it.case.check == check).count()
}

#[test]
fn states_scaled_the_right_way_conform() {
    let report = asked(Way::Right);
    assert!(report.passes(), "{report}");
    let scale = report.outcomes.iter().filter(|it| {
        it.case.check == Check::Scale && it.finding.max_error_u.is_some_and(|error| error < 64.0)
    });
    assert!(scale.count() > 30, "{report}");
}

pub(crate) const WAYS: &[Wrong<Way>] = &[
    (
        Way::StartLeftAsItIs,
        Check::Scale,
        "of x/alpha, but x",
        OURS,
    ),
    (
        Way::ShownLeftAsItIs,
        Check::Scale,
        "of x/alpha, but x",
        OURS,
    ),
    (
        Way::AlphaOfTheFirstNode,
        Check::Scale,
        "of x/alpha, but x",
        OURS,
    ),
    (Way::OwnSpaceScaled, Check::Scale, "of x/alpha, but x", OURS),
];

#[test]
fn states_scaled_wrongly_are_found_without_the_reference() {
    for (way, check, words, _) in WAYS {
        let report = asked(*way);
        let found = failed(&report, *check);
        assert!(found > 30, "{way:?}: {report}");
        let said = report
            .failures()
            .any(|it| it.case.check == *check && it.finding.message.contains(words));
        assert!(said, "{way:?}: {report}");
    }
}

#[test]
fn a_state_of_another_size_is_told_beside_the_one_that_x_makes() {
    let id = "core/ddim/scale/vp-linear:n=5:grid=lambda:space=ve";
    let (way, spaces) = (Way::OwnSpaceScaled, BOTH);
    let finding = ask::found(&mut Scaled { way, spaces }, &ask::case(id));
    let words = "the state shown at call 0, coefficient of the start: ";
    let between = " of x/alpha, but x makes it ";
    let [got, right, _] = ask::beside(&finding.message, words, between);
    assert!(
        (got - 1.0).abs() < 1e-12 && (right - 1.001).abs() < 1e-12,
        "{finding:?}"
    );
    let error = 0.001 * f64::from(53).exp2();
    assert!((finding.max_error_u.unwrap() / error - 1.0).abs() < 1e-9);
}

#[test]
fn where_the_rows_of_both_only_lose_digits_so_does_their_scale() {
    let (way, spaces) = (Way::StartLosesDigits, BOTH);
    for check in ["scale", "rows"] {
        let id = format!("core/ddim/{check}/vp-linear:n=5:grid=lambda:space=ve");
        let finding = ask::found(&mut Scaled { way, spaces }, &ask::case(&id));
        assert_eq!(finding.verdict, Verdict::Imprecise, "{id}: {finding:?}");
        let of = if check == "scale" {
            "of the rows about"
        } else {
            "about"
        };
        let lost = finding
            .message
            .contains(&format!("; {of} 23 bits are lost, "));
        assert!(lost, "{id}: {}", finding.message);
    }
}

#[test]
fn where_the_rows_of_one_deviate_so_does_the_scale() {
    let (way, spaces) = (Way::StartLosesDigitsBesideScaled, BOTH);
    for (check, verdict) in [("rows", Verdict::Imprecise), ("scale", Verdict::Deviates)] {
        let id = format!("core/ddim/{check}/vp-linear:n=5:grid=lambda:space=ve");
        let finding = ask::found(&mut Scaled { way, spaces }, &ask::case(&id));
        assert_eq!(finding.verdict, verdict, "{id}: {finding:?}");
    }
}

/// A prediction of noise is made into data by alpha and sigma of x.
#[test]
fn a_prediction_that_is_converted_in_the_wrong_space_is_found() {
    let id = "core/ddim/rows/vp-linear:n=5:grid=lambda:prediction=noise:space=ve";
    for (way, bad) in [(Way::Right, false), (Way::ConvertedAsItIs, true)] {
        let spaces = BOTH;
        let finding = ask::found(&mut Scaled { way, spaces }, &ask::case(id));
        assert_eq!(finding.verdict.is_failure(), bad, "{way:?}: {finding:?}");
    }
}

#[test]
fn what_is_refused_beside_is_skipped() {
    let (way, spaces) = (Way::OwnSpaceRefused, BOTH);
    let id = "core/ddim/scale/vp-linear:n=5:grid=lambda:space=ve";
    let finding = ask::found(&mut Scaled { way, spaces }, &ask::case(id));
    let told = (finding.verdict, finding.message.as_str());
    assert_eq!(told, (Verdict::Skipped, "only as x/alpha"));
}

/// Both rows may be off by their radius, and the quotient is uncertain, too.
#[test]
fn a_state_is_let_pass_up_to_what_both_rows_may_be_off() {
    let id = "core/ddim/scale/vp-linear:n=5:grid=lambda:space=ve";
    let case = ask::case(id);
    let sampler = |amount| Scaled {
        way: Way::ShownOff(amount),
        spaces: BOTH,
    };
    let found = ask::limit(|amount| ask::found(&mut sampler(amount), &case).verdict);
    let task = case.task(&sampler(0.0).declaration()).unwrap();
    let reference = |space| {
        let task = Task {
            space,
            ..task.clone()
        };
        Reference::new(&task, Convention::Continuous, Precision::F32).unwrap()
    };
    let [ve, vp] = [StateSpace::Ve, StateSpace::Vp].map(reference);
    // As far as rows are judged: by their largest radius, or four units.
    let off = |reference: &Reference| {
        let row = &reference.rows[3];
        let largest = row.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
        let radius = row.iter().map(|x| x.radius()).fold(0.0, f64::max);
        radius + radius.max(4.0 * Unit::F32.relative * largest)
    };
    let plan = derive(&vp.request, &Widened::exact(1.0, Unit::F32)).unwrap();
    let [first, alpha] = [0, 3].map(|k: usize| plan.nodes[k].point.alpha);
    let start = vp.rows[3][0].to_f64();
    let quotient = Widened::exact(start, Unit::F32) / &alpha * &first;
    let allowed = off(&ve) + off(&vp) / alpha.to_f64() + quotient.radius();
    assert!(
        (found / allowed - 1.0).abs() < 2e-2,
        "{found:e} {allowed:e}"
    );
}

/// The whole catalogue in both spaces is in `planned.rs`.
#[test]
fn one_space_alone_is_not_asked_about_the_other() {
    let (way, spaces) = (Way::Right, &BOTH[1..]);
    let report = check(&mut Scaled { way, spaces }, |case| {
        case.check == Check::Scale
    });
    assert!(report.is_err(), "{}", report.unwrap());
}
