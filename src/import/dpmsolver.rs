//! `DPMSolverMultistepScheduler` and `DPMSolverSinglestepScheduler`.

use super::Options;
use super::config::{Config, Shifting, refused};
use crate::arithmetic::{Rational, rational};
use crate::error::Result;
use crate::grid::Grid;
use crate::plan::Request;
use crate::policy::{Blocks, Final, Policy, Start};
use crate::prediction::Prediction;
use crate::recipe::Recipe;
use crate::schedule::{Curve, Schedule};
use crate::solver::Solver;
use crate::threshold::Threshold;

/// `algorithm_type`, aliases resolved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Data,
    Noise,
    SdeData,
    SdeNoise,
}

const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("dpmsolver++", Algorithm::Data),
    ("deis", Algorithm::Data),
    ("dpmsolver", Algorithm::Noise),
    ("sde-dpmsolver++", Algorithm::SdeData),
    ("sde-dpmsolver", Algorithm::SdeNoise),
];
/// True: the exact second weight. `logrho`, `bh1`, `bh2` are the library's aliases of `midpoint`.
const TYPES: &[(&str, bool)] = &[
    ("midpoint", false),
    ("heun", true),
    ("logrho", false),
    ("bh1", false),
    ("bh2", false),
];

/// The keys that decide the formula.
struct Formula {
    multistep: bool,
    algorithm: Algorithm,
    heun: bool,
    order: usize,
}

pub(super) fn request(config: &mut Config, options: &Options) -> Result<Request> {
    let steps = options.steps.max(1);
    let multistep = config.class() == "DPMSolverMultistepScheduler";
    let algorithm = config.choice("algorithm_type", ALGORITHMS, "dpmsolver++")?;
    let heun = config.choice("solver_type", TYPES, "midpoint")?;
    let order = config.whole("solver_order", 2)?;
    let solver = solver(&Formula {
        multistep,
        algorithm,
        heun,
        order,
    })?;
    let zero = config.choice(
        "final_sigmas_type",
        &[("zero", true), ("sigma_min", false)],
        "zero",
    )?;
    if zero && matches!(algorithm, Algorithm::Noise | Algorithm::SdeNoise) {
        return Err(refused(
            "final_sigmas_type",
            "zero",
            "sigma_min with dpmsolver and sde-dpmsolver, as the library demands",
        ));
    }
    let prediction = config.prediction()?;
    let threshold = threshold(config, algorithm)?;
    let lower = config.flag("lower_order_final", multistep)?;
    let last = if multistep {
        let euler = config.flag("euler_at_final", false)?;
        match (lower, euler) {
            (true, true) if steps >= 15 => Final::Euler,
            (true, _) => Final::LowerBelow(15),
            (false, true) => Final::Euler,
            (false, false) => Final::Full,
        }
    } else if lower || zero || !steps.is_multiple_of(order) {
        Final::Lower
    } else {
        Final::Full
    };
    let (schedule, grid, domain) = nodes(config, options, multistep, zero)?;
    if (prediction == Prediction::Flow) != matches!(schedule, Schedule::Flow(_)) {
        return Err(refused(
            "prediction_type",
            prediction.name(),
            "flow_prediction together with use_flow_sigmas, or neither",
        ));
    }
    let policy = Policy {
        start: if multistep && heun && order == 3 {
            Start::RampExact
        } else {
            Start::Ramp
        },
        last,
        zero,
        blocks: if multistep || order == 1 {
            Blocks::Fixed
        } else {
            Blocks::Progressive
        },
        ..Policy::default()
    };
    let recipe = Recipe {
        prediction,
        policy,
        threshold,
        ..Recipe::new(solver, &schedule)
    };
    Ok(Request {
        domain,
        ..Request::new(recipe, schedule, grid, options.steps)
    })
}

