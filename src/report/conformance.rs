//! The page of a conformance run: what fails first, everything counted, nothing that needs a
//! script or a network. Its size is bounded: passes are counts, and of the rest the first are shown.

use super::recipes::Recipes;
use super::results::{Header, View};
use super::summary::told;
use super::template::render;
use crate::conformance::{Check, Counts, Record, Standing, Verdict, headline, printable};
use crate::error::{Error, Result};
use crate::file::Reserved;
use minijinja::{context, value::Serde};
use serde::Serialize;

/// Cases that a page lists one by one, and those of one solver and check among them.
const LISTED: [usize; 2] = [1000, 25];

/// Characters of a message or a command.
const MESSAGE: usize = 600;

/// Collects what the page shows.
#[derive(Debug)]
pub(super) struct Page {
    file: Reserved,
    testees: Vec<Testee>,
    recipes: Recipes,
    listed: usize,
}

/// What a testee's part of the page shows.
#[derive(Debug, Serialize)]
struct Testee {
    name: String,
    /// Whether the command fits with every case.
    #[serde(skip)]
    brief: bool,
    /// Language, number format, times.
    facts: Vec<(&'static str, String)>,
    command: String,
    counts: Vec<(Verdict, usize)>,
    asked: usize,
    failing: usize,
    known: usize,
    solvers: Vec<Solver>,
    checks: Vec<String>,
    groups: Vec<Group>,
    complaints: Vec<String>,
    /// What is declared and not asked.
    unasked: Vec<String>,
    #[serde(skip)]
    header: Header,
}

/// A line of the table.
#[derive(Debug, Serialize)]
struct Solver {
    name: String,
    cells: Vec<Tally>,
    all: Tally,
}

/// The cases of a solver and a check.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Tally {
    asked: usize,
    failing: usize,
    known: usize,
    imprecise: usize,
    skipped: usize,
}

/// Why a case is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Failing,
    Known,
    Imprecise,
    Skipped,
}

/// Listed cases of a solver and a check.
#[derive(Debug, Serialize)]
struct Group {
    kind: Kind,
    solver: String,
    check: String,
    clause: &'static str,
    catches: &'static str,
    count: usize,
    cases: Vec<Listed>,
}

/// A case that is listed.
#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    verdict: Verdict,
    what: String,
    why: String,
    nearest: String,
    error: String,
    command: String,
}

impl Page {
    pub(super) fn new(file: Reserved) -> Self {
        Page {
            file,
            testees: Vec::new(),
            recipes: Recipes::default(),
            listed: 0,
        }
    }
}

impl View for Page {
    fn begin(&mut self, header: &Header) -> Result<()> {
        self.testees.push(Testee::new(header));
        Ok(())
    }

    fn take(&mut self, record: &Record, standing: Standing<'_>) -> Result<()> {
        self.recipes.take(record);
        if let Some(testee) = self.testees.last_mut() {
            let room = self.listed < LISTED[0];
            self.listed += usize::from(testee.take(record, standing, room));
        }
        Ok(())
    }

    fn end(&mut self, counts: &Counts, complaints: &[Error]) -> Result<()> {
        if let Some(testee) = self.testees.last_mut() {
            testee.counts = Verdict::ALL.map(|it| (it, counts.of(it))).to_vec();
            testee.asked = counts.asked();
            testee.complaints = complaints
                .iter()
                .map(|it| printable(&it.to_string()))
                .collect();
            let width = testee.checks.len();
            let rows = testee.solvers.iter_mut();
            rows.for_each(|row| row.cells.resize(width, Tally::default()));
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        tell_apart(&mut self.testees);
        let sum = |of: fn(&Testee) -> usize| self.testees.iter().map(of).sum::<usize>();
        let failing = sum(|it| it.failing);
        let mut names: Vec<&str> = Vec::new();
        for solver in self.testees.iter().flat_map(|it| &it.solvers) {
            if !names.contains(&solver.name.as_str()) {
                names.push(&solver.name);
            }
        }
        let mut checks = Vec::new();
        for check in Check::ALL {
            let mut clauses = [false, true].map(|local| check.clause(local)).to_vec();
            clauses.dedup();
            let of = |clause| {
                let requires = check.level().requires();
                (check.name(), requires, clause, check.catches())
            };
            checks.extend(clauses.into_iter().map(of));
        }
        let page = render(
            "conformance.html",
            context! {
                version => env!("CARGO_PKG_VERSION"),
                testees => Serde(&self.testees),
                matrix => Serde(matrix(&self.testees, &names)),
                failing,
                asked => sum(|it| it.asked),
                complaints => sum(|it| it.complaints.len()),
                recipes => Serde(self.recipes.rows()),
                checks => Serde(checks),
            },
        )?;
        self.file.write(page.as_bytes())?;
        self.file.finish()
    }
}

/// Gives testees of one name their languages and number formats as well.
fn tell_apart(testees: &mut [Testee]) {
    let names: Vec<String> = testees.iter().map(|it| it.name.clone()).collect();
    for testee in testees {
        if names.iter().filter(|it| **it == testee.name).count() > 1 {
            let said = ["language", "element"].map(|field| testee.header.said(field));
            testee.name = format!("{} ({})", testee.name, said.join(", "));
        }
    }
}

/// Solvers, each with the tally of every testee.
fn matrix<'a>(testees: &[Testee], names: &[&'a str]) -> Vec<(&'a str, Vec<Tally>)> {
    let of = |name: &str| {
        let tally = |testee: &Testee| {
            let found = testee.solvers.iter().find(|it| it.name == name);
            found.map_or_else(Tally::default, |it| it.all)
        };
        testees.iter().map(tally).collect()
    };
    names.iter().map(|name| (*name, of(name))).collect()
}

