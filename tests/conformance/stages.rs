//! Stages elsewhere than the recipe has them: the time that belongs to one is right all the same.

use crate::ask;
use crate::planned::planned;
use dpm_spec::conformance::{
    Check, Convention, Declaration, Model, Noise, Precision, Sampler, Stop, Task, Verdict, check,
};
use dpm_spec::recipe::StateSpace;
use dpm_spec::solver::Solver;

/// Has its stage at a third of the step, and tells a time that is off by a part of it.
struct Third {
    solver: &'static str,
    off: f64,
}

impl Sampler for Third {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("third", Precision::F64);
        let declared = declared.solvers(["dpmpp-2s", "dpm-2s"]);
        let declared = declared.and_then(|it| it.schedules(["vp-linear", "edm"]));
        declared.unwrap().spaces(&[StateSpace::Vp, StateSpace::Ve])
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let task = Task {
            solver: Solver::parse(self.solver).unwrap(),
            ..task.clone()
        };
        let (mut calls, off) = (0, self.off);
        let shown = |time: f64, x: &[f64]| {
            calls += 1;
            let stage = calls % 2 == 0;
            model.call(if stage { time * (1.0 - off) } else { time }, x)
        };
        let draw = || noise.draw();
        planned(
            Convention::Continuous,
            &task,
            start,
            shown,
            draw,
            |x| x,
            |x| x,
        )
    }
}

fn verdicts(solver: &'static str, off: f64, ground: &str) -> [Verdict; 2] {
    let stem = solver.split(':').next().unwrap();
    [Check::Labels, Check::Rows].map(|of| {
        let id = format!("core/{stem}/{}/{ground}", of.name());
        let wanted = ask::case(&id);
        let mut sampler = Third { solver, off };
        let report = check(&mut sampler, |case| *case == wanted).unwrap();
        let finding = &report.outcomes[0].finding;
        if of == Check::Rows && finding.verdict == Verdict::Deviates && off == 0.0 {
            assert!(
                finding.message.contains(&format!("equals {solver}")),
                "{finding:?}"
            );
        }
        finding.verdict
    })
}

#[test]
fn a_time_that_belongs_to_its_state_is_right_wherever_the_stage_is() {
    use Verdict::{Conforms, Deviates};
    let ground = "vp-linear:n=5:grid=lambda";
    for solver in ["dpmpp-2s:r1=1/3", "dpm-2s:r1=1/3"] {
        assert_eq!(
            verdicts(solver, 0.0, ground),
            [Conforms, Deviates],
            "{solver}"
        );
        assert_eq!(
            verdicts(solver, 0.01, ground),
            [Deviates, Deviates],
            "{solver}"
        );
    }
    assert_eq!(
        verdicts("dpm-2s:r1=1/3", 0.0, "edm:n=5:grid=karras")[0],
        Conforms
    );
    // alpha = 1 tells no time.
    assert_eq!(
        verdicts("dpmpp-2s:r1=1/3", 0.0, "edm:n=5:grid=karras")[0],
        Deviates
    );
}
