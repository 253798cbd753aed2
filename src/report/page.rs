//! The report's HTML page: self-contained, light and dark.

use super::convergence::table;
use super::figure::Figure;
use super::rows::{cost, facts};
use super::steps;
use super::template::render;
use super::tested::Tested;
use crate::conformance::{EDITION, Verdict};
use crate::converge::Convergence;
use crate::error::{Code, Error, Result};
use crate::plan::{Kind, PlanFile};
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;
use serde_json::Value;

/// A model's plan, or why there is none.
#[derive(Debug)]
pub struct Outcome {
    /// The stem of its configuration in `tests/data`.
    pub model: String,
    /// Its plan.
    pub plan: Result<PlanFile>,
    /// How many of its numbers a second route re-derived and found right, if this build has one.
    pub verified: Option<usize>,
}

/// One feature of the crate in this build.
#[derive(Clone, Debug, Serialize)]
pub struct Ability {
    /// Feature name.
    pub feature: String,
    /// Whether this build has it.
    pub present: bool,
    /// What it gives, or found on this machine.
    pub gives: String,
}

/// Errors against steps, and their picture.
#[derive(Debug)]
pub struct Sweep {
    /// The command that measures the same.
    pub command: String,
    /// The picture.
    pub figure: Figure,
    /// The errors.
    pub results: Vec<Convergence>,
}

/// Everything on the page.
#[derive(Debug)]
pub struct Content {
    /// Name of the first outcome's model, which is shown in full.
    pub name: String,
    /// Plans of models.
    pub outcomes: Vec<Outcome>,
    /// What this build can do.
    pub abilities: Vec<Ability>,
    /// Proofs of order as `dpm-spec order --json` writes them; empty where a build cannot prove.
    pub orders: Vec<Value>,
    /// What was measured.
    pub sweeps: Vec<Sweep>,
    /// Samplers that were asked.
    pub tested: Vec<Tested>,
}

/// A sweep as the page shows it.
#[derive(Serialize)]
struct Shown {
    command: String,
    picture: String,
    table: String,
}

#[derive(Default, Serialize)]
struct Line {
    model: String,
    solver: String,
    /// The id in pieces, so that a line can break after a comma.
    grid: Vec<String>,
    cost: String,
    certificate: String,
    verified: String,
    failed: bool,
}

/// Significant digits in the tables of the page.
const DIGITS: usize = 8;

/// The page.
///
/// # Errors
/// The first outcome's own error if it has no plan; `E-FORMAT` if a template fails.
pub fn page(content: &Content) -> Result<String> {
    let Content {
        name,
        outcomes,
        abilities,
        orders,
        sweeps,
        tested,
    } = content;
    let mut lines = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        lines.push(line(outcome));
    }
    let Some(Outcome {
        model,
        plan: Ok(file),
        ..
    }) = outcomes.first()
    else {
        let error = outcomes
            .first()
            .and_then(|outcome| outcome.plan.as_ref().err().cloned());
        return Err(error.unwrap_or_else(|| {
            Error::new(Code::Shape, "no model", "report", "give at least one")
        }));
    };
    let (head, rows) = steps::table(file, DIGITS)?;
    let title = format!(
        "Weights of every step of {} in {} steps",
        name, file.request.steps
    );
    let page = context! {
            version => env!("CARGO_PKG_VERSION"),
            name => name,
            model => model,
            steps => file.request.steps,
            facts => Serde(facts(file)),
            picture => steps::picture(file, &title)?,
            head => head,
            rows => Serde(rows),
            lines => Serde(lines),
            abilities => Serde(abilities),
            orders => Serde(orders),
            sweeps => Serde(shown(sweeps)?),
            edition => EDITION,
            verdicts => Verdict::ALL.map(Verdict::name),
            tested => Serde(tested.iter().map(Tested::row).collect::<Vec<_>>()),
            digits => DIGITS,
            certified => certified(outcomes),
    };
    render("page.html", page)
}

fn shown(sweeps: &[Sweep]) -> Result<Vec<Shown>> {
    let shown = |sweep: &Sweep| {
        Ok(Shown {
            command: sweep.command.clone(),
            picture: sweep.figure.svg()?,
            table: table(&sweep.results),
        })
    };
    sweeps.iter().map(shown).collect()
}

fn certified(outcomes: &[Outcome]) -> usize {
    let certified = |outcome: &&Outcome| {
        let kind = outcome.plan.as_ref().map(|file| file.certificate.kind);
        matches!(kind, Ok(Kind::Ball { .. }))
    };
    outcomes.iter().filter(certified).count()
}

fn certificate(kind: Kind) -> String {
    match kind {
        Kind::Ball { bits } => format!("{bits} bits"),
        Kind::DoubleDouble => "double-double".to_owned(),
    }
}

fn line(outcome: &Outcome) -> Line {
    let mut line = Line {
        model: outcome.model.clone(),
        failed: outcome.plan.is_err(),
        ..Line::default()
    };
    match &outcome.plan {
        Ok(file) => {
            let grid = file.request.grid.to_string();
            line.solver = file.request.recipe.solver.to_string();
            line.grid = grid.split(',').map(str::to_owned).collect();
            line.cost = cost(file);
            line.certificate = certificate(file.certificate.kind);
            line.verified = match outcome.verified {
                Some(numbers) => format!("{numbers} numbers"),
                None => "no".to_owned(),
            };
        }
        Err(error) => line.certificate = error.to_string(),
    }
    line
}
