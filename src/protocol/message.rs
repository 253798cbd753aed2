//! The messages as types: what the runner asks, and what a testee replies.

use super::excerpt::excerpt;
use super::lines::Line;
use super::number::{read_number, write_number};
use super::schema::{Violation, validate};
use super::unique::Unique;
use crate::conformance::Precision;
use crate::error::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of the protocol.
pub const PROTOCOL: u64 = 1;

/// The most values of a message, counted by its commas.
pub const MOST_VALUES: usize = 1 << 15;

/// A float as text.
pub type Number = String;

/// What the runner says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[allow(
    missing_docs,
    reason = "the fields are those of the schema, described there"
)]
pub enum Request {
    Hello {
        protocol: u64,
        edition: String,
    },
    Run {
        case: Case,
        start: Vec<Number>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        script: Option<Script>,
        #[serde(default, skip_serializing_if = "is_false")]
        local: bool,
    },
    Output {
        call: usize,
        output: Vec<Number>,
    },
    Noise {
        draw: usize,
        noise: Vec<Number>,
    },
    Restarted {
        step: usize,
        state: Vec<Number>,
    },
    Stop {
        reason: String,
    },
    Grid {
        schedule: String,
        grid: String,
        steps: usize,
    },
    Threshold {
        rule: Rule,
        samples: Vec<Vec<Number>>,
    },
    Bye {},
}

/// What a testee says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[allow(
    missing_docs,
    reason = "the fields are those of the schema, described there"
)]
pub enum Reply {
    Hello(Box<Hello>),
    Eval {
        call: usize,
        time: Number,
        state: Vec<Number>,
    },
    Draw {
        draw: usize,
    },
    Restart {
        step: usize,
        state: Vec<Number>,
    },
    Result {
        state: Vec<Number>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calls: Option<Vec<Call>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draws: Option<Vec<usize>>,
    },
    Stopped {},
    Nodes {
        times: Vec<Number>,
    },
    Samples {
        samples: Vec<Vec<Number>>,
    },
    Skipped {
        reason: String,
    },
    Error {
        message: String,
    },
    Bye {},
}

impl Reply {
    /// The name of the message.
    pub fn name(&self) -> &'static str {
        match self {
            Reply::Hello(_) => "hello",
            Reply::Eval { .. } => "eval",
            Reply::Draw { .. } => "draw",
            Reply::Restart { .. } => "restart",
            Reply::Result { .. } => "result",
            Reply::Stopped {} => "stopped",
            Reply::Nodes { .. } => "nodes",
            Reply::Samples { .. } => "samples",
            Reply::Skipped { .. } => "skipped",
            Reply::Error { .. } => "error",
            Reply::Bye {} => "bye",
        }
    }
}

/// The task of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "the fields are those of the schema, described there"
)]
pub struct Case {
    pub solver: String,
    pub eta: Number,
    pub schedule: String,
    pub prediction: String,
    pub policy: BTreeMap<String, String>,
    pub space: String,
    pub steps: usize,
    pub times: Vec<Number>,
}

/// What the model and the noise answer, whatever they are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "the fields are those of the schema, described there"
)]
pub struct Script {
    pub outputs: Vec<Vec<Number>>,
    pub noises: Vec<Vec<Number>>,
}

/// What the model was told and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "the fields are those of the schema, described there"
)]
pub struct Call {
    pub time: Number,
    pub state: Vec<Number>,
}

/// A threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(
    missing_docs,
    reason = "the fields are those of the schema, described there"
)]
pub enum Rule {
    Static { bound: Number },
    Dynamic { ratio: Number, max: Number },
}

/// Who a testee is and what it can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "the fields are those of the schema, described there"
)]
pub struct Hello {
    pub protocol: u64,
    pub name: String,
    pub version: String,
    pub language: String,
    pub element: String,
    pub time: String,
    pub spaces: Vec<String>,
    pub solvers: Vec<String>,
    pub schedules: Vec<String>,
    pub predictions: Vec<String>,
    pub policies: Vec<String>,
    pub models: Vec<String>,
    #[serde(default)]
    pub grids: Vec<String>,
    #[serde(default)]
    pub thresholds: bool,
    #[serde(default)]
    pub local: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize)]
