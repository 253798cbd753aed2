//! A plan as LaTeX: a `tabular` of the nodes and an `align*` of the program (package amsmath).

use super::rows::{Equation, equations, facts, nodes};
use crate::error::Result;
use crate::plan::PlanFile;

/// The plan as a LaTeX fragment.
///
/// # Errors
/// Those of the number of digits: `E-PARAMETER`, `E-FEATURE`.
pub fn latex(file: &PlanFile, digits: usize) -> Result<String> {
    let mut text = String::new();
    for (name, fact) in facts(file) {
        text.push_str(&format!("% {name}: {fact}\n"));
    }
    let table = nodes(file, digits)?;
    let head: Vec<String> = table.head.iter().map(|name| column(name)).collect();
    text.push_str(&format!(
        "\\begin{{tabular}}{{{}}}\n",
        "r".repeat(head.len())
    ));
    text.push_str(&format!("{} \\\\\n\\hline\n", head.join(" & ")));
    for row in table.rows {
        let cells: Vec<String> = row.iter().map(|cell| number(cell)).collect();
        text.push_str(&format!("{} \\\\\n", cells.join(" & ")));
    }
    let lines: Vec<String> = equations(file, digits)?.iter().map(line).collect();
    text.push_str("\\end{tabular}\n\\begin{align*}\n");
    text.push_str(&lines.join(" \\\\\n"));
    text.push_str("\n\\end{align*}\n");
    Ok(text)
}

fn line(equation: &Equation) -> String {
    let terms = equation
        .terms
        .iter()
        .map(|(weight, factor)| format!("{}\\,{}", scientific(weight), symbol(factor)));
    let sum = terms
        .collect::<Vec<String>>()
        .join(" + ")
        .replace("+ -", "- ");
    format!("{} &= {sum}", symbol(&equation.target))
}

fn column(name: &str) -> String {
    match name {
        "alpha" | "sigma" | "lambda" => format!("$\\{name}$"),
        "t" => "$t$".to_owned(),
        _ => name.to_owned(),
    }
}

fn number(cell: &str) -> String {
    match cell {
        "" => String::new(),
        "inf" => "$\\infty$".to_owned(),
        "-inf" => "$-\\infty$".to_owned(),
        _ => format!("${}$", scientific(cell)),
    }
}

/// `1.5e-7` as a power of ten.
fn scientific(number: &str) -> String {
    match number.split_once('e') {
        Some((mantissa, exponent)) => format!("{mantissa} \\cdot 10^{{{exponent}}}"),
        None => number.to_owned(),
    }
}

/// `s10` with its index, `F(s0, node 0)` as a call.
fn symbol(name: &str) -> String {
    let call = name
        .strip_prefix("F(")
        .and_then(|rest| rest.strip_suffix(')'));
    match call.and_then(|call| call.split_once(", node ")) {
        Some((state, node)) => format!("F({}; {node})", symbol(state)),
        None => {
            let (letter, index) = name.split_at(1);
            format!("{letter}_{{{index}}}")
        }
    }
}