fn solver(formula: &Formula) -> Result<Solver> {
    let Formula {
        multistep,
        algorithm,
        heun,
        order,
    } = *formula;
    if !(1..=3).contains(&order) {
        return Err(refused("solver_order", &order.to_string(), "1, 2 or 3"));
    }
    let stochastic = matches!(algorithm, Algorithm::SdeData | Algorithm::SdeNoise);
    if stochastic && !multistep {
        return Err(refused(
            "algorithm_type",
            "a stochastic one",
            "dpmsolver++ or dpmsolver with DPMSolverSinglestepScheduler",
        ));
    }
    if stochastic && order == 3 {
        return Err(refused(
            "solver_order",
            "3",
            "1 or 2 with a stochastic algorithm: the library's third-order formula is not a sampler of this family",
        ));
    }
    let family = match algorithm {
        Algorithm::Data => "dpmpp",
        Algorithm::Noise => "dpm",
        Algorithm::SdeData => "sde-dpmpp",
        Algorithm::SdeNoise => "sde-dpm",
    };
    let id = match (order, multistep, heun) {
        (1, _, _) if stochastic => format!("{family}-1"),
        (1, _, _) => "ddim".to_owned(),
        (2, true, false) => format!("{family}-2m"),
        (2, true, true) => format!("{family}-2m-exact"),
        (_, true, _) => format!("{family}-3m"),
        (_, false, false) => format!("{family}-{order}s"),
        (_, false, true) => format!("{family}-{order}s-taylor"),
    };
    Solver::parse(&id)
}

fn threshold(config: &mut Config, algorithm: Algorithm) -> Result<Option<Threshold>> {
    let on = config.flag("thresholding", false)?;
    let ratio = config.number("dynamic_thresholding_ratio", rational(995, 1000))?;
    let max = config.number("sample_max_value", rational(1, 1))?;
    if !on {
        return Ok(None);
    }
    if algorithm != Algorithm::Data && algorithm != Algorithm::SdeData {
        return Err(refused(
            "thresholding",
            "true",
            "dpmsolver++ or sde-dpmsolver++, which integrate the data prediction",
        ));
    }
    Threshold::Dynamic {
        ratio,
        max: Some(max),
    }
    .check()
    .map(Some)
    .map_err(|e| e.at("thresholding"))
}

type Nodes = (Schedule, Grid, Option<(Rational, Rational)>);

/// Schedule, grid and end points. The library resolves several sigma options by the order
/// Karras, lu, exponential, beta, flow; more than one is refused here.
fn nodes(config: &mut Config, options: &Options, multistep: bool, zero: bool) -> Result<Nodes> {
    let steps = options.steps.max(1);
    let mut sigmas = Vec::new();
    let keys = [
        "use_karras_sigmas",
        "use_lu_lambdas",
        "use_exponential_sigmas",
        "use_beta_sigmas",
        "use_flow_sigmas",
    ];
    for key in keys
        .into_iter()
        .filter(|key| multistep || *key != "use_lu_lambdas")
    {
        if config.flag(key, false)? {
            sigmas.push(key);
        }
    }
    if let [first, second, ..] = sigmas.as_slice() {
        return Err(refused(
            second,
            "true",
            &format!("false where {first} is true"),
        ));
    }
    let Shifting {
        shift,
        dynamic,
        exponential,
    } = config.shifting("flow_shift")?;
    let end = if zero { "zero" } else { "min" };
    if sigmas == ["use_flow_sigmas"] {
        let shift = match options.mu {
            None => format!("shift={shift}"),
            Some(mu) if dynamic && exponential => format!("mu={mu}"),
            Some(_) => {
                return Err(refused(
                    "use_dynamic_shifting",
                    "false or linear",
                    "true and exponential with --mu",
                ));
            }
        };
        return flow(config, steps, &shift, zero);
    }
    if options.mu.is_some() {
        return Err(refused("use_flow_sigmas", "false", "true with --mu"));
    }
    let schedule = config.schedule("linear", if multistep { "floor" } else { "off" })?;
    let (name, rounding) = match sigmas.first().copied() {
        None => return indexed(config, schedule, multistep, steps, end),
        Some("use_karras_sigmas") => ("karras", true),
        Some("use_lu_lambdas") => ("lambda", true),
        Some("use_exponential_sigmas") => ("exponential", false),
        _ => ("beta:on=sigma", false),
    };
    if !zero && steps > 1 {
        return Err(refused(
            "final_sigmas_type",
            "sigma_min",
            "zero: this grid ends at sigma_min already, the last step would do nothing",
        ));
    }
    // A single step to sigma_min runs from one end of the grid to the other.
    let end = if zero { "zero" } else { "full" };
    let cosine = schedule.to_string().starts_with("discrete-cosine");
    let rounding = if rounding && !(multistep && cosine) {
        "index"
    } else {
        "floor"
    };
    let separator = if name.contains(':') { ',' } else { ':' };
    let grid = Grid::parse(&format!("{name}{separator}ends={end},rounding={rounding}"))?;
    for unused in ["timestep_spacing", "steps_offset", "lambda_min_clipped"] {
        config.ignore(unused, "the sigma option decides the grid");
    }
    Ok((schedule, grid, None))
}

