//! Checks a message against its entry in `spec/schema/protocol.json`.
//!
//! The keywords that the files of `spec/schema/` for messages and results use, and no other: a
//! crate for all of JSON Schema is 55 crates more. `tests/cross/messages.py` checks the files with
//! an independent validator.

use super::excerpt::excerpt;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The schema of protocol version 1, JSON Schema 2020-12; one `$defs` entry a message.
pub const SCHEMA: &str = include_str!("../../spec/schema/protocol.json");

static PROTOCOL: LazyLock<Schema> = LazyLock::new(|| Schema::new(SCHEMA));

/// A JSON Schema with one `$defs` entry for everything that can be checked.
#[derive(Clone, Debug)]
pub struct Schema(Value);

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where: `calls[3].state[0]`; empty for the message itself.
    pub field: String,
    /// What, and what would be right.
    pub what: String,
}

impl Violation {
    /// At a field of the message itself.
    pub(super) fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        let (field, what) = (field.into(), what.into());
        Violation { field, what }
    }

    /// The same, seen from one level above.
    pub(super) fn within(mut self, outer: &str) -> Self {
        let point = match self.field.chars().next() {
            None | Some('[') => "",
            Some(_) => ".",
        };
        self.field = format!("{outer}{point}{}", self.field);
        self
    }
}

type Checked = Result<(), Violation>;

/// Checks a message against its entry in the protocol's schema: `testee.result`.
///
/// # Errors
/// The first violation.
pub fn validate(value: &Value, definition: &str) -> Checked {
    PROTOCOL.validate(value, definition)
}

impl Schema {
    /// Reads a schema; one that is no JSON has no entry.
    pub fn new(text: &str) -> Self {
        Schema(serde_json::from_str(text).unwrap_or(Value::Null))
    }

    /// Checks a value against an entry of `$defs`.
    ///
    /// # Errors
    /// The first violation.
    pub fn validate(&self, value: &Value, definition: &str) -> Checked {
        let schema = self.0.get("$defs").and_then(|defs| defs.get(definition));
        match schema.and_then(Value::as_object) {
            Some(schema) => self.against(value, schema),
            None => Err(Violation::new("", format!("`{definition}` is no message"))),
        }
    }

    fn against(&self, value: &Value, schema: &Map<String, Value>) -> Checked {
        for (keyword, rule) in schema {
            self.keep(value, schema, keyword, rule)?;
        }
        Ok(())
    }

    fn keep(
        &self,
        value: &Value,
        schema: &Map<String, Value>,
        keyword: &str,
        rule: &Value,
    ) -> Checked {
        let wrong = |what: String| Err(Violation::new("", what));
        match keyword {
            "$ref" => {
                let name = rule.as_str().and_then(|text| text.strip_prefix("#/$defs/"));
                self.validate(value, name.unwrap_or_default())
            }
            "type" if !is_of(value, rule) => {
                let wanted = match rule {
                    Value::String(name) => name.clone(),
                    several => several.to_string(),
                };
                let floats = match (wanted.as_str(), value) {
                    ("string", Value::Number(_)) => {
                        "; write floats as strings such as \"0x1.8p-3\""
                    }
                    _ => "",
                };
                wrong(format!("{}, not of type {wanted}{floats}", shown(value)))
            }
            "const" if rule != value => wrong(format!("{}, not {rule}", shown(value))),
            "enum" if rule.as_array().is_some_and(|all| !all.contains(value)) => {
                let all = rule.as_array().into_iter().flatten();
                let all: Vec<String> = all.map(Value::to_string).collect();
                wrong(format!("{}, not one of {}", shown(value), all.join(", ")))
            }
            "minimum" if is_below(value, rule) => wrong(format!("below {rule}")),
            "maxLength" if too_many(value.as_str().map(|text| text.chars().count()), rule) => {
                wrong(format!("longer than {rule} characters"))
            }
            "maxItems" if too_many(value.as_array().map(Vec::len), rule) => {
                wrong(format!("more than {rule} entries"))
            }
            "minItems" if value.as_array().is_some_and(Vec::is_empty) => wrong("empty".to_owned()),
            "items" => {
                let (Some(items), Some(schema)) = (value.as_array(), rule.as_object()) else {
                    return Ok(());
                };
                items.iter().enumerate().try_for_each(|(i, item)| {
                    self.against(item, schema)
                        .map_err(|violation| violation.within(&format!("[{i}]")))
                })
            }
            "properties" => self.properties(value, rule),
            "required" => {
                let (Some(object), Some(names)) = (value.as_object(), rule.as_array()) else {
                    return Ok(());
                };
                let mut names = names.iter().filter_map(Value::as_str);
                match names.find(|name| !object.contains_key(*name)) {
                    Some(name) => Err(Violation::new(name, "missing")),
                    None => Ok(()),
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let (Some(object), Some(known)) = (value.as_object(), known) else {
                    return Ok(());
                };
                match object.keys().find(|name| !known.contains_key(*name)) {
                    Some(name) => Err(Violation::new(excerpt(name), "unknown field")),
                    None => Ok(()),
                }
            }
            // The one pattern is that of a number: `read_number` keeps to it, and every number of a
            // message that comes to anything is read. tests/protocol/numbers.json holds the two
            // together.
            "pattern" => Ok(()),
            "type" | "const" | "enum" | "minimum" | "maxLength" | "maxItems" | "minItems"
            | "description" => Ok(()),
            _ => wrong(format!(
                "the schema's keyword `{keyword}` is not known here"
            )),
        }
    }

    fn properties(&self, value: &Value, rule: &Value) -> Checked {
        let (Some(object), Some(rules)) = (value.as_object(), rule.as_object()) else {
            return Ok(());
        };
        let pairs = rules.iter().filter_map(|(name, schema)| {
            let schema = schema.as_object()?;
            object.get(name).map(|value| (name, value, schema))
        });
        for (name, value, schema) in pairs {
            self.against(value, schema)
                .map_err(|violation| violation.within(name))?;
        }
        Ok(())
    }
}

/// Whether a value is of a type, or of one of several.
fn is_of(value: &Value, rule: &Value) -> bool {
    let kind = kind(value);
    let is = |name: &Value| match name.as_str() {
        Some("number") => matches!(kind, "integer" | "number"),
        name => name == Some(kind),
    };
    match rule {
        Value::Array(several) => several.iter().any(is),
        one => is(one),
    }
}

fn is_below(value: &Value, rule: &Value) -> bool {
    let both = value.as_f64().zip(rule.as_f64());
    both.is_some_and(|(value, least)| value < least)
}

fn too_many(count: Option<usize>, rule: &Value) -> bool {
    let most = rule.as_u64().unwrap_or(u64::MAX);
    count.is_some_and(|count| count as u64 > most)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => format!("an {}", kind(value)),
        Value::String(text) => format!("\"{}\"", excerpt(text)),
        _ => value.to_string(),
    }
}
