//! The predictor of EdmDpmMultistepScheduler (UniPC), in double precision. It makes its own sigmas:
//! `num_training_timesteps` of them, N + 1 here, linear in sigma^(1/rho), so that on the karras grid
//! of N steps they are those of the case. Its states are alpha times those of `edm`.

use candle_testees::dpm_spec_testee::{Case, Runner, Sampler, Stop, Testee, serve};
use candle_testees::{VERSION, image, pixels};
use candle_transformers::models::stable_diffusion::schedulers::{
    PredictionType, Scheduler, SchedulerConfig,
};
use candle_transformers::models::stable_diffusion::uni_pc::{
    CorrectorConfiguration, KarrasSigmaSchedule, SigmaSchedule, SolverType, TimestepSchedule,
    UniPCSchedulerConfig,
};

struct UniPc;

fn scheduler(case: &Case) -> candle_core::Result<Box<dyn Scheduler>> {
    let (steps, rho) = (case.times.len() - 1, 7.0f64);
    let root = |sigma: f64| sigma.powf(1.0 / rho);
    let (first, last) = (root(case.times[0]), root(case.times[steps]));
    // The schedule ends one node beyond the last index.
    let beyond = last - (first - last) / steps as f64;
    let karras = KarrasSigmaSchedule {
        sigma_min: beyond.powf(rho),
        sigma_max: case.times[0],
        rho,
    };
    let config = UniPCSchedulerConfig {
        corrector: CorrectorConfiguration::Disabled,
        sigma_schedule: SigmaSchedule::Karras(karras),
        timestep_schedule: TimestepSchedule::Linspace,
        num_training_timesteps: steps + 1,
        solver_order: match case.solver.as_str() {
            "ddim" => 1,
            "dpmpp-2m" => 2,
            _ => 3,
        },
        solver_type: SolverType::Bh2,
        prediction_type: if case.prediction == "noise" {
            PredictionType::Epsilon
        } else {
            PredictionType::Sample
        },
        lower_order_final: false,
        ..Default::default()
    };
    config.build(steps + 1)
}

/// Alpha and sigma at an index, as `add_noise` has them.
fn level(scheduler: &dyn Scheduler, index: usize) -> candle_core::Result<(f64, f64)> {
    let (one, zero) = (image(&[1.0])?, image(&[0.0])?);
    let alpha = scheduler.add_noise(&one, zero.clone(), index)?;
    let sigma = scheduler.add_noise(&zero, one, index)?;
    Ok((pixels(&alpha)?[0], pixels(&sigma)?[0]))
}

impl Sampler for UniPc {
    fn sample(&mut self, case: &Case, runner: &mut Runner, x: Vec<f64>) -> Result<Vec<f64>, Stop> {
        let mut scheduler = scheduler(case)?;
        let times = scheduler.timesteps().to_vec();
        let levels: Result<Vec<_>, _> = times.iter().map(|t| level(&*scheduler, *t)).collect();
        let levels = levels?;
        let near = |((alpha, sigma), time): (&(f64, f64), &f64)| {
            (sigma / alpha / time - 1.0).abs() < 1e-12
        };
        if !levels.iter().zip(&case.times).all(near) {
            return Err(Stop::refused("makes no such sigmas"));
        }
        let scaled = |x: &[f64], by: f64| x.iter().map(|x| x * by).collect::<Vec<_>>();
        let mut x = scaled(&x, levels[0].0);
        for (i, t) in times[..times.len() - 1].iter().enumerate() {
            let (alpha, _) = levels[i];
            let m = runner.model(case.times[i], &scaled(&x, 1.0 / alpha))?;
            x = pixels(&scheduler.step(&image(&m)?, *t, &image(&x)?)?)?;
        }
        Ok(scaled(&x, 1.0 / levels[times.len() - 1].0))
    }
}

fn main() {
    let testee = Testee {
        name: "candle UniPC",
        version: VERSION,
        time: "sigma",
        spaces: &["ve"],
        solvers: &["ddim", "dpmpp-2m", "dpmpp-3m-exact"],
        schedules: &["edm"],
        predictions: &["noise"],
        ..Testee::default()
    };
    serve(&testee, &mut UniPc);
}
