//! What a testee says of itself, as a declaration.

use super::excerpt::excerpt;
use super::message::{Hello, PROTOCOL};
use super::schema::Violation;
use crate::conformance::{Convention, Declaration, ModelKind, Precision};
use crate::error::Result;
use crate::grid::Grid;
use crate::policy::Policy;
use crate::prediction::Prediction;
use crate::recipe::StateSpace;
use crate::schedule::Schedule;
use crate::solver::Solver;

/// What a testee says at first.
#[derive(Debug, PartialEq)]
pub(super) struct Greeting {
    hello: Hello,
    /// Names are shown with control characters escaped.
    pub(super) declaration: Declaration,
}

impl Greeting {
    /// Reads the ids of a hello.
    ///
    /// # Errors
    /// The first field that holds no id of the catalogue.
    pub(super) fn new(hello: Hello) -> std::result::Result<Greeting, Violation> {
        if hello.protocol != PROTOCOL {
            let what = format!("{}; this runner speaks {PROTOCOL}", hello.protocol);
            return Err(Violation::new("protocol", what));
        }
        let default = Policy::default();
        let mut policies = parsed("policies", &hello.policies, Policy::parse)?;
        policies.retain(|policy| *policy != default);
        policies.insert(0, default);
        let declaration = Declaration {
            name: excerpt(&hello.name),
            version: excerpt(&hello.version),
            language: excerpt(&hello.language),
            precision: Precision::parse(&hello.element).map_err(|e| wrong("element", &e))?,
            convention: Convention::parse(&hello.time).map_err(|e| wrong("time", &e))?,
            spaces: parsed("spaces", &hello.spaces, StateSpace::parse)?,
            solvers: parsed("solvers", &hello.solvers, Solver::parse)?,
            schedules: parsed("schedules", &hello.schedules, Schedule::parse)?,
            predictions: parsed("predictions", &hello.predictions, Prediction::parse)?,
            policies,
            models: parsed("models", &hello.models, ModelKind::parse)?,
            grids: parsed("grids", &hello.grids, Grid::parse)?,
            thresholds: hello.thresholds,
            local: hello.local,
        };
        Ok(Greeting { hello, declaration })
    }

    /// Whether it takes models of that kind.
    pub(super) fn takes(&self, model: &str) -> bool {
        self.hello.models.iter().any(|it| it == model)
    }

    /// A solver as the testee said it, so that it can compare texts.
    pub(super) fn solver(&self, solver: &Solver) -> String {
        said(&self.declaration.solvers, &self.hello.solvers, solver)
    }

    /// A schedule as the testee said it.
    pub(super) fn schedule(&self, schedule: &Schedule) -> String {
        said(&self.declaration.schedules, &self.hello.schedules, schedule)
    }

    /// A grid as the testee said it.
    pub(super) fn grid(&self, grid: &Grid) -> String {
        said(&self.declaration.grids, &self.hello.grids, grid)
    }
}

fn said<T: PartialEq + ToString>(parsed: &[T], texts: &[String], one: &T) -> String {
    let place = parsed.iter().position(|it| it == one);
    let text = place.and_then(|place| texts.get(place)).cloned();
    text.unwrap_or_else(|| one.to_string())
}

fn parsed<T>(
    field: &str,
    texts: &[String],
    parse: fn(&str) -> Result<T>,
) -> std::result::Result<Vec<T>, Violation> {
    let one = |(i, text): (usize, &String)| {
        parse(text).map_err(|error| wrong(format!("{field}[{i}]"), &error))
    };
    texts.iter().enumerate().map(one).collect()
}

fn wrong(field: impl Into<String>, error: &crate::Error) -> Violation {
    let what = format!("{}; {}", error.what, error.remedy);
    Violation::new(field, excerpt(&what))
}
