//! From command-line options to the exact request that determines a plan.

use clap::Args;
use dpm_spec::arithmetic::{Rational, parse_rational, rational};
use dpm_spec::file::read_text;
use dpm_spec::grid::{Grid, Spacing};
use dpm_spec::id::{Id, choose};
use dpm_spec::import;
use dpm_spec::plan::Request;
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::{Recipe, StateSpace};
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::threshold::Threshold;
use dpm_spec::{Code, Error, Result};
use num_traits::CheckedMul;
use std::path::{Path, PathBuf};

/// What is asked for. Numbers are exact: 0.008, 1e-3 and 1/3 mean what they say.
#[derive(Args)]
#[group(id = "request")]
pub(crate) struct Options {
    /// Solver id, e.g. dpmpp-2m, dpmpp-2s:r1=1/2
    #[arg(
        long,
        required_unless_present = "from_diffusers",
        conflicts_with = "from_diffusers"
    )]
    solver: Option<String>,
    /// Schedule id, e.g. vp-linear, discrete-scaled-linear:betas=f32
    #[arg(
        long,
        required_unless_present = "from_diffusers",
        conflicts_with = "from_diffusers"
    )]
    schedule: Option<String>,
    /// Grid id, e.g. lambda, karras:rho=7,ends=zero
    #[arg(long, required_unless_present_any = ["from_diffusers", "nodes"], conflicts_with_all = ["from_diffusers", "nodes"])]
    grid: Option<String>,
    /// Number of steps, at least 1; with blocks=fast the number of model calls
    #[arg(long, required_unless_present = "nodes", allow_negative_numbers = true)]
    steps: Option<usize>,
    /// Noise of a stochastic solver, from 0 to 1
    #[arg(long, allow_negative_numbers = true)]
    eta: Option<String>,
    /// What the network predicts: noise, data, v, flow, score, edm
    #[arg(long, conflicts_with = "from_diffusers")]
    prediction: Option<String>,
    /// Policy, e.g. start=ramp,final=lower<15,zero=on,blocks=fixed
    #[arg(long, conflicts_with = "from_diffusers")]
    policy: Option<String>,
    /// First time, in the schedule's own unit
    #[arg(long, conflicts_with = "from_diffusers", allow_negative_numbers = true)]
    t_start: Option<String>,
    /// Last time
    #[arg(long, conflicts_with = "from_diffusers", allow_negative_numbers = true)]
    t_end: Option<String>,
    /// Start at this node of the grid (image to image)
    #[arg(long, conflicts_with = "strength", allow_negative_numbers = true)]
    start_at: Option<usize>,
    /// Start where floor(strength N) steps are left, as image-to-image pipelines count; in (0, 1]
    #[arg(long, allow_negative_numbers = true)]
    strength: Option<String>,
    /// File of explicit nodes: the unit (t, sigma, lambda) on the first line, then one number a line
    #[arg(long, value_name = "FILE", conflicts_with = "from_diffusers")]
    nodes: Option<PathBuf>,
    /// Coordinates of the states: vp, ve, flow
    #[arg(long, conflicts_with = "from_diffusers")]
    state_space: Option<String>,
    /// Thresholding of the data prediction: p=0.995[,max=M] or bound=B
    #[arg(long, conflicts_with = "from_diffusers")]
    threshold: Option<String>,
    /// A scheduler_config.json as model repositories ship it
    #[arg(long, value_name = "FILE")]
    from_diffusers: Option<PathBuf>,
    /// mu of a dynamic shift, with --from-diffusers
    #[arg(long, allow_negative_numbers = true)]
    mu: Option<String>,
}

impl Options {
    /// The request, and remarks of the importer.
    pub(crate) fn build(&self) -> Result<(Request, Vec<String>)> {
        let (mut request, notes) = match &self.from_diffusers {
            Some(path) => self.import(path)?,
            None if self.mu.is_some() => return Err(lonely_mu()),
            None => (self.assemble()?, Vec::new()),
        };
        request.start_at = self.start(request.steps)?;
        Ok((request, notes))
    }

    fn import(&self, path: &Path) -> Result<(Request, Vec<String>)> {
        let mut options = import::Options::steps(self.steps.unwrap_or_default());
        options.mu = number(self.mu.as_deref(), "--mu")?;
        options.eta = number(self.eta.as_deref(), "--eta")?.unwrap_or(options.eta);
        let imported =
            import::diffusers(&read_text(path)?, &options).map_err(|e| e.at(path.display()))?;
        Ok((imported.request, imported.notes))
    }

