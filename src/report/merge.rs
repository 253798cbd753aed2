//! One set of results from many runs: shards of a testee add up, testees stay apart.

use super::ndjson::{Event, Reader};
use super::results::Header;
use crate::conformance::{EDITION, Record, Setting, settings};
use crate::error::{Code, Error, Result};
use std::collections::HashMap;
use std::io::Read;

/// The results of one testee.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Who was asked.
    pub header: Header,
    /// What came of it, in the edition's order.
    pub records: Vec<Record>,
}

/// Results of several runs.
#[derive(Debug, Default)]
pub struct Merged {
    runs: Vec<Gathered>,
}

#[derive(Debug)]
struct Gathered {
    header: Header,
    records: Vec<Record>,
    /// Where the record of an id is.
    places: HashMap<String, usize>,
}

impl Merged {
    /// Adds the runs of a stream, which errors call `place`.
    ///
    /// # Errors
    /// What [`Reader::read`] says; `E-FORMAT` for an id that came to another verdict before.
    pub fn add(&mut self, source: impl Read, place: &str) -> Result<()> {
        let mut reader = Reader::new(source, place);
        let mut run = 0;
        while let Some(event) = reader.read()? {
            match event {
                Event::Begin(header) => run = self.run(*header),
                Event::Case(record) => {
                    let added = self.runs[run].add(record);
                    added.map_err(|error| error.at(reader.at()))?;
                }
                Event::End => {}
            }
        }
        Ok(())
    }

    /// The run that a header begins or continues.
    fn run(&mut self, header: Header) -> usize {
        let found = self.runs.iter().position(|run| run.header.is_of(&header));
        found.unwrap_or_else(|| {
            self.runs.push(Gathered {
                header,
                records: Vec::new(),
                places: HashMap::new(),
            });
            self.runs.len() - 1
        })
    }

    /// The runs in the order in which testees came, each in the edition's order: shards together
    /// are what a run without shards is.
    pub fn runs(self) -> Vec<Run> {
        let cases = settings();
        let cases = cases.iter().flat_map(Setting::cases);
        let order: HashMap<String, usize> = cases.map(|it| it.to_string()).zip(0..).collect();
        let sorted = |run: Gathered| {
            let Gathered {
                header,
                mut records,
                ..
            } = run;
            // Cases of another edition stay in the order in which they came.
            if header.edition == EDITION {
                records.sort_by_key(|it| order.get(&it.id).copied().unwrap_or(usize::MAX));
            }
            Run { header, records }
        };
        self.runs.into_iter().map(sorted).collect()
    }
}

impl Gathered {
    fn add(&mut self, record: Record) -> Result<()> {
        match self.places.get(&record.id) {
            None => {
                self.places.insert(record.id.clone(), self.records.len());
                self.records.push(record);
                Ok(())
            }
            Some(place) if self.records[*place].verdict == record.verdict => Ok(()),
            Some(place) => Err(Error::new(
                Code::Format,
                format!(
                    "{}: {} here, but {} in an earlier run of the same testee",
                    record.id, record.verdict, self.records[*place].verdict
                ),
                "",
                "merge runs of one version of a testee, on one machine",
            )),
        }
    }
}
