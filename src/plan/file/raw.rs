//! The JSON of a plan file as it stands, texts unread.

use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) recipe: Recipe,
    pub(super) schedule: Schedule,
    pub(super) grid: Grid,
    pub(super) state_space: String,
    pub(super) prediction: String,
    pub(super) initial: Initial,
    pub(super) nodes: Vec<Node>,
    pub(super) program: Vec<Instruction>,
    pub(super) certificate: Certificate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipe {
    pub(super) solver: String,
    pub(super) side: String,
    pub(super) eta: String,
    pub(super) policy: String,
    #[serde(deserialize_with = "present")]
    pub(super) threshold: Option<Threshold>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "lowercase")]
pub(super) enum Threshold {
    Static {
        bound: String,
    },
    Dynamic {
        ratio: String,
        #[serde(deserialize_with = "present")]
        max: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    pub(super) id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grid {
    pub(super) id: String,
    pub(super) steps: usize,
    #[serde(deserialize_with = "present")]
    pub(super) t_start: Option<String>,
    #[serde(deserialize_with = "present")]
    pub(super) t_end: Option<String>,
    pub(super) start_at: usize,
    #[serde(deserialize_with = "present")]
    pub(super) nodes: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Initial {
    pub(super) scale: Value,
    pub(super) states: usize,
    pub(super) start_at: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Value {
    pub(super) dec: Option<String>,
    pub(super) f64: String,
    pub(super) f32: String,
    pub(super) f16: String,
    pub(super) bf16: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Node {
    #[serde(deserialize_with = "present")]
    pub(super) t: Option<ValueOrWord>,
    pub(super) alpha: Value,
    pub(super) sigma: Value,
    pub(super) lambda: ValueOrWord,
    #[serde(deserialize_with = "present")]
    pub(super) label: Option<Value>,
    pub(super) input_scale: Value,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a word or an object with f64, f32, f16, bf16 and perhaps dec"
)]
pub(super) enum ValueOrWord {
    Word(String),
    Value(Value),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub(super) enum Instruction {
    Evaluate {
        node: usize,
        state: String,
        output: String,
        convert: Box<Convert>,
    },
    Combine {
        target: String,
        terms: Vec<(String, Value)>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Convert {
    pub(super) to: String,
    pub(super) state: Value,
    pub(super) output: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Certificate {
    pub(super) kind: String,
    pub(super) bits: Option<u32>,
    pub(super) formats: Vec<String>,
    #[serde(rename = "crate")]
    pub(super) crate_version: String,
    #[serde(rename = "data")]
    pub(super) data_version: u32,
}

/// A field that may be null but not absent.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}
