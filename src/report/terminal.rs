//! A plan as a person reads it in a terminal.

use super::rows::{Equation, Table, equations, facts, nodes};
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
    push_table(&mut text, &nodes(file, digits)?);
    text.push('\n');
    push_equations(&mut text, &equations(file, digits)?);
    Ok(text)
}

fn push_table(text: &mut String, table: &Table) {
    let width = |column: usize| {
        let cells = table.rows.iter().map(|row| row[column].len());
        cells.chain([table.head[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.head.len()).map(width).collect();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:>width$}"));
        text.push_str(padded.collect::<Vec<String>>().join("  ").trim_end());
        text.push('\n');
    };
    line(&mut table.head.iter().copied());
    for row in &table.rows {
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
