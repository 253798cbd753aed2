//! One hop from an id to everything about it: clauses, formulas, code, tests, numbers, papers.

use super::clauses::{
    Clause, clause_prefix, clauses, formula_names, grid_page, grid_prefix, has_prefix, summary,
};
use super::formulas::block;
use super::names::elsewhere;
use super::references::{cited, in_full};
use super::sources::{self, Definition};
use crate::error::{Code, Error, Result};
use crate::grid::Grid;
use crate::id::suggestion;
use crate::policy::Policy;
use crate::prediction::Prediction;
use crate::problem::Problem;
use crate::schedule::Schedule;
use crate::solver::Solver;
use serde::Serialize;

/// What there is to say about one id. Paths are relative to the repository's root.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// `solver`, `schedule`, `grid`, `policy`, `prediction`, `problem`, `error code` or `clause`.
    pub kind: &'static str,
    /// The id, with parameters if it was asked for with them.
    pub id: String,
    /// One sentence.
    pub summary: String,
    /// Parameters with their defaults, or the values of a policy.
    pub parameters: String,
    /// Order of a solver, which `order::prove` proves, with what a user should know of this choice of
    /// parameters.
    pub order: String,
    /// Names in other libraries and papers.
    pub also: Vec<String>,
    /// The page that holds most of its clauses.
    pub page: String,
    /// Its clauses.
    pub clauses: Vec<Clause>,
    /// Its formulas, as the code prints them.
    pub formulas: Vec<Formula>,
    /// File and line that define it, `path:line`.
    pub source: String,
    /// Tests of its clauses.
    pub tests: Vec<&'static str>,
    /// Pages that show it at work.
    pub see: Vec<&'static str>,
    /// Folder of its certified plans.
    pub golden: Option<String>,
    /// Papers and equations, in full.
    pub papers: Vec<String>,
    /// BibTeX entries of everything cited.
    pub bibtex: Vec<&'static str>,
}

/// A formula of the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Formula {
    /// Name, e.g. `solver/dpmpp-2m/step`.
    pub name: &'static str,
    /// LaTeX in mathematics mode.
    pub latex: String,
}

/// Explains every meaning of an id: `flow` is a schedule, a grid and a prediction. Parameters and
/// policy values may follow it (`dpmpp-2s:r1=1/3`, `start=ramp`).
///
/// # Errors
/// `E-ID-UNKNOWN` with the nearest id of any kind; the errors of a solver's parameters.
pub fn explain(id: &str) -> Result<Vec<Explanation>> {
    let name = id.split([':', '=']).next().unwrap_or(id);
    let mut found = Vec::new();
    if Solver::ENTRIES.iter().any(|entry| entry.id == name) {
        found.push(solver(&Solver::parse(id)?)?);
    }
    for (kind, ids) in KINDS {
        if let Some((_, parameters)) = ids.iter().find(|(known, _)| *known == name) {
            found.push(of_kind(kind, name, parameters)?);
        }
    }
    if let Some(code) = Code::ALL.iter().find(|code| code.text() == name) {
        found.push(error_code(*code)?);
    }
    if let Some(clause) = clauses().find(|clause| clause.id == name) {
        found.push(one_clause(clause)?);
    }
    match found.is_empty() {
        false => Ok(found),
        true => Err(unknown(name)),
    }
}

type Ids = &'static [(&'static str, &'static str)];

const KINDS: [(&str, Ids); 5] = [
    ("schedule", Schedule::IDS),
    ("grid", Grid::IDS),
    ("policy", Policy::IDS),
    ("prediction", Prediction::IDS),
    ("problem", Problem::IDS),
];

fn solver(solver: &Solver) -> Result<Explanation> {
    let entry = solver.entry;
    let page = format!("spec/solvers/{}.md", entry.id);
    let order = solver
        .order_note()
        .unwrap_or_else(|| entry.order.to_owned());
    let source = sources::solver(entry.stem).map(|definition| definition.place);
    let formulas = rendered(&[format!("solver/{}", entry.id)])?;
    let mut explanation = assembled("solver", solver.to_string(), entry.source, |clause| {
        has_prefix(clause, &clause_prefix(entry.id))
    });
    explanation.summary = summary(&page).unwrap_or_default().to_owned();
    explanation.page = page;
    explanation.parameters = entry.parameters.to_owned();
    explanation.order = order;
    explanation.also = entry.also.split("; ").map(str::to_owned).collect();
    explanation.formulas = formulas;
    explanation.source = source.unwrap_or_default();
    explanation.see = vec!["docs/orders.md", "docs/convergence.md"];
    explanation.golden = Some(format!("spec/golden/{}", entry.id));
    Ok(explanation)
}

