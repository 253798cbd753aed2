//! A plan in a file: what was asked for, the numbers in every format, and how they were certified.
//!
//! JSON, one node and one instruction a line; no number that matters is a JSON number. A time that is
//! also the label is written once, as `"t":"label"`. Clause: `spec/plan.md`; schema: `spec/schema/plan.json`.

mod program;
mod raw;
mod read;

use super::number::{Value, hexadecimal, pattern};
use super::{Instruction, Node, Plan, Request};
use crate::error::Result;
use crate::grid::Spacing;
use crate::schedule::Lambda;
use crate::solver::Side;
use crate::threshold::Threshold;
use std::fmt::Write as _;

/// The `format` of a plan file.
pub const FORMAT: &str = "dpm-spec/plan";
/// The `version` of a plan file.
pub const VERSION: u32 = 1;
/// The version of the published numbers; it moves when a published digit does.
pub const DATA_VERSION: u32 = 1;
/// The crate version that first published [`DATA_VERSION`]. It stays when the crate moves on, and so
/// do the bytes of the published files.
pub const DATA_CRATE: &str = "0.1.0";

/// A plan as a file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFile {
    /// What the plan was derived for; it determines every number.
    pub request: Request,
    /// The plan.
    pub plan: Plan<Value>,
    /// How the numbers were rounded.
    pub certificate: Certificate,
}

/// How the numbers of a file were rounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The arithmetic.
    pub kind: Kind,
    /// The crate version that published these numbers first.
    pub crate_version: String,
    /// The version of the numbers.
    pub data_version: u32,
}

/// The arithmetic that a file's numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rigorous enclosures: every format is correctly rounded.
    Ball {
        /// The largest precision that a rounding needed.
        bits: u32,
    },
    /// Double-double rounded once: no decimals, and a rounding may be off by one unit in rare cases.
    DoubleDouble,
}

impl Certificate {
    /// A certificate of the current data version.
    pub fn new(kind: Kind) -> Self {
        Certificate {
            kind,
            crate_version: DATA_CRATE.to_owned(),
            data_version: DATA_VERSION,
        }
    }

    fn to_json(&self) -> String {
        let Certificate {
            kind,
            crate_version,
            data_version,
        } = self;
        let formats = kind.formats().join("\",\"");
        let kind = match kind {
            Kind::Ball { bits } => format!(r#""kind":"ball","bits":{bits}"#),
            Kind::DoubleDouble => r#""kind":"double-double""#.to_owned(),
        };
        format!(
            r#"{{{kind},"formats":["{formats}"],"crate":"{crate_version}","data":{data_version}}}"#
        )
    }
}

impl Kind {
    fn has_decimals(self) -> bool {
        matches!(self, Kind::Ball { .. })
    }

    fn formats(self) -> &'static [&'static str] {
        match self {
            Kind::Ball { .. } => &["dec", "f64", "f32", "f16", "bf16"],
            Kind::DoubleDouble => &["f64", "f32", "f16", "bf16"],
        }
    }
}

impl PlanFile {
    /// Reads a plan file.
    ///
    /// # Errors
    /// `E-FORMAT` for malformed or truncated JSON (with its line), another format or version, a
    /// missing, unknown or inconsistent field; `E-NUMBER` for a malformed number; the errors of the
    /// ids. Each names the field.
    pub fn parse(text: &str) -> Result<Self> {
        read::parse(text)
    }

