//! What a certificate says of trees: every elementary weight as a series with exact coefficients.

use super::certificate::{grid, known, texts};
use super::ratios::{C, Identity, RatioProof};
use super::scheme::Scheme;
use super::trees::{Condition, Examination, examine};
use crate::arithmetic::{Rational, rational};
use serde_json::{Value, json};

/// The two forms of the ODE, the SDE's data form at eta = 1/2 and 1.
const COEFFICIENTS: [(i128, i128); 4] = [(-1, 1), (1, 1), (-3, 2), (-2, 1)];

/// The certificate's section on a single-step scheme; fractions are strings.
pub(super) fn record(scheme: &impl Scheme, all_stages: Option<&RatioProof>) -> Value {
    let examined = COEFFICIENTS.map(|(num, den)| {
        let c = rational(num, den);
        examination(c, &examine(scheme, c))
    });
    json!({
        "stages": texts(&scheme.stages()),
        "examinations": examined,
        "all_stages": all_stages.map(ratios),
    })
}

fn examination(c: Rational, examination: &Examination) -> Value {
    let shift = examination.shift.iter();
    let shift = shift.map(|s| json!({ "identical": s.identical, "power": s.power }));
    json!({
        "c": c.to_string(),
        "order": examination.order,
        "stiff_order": examination.stiff_order,
        "shift": shift.collect::<Vec<_>>(),
        "trees": examination.conditions.iter().map(condition).collect::<Vec<_>>(),
    })
}

/// Coefficients of h^0, h^1, ... of a tree's component, by the scheme and exactly.
fn condition(condition: &Condition) -> Value {
    json!({
        "tree": condition.tree.name,
        "vertices": condition.tree.vertices,
        "scheme": known(&condition.scheme),
        "exact": texts(&condition.exact),
        "identical": condition.identical,
    })
}

fn ratios(proof: &RatioProof) -> Value {
    let identity = |identity: &Identity| {
        json!({
            "tree": identity.tree,
            "power": identity.power,
            "factor": identity.factor.to_string(),
            "form": identity.form.to_string(),
            "holds": identity.holds,
        })
    };
    json!({
        "c": rational(C.0, C.1).to_string(),
        "degrees": proof.degrees,
        "grid": grid(&proof.grid),
        "identities": proof.identities.iter().map(identity).collect::<Vec<Value>>(),
    })
}
