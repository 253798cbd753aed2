//! Samplers that take the network's outputs before a run, and answer nothing that they are shown.

use crate::ask;
use crate::planned::planned;
use dpm_spec::conformance::{
    Case, Check, Convention, Declaration, Model, ModelKind, Noise, Precision, Sampler, Stop, Task,
    Verdict, check,
};
use std::cell::RefCell;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// Times rounded to thousandths for the network.
    LabelRounded,
    /// By a thousandth.
    StartScaled,
    NotFinite,
}

struct Scripted(Fault, Precision);

impl Sampler for Scripted {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("scripted", self.1).solvers(["ddim", "dpmpp-2m", "dpm-2s"]);
        let declared = declared.and_then(|it| it.schedules(["vp-linear", "edm"]));
        let scripts = declared.unwrap().models(&[ModelKind::Script]);
        scripts.local()
    }

    fn sample(
        &mut self,
        task: &Task,
        mut start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        assert!(!model.script().is_empty(), "without a script");
        assert!(!model.is_local());
        if self.0 == Fault::StartScaled {
            start.iter_mut().for_each(|x| *x *= 1.001);
        }
        let outputs = model.script().to_vec();
        let shown = RefCell::new(0);
        let mut result = planned(
            Convention::Continuous,
            task,
            start,
            |time, state| {
                let time = match self.0 {
                    Fault::LabelRounded => (time * 1000.0).round() / 1000.0,
                    _ => time,
                };
                // Nobody listens to what the network says now.
                let _ = model.call(time, state)?;
                let call = shown.replace_with(|it| *it + 1);
                Ok(outputs[call].clone())
            },
            || noise.draw(),
            |x| x,
            |x| x,
        )?;
        if self.0 == Fault::NotFinite {
            result[0] = f64::NAN;
        }
        Ok(result)
    }
}

#[test]
fn errors_on_known_flows_are_computed_from_the_rows_of_who_takes_scripts_alone() {
    let orders = |case: &Case| case.check == Check::Order;
    for precision in [Precision::F64, Precision::F32] {
        let report = check(&mut Scripted(Fault::None, precision), orders).unwrap();
        assert!(report.passes(), "{report}");
        let good = report.count(Verdict::Exact) + report.count(Verdict::Conforms);
        assert!(good > 15, "{report}");
        assert_eq!(report.count(Verdict::Skipped), 0, "{report}");
    }
    for (fault, verdict) in [
        (Fault::LabelRounded, Verdict::Deviates),
        (Fault::StartScaled, Verdict::Deviates),
        (Fault::NotFinite, Verdict::Fails),
    ] {
        let case = ask::case("core/dpmpp-2m/order/vp-linear:n=10:grid=lambda");
        let finding = ask::found(&mut Scripted(fault, Precision::F64), &case);
        assert_eq!(finding.verdict, verdict, "{fault:?}: {finding:?}");
        let told = finding.message.starts_with("on `");
        assert!(told, "{fault:?}: {}", finding.message);
    }
}

#[test]
fn who_takes_scripts_alone_is_not_asked_what_needs_answers() {
    let report = check(&mut Scripted(Fault::None, Precision::F64), |case| {
        case.request.steps == 5
    });
    let report = report.unwrap();
    assert!(report.passes(), "{report}");
    assert_eq!(report.count(Verdict::Skipped), 0, "{report}");
    let case = ask::case("core/ddim/rows/vp-linear:n=5:grid=lambda:mode=local");
    let finding = ask::found(&mut Scripted(Fault::None, Precision::F64), &case);
    assert_eq!(finding.verdict, Verdict::NotApplicable);
    assert_eq!(finding.message, "a model by callback is not declared");
}