fn of_kind(kind: &'static str, name: &str, parameters: &str) -> Result<Explanation> {
    let discrete = name.starts_with("discrete-");
    let (prefix, formulas, definition): (String, Vec<String>, Option<Definition>) = match kind {
        "schedule" => {
            let id = if discrete { "discrete" } else { name };
            let mut formulas = vec![format!("schedule/{id}")];
            if discrete || name.starts_with("vp-") {
                formulas.push("schedule/vp".to_owned());
            }
            (format!("SCHED-{id}"), formulas, sources::schedule(name))
        }
        "grid" => {
            let formulas = vec![format!("grid/{}", grid_page(name))];
            (grid_prefix(name), formulas, sources::grid(name))
        }
        "policy" => {
            let id = match name {
                "outer" | "stages" => "blocks",
                name => name,
            };
            let formulas = if name == "zero" {
                vec!["limit/no-noise".to_owned()]
            } else {
                vec![]
            };
            (format!("POLICY-{id}"), formulas, sources::policy(name))
        }
        "problem" => (
            format!("PROBLEM-{}", name.split('-').next().unwrap_or(name)),
            vec![format!("problem/{name}")],
            sources::problem(name),
        ),
        _ => {
            let formulas = vec![format!("prediction/{name}")];
            (format!("PRED-{name}"), formulas, sources::prediction(name))
        }
    };
    let prefix = prefix.to_uppercase();
    let mut explanation = assembled(kind, name.to_owned(), "", |clause| {
        has_prefix(clause, &prefix) || kind == "problem" && has_prefix(clause, "PROBLEM")
    });
    if kind == "problem" {
        explanation.see = vec!["docs/convergence.md"];
    }
    if let Some(Definition {
        place,
        documentation,
    }) = definition
    {
        explanation.summary = documentation;
        explanation.source = place;
    }
    explanation.parameters = parameters.to_owned();
    explanation.also = elsewhere(kind, name)
        .iter()
        .map(|&x| x.to_owned())
        .collect();
    explanation.formulas = rendered(&formulas)?;
    Ok(explanation)
}

fn error_code(code: Code) -> Result<Explanation> {
    let quoted = format!("`{}`", code.text());
    let mut explanation = assembled("error code", code.text().to_owned(), "", |clause| {
        clause.text.contains(&quoted)
    });
    explanation.summary = code.meaning().to_owned();
    explanation.source = sources::code(code.text()).map_or_else(String::new, |found| found.place);
    Ok(explanation)
}

fn one_clause(clause: Clause) -> Result<Explanation> {
    let mut explanation = assembled("clause", clause.id.to_owned(), clause.source, |other| {
        other.id == clause.id
    });
    explanation.summary = clause.text.to_owned();
    Ok(explanation)
}

/// The parts that follow from the clauses. `papers` is the source as the catalogue has it; if it is
/// empty the clauses' own sources that cite a paper stand in.
fn assembled(
    kind: &'static str,
    id: String,
    papers: &str,
    belongs: impl Fn(&Clause) -> bool,
) -> Explanation {
    let clauses: Vec<Clause> = clauses().filter(belongs).collect();
    let mut tests: Vec<&str> = clauses.iter().flat_map(|c| c.tests.clone()).collect();
    tests.sort_unstable();
    tests.dedup();
    let sources: Vec<&str> = clauses.iter().map(|clause| clause.source).collect();
    let everything = format!("{papers}; {}", sources.join("; "));
    let bibtex = cited(&everything);
    let mut places: Vec<&str> = match papers {
        "" => everything.split("; ").collect(),
        _ => papers.split("; ").collect(),
    };
    places.retain(|place| !cited(place).is_empty());
    places.sort_unstable();
    places.dedup();
    Explanation {
        kind,
        id,
        summary: String::new(),
        parameters: String::new(),
        order: String::new(),
        also: Vec::new(),
        page: clauses.first().map_or("", |clause| clause.page).to_owned(),
        tests,
        formulas: Vec::new(),
        source: String::new(),
        see: Vec::new(),
        golden: None,
        papers: places.into_iter().map(in_full).collect(),
        bibtex: bibtex
            .into_iter()
            .map(|reference| reference.bibtex)
            .collect(),
        clauses,
    }
}

fn rendered(prefixes: &[String]) -> Result<Vec<Formula>> {
    let names = prefixes.iter().flat_map(|prefix| formula_names(prefix));
    names
        .map(|name| {
            let latex = block(name)?.latex();
            Ok(Formula { name, latex })
        })
        .collect()
}

fn unknown(name: &str) -> Error {
    let ids = KINDS
        .iter()
        .flat_map(|(_, ids)| ids.iter().map(|(id, _)| *id));
    let names: Vec<&str> = Solver::ENTRIES
        .iter()
        .map(|entry| entry.id)
        .chain(ids)
        .chain(Code::ALL.iter().map(|code| code.text()))
        .chain(clauses().map(|clause| clause.id))
        .collect();
    let remedy = match suggestion(name, &names) {
        near if near.starts_with("did you mean") => near,
        _ => "`dpm-spec list` prints every id; clause ids stand in spec/".to_owned(),
    };
    Error::new(
        Code::UnknownId,
        format!("unknown id `{name}`"),
        "explain",
        remedy,
    )
}
