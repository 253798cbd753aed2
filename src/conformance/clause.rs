//! Which clause a case tests, and where its formula comes from.

use super::case::{Case, Subject};
use super::{Check, Record};
use crate::solver::{Entry, Solver};
use crate::spec::{grid_prefix, in_full, sourced};

/// The axis of runs step by step.
const LOCAL: &str = "mode=local";

impl Case {
    /// The clause that it tests, in `spec/conformance.md`.
    pub fn clause(&self) -> &'static str {
        self.check.clause(self.subject == Subject::Steps)
    }

    /// Paper and place of the solver's formula; of a grid or a threshold, its clauses with theirs.
    pub fn source(&self) -> String {
        source(self.check, self.solver(), &self.ground.1)
    }
}

impl Record {
    /// What was looked at; none for a check of another edition.
    pub fn looks_at(&self) -> Option<Check> {
        Check::ALL.into_iter().find(|it| it.name() == self.check)
    }

    /// As [`Case::clause`], by the id; none for a check of another edition.
    pub fn clause(&self) -> Option<&'static str> {
        let local = self.id.split(':').any(|axis| axis == LOCAL);
        self.looks_at().map(|check| check.clause(local))
    }

    /// As [`Case::source`], by the id; empty for a check or a solver of another edition.
    pub fn source(&self) -> String {
        let axis = |it: &str| it.strip_prefix("grid=").map(str::to_owned);
        let grid = self.id.split(':').find_map(axis).unwrap_or_default();
        let check = self.looks_at();
        check.map_or_else(String::new, |check| source(check, &self.solver, &grid))
    }
}

fn source(check: Check, solver: &str, grid: &str) -> String {
    let name = grid.split(':').next().unwrap_or_default();
    let known = |entry: &&Entry| entry.id == solver;
    match (check, Solver::ENTRIES.iter().find(known)) {
        (_, Some(entry)) => in_full(entry.source),
        (Check::Grid, None) => sourced(&grid_prefix(name)),
        (Check::Threshold, None) => sourced("PRED-THRESHOLD"),
        _ => String::new(),
    }
}
