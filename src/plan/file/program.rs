//! Reading a program: states, outputs and noises are defined once, in order, before they are used.

use super::super::number::Value;
use super::super::{Instruction, Operand, Request};
use super::raw;
use super::read::{Values, inconsistent, shown};
use super::side;
use crate::error::Result;

/// What an unfinished program has defined.
pub(super) struct Reader {
    side: &'static str,
    nodes: usize,
    states: usize,
    outputs: usize,
    noises: usize,
    reached: Option<usize>,
    program: Vec<Instruction<Value>>,
}

impl Reader {
    pub(super) fn new(states: usize, nodes: usize, request: &Request) -> Result<Self> {
        if !(1..=request.steps).contains(&states) {
            let what = format!("{states} given states for {} steps", request.steps);
            return Err(inconsistent("initial.states", what));
        }
        Ok(Reader {
            side: side(request.recipe.form().side),
            nodes,
            states,
            outputs: 0,
            noises: 0,
            reached: None,
            program: Vec::new(),
        })
    }

    pub(super) fn push(
        &mut self,
        raw: &raw::Instruction,
        values: &Values,
        place: &str,
    ) -> Result<()> {
        let instruction = match raw {
            raw::Instruction::Evaluate {
                node,
                state,
                output,
                convert,
            } => {
                let place = format!("{place}.evaluate");
                self.visit(*node, &place)?;
                if convert.to != self.side {
                    let what = format!("the recipe's side is {}", self.side);
                    return Err(inconsistent(format!("{place}.convert.to"), what));
                }
                let state = index(state, 's', &place)?;
                self.defined(state, self.states, 's', &place)?;
                let output = index(output, 'm', &place)?;
                next(output, &mut self.outputs, 'm', &place)?;
                Instruction::Evaluate {
                    node: *node,
                    state,
                    output,
                    state_weight: values.read(&convert.state, &format!("{place}.convert.state"))?,
                    output_weight: values
                        .read(&convert.output, &format!("{place}.convert.output"))?,
                }
            }
            raw::Instruction::Combine { target, terms } => {
                let place = format!("{place}.combine");
                let mut read = Vec::with_capacity(terms.len());
                for (name, weight) in terms {
                    let operand = self.operand(name, &place)?;
                    if read.iter().any(|(known, _)| *known == operand) {
                        return Err(inconsistent(&place, format!("`{operand}` stands twice")));
                    }
                    read.push((operand, values.read(weight, &format!("{place}.{operand}"))?));
                }
                if read.is_empty() {
                    return Err(inconsistent(place, "no terms"));
                }
                let target = index(target, 's', &place)?;
                next(target, &mut self.states, 's', &place)?;
                Instruction::Combine {
                    target,
                    terms: read,
                }
            }
        };
        self.program.push(instruction);
        Ok(())
    }

    /// The program, if its last instruction makes the result and it visits every node but the last.
    pub(super) fn finish(self) -> Result<Vec<Instruction<Value>>> {
        if !matches!(self.program.last(), Some(Instruction::Combine { .. })) {
            let what = "the last instruction is not a combine, so there is no result";
            return Err(inconsistent("program", what));
        }
        let visited = self.reached.map_or(0, |node| node + 1);
        if visited + 1 != self.nodes {
            let what = format!("{} nodes, but the program visits {visited}", self.nodes);
            return Err(inconsistent("nodes", what));
        }
        Ok(self.program)
    }

    /// Nodes are visited in their order.
    fn visit(&mut self, node: usize, place: &str) -> Result<()> {
        let next = self.reached.map_or(0, |reached| reached + 1);
        if node != next && self.reached != Some(node) {
            let what = format!("node {node} is visited where node {next} follows");
            return Err(inconsistent(format!("{place}.node"), what));
        }
        self.reached = Some(node);
        Ok(())
    }

    fn operand(&mut self, name: &str, place: &str) -> Result<Operand> {
        match name.as_bytes().first() {
            Some(b's') => {
                let state = index(name, 's', place)?;
                self.defined(state, self.states, 's', place)?;
                Ok(Operand::State(state))
            }
            Some(b'm') => {
                let output = index(name, 'm', place)?;
                self.defined(output, self.outputs, 'm', place)?;
                Ok(Operand::Output(output))
            }
            _ => {
                let noise = index(name, 'z', place)?;
                next(noise, &mut self.noises, 'z', place)?;
                Ok(Operand::Noise(noise))
            }
        }
    }

    fn defined(&self, index: usize, count: usize, letter: char, place: &str) -> Result<()> {
        if index < count {
            return Ok(());
        }
        let what = format!("`{letter}{index}` is used before it is made");
        Err(inconsistent(place, what))
    }
}

fn next(index: usize, count: &mut usize, letter: char, place: &str) -> Result<()> {
    if index != *count {
        let what = format!("`{letter}{index}` is made where `{letter}{count}` follows");
        return Err(inconsistent(place, what));
    }
    *count += 1;
    Ok(())
}

/// The index in a name such as `s12`.
fn index(name: &str, letter: char, place: &str) -> Result<usize> {
    name.strip_prefix(letter)
        .and_then(|digits| digits.parse().ok())
        .filter(|index: &usize| format!("{letter}{index}") == name)
        .ok_or_else(|| {
            let what = format!("`{}` is not a name such as {letter}0", shown(name));
            inconsistent(place, what)
        })
}
