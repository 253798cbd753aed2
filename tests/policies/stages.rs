//! Stages that are even in time.

use super::*;
use dpm_spec::solver::{Step, Tableau};

/// The stages' times, their parts of the step, and the weights that belong to these.
#[test]
fn stages_even_in_time_have_the_weights_of_where_they_are() {
    for (solver, calls) in [("dpmpp-3s", 3), ("dpm-3s-taylor", 3), ("dpmpp-2s", 2)] {
        let request = request(solver, "vp-linear", "lambda", "stages=time", 4);
        let plan = derive(&request, &1.0).unwrap();
        let place = |node: usize| &plan.nodes[node].point;
        let time = |node: usize| place(node).t.unwrap();
        let lambda = |node: usize| *place(node).lambda.finite().unwrap();
        for block in 0..4 {
            let (first, last) = (block * calls, (block + 1) * calls);
            let h = lambda(last) - lambda(first);
            let mut ratios = Vec::new();
            for stage in 1..calls {
                let even = (time(last) - time(first)) * stage as f64 / calls as f64;
                let told = time(first + stage);
                assert!(
                    (told - time(first) - even).abs() < 1e-15,
                    "{solver}: {told}"
                );
                ratios.push((lambda(first + stage) - lambda(first)) / h);
            }
            let usual = (1..calls).map(|stage| stage as f64 / calls as f64);
            let moved = ratios.iter().zip(usual).map(|(r, even)| (r - even).abs());
            assert!(moved.fold(0.0, f64::max) > 0.01, "{solver}: {ratios:?}");
            // The step itself is the last of the block's combinations.
            let combinations = plan.program.iter().filter_map(|it| match it {
                Instruction::Combine { terms, .. } => Some(terms),
                Instruction::Evaluate { .. } => None,
            });
            let terms = combinations.clone().nth(last - 1).unwrap();
            let form = request.recipe.form();
            let step = Step::new(h, &form.c(&h));
            let tableau = Tableau::new(request.recipe.solver.method, &step, ratios);
            let scale = form.transfer(place(first), place(last), &h).output;
            for (operand, weight) in terms {
                let Operand::Output(output) = operand else {
                    continue;
                };
                let expected = tableau.last[output - first] * scale;
                assert!((weight - expected).abs() < 1e-14, "{solver}, block {block}");
            }
        }
    }
}

#[test]
fn on_equal_times_fast_blocks_then_use_the_nodes_of_the_grid() {
    let policy = "blocks=fast,outer=nodes,stages=time";
    let fast = derive(&request("dpmpp-3s", "vp-linear", "time", policy, 10), &1.0).unwrap();
    assert_eq!(fast.nodes.len(), 11);
    for (i, node) in fast.nodes.iter().enumerate() {
        let expected = 1.0 + (0.001 - 1.0) * i as f64 / 10.0;
        assert!((node.point.t.unwrap() - expected).abs() < 1e-15, "node {i}");
    }
}

#[cfg(feature = "oracle")]
#[test]
fn their_order_is_the_usual_one() {
    use dpm_spec::order::whole_run::{GridClass, whole_run};
    for (solver, order) in [("dpmpp-3s", 3), ("dpm-3s-taylor", 3), ("dpm-2s", 2)] {
        let solver = Solver::parse(solver).unwrap();
        let policy = Policy::parse("stages=time").unwrap();
        for grid in [GridClass::Arbitrary, GridClass::Smooth, GridClass::Uniform] {
            assert_eq!(whole_run(&solver, &policy, grid), Some(order), "{solver}");
        }
    }
    let ddim = Solver::parse("ddim").unwrap();
    let policy = Policy::parse("stages=time").unwrap();
    assert_eq!(whole_run(&ddim, &policy, GridClass::Arbitrary), None);
}

#[test]
fn stages_in_time_are_refused_where_there_are_none() {
    for (solver, policy) in [
        ("dpmpp-2m", "stages=time"),
        ("ddim", "stages=time"),
        ("dpmpp-3s", "stages=time,blocks=progressive"),
        ("dpmpp-3s:r1=1/4", "stages=time"),
        ("dpm-2s:r1=1", "stages=time"),
    ] {
        let refused = derive(&request(solver, "vp-linear", "lambda", policy, 5), &1.0);
        assert_eq!(refused.unwrap_err().code, Code::Policy, "{solver} {policy}");
    }
    assert_eq!(Policy::parse("stages=even").unwrap_err().code, Code::Policy);
    let policy = Policy::parse("blocks=fast,outer=nodes,stages=time").unwrap();
    assert_eq!(Policy::parse(&policy.to_string()).unwrap(), policy);
}
