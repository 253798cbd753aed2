//! The one stream of results, of which all other views are made: clauses `CONFORM-RESULTS-*`.

use super::results::{FORMAT, Header, VERSION, View};
use crate::conformance::{Counts, Pattern, Record, Standing, Verdict, printable};
use crate::error::{Code, Error, Result};
use crate::file::Reserved;
use crate::id::suggestion;
use crate::protocol::Lines;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::io::Read;

/// The longest id that is read, in bytes; the edition's longest has a third of it.
const LONGEST_ID: usize = 300;

/// Writes results line by line.
#[derive(Debug)]
pub(super) struct Ndjson(Reserved);

impl Ndjson {
    pub(super) fn new(file: Reserved) -> Self {
        Ndjson(file)
    }

    fn line(&mut self, content: &impl Serialize) -> Result<()> {
        self.0.write(line(content)?.as_bytes())
    }
}

/// A line of a stream, with its end.
fn line(content: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(content);
    let text = text.map_err(|error| wrong(error.to_string(), "results"))?;
    Ok(format!("{text}\n"))
}

impl View for Ndjson {
    fn begin(&mut self, header: &Header) -> Result<()> {
        self.line(header)
    }

    fn take(&mut self, record: &Record, _: Standing<'_>) -> Result<()> {
        self.line(record)
    }

    fn end(&mut self, counts: &Counts, _: &[Error]) -> Result<()> {
        self.line(&closing(counts))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.0.finish()
    }
}

/// The last line of a run.
fn closing(counts: &Counts) -> Value {
    json!({ "counts": counts.to_json() })
}

/// What a line of a stream says.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A run begins.
    Begin(Box<Header>),
    /// A case of it.
    Case(Record),
    /// It ended, with as many cases of each verdict as were read.
    End,
}

/// Reads streams of results, one or several behind each other.
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    place: String,
    number: usize,
    /// The counts of the run that is being read.
    run: Option<Counts>,
    empty: bool,
}

impl<R: Read> Reader<R> {
    /// Reads `source`, which errors call `place`.
    pub fn new(source: R, place: &str) -> Self {
        Reader {
            lines: Lines::new(source),
            place: place.to_owned(),
            number: 0,
            run: None,
            empty: true,
        }
    }

    /// Where the last event stood.
    pub fn at(&self) -> String {
        format!("{}, line {}", self.place, self.number)
    }

    /// The next event; none at the end.
    ///
    /// # Errors
    /// `E-FORMAT` with line and field for what is no line of results, for a run that was cut off
    /// or whose counts are not those of its lines, and for a source without any run.
    pub fn read(&mut self) -> Result<Option<Event>> {
        let line = self.lines.read().map_err(|error| {
            let error = Error {
                code: Code::Format,
                ..error
            };
            error.at(&self.place)
        })?;
        self.number += 1;
        let Some(line) = line else {
            return match (&self.run, self.empty) {
                (Some(_), _) => Err(self.cut_off()),
                (None, true) => Err(wrong("holds no results", &self.place)),
                (None, false) => Ok(None),
            };
        };
        self.empty = false;
        let event = self.event(&line.text);
        event.map(Some).map_err(|error| match error.place.as_str() {
            "" => error.at(self.at()),
            _ => error.at(format!("{}, field", self.at())),
        })
    }

    fn cut_off(&self) -> Error {
        wrong(
            "the run before ends without its counts: it was cut off",
            self.at(),
        )
    }

    fn event(&mut self, text: &str) -> Result<Event> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let quoted: String = printable(text).chars().take(80).collect();
            wrong(format!("`{quoted}` is no JSON: {error}"), "")
        })?;
        let Value::Object(fields) = &value else {
            return Err(wrong("a line is no JSON object", ""));
        };
        if fields.contains_key("format") {
            if self.run.is_some() {
                return Err(Error {
                    place: String::new(),
                    ..self.cut_off()
                });
            }
            let header = header(fields, &value)?;
            self.run = Some(Counts::default());
            return Ok(Event::Begin(Box::new(header)));
        }
        let Some(counts) = &mut self.run else {
            return Err(wrong("results begin with a line that has `format`", ""));
        };
        if fields.contains_key("counts") {
            if value != closing(counts) {
                return Err(wrong(
                    "the counts are not those of the lines before",
                    "counts",
                ));
            }
            self.run = None;
            return Ok(Event::End);
        }
        let record = record(fields, &value)?;
        counts.add(record.verdict);
        Ok(Event::Case(record))
    }
}