    fn assemble(&self) -> Result<Request> {
        let schedule = Schedule::parse(self.schedule.as_deref().unwrap_or_default())?;
        let solver = Solver::parse(self.solver.as_deref().unwrap_or_default())?;
        let grid = match &self.nodes {
            Some(path) => {
                Grid::from_node_file(&read_text(path)?).map_err(|e| e.at(path.display()))?
            }
            None => Grid::parse(self.grid.as_deref().unwrap_or_default())?,
        };
        let mut recipe = Recipe::new(solver, &schedule);
        if let Some(eta) = number(self.eta.as_deref(), "--eta")? {
            recipe.eta = eta;
        }
        if let Some(prediction) = &self.prediction {
            recipe.prediction = Prediction::parse(prediction)?;
        }
        if let Some(policy) = &self.policy {
            recipe.policy = Policy::parse(policy)?;
        }
        if let Some(space) = &self.state_space {
            let spaces = [StateSpace::Vp, StateSpace::Ve, StateSpace::Flow]
                .map(|space| (space.name(), space));
            recipe.state_space = choose(space, &spaces, Code::Parameter, "--state-space")?;
        }
        if let Some(rule) = &self.threshold {
            recipe.threshold = Some(threshold(rule)?);
        }
        let steps = match (&grid.spacing, self.steps) {
            (Spacing::Nodes(_, values), None) => values.len() - 1,
            (_, steps) => steps.unwrap_or_default(),
        };
        let domain = domain(&schedule, self.t_start.as_deref(), self.t_end.as_deref())?;
        Ok(Request {
            domain,
            ..Request::new(recipe, schedule, grid, steps)
        })
    }

    fn start(&self, steps: usize) -> Result<usize> {
        let Some(strength) = number(self.strength.as_deref(), "--strength")? else {
            return Ok(self.start_at.unwrap_or_default());
        };
        let (zero, one) = (rational(0, 1), rational(1, 1));
        let left = strength
            .checked_mul(&rational(steps as i128, 1))
            .map_or(0, |left| left.floor().to_integer());
        if strength <= zero || strength > one || left < 1 {
            return Err(Error::new(
                Code::Parameter,
                format!("strength {strength} leaves no step of {steps}"),
                "--strength",
                "choose a number in (0, 1], of few digits, that leaves at least one step",
            ));
        }
        Ok(steps - left as usize)
    }
}

fn lonely_mu() -> Error {
    Error::new(
        Code::Usage,
        "--mu belongs to a scheduler configuration",
        "--mu",
        "write --grid flow:mu=M, or add --from-diffusers FILE",
    )
}

/// First and last time; the end that is not given is the schedule's own.
pub(crate) fn domain(
    schedule: &Schedule,
    start: Option<&str>,
    end: Option<&str>,
) -> Result<Option<(Rational, Rational)>> {
    let (start, end) = (number(start, "--t-start")?, number(end, "--t-end")?);
    let (first, last) = schedule.domain();
    Ok(match (start, end) {
        (None, None) => None,
        _ => Some((start.unwrap_or(first), end.unwrap_or(last))),
    })
}

/// An exact number, if one is given.
pub(crate) fn number(text: Option<&str>, option: &str) -> Result<Option<Rational>> {
    text.map(|text| parse_rational(text).map_err(|e| e.at(option)))
        .transpose()
}

/// `p=0.995`, `p=0.995,max=2` or `bound=1`.
fn threshold(text: &str) -> Result<Threshold> {
    let mut id = Id::parse(&format!("threshold:{text}")).map_err(|e| e.at("--threshold"))?;
    let mut number = |key: &str| number(id.take(key).as_deref(), "--threshold");
    let (ratio, max, bound) = (number("p")?, number("max")?, number("bound")?);
    id.finish(&["p", "max", "bound"])?;
    let rule = match (ratio, max, bound) {
        (Some(ratio), max, None) => Threshold::Dynamic { ratio, max }.check().ok(),
        (None, None, Some(bound)) => Threshold::Static { bound }.check().ok(),
        _ => None,
    };
    rule.ok_or_else(|| {
        Error::new(
            Code::Threshold,
            format!("`{text}`"),
            "--threshold",
            "write p=P with 0 < P <= 1, p=P,max=M with M >= 1, or bound=B with B > 0",
        )
    })
}
