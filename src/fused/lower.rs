//! From a plan to passes: which array holds what, and when it is free again.

use super::{Conversion, Lowering, Pass, Program, Source, Stage, Sum};
use crate::arithmetic::{Real, rational};
use crate::error::{Code, Error, Result};
use crate::plan::{Instruction, Operand, Plan};
use crate::threshold::Threshold;

impl<T: Real> Program<T> {
    /// Lowers a plan.
    ///
    /// Weights under guidance are products: lower a double-double plan and round the program once.
    ///
    /// # Errors
    /// `E-PARAMETER` for fewer than 4 arrays a pass; `E-THRESHOLD` for an unfit threshold.
    pub fn lower(plan: &Plan<T>, lowering: &Lowering) -> Result<Self> {
        if lowering.arrays < 4 {
            return Err(Error::new(
                Code::Parameter,
                format!("{} arrays a pass", lowering.arrays),
                "arrays",
                "a conversion under guidance touches 4; every wgpu device binds at least 8",
            ));
        }
        plan.threshold.map(Threshold::check).transpose()?;
        let mut writer = Writer::new(plan, lowering);
        let mut program = plan.program.iter().enumerate().peekable();
        while let Some((at, instruction)) = program.next() {
            match instruction {
                Instruction::Combine { target, terms } => writer.combine(at, None, *target, terms),
                Instruction::Evaluate {
                    node,
                    state,
                    output,
                    state_weight,
                    output_weight,
                } => {
                    writer.call(*node, *state);
                    let conversion = writer.conversion(*state, state_weight, output_weight);
                    let fused =
                        program.next_if(|(_, next)| matches!(next, Instruction::Combine { .. }));
                    match fused {
                        Some((at, Instruction::Combine { target, terms })) => {
                            writer.combine(at, Some((*output, conversion)), *target, terms);
                        }
                        _ => writer.keep(at, *output, conversion),
                    }
                }
            }
        }
        Ok(writer.finish())
    }
}

/// Arrays in use: which value each holds, if any.
#[derive(Default)]
struct Arrays {
    holds: Vec<Option<usize>>,
}

impl Arrays {
    fn of(&self, value: usize) -> usize {
        self.holds
            .iter()
            .position(|held| *held == Some(value))
            .unwrap_or(0)
    }

    fn take(&mut self, value: usize) -> usize {
        let free = self.holds.iter().position(Option::is_none);
        let at = free.unwrap_or(self.holds.len());
        if free.is_none() {
            self.holds.push(None);
        }
        self.holds[at] = Some(value);
        at
    }

    fn release(&mut self, dead: impl Fn(usize) -> bool) {
        for held in &mut self.holds {
            *held = held.filter(|value| !dead(*value));
        }
    }
}

struct Writer<'a, T> {
    plan: &'a Plan<T>,
    lowering: &'a Lowering,
    /// The last instruction that reads each state, each output.
    last_state: Vec<usize>,
    last_output: Vec<usize>,
    states: Arrays,
    outputs: Arrays,
    stages: Vec<Stage<T>>,
    calls: usize,
    result: usize,
}

impl<'a, T: Real> Writer<'a, T> {
    fn new(plan: &'a Plan<T>, lowering: &'a Lowering) -> Self {
        let mut last_state = vec![0; plan.initial.states];
        let mut last_output = Vec::new();
        for (at, instruction) in plan.program.iter().enumerate() {
            match instruction {
                Instruction::Evaluate { state, .. } => {
                    last_state[*state] = at;
                    last_output.push(at);
                }
                Instruction::Combine { terms, .. } => {
                    for (operand, _) in terms {
                        match operand {
                            Operand::State(i) => last_state[*i] = at,
                            Operand::Output(i) => last_output[*i] = at,
                            Operand::Noise(_) => {}
                        }
                    }
                    last_state.push(at);
                }
            }
        }
        // The result outlives the program.
        if let Some(last) = last_state.last_mut() {
            *last = plan.program.len();
        }
        let states = Arrays {
            holds: (0..plan.initial.states).map(Some).collect(),
        };
        Writer {
            plan,
            lowering,
            last_state,
            last_output,
            states,
            outputs: Arrays::default(),
            stages: Vec::new(),
            calls: 0,
            result: 0,
        }
    }

    /// A model call; where the network wants its input scaled, a pass makes that first.
    fn call(&mut self, node: usize, state: usize) {
        let scale = &self.plan.nodes[node].input_scale;
        let array = self.states.of(state);
        let mut input = array;
        if scale.to_f64() != 1.0 {
            // Held by no value of the plan, and free again after the call.
            input = self.states.take(usize::MAX);
            let terms = vec![(Source::State(array), scale.clone())];
            self.stages.push(Stage::Pass(Pass {
                conversion: None,
                sum: Some(Sum {
                    target: input,
                    terms,
                }),
            }));
        }
        self.stages.push(Stage::Call {
            call: self.calls,
            node,
            input,
        });
        self.calls += 1;
        self.states.release(|value| value == usize::MAX);
    }

