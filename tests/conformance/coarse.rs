//! What is said of samplers whose states have so few bits that a right one may be far off.

use crate::planned::COARSE;
use dpm_spec::conformance::{
    Check, Declaration, Model, Noise, Precision, Reference, Report, Sampler, Stop, Subject, Task,
    Verdict, check,
};
use dpm_spec::schedule::Curve;
use half::{bf16, f16};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    None,
    DifferenceHalved,
    DifferenceSignFlipped,
    AlphaOfSource,
    NeverLeavesFirstOrder,
}

/// DPM-Solver++(2M) by hand: x' = (sigma'/sigma) x - alpha' expm1(-h) D, where D is
/// D_k + (D_k - D_{k-1})/(2r) from the second step on; in f32, its states kept in 16 bits.
struct Narrow {
    mistake: Mistake,
    precision: Precision,
    local: bool,
}

impl Narrow {
    fn stored(&self, x: f32) -> f32 {
        match self.precision {
            Precision::F16 => f16::from_f32(x).to_f32(),
            _ => bf16::from_f32(x).to_f32(),
        }
    }
}

impl Sampler for Narrow {
    type Element = f32;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("narrow", self.precision).solvers(["dpmpp-2m"]);
        let declared = declared.and_then(|it| it.schedules(["vp-linear"])).unwrap();
        match self.local {
            true => declared.local(),
            false => declared,
        }
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f32>,
        model: &mut Model<'_, f32>,
        _: &mut Noise<'_, f32>,
    ) -> Result<Vec<f32>, Stop> {
        let curve = Curve::new(&task.schedule, &1.0_f32);
        let place = |time: &f64| {
            let point = curve.at_time(&(*time as f32));
            let lambda = *point.lambda.finite().unwrap();
            (point.alpha, point.sigma, lambda)
        };
        let mut x = start;
        let mut before: Option<(f32, Vec<f32>)> = None;
        for ends in task.times.windows(2) {
            let (alpha_s, sigma_s, from) = place(&ends[0]);
            let (alpha_t, sigma, to) = place(&ends[1]);
            x = model.restart(x);
            let data = model.call(ends[0] as f32, &x)?;
            let h = to - from;
            let part = before.as_ref().map_or(0.0, |(older, _)| h / (2.0 * older));
            let part = match self.mistake {
                Mistake::NeverLeavesFirstOrder => 0.0,
                Mistake::DifferenceHalved => part / 2.0,
                Mistake::DifferenceSignFlipped => -part,
                _ => part,
            };
            let alpha = match self.mistake {
                Mistake::AlphaOfSource => alpha_s,
                _ => alpha_t,
            };
            let gain = -alpha * (-h).exp_m1();
            let terms = [sigma / sigma_s, gain * (1.0 + part), -gain * part];
            let [factor, newest, older] = terms.map(|it| self.stored(it));
            for (k, x) in x.iter_mut().enumerate() {
                let kept = before.as_ref().map_or(0.0, |(_, kept)| kept[k]);
                *x = self.stored(factor * *x + newest * data[k] + older * kept);
            }
            before = Some((h, data));
        }
        Ok(x)
    }
}

const FORMATS: [Precision; 2] = [Precision::F16, Precision::Bf16];

fn asked(mistake: Mistake, precision: Precision, local: bool) -> Report {
    let mut narrow = Narrow {
        mistake,
        precision,
        local,
    };
    check(&mut narrow, |_| true).unwrap()
}

#[test]
fn a_right_sampler_in_16_bits_passes_by_its_steps() {
    for precision in FORMATS {
        let report = asked(Mistake::None, precision, true);
        assert!(report.passes(), "{report}");
        assert_eq!(report.count(Verdict::Imprecise), 0, "{report}");
        let mut steps = report.outcomes.iter().filter(|it| {
            let good = [Verdict::Exact, Verdict::Conforms].contains(&it.finding.verdict);
            it.case.subject == Subject::Steps && good
        });
        assert!(steps.next().is_some(), "{precision:?}: {report}");
    }
}

#[test]
fn a_wrong_sampler_in_16_bits_is_rejected_by_its_steps() {
    for precision in FORMATS {
        for mistake in [
            Mistake::DifferenceHalved,
            Mistake::DifferenceSignFlipped,
            Mistake::AlphaOfSource,
            Mistake::NeverLeavesFirstOrder,
        ] {
            let report = asked(mistake, precision, true);
            let mut found = report.failures();
            let local = found.any(|it| it.case.subject == Subject::Steps);
            assert!(local, "{precision:?} {mistake:?}: {report}");
        }
    }
}

#[test]
fn where_a_right_sampler_may_be_far_off_nothing_conforms() {
    for precision in FORMATS {
        let (mut coarse, mut told) = (0, 0);
        for mistake in [Mistake::None, Mistake::DifferenceHalved] {
            let report = asked(mistake, precision, false);
            for outcome in &report.outcomes {
                let finding = &outcome.finding;
                if outcome.case.inapplicable(&report.testee).is_some() {
                    continue;
                }
                let Ok(task) = outcome.case.task(&report.testee) else {
                    continue;
                };
                let convention = report.testee.convention;
                let bound = Reference::new(&task, convention, precision)
                    .unwrap()
                    .bound();
                let judged = matches!(outcome.case.check, Check::Rows | Check::Sums);
                if bound <= 1.0 / 64.0 || !judged || outcome.case.subject != Subject::Run {
                    continue;
                }
                coarse += 1;
                let id = outcome.case.to_string();
                assert_ne!(finding.verdict, Verdict::Conforms, "{id}: {finding:?}");
                assert_ne!(finding.verdict, Verdict::Imprecise, "{id}: {finding:?}");
                if finding.verdict == Verdict::NotApplicable {
                    let words = format!("{}{COARSE}", precision.name());
                    assert!(finding.message.starts_with(&words), "{id}: {finding:?}");
                    let words = " off; declare `local` to be asked step by step";
                    assert!(finding.message.ends_with(words), "{id}: {finding:?}");
                    told += 1;
                }
            }
        }
        assert!(coarse > 20 && told > 5, "{precision:?}: {told} of {coarse}");
    }
}
