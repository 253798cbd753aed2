//! z_image's FlowMatchEulerDiscreteScheduler, in double precision. Its public `sigmas` become the
//! runner's times. Its network returns a velocity: a data prediction m is handed over as (x - m) / t.

use candle_testees::dpm_spec_testee::{Case, Runner, Sampler, Stop, Testee, serve};
use candle_testees::{VERSION, image, pixels};
use candle_transformers::models::z_image::{FlowMatchEulerDiscreteScheduler, SchedulerConfig};

struct ZImage;

impl Sampler for ZImage {
    fn sample(
        &mut self,
        case: &Case,
        runner: &mut Runner,
        mut x: Vec<f64>,
    ) -> Result<Vec<f64>, Stop> {
        let mut scheduler = FlowMatchEulerDiscreteScheduler::new(SchedulerConfig::default());
        scheduler.sigmas = case.times.clone();
        for t in &case.times[..case.times.len() - 1] {
            x = runner.restart(x)?;
            let mut m = runner.model(*t, &x)?;
            if case.prediction != "flow" {
                m = x.iter().zip(m).map(|(x, m)| (x - m) / t).collect();
            }
            x = pixels(&scheduler.step(&image(&m)?, &image(&x)?)?)?;
        }
        Ok(x)
    }

    fn nodes(&mut self, _: &str, grid: &str, steps: usize) -> Result<Vec<f64>, Stop> {
        let shift = if grid.contains("shift=3") { 3.0 } else { 1.0 };
        let config = SchedulerConfig {
            shift,
            ..SchedulerConfig::default()
        };
        let mut scheduler = FlowMatchEulerDiscreteScheduler::new(config);
        scheduler.set_timesteps(steps, None);
        Ok(scheduler.sigmas)
    }
}

fn main() {
    let testee = Testee {
        name: "candle z_image",
        version: VERSION,
        spaces: &["flow"],
        solvers: &["ddim"],
        schedules: &["flow"],
        predictions: &["flow"],
        grids: &["flow:ends=zero", "flow:ends=zero,shift=3"],
        local: true,
        ..Testee::default()
    };
    serve(&testee, &mut ZImage);
}
