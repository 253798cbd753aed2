//! A single-step solver that takes ln sigma for lambda in a flow, where both differ by ln alpha.

use crate::ask;
use dpm_spec::arithmetic::rational;
use dpm_spec::conformance::{Declaration, Model, Noise, Precision, Sampler, Stop, Task, Verdict};
use dpm_spec::grid::{Spacing, Unit};
use dpm_spec::solver::Solver;

/// DPM-Solver++(2S) with its stage half-way: sigma = t, alpha = 1 - t.
struct InLogSigma;

fn sum(parts: [(f64, &[f64]); 2]) -> Vec<f64> {
    let [(a, x), (b, y)] = parts;
    x.iter().zip(y).map(|(x, y)| a * x + b * y).collect()
}

impl Sampler for InLogSigma {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("in ln sigma", Precision::F64).solvers(["dpmpp-2s"]);
        declared.and_then(|it| it.schedules(["flow"])).unwrap()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        _: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let mut x = start;
        for ends in task.times.windows(2) {
            let (s, t) = (ends[0], ends[1]);
            let middle = (s * t).sqrt();
            // x' = (sigma'/sigma) x + alpha' (1 - e^-h) D over h = ln sigma - ln sigma'.
            let to = |t: f64, data: &[f64]| sum([(t / s, &x), ((1.0 - t) * (1.0 - t / s), data)]);
            let data = model.call(s, &x)?;
            let stage = to(middle, &data);
            let data = model.call(middle, &stage)?;
            x = to(t, &data);
        }
        Ok(x)
    }
}

#[test]
fn ln_sigma_for_lambda_is_called_by_its_name_in_a_flow() {
    let mut case = ask::case("core/ddim/rows/flow:n=5:grid=flow");
    case.request.recipe.solver = Solver::parse("dpmpp-2s").unwrap();
    let nodes = [90, 70, 40, 25, 15, 5].map(|it| rational(it, 100));
    case.request.grid.spacing = Spacing::Nodes(Unit::Time, nodes.to_vec());
    let finding = ask::found(&mut InLogSigma, &case);
    assert_eq!(finding.verdict, Verdict::Deviates);
    let name = "the reference with lambda replaced by ln sigma".to_owned();
    assert_eq!(finding.nearest, Some(name), "{finding:?}");
}