    /// The text of the file: the same bytes for the same plan.
    pub fn to_json(&self) -> String {
        let Self {
            request,
            plan,
            certificate,
        } = self;
        let recipe = &request.recipe;
        let side = side(recipe.form().side);
        let mut json = format!("{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\n");
        // Writing to a String cannot fail.
        let _ = writeln!(
            json,
            r#""recipe":{{"solver":"{}","side":"{side}","eta":"{}","policy":"{}","threshold":{}}},"#,
            recipe.solver,
            recipe.eta,
            recipe.policy,
            threshold(recipe.threshold)
        );
        let _ = writeln!(json, r#""schedule":{{"id":"{}"}},"#, request.schedule);
        let _ = writeln!(json, r#""grid":{},"#, grid(request));
        let _ = writeln!(
            json,
            r#""state_space":"{}","prediction":"{}","#,
            recipe.state_space.name(),
            recipe.prediction.name()
        );
        let _ = writeln!(
            json,
            r#""initial":{{"scale":{},"states":{},"start_at":{}}},"#,
            value(&plan.initial.scale),
            plan.initial.states,
            plan.initial.start_at
        );
        lines(&mut json, "nodes", plan.nodes.iter().map(node));
        lines(
            &mut json,
            "program",
            plan.program.iter().map(|i| instruction(i, side)),
        );
        let _ = writeln!(json, r#""certificate":{}}}"#, certificate.to_json());
        json
    }
}

fn lines(json: &mut String, name: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    let _ = writeln!(json, "\"{name}\":[\n{}\n],", items.join(",\n"));
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Data => "data",
        Side::Noise => "noise",
    }
}

fn threshold(threshold: Option<Threshold>) -> String {
    match threshold {
        None => "null".to_owned(),
        Some(Threshold::Static { bound }) => {
            format!(r#"{{"kind":"static","bound":"{bound}"}}"#)
        }
        Some(Threshold::Dynamic { ratio, max }) => {
            let max = max.map_or("null".to_owned(), |max| format!("\"{max}\""));
            format!(r#"{{"kind":"dynamic","ratio":"{ratio}","max":{max}}}"#)
        }
    }
}

fn grid(request: &Request) -> String {
    let (start, end) = if request.grid.has_own_ends() {
        ("null".to_owned(), "null".to_owned())
    } else {
        let (start, end) = request.domain.unwrap_or_else(|| request.schedule.domain());
        (format!("\"{start}\""), format!("\"{end}\""))
    };
    let nodes = match &request.grid.spacing {
        Spacing::Nodes(_, values) => {
            let values: Vec<String> = values.iter().map(|v| format!("\"{v}\"")).collect();
            format!("[{}]", values.join(","))
        }
        _ => "null".to_owned(),
    };
    format!(
        r#"{{"id":"{}","steps":{},"t_start":{start},"t_end":{end},"start_at":{},"nodes":{nodes}}}"#,
        request.grid, request.steps, request.start_at
    )
}

fn node(node: &Node<Value>) -> String {
    let optional = |v: &Option<Value>| v.as_ref().map_or("null".to_owned(), value);
    let lambda = match &node.point.lambda {
        Lambda::Finite(lambda) => value(lambda),
        Lambda::NoNoise => "\"inf\"".to_owned(),
        Lambda::NoSignal => "\"-inf\"".to_owned(),
    };
    let t = match &node.point.t {
        // most networks are told the time itself
        Some(_) if node.point.t == node.label => "\"label\"".to_owned(),
        t => optional(t),
    };
    format!(
        r#"{{"t":{t},"alpha":{},"sigma":{},"lambda":{lambda},"label":{},"input_scale":{}}}"#,
        value(&node.point.alpha),
        value(&node.point.sigma),
        optional(&node.label),
        value(&node.input_scale)
    )
}

fn instruction(instruction: &Instruction<Value>, side: &str) -> String {
    match instruction {
        Instruction::Evaluate {
            node,
            state,
            output,
            state_weight,
            output_weight,
        } => format!(
            r#"{{"evaluate":{{"node":{node},"state":"s{state}","output":"m{output}","convert":{{"to":"{side}","state":{},"output":{}}}}}}}"#,
            value(state_weight),
            value(output_weight)
        ),
        Instruction::Combine { target, terms } => {
            let terms: Vec<String> = terms
                .iter()
                .map(|(operand, weight)| format!(r#"["{operand}",{}]"#, value(weight)))
                .collect();
            format!(
                r#"{{"combine":{{"target":"s{target}","terms":[{}]}}}}"#,
                terms.join(",")
            )
        }
    }
}

fn value(value: &Value) -> String {
    let dec = match &value.dec {
        Some(dec) => format!(r#""dec":"{dec}","#),
        None => String::new(),
    };
    format!(
        r#"{{{dec}"f64":"{}","f32":"{}","f16":"{}","bf16":"{}"}}"#,
        hexadecimal(value.f64),
        hexadecimal(value.f32.into()),
        pattern(value.f16),
        pattern(value.bf16)
    )
}
