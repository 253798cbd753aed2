//! The certificate: everything a proof of order was computed from, for a reader who computes it again.
//!
//! JSON, exact fractions as strings; `tests/cross/orders.py` is such a reader.

use super::eta::{self, EtaProof};
use super::moments::{Moments, Residuals};
use super::proof::{Grounds, Proof};
use super::tree_record;
use crate::arithmetic::Rational;
use crate::solver::Solver;
use serde_json::{Value, json};
use std::fmt::Display;

/// The file's `format`.
const FORMAT: &str = "dpm-spec order certificate 1";

/// The certificate of these solvers' proofs, one solver a line.
pub fn certificate(proofs: &[(Solver, Proof)]) -> String {
    let lines: Vec<String> = proofs
        .iter()
        .map(|(solver, proof)| entry(solver, proof).to_string())
        .collect();
    format!(
        "{{\"format\":\"{FORMAT}\",\"proofs\":[\n{}\n]}}\n",
        lines.join(",\n")
    )
}

fn entry(solver: &Solver, proof: &Proof) -> Value {
    let (key, grounds) = match &proof.grounds {
        Grounds::Moments(moments) => ("moments", of_moments(moments)),
        Grounds::Eta(proof) => ("eta", of_eta(proof)),
        Grounds::Trees { all_stages, .. } => {
            let record = tree_record::record(&solver.method, all_stages.as_ref());
            ("trees", record)
        }
    };
    let mut entry = proof.to_json();
    entry["formula"] = solver.entry.stem.into();
    entry["confirms"] = proof.confirms().into();
    entry[key] = grounds;
    entry
}

/// Degrees are those in 1/c, then in each ratio; coefficients\[j\]\[m\] is that of h^m in R_j.
fn of_moments(moments: &Moments) -> Value {
    let point = |at: &Residuals| {
        let rows: Vec<Vec<Option<String>>> = at.coefficients.iter().map(|r| known(r)).collect();
        json!({
            "c": at.c.to_string(),
            "ratios": texts(&at.ratios),
            "coefficients": rows,
            "identical": at.identical,
        })
    };
    json!({
        "in_rho": moments.in_rho,
        "degrees": moments.degrees,
        "grid": grid(&moments.grid),
        "residuals": moments.residuals.iter().map(point).collect::<Vec<Value>>(),
    })
}

fn of_eta(proof: &EtaProof) -> Value {
    let defect = |d: &eta::Defect| {
        let rows: Vec<Vec<Option<String>>> = d.coefficients.iter().map(|r| known(r)).collect();
        json!({
            "name": d.name,
            "form": d.form,
            "factor": d.factor.to_string(),
            "coefficients": rows,
        })
    };
    json!({
        "degree": eta::DEGREE,
        "etas": texts(&proof.etas),
        "defects": proof.defects.iter().map(defect).collect::<Vec<Value>>(),
    })
}

pub(super) fn grid(values: &[Vec<Rational>]) -> Vec<Vec<String>> {
    values.iter().map(|values| texts(values)).collect()
}

pub(super) fn texts<T: Display>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

pub(super) fn known(row: &[Option<rug::Rational>]) -> Vec<Option<String>> {
    let text = |value: &Option<rug::Rational>| value.as_ref().map(rug::Rational::to_string);
    row.iter().map(text).collect()
}
