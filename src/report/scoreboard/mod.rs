//! Libraries, solvers and checks in one table, from the results of many runs: what came of each,
//! and for what is not as it should be where it is explained.

mod explained;
mod text;

pub use explained::Explained;

use super::ndjson::{Event, Reader};
use super::results::Header;
use crate::conformance::{Check, Record, Verdict, headline};
use crate::error::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Read;

/// Characters of the reason why nothing of a library was asked.
const REASON: usize = 200;

/// What came of several libraries. As JSON it is all that the pages are made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoreboard {
    /// In the order in which they were added.
    pub libraries: Vec<Library>,
}

/// What came of one library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// As its testee says.
    pub name: String,
    /// As its testee says.
    pub version: String,
    /// As its testee says.
    pub language: String,
    /// The number format that it computes in.
    pub element: String,
    /// Edition of the suite.
    pub edition: String,
    /// Profile of the suite.
    pub profile: String,
    /// Every solver, and `any` for what belongs to none.
    pub solvers: Vec<Line>,
    /// Why nothing was asked, if nothing was.
    pub skipped: Option<String>,
}

/// What came of a solver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its id.
    pub solver: String,
    /// One for each check that was asked or refused.
    pub cells: Vec<Cell>,
}

/// What came of a solver and a check.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The check.
    pub check: String,
    /// Cases that are exact or conform.
    pub good: usize,
    /// Cases that lose digits.
    pub imprecise: usize,
    /// Cases with another formula.
    pub deviates: usize,
    /// Cases that are not finite, crash or break the protocol.
    pub fails: usize,
    /// Cases that the library refuses.
    pub skipped: usize,
    /// The findings that explain what is not good: names of files without their endings.
    pub findings: BTreeSet<String>,
}

impl Cell {
    fn add(&mut self, verdict: Verdict, finding: Option<&str>) {
        self.findings.extend(finding.map(str::to_owned));
        let count = match verdict {
            Verdict::Exact | Verdict::Conforms => &mut self.good,
            Verdict::Imprecise => &mut self.imprecise,
            Verdict::Deviates => &mut self.deviates,
            Verdict::Fails => &mut self.fails,
            Verdict::Skipped => &mut self.skipped,
            Verdict::NotApplicable => return,
        };
        *count += 1;
    }

    /// Cases that were asked.
    fn asked(&self) -> usize {
        self.good + self.imprecise + self.deviates + self.fails
    }

    /// The sum of several, for a check.
    fn sum<'a>(check: &str, cells: impl Iterator<Item = &'a Cell>) -> Cell {
        let none = Cell {
            check: check.to_owned(),
            ..Cell::default()
        };
        cells
            .filter(|cell| cell.check == check)
            .fold(none, |sum, cell| Cell {
                check: sum.check,
                good: sum.good + cell.good,
                imprecise: sum.imprecise + cell.imprecise,
                deviates: sum.deviates + cell.deviates,
                fails: sum.fails + cell.fails,
                skipped: sum.skipped + cell.skipped,
                findings: &sum.findings | &cell.findings,
            })
    }
}

impl Library {
    fn new(header: &Header) -> Self {
        Library {
            name: header.said("name"),
            version: header.said("version"),
            language: header.said("language"),
            element: header.said("element"),
            edition: header.edition.clone(),
            profile: header.profile.clone(),
            solvers: Vec::new(),
            skipped: None,
        }
    }

    fn add(&mut self, record: &Record, finding: Option<&str>) {
        if record.verdict == Verdict::NotApplicable {
            return;
        }
        let line = found(
            &mut self.solvers,
            |it| it.solver == record.solver,
            || Line {
                solver: record.solver.clone(),
                cells: Vec::new(),
            },
        );
        let cell = found(
            &mut line.cells,
            |it| it.check == record.check,
            || Cell {
                check: record.check.clone(),
                ..Cell::default()
            },
        );
        cell.add(record.verdict, finding);
        if record.verdict == Verdict::Skipped && self.skipped.is_none() {
            self.skipped = Some(headline(&record.message, REASON));
        }
    }

    /// The checks of its cells, in the suite's order.
    fn checks(&self) -> Vec<&'static str> {
        checks(std::iter::once(self))
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.solvers.iter().flat_map(|line| &line.cells)
    }
}

/// The checks of several libraries' cells, in the suite's order.
fn checks<'a>(libraries: impl Iterator<Item = &'a Library> + Clone) -> Vec<&'static str> {
    let names = Check::ALL.map(Check::name).into_iter();
    let of = |name: &&str| {
        let mut cells = libraries.clone().flat_map(Library::cells);
        cells.any(|cell| cell.check == **name)
    };
    names.filter(of).collect()
}

/// The one that is meant, made if it is missing.
fn found<T>(all: &mut Vec<T>, is: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> &mut T {
    let place = all.iter().position(is).unwrap_or_else(|| {
        all.push(make());
        all.len() - 1
    });
    &mut all[place]
}

impl Scoreboard {
    /// Adds the runs of a stream, which errors call `place`.
    ///
    /// # Errors
    /// What [`Reader::read`] says.
    pub fn add(&mut self, source: impl Read, place: &str, explained: &mut Explained) -> Result<()> {
        let mut reader = Reader::new(source, place);
        while let Some(event) = reader.read()? {
            match event {
                Event::Begin(header) => self.libraries.push(Library::new(&header)),
                Event::Case(record) => {
                    if let Some(library) = self.libraries.last_mut() {
                        let reason = explained.finding(&library.name, &record);
                        library.add(&record, reason);
                    }
                }
                Event::End => {
                    if let Some(library) = self.libraries.last_mut() {
                        let asked = library.cells().any(|cell| cell.asked() > 0);
                        library.skipped = library.skipped.take().filter(|_| !asked);
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds a library that could not be asked.
    pub fn skip(&mut self, name: &str, reason: &str) {
        let empty = String::new;
        self.libraries.push(Library {
            name: headline(name, REASON),
            version: empty(),
            language: empty(),
            element: empty(),
            edition: empty(),
            profile: empty(),
            solvers: Vec::new(),
            skipped: Some(headline(reason, REASON)),
        });
    }

    /// Reads what [`Scoreboard::to_json`] wrote.
    ///
    /// # Errors
    /// `E-FORMAT`.
    pub fn from_json(text: &str, place: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            let remedy = "give a file that `dpm-spec scoreboard` wrote";
            Error::new(Code::Format, error.to_string(), place, remedy)
        })
    }

    /// All of it, one library a line.
    ///
    /// # Errors
    /// `E-FORMAT`, which none of its fields gives.
    pub fn to_json(&self) -> Result<String> {
        let line = |library: &Library| {
            serde_json::to_string(library).map_err(|error| {
                Error::new(
                    Code::Format,
                    error.to_string(),
                    &library.name,
                    "report this",
                )
            })
        };
        let lines: Vec<String> = self.libraries.iter().map(line).collect::<Result<_>>()?;
        Ok(format!("{{\"libraries\":[\n{}\n]}}\n", lines.join(",\n")))
    }
}
