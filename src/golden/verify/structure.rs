//! Comparing the instruction list, and pairing each published number with its derivation.

use super::number::Number;
use crate::error::{Code, Error, Result};
use crate::plan::{Instruction, Node, Operand, Plan, Value};
use crate::schedule::Lambda;

/// A published number, what it should be, and the numbers of the same combination.
pub(super) struct Entry<'a> {
    pub(super) place: String,
    pub(super) published: &'a Value,
    pub(super) derived: &'a Number,
    /// The derived weights of the same instruction; alone for any other number.
    pub(super) row: Vec<&'a Number>,
}

/// Every number of the plan.
///
/// # Errors
/// `E-VERIFY` naming the first node, instruction or operand that is not the derived one.
pub(super) fn entries<'a>(
    published: &'a Plan<Value>,
    derived: &'a Plan<Number>,
) -> Result<Vec<Entry<'a>>> {
    same(
        "initial.states",
        &published.initial.states,
        &derived.initial.states,
    )?;
    same(
        "initial.start_at",
        &published.initial.start_at,
        &derived.initial.start_at,
    )?;
    same("recipe.threshold", &published.threshold, &derived.threshold)?;
    same("nodes, count", &published.nodes.len(), &derived.nodes.len())?;
    same(
        "program, count",
        &published.program.len(),
        &derived.program.len(),
    )?;
    let mut entries = Vec::new();
    let scale = (&published.initial.scale, &derived.initial.scale);
    entries.push(alone("initial.scale".to_owned(), scale.0, scale.1));
    for (i, (node, expected)) in published.nodes.iter().zip(&derived.nodes).enumerate() {
        nodes(&mut entries, &format!("nodes[{i}]"), node, expected)?;
    }
    for (i, pair) in published.program.iter().zip(&derived.program).enumerate() {
        instructions(&mut entries, &format!("program[{i}]"), pair)?;
    }
    Ok(entries)
}

fn alone<'a>(place: String, published: &'a Value, derived: &'a Number) -> Entry<'a> {
    Entry {
        place,
        published,
        derived,
        row: vec![derived],
    }
}

fn same<T: PartialEq + std::fmt::Debug>(place: &str, found: &T, expected: &T) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::new(
        Code::Verify,
        format!("published {found:?}, re-derived {expected:?}"),
        place,
        "derive the plan anew; if it differs again, report it",
    ))
}

fn nodes<'a>(
    entries: &mut Vec<Entry<'a>>,
    place: &str,
    published: &'a Node<Value>,
    derived: &'a Node<Number>,
) -> Result<()> {
    let kind = |lambda: &str| lambda.to_owned();
    let ends = (
        infinity(&published.point.lambda),
        infinity(&derived.point.lambda),
    );
    same(&format!("{place}.lambda"), &kind(ends.0), &kind(ends.1))?;
    let optional = [
        ("t", published.point.t.as_ref(), derived.point.t.as_ref()),
        (
            "lambda",
            published.point.lambda.finite(),
            derived.point.lambda.finite(),
        ),
        ("label", published.label.as_ref(), derived.label.as_ref()),
    ];
    for (name, found, expected) in optional {
        let place = format!("{place}.{name}");
        match (found, expected) {
            (Some(found), Some(expected)) => entries.push(alone(place, found, expected)),
            _ => same(&place, &found.is_some(), &expected.is_some())?,
        }
    }
    let always = [
        ("alpha", &published.point.alpha, &derived.point.alpha),
        ("sigma", &published.point.sigma, &derived.point.sigma),
        ("input_scale", &published.input_scale, &derived.input_scale),
    ];
    entries.extend(
        always.map(|(name, found, expected)| alone(format!("{place}.{name}"), found, expected)),
    );
    Ok(())
}

fn infinity<T>(lambda: &Lambda<T>) -> &'static str {
    match lambda {
        Lambda::Finite(_) => "a finite number",
        Lambda::NoSignal => "-inf",
        Lambda::NoNoise => "inf",
    }
}

fn instructions<'a>(
    entries: &mut Vec<Entry<'a>>,
    place: &str,
    pair: (&'a Instruction<Value>, &'a Instruction<Number>),
) -> Result<()> {
    match pair {
        (
            Instruction::Evaluate {
                node,
                state,
                output,
                state_weight,
                output_weight,
            },
            Instruction::Evaluate {
                node: expected_node,
                state: expected_state,
                output: expected_output,
                state_weight: expected_state_weight,
                output_weight: expected_output_weight,
            },
        ) => {
            same(&format!("{place}.evaluate.node"), node, expected_node)?;
            same(&format!("{place}.evaluate.state"), state, expected_state)?;
            same(&format!("{place}.evaluate.output"), output, expected_output)?;
            let convert = format!("{place}.evaluate.convert");
            entries.push(alone(
                format!("{convert}.state"),
                state_weight,
                expected_state_weight,
            ));
            entries.push(alone(
                format!("{convert}.output"),
                output_weight,
                expected_output_weight,
            ));
            Ok(())
        }
        (
            Instruction::Combine { target, terms },
            Instruction::Combine {
                target: expected_target,
                terms: expected_terms,
            },
        ) => {
            same(&format!("{place}.combine.target"), target, expected_target)?;
            let operands = |terms: &mut dyn Iterator<Item = Operand>| -> Vec<String> {
                terms.map(|operand| operand.to_string()).collect()
            };
            let found = operands(&mut terms.iter().map(|(operand, _)| *operand));
            let expected = operands(&mut expected_terms.iter().map(|(operand, _)| *operand));
            same(&format!("{place}.combine.terms"), &found, &expected)?;
            let row: Vec<&Number> = expected_terms.iter().map(|(_, weight)| weight).collect();
            for ((operand, found), (_, expected)) in terms.iter().zip(expected_terms) {
                entries.push(Entry {
                    place: format!("{place}.combine.{operand}"),
                    published: found,
                    derived: expected,
                    row: row.clone(),
                });
            }
            Ok(())
        }
        (found, expected) => same(place, &kind_of(found), &kind_of(expected)),
    }
}

fn kind_of<T>(instruction: &Instruction<T>) -> &'static str {
    match instruction {
        Instruction::Evaluate { .. } => "evaluate",
        Instruction::Combine { .. } => "combine",
    }
}
