//! What is true of the recipes of a run, whoever computes them: clause `CONFORM-RESULTS-3`.
//! A verdict says whether a sampler computes its recipe; this says what the recipe is good for.

use crate::conformance::{Record, Verdict};
use crate::solver::Solver;
use crate::spec::{clause_prefix, clauses};
use serde::Serialize;

/// The recipes that were asked of samplers, in the order of the catalogue.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Recipes(Vec<Recipe>);

/// What is true of one.
#[derive(Clone, Debug, Serialize)]
struct Recipe {
    solver: String,
    /// On arbitrary bounded step ratios and from an exact start.
    order: u32,
    /// Of a whole run with the default policy.
    order_with_usual_start: u32,
    /// Whether it is mean and variance of the result that have these orders.
    weak: bool,
    /// Where it is stated, with the tests that prove it.
    clause: &'static str,
    /// Of its solver in the catalogue.
    #[serde(skip)]
    place: usize,
    /// What a reader would not expect of it.
    #[serde(skip)]
    note: Option<String>,
}

/// A recipe as the page shows it.
#[derive(Serialize)]
pub(super) struct Row {
    solver: String,
    order: String,
    with_usual_start: String,
    clause: &'static str,
}

impl Recipes {
    /// Takes note of the recipe of a case that was run.
    pub fn take(&mut self, record: &Record) {
        let run = !matches!(record.verdict, Verdict::NotApplicable | Verdict::Skipped);
        if run && self.0.iter().all(|it| it.solver != record.solver) {
            self.0.extend(Recipe::of(&record.solver));
            let place = |it: &Recipe| (it.place, it.solver.clone());
            self.0.sort_by_key(place);
        }
    }

    /// One line for all recipes of the same orders.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
        for recipe in &self.0 {
            let orders = recipe.orders();
            match lines.iter_mut().find(|(of, _)| *of == orders) {
                Some((_, solvers)) => solvers.push(&recipe.solver),
                None => lines.push((orders, vec![&recipe.solver])),
            }
        }
        let line =
            |(orders, solvers): &(String, Vec<&str>)| format!("{orders}: {}", solvers.join(", "));
        lines.iter().map(line).collect()
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        self.0.iter().map(Recipe::row).collect()
    }
}

impl Recipe {
    /// None for what is no solver of the catalogue: grids and thresholds have no order.
    fn of(id: &str) -> Option<Self> {
        let solver = Solver::parse(id).ok()?;
        let prefix = format!("{}-", clause_prefix(solver.entry.id));
        let stated = clauses().find(|clause| {
            let number = clause.id.strip_prefix(&prefix);
            number.is_some_and(|it| it.parse::<u32>().is_ok())
                && clause.source.starts_with("ORDER-")
        })?;
        Some(Recipe {
            solver: id.to_owned(),
            order: solver.order()?,
            order_with_usual_start: solver.order_with_usual_start()?,
            weak: solver.entry.order.starts_with("weak "),
            clause: stated.id,
            place: Solver::ENTRIES
                .iter()
                .position(|it| it.id == solver.entry.id)?,
            note: solver.order_note(),
        })
    }

    fn kind(&self) -> &'static str {
        if self.weak { "weak " } else { "" }
    }

    /// `order 3, 2 after the usual start`.
    fn orders(&self) -> String {
        let order = format!("{}order {}", self.kind(), self.order);
        match self.order_with_usual_start {
            same if same == self.order => order,
            less => format!("{order}, {less} after the usual start"),
        }
    }

    fn row(&self) -> Row {
        let named = |order: u32| format!("{}{order}", self.kind());
        let note = self.note.clone();
        Row {
            solver: self.solver.clone(),
            order: note.unwrap_or_else(|| named(self.order)),
            with_usual_start: named(self.order_with_usual_start),
            clause: self.clause,
        }
    }
}
