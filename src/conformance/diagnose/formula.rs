//! Which formula each combination of a plan is.

use crate::plan::{Instruction, Operand, Plan, Request, formulas};
use crate::policy::Blocks;
use crate::solver::{Family, Method};

/// A formula with its place in a block of calls.
#[derive(Clone, Copy)]
pub(super) enum Formula {
    /// A multistep formula on the outputs up to its start.
    Multistep(Method),
    /// Of a block with this method: the stage of this number, counted from 1; the block ends at a node.
    Stage(Method, usize, usize),
    /// The end of a block.
    Last(Method),
}

/// A combination of a plan.
pub(super) struct Combination {
    /// The node that it starts from.
    pub(super) source: usize,
    /// The node that it leads to.
    pub(super) target: usize,
    pub(super) formula: Formula,
}

/// Every combination of the plan of a request, in order. One state is given, so that a state has
/// the number of its node.
pub(super) fn combinations(request: &Request, plan: &Plan<f64>) -> Vec<Combination> {
    let ends = plan.program.iter().filter_map(ends).collect::<Vec<_>>();
    let policy = request.policy();
    let method = request.recipe.solver.method;
    let formula = |i: usize, (source, target): (usize, usize)| {
        let stage = target - source;
        let later = ends.iter().skip(i + 1);
        let stages = stage + later.take_while(|(start, _)| *start == source).count();
        match (method.family(), policy.blocks) {
            (Family::Multistep, _) => {
                let steps = request.steps;
                Formula::Multistep(formulas::multistep(method, &policy, source, source, steps))
            }
            (_, Blocks::Progressive) => Formula::Last(method.lowered(stage)),
            _ if stage == stages => Formula::Last(method.lowered(stages)),
            _ => Formula::Stage(method.lowered(stages), stage, source + stages),
        }
    };
    let all = ends.iter().enumerate().map(|(i, ends)| Combination {
        source: ends.0,
        target: ends.1,
        formula: formula(i, *ends),
    });
    all.collect()
}

/// Where a combination starts and leads to. A limit that forgets its state starts from the node before.
fn ends(instruction: &Instruction<f64>) -> Option<(usize, usize)> {
    let Instruction::Combine { target, terms } = instruction else {
        return None;
    };
    let source = terms.iter().find_map(|(operand, _)| match operand {
        Operand::State(source) => Some(*source),
        _ => None,
    });
    Some((source.unwrap_or(target.saturating_sub(1)), *target))
}
