//! Does a little of everything that the module offers; what, the solver's id says.

#[path = "../../testees/rust/dpm_spec_testee.rs"]
mod dpm_spec_testee;

use dpm_spec_testee::{Case, Rule, Runner, Sampler, Stop, Testee, serve};

struct Everything;

impl Sampler for Everything {
    fn sample(
        &mut self,
        case: &Case,
        runner: &mut Runner,
        mut x: Vec<f64>,
    ) -> Result<Vec<f64>, Stop> {
        eprintln!("this goes to standard error");
        if case.solver == "dpmpp-2m" {
            return Err(Stop::refused("no \"second\" order"));
        }
        if case.solver == "dpmpp-3m" {
            return Err(std::io::Error::other("no third order").into());
        }
        if case.solver == "dpm-2m" {
            loop {
                runner.model(0.5, &x)?;
            }
        }
        for t in &case.times[..case.times.len() - 1] {
            x = runner.restart(x)?;
            let m = runner.model(*t, &x)?;
            let z = runner.noise()?;
            let sum = |j: usize| x[j] + m[j] + 2.0 * z[j] + case.eta;
            x = (0..x.len()).map(sum).collect();
        }
        Ok(x)
    }

    fn nodes(&mut self, _: &str, _: &str, steps: usize) -> Result<Vec<f64>, Stop> {
        Ok((0..=steps).map(|i| 1.0 - i as f64 / steps as f64).collect())
    }

    fn threshold(&mut self, rule: &Rule, samples: Vec<Vec<f64>>) -> Result<Vec<Vec<f64>>, Stop> {
        let clip = |sample: &Vec<f64>| match rule {
            Rule::Static { bound } => sample.iter().map(|x| x.min(*bound)).collect(),
            Rule::Dynamic { ratio, max } => [&[*ratio, *max][..], &sample[2..]].concat(),
        };
        Ok(samples.iter().map(clip).collect())
    }
}

fn main() {
    let testee = Testee {
        name: "everything",
        version: "1.5",
        element: "f64",
        time: "lambda",
        spaces: &["vp", "ve"],
        solvers: &["ddim", "dpmpp-2m", "dpmpp-3m", "dpm-2m"],
        schedules: &["vp-linear"],
        predictions: &["v"],
        policies: &["final=lower"],
        grids: &["time"],
        thresholds: true,
        local: true,
        ..Testee::default()
    };
    serve(&testee, &mut Everything);
}
