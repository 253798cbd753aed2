//! `dpm-spec converge`: error against steps.

use super::answer::{Answer, print_log};
use super::progress::bar;
use super::request::{domain, number};
use clap::{Args, Command, FromArgMatches};
use dpm_spec::arithmetic::parse_rational;
use dpm_spec::converge::{
    ABSURD, Backend, Convergence, Measure, Pattern, Refinement, Study, sweep,
};
use dpm_spec::file::write_whole;
use dpm_spec::grid::Grid;
use dpm_spec::policy::{Policy, Start};
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::Problem;
use dpm_spec::recipe::Recipe;
use dpm_spec::report::convergence::{document, figure, rows, slopes, table};
use dpm_spec::report::figure::png;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};
use dpm_spec::{Code, Error, Result};
use std::path::{Path, PathBuf};

/// What is compared: every combination of the solvers, problems, schedules, grids and backends given.
#[derive(Args)]
pub(crate) struct Options {
    /// Solver id, or several separated by commas; again for more [default: all deterministic ones,
    /// for weak measures all stochastic ones]
    #[arg(long)]
    solver: Vec<String>,
    /// Problem id; again for more [default: mixture; for weak-mean and weak-variance gaussian]
    #[arg(long)]
    problem: Vec<String>,
    /// Schedule id; again for more
    #[arg(long, default_value = "vp-linear")]
    schedule: Vec<String>,
    /// Grid id; again for more
    #[arg(long, default_value = "lambda")]
    grid: Vec<String>,
    /// Numbers of steps; with blocks=fast of model calls
    #[arg(long, value_delimiter = ',', default_value = "5,10,20,40,80,160")]
    steps: Vec<usize>,
    /// Instead of steps: numbers of model calls, the same for all, as work against precision takes
    #[arg(long, value_delimiter = ',', conflicts_with = "steps")]
    calls: Vec<usize>,
    /// Numbers that the sampler computes with: big:BITS, f64, f32; again for more [default: big:200
    /// with the feature oracle, else f64]
    #[arg(long)]
    backend: Vec<String>,
    /// global: error of the result; local: of the worst single step from exact data; weak-mean,
    /// weak-variance, weak-quadrature: of the law of a stochastic sampler's result
    #[arg(long, default_value = "global")]
    measure: String,
    /// Instead of a grid: exact nodes in lambda from A to B, spaced as --pattern says
    #[arg(
        long,
        value_name = "A,B",
        conflicts_with_all = ["grid", "t_start", "t_end"],
        allow_hyphen_values = true
    )]
    lambda: Option<String>,
    /// uniform; smooth (s + s(1-s)/2); alternating (steps 1 : 2 : 1 : 2); again for more
    #[arg(long, requires = "lambda", default_value = "uniform")]
    pattern: Vec<String>,
    /// First time, in the schedule's own unit
    #[arg(long, allow_negative_numbers = true)]
    t_start: Option<String>,
    /// Last time
    #[arg(long, allow_negative_numbers = true)]
    t_end: Option<String>,
    /// Noise of a stochastic solver, from 0 to 1
    #[arg(long, allow_negative_numbers = true)]
    eta: Option<String>,
    /// What the network predicts [default: what the solver integrates]
    #[arg(long)]
    prediction: Option<String>,
    /// Policy; start=exact gives a multistep solver its first states from the exact solution, and
    /// is the default of --measure local; other solvers have no start-up; again for more
    #[arg(long)]
    policy: Vec<String>,
    /// Also print the slope between all neighbouring columns
    #[arg(long)]
    slopes: bool,
    /// Also write every error to a CSV file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Also draw the errors: F.svg or F.png
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

/// Width of a PNG picture in pixels.
const PIXELS: u32 = 1520;

/// Measures and tells.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let picture = match &options.plot {
        Some(path) => Some((path, is_png(path)?)),
        None => None,
    };
    let studies = options.studies()?;
    let bar = bar(studies.iter().map(|study| study.steps.len()).sum());
    let results = sweep(&studies, &|| bar.inc(1));
    bar.finish_and_clear();
    let results = results?;
    if let Some(path) = &options.csv {
        write_whole(path, rows(&results).as_bytes())?;
    }
    if let Some((path, is_png)) = picture {
        let svg = figure(&results).svg()?;
        let bytes = if is_png {
            png(&svg, PIXELS)?
        } else {
            svg.into_bytes()
        };
        write_whole(path, &bytes)?;
    }
    remark(&results);
    Ok(match json {
        true => Answer::json(&document(&results)),
        false if options.slopes => Answer::yes(table(&results) + "\n" + &slopes(&results)),
        false => Answer::yes(table(&results)),
    })
}

/// Whether the picture is to be a PNG, not an SVG.
fn is_png(path: &Path) -> Result<bool> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => Ok(false),
        Some("png") => Ok(true),
        _ => Err(Error::new(
            Code::Parameter,
            format!("`{}` is no picture", path.display()),
            "--plot",
            "write --plot FILE.svg or --plot FILE.png",
        )),
    }
}

/// Says on standard error what a table cannot.
fn remark(results: &[Convergence]) {
    let points = || results.iter().flat_map(|result| &result.points);
    let diverged = points().filter(|point| point.error.is_none()).count();
    if diverged > 0 {
        print_log(&format!(
            "note: {diverged} of {} runs diverged: a state grew beyond {ABSURD:e} times the start",
            points().count()
        ));
    }
}

