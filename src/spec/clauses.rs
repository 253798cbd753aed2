//! Clauses and formula names as the pages hold them.

use super::references::in_full;
use serde::Serialize;

/// A page: its path from the repository's root, and its text.
type Page = (&'static str, &'static str);

macro_rules! pages {
    ($($name:literal),* $(,)?) => {
        &[$((concat!("spec/", $name, ".md"), include_str!(concat!("../../spec/", $name, ".md"))),)*]
    };
}

const PAGES: &[Page] = pages![
    "notation",
    "phi",
    "schedules",
    "grids",
    "predictions",
    "noise",
    "policy",
    "plan",
    "bounds",
    "golden",
    "import",
    "problems",
    "orders",
    "conformance",
    "protocol",
    "solvers/ddim",
    "solvers/ddim-eta",
    "solvers/dpmpp-2m",
    "solvers/dpmpp-2m-exact",
    "solvers/dpmpp-3m",
    "solvers/dpmpp-3m-exact",
    "solvers/dpmpp-4m-exact",
    "solvers/dpmpp-2s",
    "solvers/dpmpp-2s-taylor",
    "solvers/dpmpp-3s",
    "solvers/dpmpp-3s-taylor",
    "solvers/dpm-2m",
    "solvers/dpm-2m-exact",
    "solvers/dpm-3m",
    "solvers/dpm-3m-exact",
    "solvers/dpm-4m-exact",
    "solvers/deis-rho-2",
    "solvers/deis-rho-3",
    "solvers/deis-rho-4",
    "solvers/ipndm-2",
    "solvers/ipndm-3",
    "solvers/ipndm-4",
    "solvers/dpm-2s",
    "solvers/dpm-2s-taylor",
    "solvers/dpm-3s",
    "solvers/dpm-3s-taylor",
    "solvers/sde-dpmpp-1",
    "solvers/sde-dpmpp-2m",
    "solvers/sde-dpmpp-2m-exact",
    "solvers/sde-dpmpp-3m",
    "solvers/sde-dpmpp-3m-exact",
    "solvers/sde-dpm-1",
    "solvers/sde-dpm-2m",
    "solvers/sde-dpm-2m-exact",
];

/// A numbered clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Stable id, e.g. `SOLVER-2M-1`.
    pub id: &'static str,
    /// What it says, in Markdown.
    pub text: &'static str,
    /// Paper and place in it; `none` for a convention of this project.
    pub source: &'static str,
    /// Tests that keep it, as paths from the repository's root.
    pub tests: Vec<&'static str>,
    /// Its page.
    pub page: &'static str,
}

/// Every clause, page by page.
pub fn clauses() -> impl Iterator<Item = Clause> {
    PAGES.iter().flat_map(|(page, text)| {
        text.lines().filter_map(|line| {
            let (id, rest) = line.strip_prefix("- **")?.split_once("** ")?;
            let (text, rest) = rest.split_once(" *Source:* ")?;
            let (source, tests) = rest.split_once(". *Test:* ")?;
            Some(Clause {
                id,
                text,
                source,
                tests: quoted_paths(tests),
                page,
            })
        })
    })
}

/// The first paragraph of a page.
pub(super) fn summary(path: &str) -> Option<&'static str> {
    let (_, text) = PAGES.iter().find(|(page, _)| *page == path)?;
    text.lines().skip(1).find(|line| !line.is_empty())
}

/// Names of the formulas on the pages that start with `prefix`, whole parts only.
pub(super) fn formula_names(prefix: &str) -> Vec<&'static str> {
    let lines = PAGES.iter().flat_map(|(_, text)| text.lines());
    let names = lines.filter_map(|line| {
        line.strip_prefix("<!-- formula: ")?
            .strip_suffix(" -->")
            .filter(|name| name.strip_prefix(prefix).is_some_and(is_part_end))
    });
    names.collect()
}

fn is_part_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// Every `path` in backticks.
fn quoted_paths(text: &'static str) -> Vec<&'static str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// True for `PREFIX-1`, `PREFIX-2`, ....
pub(super) fn has_prefix(clause: &Clause, prefix: &str) -> bool {
    clause
        .id
        .rsplit_once('-')
        .is_some_and(|(own, _)| own == prefix)
}

/// Every clause of a prefix that has a source, each with it: `GRID-KARRAS-1: Karras et al. 2022, ...`.
pub fn sourced(prefix: &str) -> String {
    let clauses = clauses().filter(|it| has_prefix(it, prefix) && it.source != "none");
    let named = clauses.map(|it| format!("{}: {}", it.id, in_full(it.source)));
    named.collect::<Vec<_>>().join("; ")
}

/// The prefix of a grid's clause ids: `GRID-INDEX` for `leading`.
pub fn grid_prefix(grid: &str) -> String {
    format!("GRID-{}", grid_page(grid)).to_uppercase()
}

/// What the pages call a grid.
pub(super) fn grid_page(grid: &str) -> &str {
    match grid {
        "exponential" => "lambda",
        "linspace" | "leading" | "trailing" => "index",
        _ => grid,
    }
}

/// The prefix of a solver's clause ids: `SOLVER-2M` for `dpmpp-2m`.
pub fn clause_prefix(solver: &str) -> String {
    format!("SOLVER-{}", solver.replace("dpmpp-", "").to_uppercase())
}
