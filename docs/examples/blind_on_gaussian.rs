//! A wrong method that Gaussian data cannot see: `cargo run --example blind_on_gaussian`.
//!
//! DPM-Solver++(3S) asks the model at a state s. The wrong variant asks at 3s/4 and at 5s/4 and
//! averages the two answers. Where the model is affine in s, as on Gaussian data, the average is
//! the model's answer at s; elsewhere it is not.

use dpm_spec::arithmetic::{DoubleDouble, Field, rational};
use dpm_spec::converge::{Pattern, Refinement, error_of};
use dpm_spec::plan::{Instruction, Operand, Plan, Request, derive};
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::Problem;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};
use std::collections::HashMap;

type Number = DoubleDouble;

/// The plan with every model call split in two around its state.
fn averaging(plan: &Plan<Number>) -> Plan<Number> {
    let near = |num, den| Number::ONE.like(num, den);
    let mut moved: HashMap<usize, usize> = (0..plan.initial.states).map(|s| (s, s)).collect();
    let (mut states, mut outputs) = (plan.initial.states, 0);
    let mut program = Vec::new();
    for instruction in &plan.program {
        match instruction.clone() {
            Instruction::Evaluate {
                node,
                state,
                state_weight,
                output_weight,
                ..
            } => {
                for factor in [near(3, 4), near(5, 4)] {
                    let terms = vec![(Operand::State(moved[&state]), factor)];
                    program.push(Instruction::Combine {
                        target: states,
                        terms,
                    });
                    program.push(Instruction::Evaluate {
                        node,
                        state: states,
                        output: outputs,
                        state_weight,
                        output_weight,
                    });
                    states += 1;
                    outputs += 1;
                }
            }
            Instruction::Combine { target, terms } => {
                let halves = |(operand, weight): (Operand, Number)| match operand {
                    Operand::State(state) => vec![(Operand::State(moved[&state]), weight)],
                    Operand::Output(output) => [2 * output, 2 * output + 1]
                        .map(|half| (Operand::Output(half), weight * near(1, 2)))
                        .to_vec(),
                    Operand::Noise(_) => vec![(operand, weight)],
                };
                let terms = terms.into_iter().flat_map(halves).collect();
                program.push(Instruction::Combine {
                    target: states,
                    terms,
                });
                moved.insert(target, states);
                states += 1;
            }
        }
    }
    Plan {
        program,
        ..plan.clone()
    }
}

/// The right plan and the wrong one, on lambda in [-2, 2].
pub(crate) fn plans(steps: usize) -> dpm_spec::Result<[Plan<Number>; 2]> {
    let schedule = Schedule::parse("vp-linear")?;
    let mut recipe = Recipe::new(Solver::parse("dpmpp-3s")?, &schedule);
    recipe.prediction = Prediction::Data;
    let refinement = Refinement::Pattern {
        from: rational(-2, 1),
        to: rational(2, 1),
        pattern: Pattern::Uniform,
    };
    let request = Request::new(recipe, schedule, refinement.grid(steps)?, steps);
    let plan = derive(&request, &Number::ONE)?;
    let wrong = averaging(&plan);
    Ok([plan, wrong])
}

/// Errors of both on both problems.
pub(crate) fn table() -> dpm_spec::Result<String> {
    let mut text = String::from(
        "                           gaussian               mixture\n  N     asked at s   at 3s/4, 5s/4   asked at s   at 3s/4, 5s/4\n",
    );
    let problems = [Problem::parse("gaussian")?, Problem::parse("mixture")?];
    for steps in [10, 20, 40, 80, 160] {
        text.push_str(&format!("{steps:>3}"));
        for problem in &problems {
            for (plan, width) in plans(steps)?.iter().zip([15, 16]) {
                let error = error_of(plan, Side::Data, problem)?;
                let error = error.map_or("diverged".to_owned(), |error| format!("{error:.2e}"));
                text.push_str(&format!("{error:>width$}"));
            }
        }
        text.push('\n');
    }
    Ok(text)
}

#[allow(dead_code, reason = "tests take the table from here")]
fn main() -> dpm_spec::Result<()> {
    print!("{}", table()?);
    Ok(())
}
