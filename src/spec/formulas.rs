//! Formulas by name: the code run on symbols, with the definitions a paper would name.

mod interpolant;
mod limits;
mod prediction;
mod problem;
mod schedule;
mod solver;

use crate::arithmetic::{Field, Symbolic};
use crate::error::{Code, Error, Result};
use crate::solver::{Side, Solver};

/// `left` = `right`.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// What is defined, in LaTeX.
    pub left: &'static str,
    /// Its value: what the code computes.
    pub right: Symbolic,
}

/// The equations of one formula, definitions first, and the file whose code they were read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Path of the source file from the repository's root.
    pub source: String,
    /// The equations.
    pub equations: Vec<Equation>,
}

impl Block {
    /// The equations as one aligned LaTeX environment.
    pub fn latex(&self) -> String {
        let lines: Vec<String> = self
            .equations
            .iter()
            .map(|Equation { left, right }| format!("{left} &= {right}"))
            .collect();
        format!(
            "\\begin{{aligned}}\n{}\n\\end{{aligned}}",
            lines.join(" \\\\\n")
        )
    }
}

/// The formula of a name such as `solver/dpmpp-2m/step`.
///
/// # Errors
/// `E-ID-UNKNOWN`.
pub fn block(name: &str) -> Result<Block> {
    let parts: Vec<&str> = name.split('/').collect();
    let found = match parts.as_slice() {
        ["solver", id, part] => solver::block(Solver::parse(id)?, part),
        ["form", name] => form(name),
        ["prediction", name] => prediction::block(name),
        ["schedule", id] => schedule::block(id, None),
        ["schedule", id, part] => schedule::block(id, Some(part)),
        ["grid", id] => schedule::grid(id, None),
        ["grid", id, part] => schedule::grid(id, Some(part)),
        ["problem", id, part] => problem::block(id, part),
        ["limit", end, form] => limits::block(end, form),
        _ => None,
    };
    found.ok_or_else(|| {
        Error::new(
            Code::UnknownId,
            format!("no formula `{name}`"),
            "formula",
            "write e.g. solver/dpmpp-2m/step",
        )
    })
}

fn form(name: &str) -> Option<Block> {
    let (stochastic, side) = match name.strip_prefix("sde-") {
        Some(side) => (true, side),
        None => (false, name),
    };
    match side {
        "data" => Some(solver::form(Side::Data, stochastic)),
        "noise" => Some(solver::form(Side::Noise, stochastic)),
        _ => None,
    }
}

fn symbol(latex: &str) -> Symbolic {
    Symbolic::symbol(latex)
}

fn number(num: i128, den: i128) -> Symbolic {
    symbol("h").like(num, den)
}