impl Testee {
    fn new(header: &Header) -> Self {
        let facts = [
            ("language", header.said("language")),
            ("computes in", header.said("element")),
            ("times", header.said("time")),
            ("edition", printable(&header.edition)),
            ("profile", printable(&header.profile)),
            ("asked by dpm-spec", printable(&header.made_by)),
        ];
        let command = header.reproduction("ID");
        Testee {
            name: header.name(),
            brief: command.len() <= MESSAGE,
            facts: facts.into_iter().filter(|(_, it)| !it.is_empty()).collect(),
            command,
            counts: Vec::new(),
            asked: 0,
            failing: 0,
            known: 0,
            solvers: Vec::new(),
            checks: Vec::new(),
            groups: Vec::new(),
            complaints: Vec::new(),
            unasked: header.unasked().collect(),
            header: header.clone(),
        }
    }

    /// Counts a case, and lists it if there is room; says whether it did.
    fn take(&mut self, record: &Record, standing: Standing<'_>, room: bool) -> bool {
        let kind = match (standing, record.verdict) {
            (Standing::Unexpected | Standing::Surprising(_), _) => Some(Kind::Failing),
            (Standing::Expected(_), _) => Some(Kind::Known),
            (Standing::Fine, Verdict::Imprecise) => Some(Kind::Imprecise),
            (Standing::Fine, Verdict::Skipped) => Some(Kind::Skipped),
            _ => None,
        };
        if record.verdict != Verdict::NotApplicable {
            self.failing += usize::from(kind == Some(Kind::Failing));
            self.known += usize::from(kind == Some(Kind::Known));
            self.count(record, kind);
        }
        kind.is_some_and(|kind| self.list(record, standing, kind, room))
    }

    fn count(&mut self, record: &Record, kind: Option<Kind>) {
        let column = place(
            &mut self.checks,
            |it| *it == record.check,
            || record.check.clone(),
        );
        let row = place(
            &mut self.solvers,
            |it| it.name == record.solver,
            || Solver {
                name: record.solver.clone(),
                cells: Vec::new(),
                all: Tally::default(),
            },
        );
        let solver = &mut self.solvers[row];
        let width = solver.cells.len().max(column + 1);
        solver.cells.resize(width, Tally::default());
        for tally in [&mut solver.cells[column], &mut solver.all] {
            tally.asked += usize::from(record.verdict != Verdict::Skipped);
            match kind {
                Some(Kind::Failing) => tally.failing += 1,
                Some(Kind::Known) => tally.known += 1,
                Some(Kind::Imprecise) => tally.imprecise += 1,
                Some(Kind::Skipped) => tally.skipped += 1,
                None => {}
            }
        }
    }

    fn list(&mut self, record: &Record, standing: Standing<'_>, kind: Kind, room: bool) -> bool {
        let clause = record.clause().unwrap_or_default();
        let same = |it: &Group| it.kind == kind && it.solver == record.solver;
        let group = place(
            &mut self.groups,
            |it| same(it) && it.check == record.check && it.clause == clause,
            || Group {
                kind,
                solver: record.solver.clone(),
                check: record.check.clone(),
                clause,
                catches: record.looks_at().map_or("", Check::catches),
                count: 0,
                cases: Vec::new(),
            },
        );
        let group = &mut self.groups[group];
        group.count += 1;
        let listed = room && group.cases.len() < LISTED[1];
        if listed {
            group
                .cases
                .push(Listed::new(record, standing, &self.header, self.brief));
        }
        listed
    }
}

impl Listed {
    fn new(record: &Record, standing: Standing<'_>, header: &Header, brief: bool) -> Self {
        let (what, why) = match standing {
            Standing::Expected(reason) => (
                format!("{}, as known: {reason}", record.verdict),
                printable(&record.message),
            ),
            _ => {
                let told = told(record, standing);
                (told.what, told.why)
            }
        };
        let error = record.max_error_u.map(|error| match error < 1000.0 {
            true => format!("{error:.1} u"),
            false => format!("{error:.2e} u"),
        });
        let nearest = record.nearest.as_deref().map(printable).unwrap_or_default();
        // The name stands apart already.
        let told = why.split_once(&format!("; equals {nearest}"));
        Listed {
            id: printable(&record.id),
            verdict: record.verdict,
            what,
            why: headline(told.map_or(why.as_str(), |(told, _)| told), MESSAGE),
            nearest: headline(&nearest, MESSAGE),
            error: error.unwrap_or_default(),
            // A longer one is shown once, for all cases.
            command: match brief {
                true => header.reproduction(&record.id),
                false => String::new(),
            },
        }
    }
}

/// Where the item is, added at the end if it is new.
fn place<T>(items: &mut Vec<T>, is: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    items.iter().position(is).unwrap_or_else(|| {
        items.push(new());
        items.len() - 1
    })
}
