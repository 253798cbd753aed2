//! Shader variants: one text, from which lines are chosen.

use super::kernels::GROUP;
use crate::fused::Format;
use std::collections::BTreeSet;

/// Invocations of a workgroup, in WGSL.
pub(crate) fn workgroup() -> String {
    format!("const GROUP = {GROUP}u;\n")
}

/// What every kernel begins with: invocations of a workgroup, `load` and `store` of a format.
pub(crate) fn storage(format: Format) -> String {
    let text = match format {
        Format::F32 => include_str!("storage_f32.wgsl"),
        Format::F16 => include_str!("storage_f16.wgsl"),
    };
    workgroup() + text
}

/// The lines of a text that belong to a variant.
///
/// A line that ends in `//@ a !b` is kept if the features hold `a` and lack `b`; other lines always.
pub fn select(text: &str, features: &BTreeSet<String>) -> String {
    let mut chosen = String::with_capacity(text.len());
    for line in text.lines() {
        let (code, conditions) = line.split_once("//@").unwrap_or((line, ""));
        let holds = |condition: &str| match condition.strip_prefix('!') {
            Some(absent) => !features.contains(absent),
            None => features.contains(condition),
        };
        if conditions.split_whitespace().all(holds) {
            chosen.push_str(code.trim_end());
            chosen.push('\n');
        }
    }
    chosen
}
