//! Records made by hand: what a run would say of a case.

use dpm_spec::conformance::{Record, Verdict};

/// The record of an id.
pub(crate) fn record(id: &str, verdict: Verdict, message: &str) -> Record {
    let parts: Vec<&str> = id.split('/').collect();
    let steps = id.split(':').find_map(|axis| axis.strip_prefix("n="));
    Record {
        id: id.to_owned(),
        verdict,
        check: parts[2].to_owned(),
        solver: parts[1].to_owned(),
        steps: steps.map_or(0, |n| n.parse().unwrap_or(0)),
        max_error_u: None,
        nearest: None,
        message: message.to_owned(),
    }
}