/// s_i = (1 - 1/n)(N - i)/N, shifted: the nodes of `flow:train=1000`; labels are cut to integers.
fn flow(config: &mut Config, steps: usize, shift: &str, zero: bool) -> Result<Nodes> {
    if !zero {
        return Err(refused(
            "final_sigmas_type",
            "sigma_min",
            "zero: the library takes sigma_min from the unused betas",
        ));
    }
    config.thousand()?;
    for unused in [
        "beta_schedule",
        "beta_start",
        "beta_end",
        "rescale_betas_zero_snr",
        "timestep_spacing",
        "steps_offset",
        "lambda_min_clipped",
    ] {
        config.ignore(unused, "flow sigmas need no betas");
    }
    let grid = Grid::parse(&format!("flow:{shift},ends=zero,rounding=floor"))?;
    // As ends of a domain, which is how the published plans of such models have it.
    let domain = Grid::trained_flow(1000, steps);
    Ok((Schedule::parse("flow")?, grid, Some(domain)))
}

/// Whole indices; `lambda_min_clipped` lowers the top one.
fn indexed(
    config: &mut Config,
    schedule: Schedule,
    multistep: bool,
    steps: usize,
    end: &str,
) -> Result<Nodes> {
    let spacings = [
        ("linspace", "linspace"),
        ("leading", "leading"),
        ("trailing", "trailing"),
    ];
    let (spacing, offset) = if multistep {
        (
            config.choice("timestep_spacing", &spacings, "linspace")?,
            config.whole("steps_offset", 0)?,
        )
    } else {
        ("linspace", 0)
    };
    let clip = config.optional_number("lambda_min_clipped")?;
    let count = schedule.discrete().map_or(1, |discrete| discrete.count);
    let top = match clip {
        None => count - 1,
        Some(clip) => top_index(&schedule, clip, count)?,
    };
    if spacing == "trailing" && trailing_length(top + 1, count, steps) != steps {
        return Err(refused(
            "timestep_spacing",
            &format!("trailing at N = {steps}"),
            "another N: the library's float64 range has another length here and ends at timestep -1",
        ));
    }
    let id = match spacing {
        "leading" => format!("leading:dpm,offset={offset},top={top},ends={end}"),
        "trailing" => format!("trailing:top={top},ends={end}"),
        _ => format!("linspace:dpm,top={top},ends={end}"),
    };
    Ok((schedule, Grid::parse(&id)?, None))
}

/// The highest index whose lambda is at least `clip`.
fn top_index(schedule: &Schedule, clip: Rational, count: usize) -> Result<usize> {
    let curve = Curve::new(schedule, &1.0_f64);
    let clip = crate::arithmetic::Field::constant(&1.0_f64, clip);
    let kept = (0..count as i128).take_while(|i| {
        curve
            .at_exact_time(rational(*i, 1))
            .is_ok_and(|point| point.lambda.finite().is_some_and(|lambda| *lambda >= clip))
    });
    match kept.count() {
        0 => Err(refused(
            "lambda_min_clipped",
            &clip.to_string(),
            "a bound below the largest lambda",
        )),
        kept => Ok(kept - 1),
    }
}

/// How many entries numpy.arange(last, 0, -n/N) has in float64.
fn trailing_length(last: usize, count: usize, steps: usize) -> usize {
    (last as f64 / (count as f64 / steps as f64)).ceil() as usize
}