    fn conversion(&self, state: usize, state_weight: &T, output_weight: &T) -> Conversion<T> {
        let one = output_weight.like(1, 1);
        let (conditional, unconditional) = match self.lowering.guidance {
            None => (output_weight.clone(), None),
            Some(guidance) => {
                let scale = one.constant(guidance);
                let rest = one.constant(rational(1, 1) - guidance);
                (
                    output_weight.clone() * &scale,
                    Some(output_weight.clone() * &rest),
                )
            }
        };
        let clip = match self.plan.threshold {
            Some(Threshold::Static { bound }) => Some(one.constant(bound)),
            _ => None,
        };
        let shown =
            (state_weight.to_f64() != 0.0).then(|| (self.states.of(state), state_weight.clone()));
        Conversion {
            state: shown,
            conditional,
            unconditional,
            clip,
            keep: None,
        }
    }

    /// Converts and keeps, without a sum.
    fn keep(&mut self, at: usize, output: usize, conversion: Conversion<T>) {
        let array = self.outputs.take(output);
        let conversion = Some(Conversion {
            keep: Some(array),
            ..conversion
        });
        self.stages.push(Stage::Pass(Pass {
            conversion,
            sum: None,
        }));
        if matches!(self.plan.threshold, Some(Threshold::Dynamic { .. })) {
            self.stages.push(Stage::Threshold { output: array });
        }
        let (last_state, last_output) = (&self.last_state, &self.last_output);
        self.states.release(|value| last_state[value] <= at);
        self.outputs.release(|value| last_output[value] <= at);
    }

    /// A sum, with the conversion before it if both fit into one pass.
    fn combine(
        &mut self,
        at: usize,
        converted: Option<(usize, Conversion<T>)>,
        target: usize,
        terms: &[(Operand, T)],
    ) {
        let dynamic = matches!(self.plan.threshold, Some(Threshold::Dynamic { .. }));
        match converted {
            Some((output, conversion)) if !dynamic => {
                let fused = self.fused(at, output, &conversion, target, terms);
                match fused {
                    Some(pass) => self.stages.push(Stage::Pass(pass)),
                    None => {
                        // Not yet: the sum below reads what this pass keeps.
                        self.keep(at - 1, output, conversion);
                        self.sums(at, target, terms);
                    }
                }
            }
            Some((output, conversion)) => {
                self.keep(at - 1, output, conversion);
                self.sums(at, target, terms);
            }
            None => self.sums(at, target, terms),
        }
    }

    /// One pass for conversion and sum, if it touches few enough arrays.
    fn fused(
        &mut self,
        at: usize,
        output: usize,
        conversion: &Conversion<T>,
        target: usize,
        terms: &[(Operand, T)],
    ) -> Option<Pass<T>> {
        let sources = self.sources(terms, Some(output));
        let (held_states, held_outputs) = (self.states.holds.clone(), self.outputs.holds.clone());
        let (last_state, last_output) = (&self.last_state, &self.last_output);
        // An array whose value dies here may be written in place: elements do not see each other.
        self.outputs.release(|value| last_output[value] <= at);
        let keep = (last_output[output] > at).then(|| self.outputs.take(output));
        self.states.release(|value| last_state[value] <= at);
        let target = self.states.take(target);
        self.result = target;
        let pass = Pass {
            conversion: Some(Conversion {
                keep,
                ..conversion.clone()
            }),
            sum: Some(Sum {
                target,
                terms: sources,
            }),
        };
        if pass.arrays() <= self.lowering.arrays {
            return Some(pass);
        }
        self.states.holds = held_states;
        self.outputs.holds = held_outputs;
        None
    }

    /// A sum alone, in as many passes as the arrays ask for; partial sums are stored in the target.
    fn sums(&mut self, at: usize, target: usize, terms: &[(Operand, T)]) {
        let sources = self.sources(terms, None);
        let one = terms.first().map(|(_, weight)| weight.like(1, 1));
        let (last_state, last_output) = (&self.last_state, &self.last_output);
        let single = sources.len() < self.lowering.arrays;
        if single {
            self.states.release(|value| last_state[value] <= at);
        }
        let target = self.states.take(target);
        self.result = target;
        let mut rest = sources.as_slice();
        let mut partial = None;
        loop {
            let room = self.lowering.arrays - 1;
            let (now, later) = rest.split_at(room.min(rest.len()));
            let begun = partial.take().into_iter();
            let terms = begun.chain(now.iter().cloned()).collect();
            self.stages.push(Stage::Pass(Pass {
                conversion: None,
                sum: Some(Sum { target, terms }),
            }));
            rest = later;
            partial = one.clone().map(|one| (Source::State(target), one));
            if rest.is_empty() {
                break;
            }
        }
        self.states.release(|value| last_state[value] <= at);
        self.outputs.release(|value| last_output[value] <= at);
    }

    fn sources(&self, terms: &[(Operand, T)], register: Option<usize>) -> Vec<(Source, T)> {
        let source = |operand: &Operand| match operand {
            Operand::State(i) => Source::State(self.states.of(*i)),
            Operand::Output(i) if Some(*i) == register => Source::Register,
            Operand::Output(i) => Source::Output(self.outputs.of(*i)),
            Operand::Noise(i) => Source::Noise(*i),
        };
        terms
            .iter()
            .map(|(operand, weight)| (source(operand), weight.clone()))
            .collect()
    }

    fn finish(self) -> Program<T> {
        Program {
            initial: self.plan.initial.clone(),
            nodes: self.plan.nodes.clone(),
            stages: self.stages,
            states: self.states.holds.len(),
            outputs: self.outputs.holds.len(),
            result: self.result,
            calls: self.calls,
            noises: self.plan.noises(),
            threshold: self.plan.threshold,
        }
    }
}
