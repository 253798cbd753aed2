//! What is published: every solver on three schedules, and real models' configurations.

use crate::arithmetic::{Rational, rational};
use crate::error::Result;
use crate::grid::Grid;
use crate::import::{self, Options};
use crate::plan::Request;
use crate::policy::Policy;
use crate::recipe::Recipe;
use crate::schedule::Schedule;
use crate::solver::{Entry, Solver};

/// A published plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Its file, relative to the directory of the MANIFEST, `/` between folders.
    pub path: String,
    /// What is in it.
    pub request: Request,
}

/// Every published plan, in the order of the MANIFEST.
///
/// # Errors
/// None on a sound build: the ids and configurations are part of it.
pub fn published() -> Result<Vec<Published>> {
    let mut plans = Vec::new();
    for entry in Solver::ENTRIES {
        plans.extend(tables(entry)?);
    }
    for model in MODELS {
        plans.push(model.published()?);
    }
    plans.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(plans)
}

/// Schedule, grid, N, policy of the tables that every solver has.
const TABLES: &[(&str, &str, usize, &str)] = &[
    ("vp-linear", "lambda", 10, ""),
    ("vp-linear", "lambda", 20, ""),
    ("vp-cosine", "lambda", 10, ""),
    ("vp-cosine", "lambda", 20, ""),
    (
        "discrete-scaled-linear",
        "karras",
        20,
        "final=lower<15,zero=on",
    ),
];

fn tables(entry: &'static Entry) -> Result<Vec<Published>> {
    let etas: &[(Rational, &str)] = if entry.stochastic {
        &[(rational(1, 2), "-eta0.5"), (rational(1, 1), "-eta1")]
    } else {
        &[(rational(0, 1), "")]
    };
    let mut plans = Vec::new();
    for (schedule_id, grid, steps, policy) in TABLES {
        for (eta, suffix) in etas {
            let schedule = Schedule::parse(schedule_id)?;
            let mut recipe = Recipe::new(Solver::parse(entry.id)?, &schedule);
            recipe.eta = *eta;
            recipe.policy = Policy::parse(policy)?;
            plans.push(Published {
                path: format!("{}/{schedule_id}-{grid}-n{steps}{suffix}.json", entry.id),
                request: Request::new(recipe, schedule, Grid::parse(grid)?, *steps),
            });
        }
    }
    Ok(plans)
}

/// A scheduler configuration as a model's repository ships it.
struct Model {
    name: &'static str,
    config: &'static str,
    /// `mu` of dynamic shifting in hundredths, if the model has it: what the library computes for 1024 x 1024.
    mu: &'static [i128],
}

const MODEL_STEPS: usize = 20;

macro_rules! models {
    ($($name:literal $(mu $mu:literal)?,)*) => {
        &[$(Model {
            name: $name,
            config: include_str!(concat!("../../tests/data/", $name, ".json")),
            mu: &[$($mu)?],
        },)*]
    };
}

const MODELS: &[Model] = models![
    "deepfloyd-if-i-xl-dpmpp-2m",
    "dit-xl-2-256-ddim",
    "dit-xl-2-256-dpmpp-3s",
    "flux-1-dev" mu 115,
    "hunyuan3d-paint-ddim",
    "hunyuan3d-paint-dpmpp-2m",
    "ltx-video" mu 115,
    "pixart-alpha-xl-2",
    "sana-1600m-1024px",
    "stable-diffusion-2-1-v-ddim",
    "stable-diffusion-2-1-v-dpmpp-2m",
    "stable-diffusion-3-medium",
    "stable-diffusion-v1-5-ddim",
    "stable-diffusion-v1-5-dpmpp-2m-karras",
    "stable-diffusion-v1-5-dpmpp-2s",
    "stable-diffusion-xl-base-dpmpp-2m",
    "stable-diffusion-xl-base-sde-karras",
];

impl Model {
    fn published(&self) -> Result<Published> {
        let options = Options {
            mu: self.mu.first().map(|mu| rational(*mu, 100)),
            ..Options::steps(MODEL_STEPS)
        };
        let imported = import::diffusers(self.config, &options).map_err(|e| e.at(self.name))?;
        Ok(Published {
            path: format!("models/{}-n{MODEL_STEPS}.json", self.name),
            request: imported.request,
        })
    }
}