struct Numbered<'a, M> {
    seq: u64,
    #[serde(flatten)]
    message: &'a M,
}

/// A message as one line, without the line's end.
///
/// # Errors
/// None that messages of these types give.
pub fn write_message<M: Serialize>(seq: u64, message: &M) -> Result<String> {
    serde_json::to_string(&Numbered { seq, message }).map_err(|error| {
        Error::new(
            Code::Protocol,
            format!("a message cannot be written: {error}"),
            format!("message {seq}"),
            "report it",
        )
    })
}

/// Reads a line as a message of a testee, and checks it against the schema.
///
/// # Errors
/// `E-PROTOCOL` with the line and the field.
pub fn read_reply(line: &Line) -> Result<(u64, Reply)> {
    read(line, "testee")
}

/// Reads a line as a message of the runner, and checks it against the schema.
///
/// # Errors
/// `E-PROTOCOL` with the line and the field.
pub fn read_request(line: &Line) -> Result<(u64, Request)> {
    read(line, "runner")
}

fn read<M: serde::de::DeserializeOwned>(line: &Line, sender: &str) -> Result<(u64, M)> {
    let fault = |violation: Violation| at(line.number, &violation);
    let mut value = parse(&line.text).map_err(fault)?;
    let kind = match value.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(_) => return Err(fault(Violation::new("type", "not a string"))),
        None => return Err(fault(Violation::new("type", "missing"))),
    };
    validate(&value, &format!("{sender}.{kind}")).map_err(fault)?;
    let seq = value.get("seq").and_then(Value::as_u64).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.remove("seq");
    }
    match serde_json::from_value(value) {
        Ok(message) => Ok((seq, message)),
        Err(error) => Err(fault(Violation::new("", error.to_string()))),
    }
}

/// An object, if the line is one.
fn parse(text: &str) -> std::result::Result<Value, Violation> {
    let wrong = |what: String| Err(Violation::new("", what));
    if !text.trim_start().starts_with('{') {
        return wrong(match text.trim().is_empty() {
            true => "an empty line".to_owned(),
            false => format!(
                "`{}` is no message; write messages alone to standard output, logs to standard error",
                excerpt(text)
            ),
        });
    }
    if text.bytes().filter(|byte| *byte == b',').count() >= MOST_VALUES {
        return wrong(format!("more than {MOST_VALUES} values"));
    }
    let read = serde_json::from_str(text).map(|Unique(value)| value);
    read.or_else(|error| {
        let text = excerpt(text);
        let column = error.column();
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        wrong(format!("no JSON: {what} at column {column}: `{text}`"))
    })
}

/// A violation in a line of the testee's.
pub(super) fn at(line: usize, violation: &Violation) -> Error {
    let place = match violation.field.as_str() {
        "" => format!("line {line}"),
        field => format!("line {line}, {field}"),
    };
    Error::new(
        Code::Protocol,
        &violation.what,
        place,
        "see spec/protocol.md",
    )
}

/// Reads the numbers of a field.
pub(super) fn numbers(
    texts: &[Number],
    field: &str,
    precision: Precision,
) -> std::result::Result<Vec<f64>, Violation> {
    let number = |(i, text): (usize, &Number)| {
        read_number(text, precision).map_err(|what| {
            Violation::new(
                format!("{field}[{i}]"),
                format!("`{}` {what}", excerpt(text)),
            )
        })
    };
    texts.iter().enumerate().map(number).collect()
}

/// Numbers of a format as texts; each is rounded to the format.
pub(super) fn texts(values: &[f64], precision: Precision) -> Vec<Number> {
    let text = |value: &f64| write_number(precision.rounded(*value));
    values.iter().map(text).collect()
}
