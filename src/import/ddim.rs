//! `DDIMScheduler`.

use super::Options;
use super::config::{Config, refused};
use crate::arithmetic::rational;
use crate::error::Result;
use crate::grid::Grid;
use crate::plan::Request;
use crate::policy::Policy;
use crate::recipe::Recipe;
use crate::solver::Solver;

/// The library steps from t to t - n//N whatever the spacing is, so only spacings in which that is
/// the next timestep are a sampler; the others are refused by name.
pub(super) fn request(config: &mut Config, options: &Options) -> Result<Request> {
    let steps = options.steps.max(1);
    let schedule = config.schedule("linear", "on")?;
    let count = schedule.discrete().map_or(0, |discrete| discrete.count);
    let prediction = config.prediction()?;
    let to_one = config.flag("set_alpha_to_one", true)?;
    let offset = config.whole("steps_offset", 0)?;
    let spacing = config.choice(
        "timestep_spacing",
        &[
            ("leading", "leading"),
            ("trailing", "trailing"),
            ("linspace", "linspace"),
        ],
        "leading",
    )?;
    let clips = "false: the library clips x_0 but keeps the noise of the unclipped one";
    if config.flag("clip_sample", true)? {
        return Err(refused("clip_sample", "true (the class's default)", clips));
    }
    config.must_be_off("thresholding", clips)?;
    for unused in [
        "clip_sample_range",
        "dynamic_thresholding_ratio",
        "sample_max_value",
    ] {
        config.optional_number(unused)?;
    }
    let grid = match spacing {
        "leading" if to_one && offset >= (count / steps).max(1) => {
            return Err(refused(
                "steps_offset",
                &offset.to_string(),
                "an offset below n/N, so that the last step leaves the table",
            ));
        }
        "leading" => format!("leading:ddim,offset={offset}"),
        "trailing" if count % steps == 0 => "trailing".to_owned(),
        _ => {
            let value = format!("{spacing} at N = {steps}");
            return Err(refused(
                "timestep_spacing",
                &value,
                "leading, or trailing with N dividing num_train_timesteps: the library steps to t - n//N, which is not the next timestep here",
            ));
        }
    };
    let end = if to_one { "zero" } else { "min" };
    let separator = if grid.contains(':') { ',' } else { ':' };
    let grid = Grid::parse(&format!("{grid}{separator}ends={end}"))?;
    let stochastic = options.eta != rational(0, 1);
    let solver = Solver::parse(if stochastic { "ddim-eta" } else { "ddim" })?;
    let recipe = Recipe {
        eta: options.eta,
        prediction,
        policy: Policy {
            zero: to_one,
            ..Policy::default()
        },
        ..Recipe::new(solver, &schedule)
    };
    Ok(Request::new(recipe, schedule, grid, options.steps))
}
