//! A clip of outputs or states to [-1, 1] that nobody asked for is found wherever rows are.

use crate::ask;
use crate::paper::{Mistake, Paper};
use crate::planned::planned;
use dpm_spec::conformance::{
    Check, Convention, Declaration, Model, ModelKind, Noise, Precision, Sampler, Stop, Task,
    Verdict, check, everything,
};

#[test]
fn a_clip_is_found_in_every_run_of_several_steps() {
    for mistake in [Mistake::ClampsOutputs, Mistake::ClampsStates] {
        let mut deviate = 0;
        for outcome in check(&mut Paper::new(mistake), |_| true).unwrap().outcomes {
            let (case, verdict) = (&outcome.case, outcome.finding.verdict);
            if case.check != Check::Rows || case.request.steps < 2 {
                continue;
            }
            let found = [Verdict::Deviates, Verdict::NotApplicable].contains(&verdict);
            assert!(found, "{mistake:?} {case}: {verdict}");
            deviate += usize::from(verdict == Verdict::Deviates);
        }
        assert!(deviate > 50, "{mistake:?}: {deviate}");
    }
}

/// Right but for a clip of the outputs.
struct Clipping(Declaration);

impl Sampler for Clipping {
    type Element = f32;

    fn declaration(&self) -> Declaration {
        self.0.clone()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f32>,
        model: &mut Model<'_, f32>,
        noise: &mut Noise<'_, f32>,
    ) -> Result<Vec<f32>, Stop> {
        let call = |time, state: &[f32]| {
            let output = model.call(time, state)?;
            Ok(output.iter().map(|x| x.clamp(-1.0, 1.0)).collect())
        };
        planned(
            Convention::Continuous,
            task,
            start,
            call,
            || noise.draw(),
            |x| x,
            |x| x,
        )
    }
}

/// Where no network answers: in 16 bits, with added noise, of models that are scripts, of x/alpha.
#[test]
fn a_clip_is_found_where_no_network_answers() {
    let in_16_bits = everything("clipping", Precision::F16).unwrap();
    let of_scripts = everything("clipping", Precision::F32).unwrap();
    let of_scripts = of_scripts.models(&[ModelKind::Script]);
    for declaration in [in_16_bits, of_scripts] {
        let mut clipping = Clipping(declaration);
        for case in [
            "ddim/rows/vp-linear:n=5:grid=lambda",
            "ddim-eta/rows/vp-linear:n=5:grid=lambda:eta=1",
            "ddim/rows/vp-linear:n=5:grid=lambda:prediction=v",
            "dpmpp-2m/rows/vp-linear:n=5:grid=lambda:space=ve",
        ] {
            let finding = ask::found(&mut clipping, &ask::case(&format!("core/{case}")));
            assert_eq!(finding.verdict, Verdict::Deviates, "{case}: {finding:?}");
        }
    }
}