fn header(fields: &Map<String, Value>, value: &Value) -> Result<Header> {
    let expected = [
        ("format", Kind::Text),
        ("version", Kind::Count),
        ("crate", Kind::Text),
        ("edition", Kind::Text),
        ("profile", Kind::Text),
        ("command", Kind::Texts),
        ("testee", Kind::Object),
        ("unasked", Kind::List),
    ];
    keep(fields, &expected)?;
    let header: Header = typed(value)?;
    if !header.is_current() {
        return Err(wrong(
            format!("not `{FORMAT}`, version {VERSION}"),
            "format",
        ));
    }
    for name in ["name", "version", "language", "element", "time"] {
        match header.testee.get(name) {
            Some(it) if Kind::Text.has(it) => {}
            _ => return Err(wrong("missing, or no text", format!("testee.{name}"))),
        }
    }
    Ok(header)
}

fn record(fields: &Map<String, Value>, value: &Value) -> Result<Record> {
    let expected = [
        ("id", Kind::Text),
        ("verdict", Kind::Text),
        ("check", Kind::Text),
        ("solver", Kind::Text),
        ("steps", Kind::Count),
        ("max_error_u", Kind::Error),
        ("nearest", Kind::TextOrNull),
        ("message", Kind::Text),
    ];
    keep(fields, &expected)?;
    let names = Verdict::ALL.map(Verdict::name);
    let verdict = fields
        .get("verdict")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !names.contains(&verdict) {
        return Err(wrong(
            format!(
                "`{}` is no verdict; {}",
                printable(verdict),
                suggestion(verdict, &names)
            ),
            "verdict",
        ));
    }
    let record: Record = typed(value)?;
    let pattern = Pattern::parse(&record.id).map_err(|error| wrong(error.what, "id"))?;
    if record.id.len() > LONGEST_ID {
        return Err(wrong(format!("longer than {LONGEST_ID} bytes"), "id"));
    }
    if !pattern.is_id() {
        return Err(wrong(format!("`{pattern}` is no id of a case"), "id"));
    }
    let parts: Vec<&str> = record.id.split('/').collect();
    let steps = format!("n={}", record.steps);
    let agrees = [
        ("solver", parts.get(1) == Some(&record.solver.as_str())),
        ("check", parts.get(2) == Some(&record.check.as_str())),
        ("steps", record.id.split(':').any(|axis| axis == steps)),
    ];
    match agrees.into_iter().find(|(_, agrees)| !agrees) {
        Some((field, _)) => Err(wrong("is not what the id says", field)),
        None => Ok(record),
    }
}

fn typed<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| wrong(error.to_string(), ""))
}

/// What a field may hold.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    TextOrNull,
    Texts,
    List,
    Count,
    /// A number, at least 0, or null.
    Error,
    Object,
}

impl Kind {
    fn has(self, value: &Value) -> bool {
        match self {
            Kind::Text => value.is_string(),
            Kind::TextOrNull => value.is_string() || value.is_null(),
            Kind::Texts => value
                .as_array()
                .is_some_and(|it| it.iter().all(Value::is_string)),
            Kind::List => value.is_array(),
            Kind::Count => value.as_u64().is_some(),
            Kind::Error => value.is_null() || value.as_f64().is_some_and(|it| it >= 0.0),
            Kind::Object => value.is_object(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::TextOrNull => "a text or null",
            Kind::Texts => "a list of texts",
            Kind::List => "a list",
            Kind::Count => "a whole number",
            Kind::Error => "a number of at least 0, or null",
            Kind::Object => "an object",
        }
    }
}

/// Checks that exactly these fields are there, each of its kind.
fn keep(fields: &Map<String, Value>, expected: &[(&str, Kind)]) -> Result<()> {
    for (name, kind) in expected {
        match fields.get(*name) {
            None => return Err(wrong("missing", *name)),
            Some(value) if !kind.has(value) => {
                return Err(wrong(format!("is not {}", kind.name()), *name));
            }
            Some(_) => {}
        }
    }
    let known = |name: &&String| expected.iter().any(|(it, _)| it == name);
    match fields.keys().find(|name| !known(name)) {
        Some(name) => Err(wrong("unknown field", printable(name))),
        None => Ok(()),
    }
}

fn wrong(what: impl Into<String>, place: impl Into<String>) -> Error {
    Error::new(
        Code::Format,
        what,
        place,
        "give results as `dpm-spec check --ndjson` writes them, complete and unchanged",
    )
}
