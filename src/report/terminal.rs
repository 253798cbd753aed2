//! A plan as a person reads it in a terminal.

use super::rows::{Equation, equations, facts, nodes};
use crate::error::Result;
use crate::plan::PlanFile;

/// The plan as aligned text.
///
/// # Errors
/// Those of the number of digits: `E-PARAMETER`, `E-FEATURE`.
pub fn terminal(file: &PlanFile, digits: usize) -> Result<String> {
    let mut text = String::new();
    for (name, fact) in facts(file) {
        text.push_str(&format!("{name:12}{fact}\n"));
    }
    text.push('\n');
    let nodes = nodes(file, digits)?;
    push_table(&mut text, &nodes.head, &nodes.rows, 0);
    text.push('\n');
    push_equations(&mut text, &equations(file, digits)?);
    Ok(text)
}

/// Columns as wide as their widest cell; the first `names` are aligned on the left.
pub(super) fn push_table(text: &mut String, head: &[&str], rows: &[Vec<String>], names: usize) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].len());
        cells.chain([head[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| match column < names {
                true => format!("{cell:<width$}"),
                false => format!("{cell:>width$}"),
            });
        text.push_str(padded.collect::<Vec<String>>().join("  ").trim_end());
        text.push('\n');
    };
    line(&mut head.iter().copied());
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
}

fn push_equations(text: &mut String, equations: &[Equation]) {
    let targets = equations
        .iter()
        .map(|equation| equation.target.len())
        .max()
        .unwrap_or(0);
    let terms = equations.iter().flat_map(|equation| &equation.terms);
    let (weights, factors) = terms.fold((0, 0), |(weights, factors), (weight, factor)| {
        (
            weights.max(weight.len()),
            factors.max(if factor.starts_with('F') {
                0
            } else {
                factor.len()
            }),
        )
    });
    for Equation { target, terms } in equations {
        let terms = terms
            .iter()
            .map(|(weight, factor)| format!("{weight:>weights$} {factor:factors$}"));
        let line = format!(
            "{target:>targets$} = {}",
            terms.collect::<Vec<String>>().join("  ")
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
}
