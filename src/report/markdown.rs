//! A plan as Markdown tables.

use super::rows::{equations, facts, nodes};
use crate::error::Result;
use crate::plan::PlanFile;

/// The plan as Markdown.
///
/// # Errors
/// Those of the number of digits: `E-PARAMETER`, `E-FEATURE`.
pub fn markdown(file: &PlanFile, digits: usize) -> Result<String> {
    let facts = facts(file)
        .into_iter()
        .map(|(name, fact)| vec![name.to_owned(), fact.replace('<', "&lt;")]);
    let nodes = nodes(file, digits)?;
    let program = equations(file, digits)?.into_iter().map(|equation| {
        let terms = equation
            .terms
            .iter()
            .map(|(weight, factor)| format!("{weight} {factor}"));
        let sum = terms
            .collect::<Vec<String>>()
            .join(" + ")
            .replace("+ -", "- ");
        vec![equation.target, sum]
    });
    let tables = [
        table(&["what", "is"], facts.collect()),
        table(&nodes.head, nodes.rows),
        table(&["target", "is"], program.collect()),
    ];
    Ok(tables.join("\n"))
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut text = format!(
        "| {} |\n|{}\n",
        head.join(" | "),
        " --- |".repeat(head.len())
    );
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}
