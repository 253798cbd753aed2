//! Noise of another size than the recipe's is called by its name.

use crate::ask;
use crate::paper::{Mistake, Paper};
use crate::planned::planned;
use dpm_spec::conformance::{
    Check, Convention, Declaration, Model, Noise, Precision, Sampler, Stop, Task, Verdict, check,
    everything,
};
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Every noise that is drawn times a factor, and so many more that are not used.
struct Louder(f64, usize);

impl Sampler for Louder {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        everything("louder", Precision::F64).unwrap()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let draw = || Ok(noise.draw()?.iter().map(|x| self.0 * x).collect());
        let call = |time, state: &[f64]| model.call(time, state);
        let result = planned(
            Convention::Continuous,
            task,
            start,
            call,
            draw,
            |x| x,
            |x| x,
        );
        for _ in 0..self.1 {
            noise.draw()?;
        }
        result
    }
}

#[test]
fn noise_times_a_factor_is_called_by_its_name() {
    for solver in ["sde-dpmpp-2m", "sde-dpm-2m", "sde-dpmpp-1"] {
        let id = format!("core/{solver}/rows/vp-linear:n=5:grid=lambda:eta=1");
        let case = ask::case(&id);
        for (factor, name) in [
            (0.5, "halved"),
            (2.0, "doubled"),
            (SQRT_2, "times the root of 2"),
            (FRAC_1_SQRT_2, "over the root of 2"),
            (0.0, "left out"),
        ] {
            let finding = ask::found(&mut Louder(factor, 0), &case);
            assert_eq!(finding.verdict, Verdict::Deviates, "{id}");
            let name = Some(format!("the reference with its noise {name}"));
            assert_eq!(finding.nearest, name, "{id}: {finding:?}");
            if factor != 0.0 {
                let finding = ask::found(&mut Louder(factor, 1), &case);
                assert_eq!(finding.nearest, name, "{id}: {finding:?}");
            }
        }
        for idle in [0, 1] {
            let finding = ask::found(&mut Louder(1.0, idle), &case);
            assert!(!finding.verdict.is_failure(), "{id}: {finding:?}");
        }
    }
}

/// That more noises are drawn than used is no more than that.
#[test]
fn noises_that_are_drawn_and_not_used_break_nothing_but_their_number() {
    let report = check(&mut Paper::new(Mistake::DrawsAtEtaZero), |_| true).unwrap();
    assert!(report.failures().any(|it| it.case.request.steps > 10));
    for outcome in report.failures() {
        assert_eq!(outcome.case.check, Check::Noise, "{}", outcome.case);
    }
}