impl Options {
    /// Every combination, the solver varying last.
    fn studies(&self) -> Result<Vec<Study>> {
        let measure = Measure::parse(&self.measure)?;
        let solvers = self.solvers(measure)?;
        let problems = match (self.problem.is_empty(), measure) {
            (true, Measure::WeakMean | Measure::WeakVariance) => vec![Problem::parse("gaussian")?],
            (true, _) => vec![Problem::parse("mixture")?],
            (false, _) => parsed(&self.problem, Problem::parse)?,
        };
        let backends = match (self.backend.is_empty(), measure) {
            (true, Measure::WeakQuadrature) => vec![Backend::F64],
            (true, _) => vec![Backend::best()],
            (false, _) => parsed(&self.backend, Backend::parse)?,
        };
        let policies = self.policies(measure)?;
        let mut runs = Vec::new();
        for backend in &backends {
            for solver in &solvers {
                for policy in &policies {
                    runs.push((*backend, policy_of(solver, *policy), *solver));
                }
            }
        }
        runs.dedup();
        let mut studies = Vec::new();
        for problem in problems {
            for schedule in parsed(&self.schedule, Schedule::parse)? {
                for refinement in self.refinements(&schedule)? {
                    for (backend, policy, solver) in &runs {
                        let recipe = self.recipe(*solver, &schedule, *policy)?;
                        let steps = self
                            .calls
                            .iter()
                            .map(|calls| Study::steps_of(&recipe, *calls));
                        let steps: Vec<usize> = steps.collect::<Result<_>>()?;
                        studies.push(Study {
                            recipe,
                            schedule: schedule.clone(),
                            refinement: refinement.clone(),
                            problem: problem.clone(),
                            backend: *backend,
                            measure,
                            steps: if steps.is_empty() {
                                self.steps.clone()
                            } else {
                                steps
                            },
                        });
                    }
                }
            }
        }
        Ok(studies)
    }

    fn solvers(&self, measure: Measure) -> Result<Vec<Solver>> {
        if self.solver.is_empty() {
            let entries = Solver::ENTRIES.iter();
            let entries = entries.filter(|entry| entry.stochastic == measure.is_weak());
            return entries.map(|entry| Solver::parse(entry.id)).collect();
        }
        let lists = self.solver.iter().flat_map(|list| separated(list));
        lists.map(|id| Solver::parse(&id)).collect()
    }

    fn policies(&self, measure: Measure) -> Result<Vec<Policy>> {
        match (self.policy.is_empty(), measure) {
            (false, _) => parsed(&self.policy, Policy::parse),
            (true, Measure::Local) => Ok(vec![Policy::parse("start=exact")?]),
            (true, _) => Ok(vec![Policy::default()]),
        }
    }

    fn refinements(&self, schedule: &Schedule) -> Result<Vec<Refinement>> {
        let Some(range) = &self.lambda else {
            let domain = domain(schedule, self.t_start.as_deref(), self.t_end.as_deref())?;
            let grids = parsed(&self.grid, Grid::parse)?.into_iter();
            return Ok(grids
                .map(|grid| Refinement::Grid { grid, domain })
                .collect());
        };
        let ends: Vec<_> = range
            .split(',')
            .map(|end| parse_rational(end).map_err(|e| e.at("--lambda")))
            .collect::<Result<_>>()?;
        let [from, to] = ends[..] else {
            return Err(Error::new(
                Code::Parameter,
                format!("`{range}`"),
                "--lambda",
                "write --lambda=-2,2",
            ));
        };
        let patterns = parsed(&self.pattern, Pattern::parse)?.into_iter();
        Ok(patterns
            .map(|pattern| Refinement::Pattern { from, to, pattern })
            .collect())
    }

    fn recipe(&self, solver: Solver, schedule: &Schedule, policy: Policy) -> Result<Recipe> {
        let mut recipe = Recipe::new(solver, schedule);
        recipe.prediction = match (&self.prediction, recipe.form().side) {
            (Some(prediction), _) => Prediction::parse(prediction)?,
            (None, Side::Data) => Prediction::Data,
            (None, Side::Noise) => Prediction::Noise,
        };
        if let Some(eta) = number(self.eta.as_deref(), "--eta")? {
            recipe.eta = eta;
        }
        recipe.policy = policy;
        Ok(recipe)
    }
}

/// The studies that `dpm-spec converge` would make of these arguments.
pub(crate) fn studies_of(arguments: &str) -> Result<Vec<Study>> {
    let command = Options::augment_args(Command::new("converge").no_binary_name(true));
    let parsed = command
        .try_get_matches_from(arguments.split_whitespace())
        .and_then(|matches| Options::from_arg_matches(&matches));
    let refused = |error: clap::Error| {
        Error::new(
            Code::Usage,
            error.to_string(),
            "converge",
            "see converge --help",
        )
    };
    parsed.map_err(refused)?.studies()
}

/// A solver that remembers nothing has no start-up.
fn policy_of(solver: &Solver, policy: Policy) -> Policy {
    match solver.needs_no_start_up() {
        false => policy,
        true => Policy {
            start: Start::Ramp,
            ..policy
        },
    }
}

fn parsed<T>(texts: &[String], parse: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    texts.iter().map(|text| parse(text)).collect()
}

/// Ids separated by commas; `name:a=1,b=2` is one of them.
fn separated(list: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for piece in list.split(',') {
        match ids.last_mut() {
            Some(id) if piece.contains('=') && !piece.contains(':') => {
                *id = format!("{id},{piece}");
            }
            _ => ids.push(piece.to_owned()),
        }
    }
    ids
}
