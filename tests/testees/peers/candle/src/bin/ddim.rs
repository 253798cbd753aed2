//! DDIMScheduler, in double precision. A step is as long as the scheduler makes it, so that it is
//! asked on its own timesteps alone: those of `trailing`, then index 0; or N + 1 of `Linspace`, of
//! which the last moves nothing.

use candle_testees::dpm_spec_testee::{Case, Runner, Sampler, Stop, Testee, serve};
use candle_testees::{VERSION, image, pixels};
use candle_transformers::models::stable_diffusion::ddim::DDIMSchedulerConfig;
use candle_transformers::models::stable_diffusion::schedulers::BetaSchedule::{
    Linear, ScaledLinear, SquaredcosCapV2,
};
use candle_transformers::models::stable_diffusion::schedulers::{
    PredictionType, Scheduler, SchedulerConfig, TimestepSpacing,
};

struct Ddim;

type Made = candle_core::Result<Box<dyn Scheduler>>;

fn scheduler(schedule: &str, prediction: &str, spacing: TimestepSpacing, steps: usize) -> Made {
    let (beta_schedule, beta_start, beta_end) = match schedule {
        "discrete-linear" => (Linear, 0.0001, 0.02),
        "discrete-cosine" => (SquaredcosCapV2, 0.0, 0.0),
        _ => (ScaledLinear, 0.00085, 0.012),
    };
    let prediction_type = match prediction {
        "noise" => PredictionType::Epsilon,
        "v" => PredictionType::VPrediction,
        _ => PredictionType::Sample,
    };
    let config = DDIMSchedulerConfig {
        beta_start,
        beta_end,
        beta_schedule,
        prediction_type,
        timestep_spacing: spacing,
        ..Default::default()
    };
    config.build(steps)
}

/// The timesteps, then the index that the last step ends at.
fn nodes(scheduler: &dyn Scheduler) -> Vec<f64> {
    scheduler
        .timesteps()
        .iter()
        .chain(&[0])
        .map(|t| *t as f64)
        .collect()
}

impl Sampler for Ddim {
    fn sample(
        &mut self,
        case: &Case,
        runner: &mut Runner,
        mut x: Vec<f64>,
    ) -> Result<Vec<f64>, Stop> {
        let steps = case.times.len() - 1;
        let make = |spacing, steps| scheduler(&case.schedule, &case.prediction, spacing, steps);
        let mut scheduler = make(TimestepSpacing::Trailing, steps)?;
        if nodes(&*scheduler) != case.times {
            scheduler = make(TimestepSpacing::Linspace, steps + 1)?;
            if nodes(&*scheduler)[..=steps] != case.times {
                return Err(Stop::refused("makes no such timesteps"));
            }
        }
        for t in scheduler.timesteps().to_vec().into_iter().take(steps) {
            x = runner.restart(x)?;
            let m = runner.model(t as f64, &x)?;
            x = pixels(&scheduler.step(&image(&m)?, t, &image(&x)?)?)?;
        }
        Ok(x)
    }

    fn nodes(&mut self, schedule: &str, grid: &str, steps: usize) -> Result<Vec<f64>, Stop> {
        let spacing = if grid == "trailing" {
            TimestepSpacing::Trailing
        } else {
            TimestepSpacing::Leading
        };
        Ok(nodes(&*scheduler(schedule, "noise", spacing, steps)?))
    }
}

fn main() {
    let testee = Testee {
        name: "candle DDIMScheduler",
        version: VERSION,
        time: "discrete",
        solvers: &["ddim"],
        schedules: &[
            "discrete-linear",
            "discrete-scaled-linear",
            "discrete-cosine",
        ],
        predictions: &["noise", "v"],
        grids: &["trailing", "leading:ddim,offset=1,ends=min"],
        local: true,
        ..Testee::default()
    };
    serve(&testee, &mut Ddim);
}
