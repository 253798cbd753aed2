//! Which order at which step, which blocks.

use super::*;

/// diffusers' DPMSolverMultistepScheduler.step, condition by condition.
fn diffusers(order: usize, n: usize, lower: bool, euler: bool, zero: bool) -> Vec<usize> {
    let mut done = 0;
    (0..n)
        .map(|i| {
            let last = i + 1 == n && (euler || (lower && n < 15) || zero);
            let second = i + 2 == n && lower && n < 15;
            let now = if order == 1 || done < 1 || last {
                1
            } else if order == 2 || done < 2 || second {
                2
            } else {
                3
            };
            done = (done + 1).min(order);
            now
        })
        .collect()
}

/// The authors' multistep loop: orders 1..p at the start, then min(p, N + 1 - step) below ten steps.
fn authors(order: usize, n: usize) -> Vec<usize> {
    let start = 1..order;
    let rest = (order..=n).map(|step| {
        if n < 10 {
            order.min(n + 1 - step)
        } else {
            order
        }
    });
    start.chain(rest).collect()
}

/// The lower orders of these solvers are solvers of the catalogue, at the start and at the end.
#[test]
fn solvers_with_lower_orders_of_their_own_take_them() {
    for family in ["deis-rho", "ipndm"] {
        let combined = |order: usize, policy: &str, step: usize| {
            let solver = format!("{family}-{order}");
            let plan = plan(&solver, policy, 6);
            let combinations = plan.program.iter().filter_map(|it| match it {
                Instruction::Combine { terms, .. } => Some(terms.clone()),
                Instruction::Evaluate { .. } => None,
            });
            combinations.collect::<Vec<_>>()[step].clone()
        };
        for lower in [2, 3] {
            let own = combined(lower, "", lower - 1);
            assert_eq!(
                combined(4, "", lower - 1),
                own,
                "{family}-{lower} in step {lower}"
            );
            let step = 6 - lower;
            let last = combined(lower, "", step);
            assert_eq!(
                combined(4, "final=lower", step),
                last,
                "{family}-{lower} in step {step}"
            );
            assert_ne!(combined(4, "", step), last);
        }
    }
}

/// `sample_lms` of k-diffusion: min(i + 1, order), to sigma = 0 as well.
#[test]
fn solvers_with_a_limit_keep_their_outputs_to_sigma_zero() {
    for (solver, order) in [
        ("deis-rho-2", 2),
        ("deis-rho-3", 3),
        ("deis-rho-4", 4),
        ("ipndm-4", 4),
    ] {
        for n in 1..=12 {
            let ramp: Vec<usize> = (1..=n).map(|i| order.min(i)).collect();
            assert_eq!(orders(&plan(solver, "", n)), ramp, "{solver}, N = {n}");
            assert_eq!(
                orders(&plan(solver, "zero=on", n)),
                ramp,
                "{solver}, N = {n}"
            );
        }
    }
}

#[test]
fn multistep_orders_are_the_libraries_for_every_number_of_steps() {
    for (solver, order) in [
        ("ddim", 1),
        ("dpmpp-2m", 2),
        ("dpmpp-2m-exact", 2),
        ("dpmpp-3m", 3),
        ("dpm-3m-exact", 3),
    ] {
        for n in 1..=20 {
            for zero in [false, true] {
                let end = if zero { ",zero=on" } else { "" };
                let table = [
                    ("final=full", false, false),
                    ("final=lower<15", true, false),
                    ("final=euler", false, true),
                ];
                for (policy, lower, euler) in table {
                    let got = orders(&plan(solver, &format!("{policy}{end}"), n));
                    assert_eq!(
                        got,
                        diffusers(order, n, lower, euler, zero),
                        "{solver} {policy}{end}, N = {n}"
                    );
                }
            }
            if n >= order {
                assert_eq!(
                    orders(&plan(solver, "final=lower<10", n)),
                    authors(order, n),
                    "{solver}, authors, N = {n}"
                );
            }
            let always: Vec<usize> = (0..n).map(|i| order.min(i + 1).min(n - i)).collect();
            assert_eq!(
                orders(&plan(solver, "final=lower", n)),
                always,
                "{solver} final=lower, N = {n}"
            );
        }
    }
}

/// UniP-4 of the authors' code, and azula's `xEABSampler` with `start=ramp-exact`: min(i + 1, 4).
#[test]
fn four_outputs_are_reached_through_2m_and_3m_exact() {
    let row = |solver: &str, policy: &str, step: usize| {
        let combinations = plan(solver, policy, 6).program.into_iter();
        let terms = combinations.filter_map(|it| match it {
            Instruction::Combine { terms, .. } => Some(terms),
            Instruction::Evaluate { .. } => None,
        });
        terms.collect::<Vec<_>>()[step].clone()
    };
    for side in ["dpmpp", "dpm"] {
        let (three, four) = (format!("{side}-3m-exact"), format!("{side}-4m-exact"));
        for start in ["start=ramp", "start=ramp-exact"] {
            for step in 0..3 {
                assert_eq!(row(&four, start, step), row(&three, start, step), "{start}");
            }
            assert_ne!(row(&four, start, 3), row(&three, start, 3));
            let last = format!("{start},final=lower");
            assert_eq!(row(&four, &last, 3), row(&three, &last, 3), "{last}");
        }
        for n in 1..=8 {
            let full: Vec<usize> = (1..=n).map(|i| i.min(4)).collect();
            assert_eq!(orders(&plan(&four, "", n)), full, "N = {n}");
        }
        let to_zero = orders(&plan(&four, "zero=on", 7));
        assert_eq!(to_zero[to_zero.len() - 1], 1);
    }
}

#[test]
fn order_two_of_the_start_is_the_variant_that_the_policy_names() {
    let row = |solver: &str, policy: &str| match &plan(solver, policy, 6).program[3] {
        Instruction::Combine { terms, .. } => terms.clone(),
        Instruction::Evaluate { .. } => panic!("step 2 is the fourth instruction"),
    };
    assert_eq!(row("dpmpp-3m-exact", "start=ramp"), row("dpmpp-2m", ""));
    assert_eq!(
        row("dpmpp-3m-exact", "start=ramp-exact"),
        row("dpmpp-2m-exact", "")
    );
    assert_ne!(row("dpmpp-2m", ""), row("dpmpp-2m-exact", ""));
    let exact = plan("dpmpp-3m", "start=exact", 6);
    assert_eq!(
        (exact.initial.states, orders(&exact)),
        (3, vec![3, 3, 3, 3])
    );
}

/// Model calls between outer nodes: states that a block starts from are the results of blocks.
fn block_lengths(plan: &Plan<f64>) -> Vec<usize> {
    let mut lengths = Vec::new();
    let (mut start, mut calls) = (None, 0);
    for instruction in &plan.program {
        match instruction {
            Instruction::Evaluate { .. } => calls += 1,
            Instruction::Combine { terms, .. } => {
                let from = terms
                    .iter()
                    .find_map(|(o, _)| matches!(o, Operand::State(_)).then_some(*o));
                if start.is_some() && start != from {
                    lengths.push(calls - 1);
                    calls = 1;
                }
                start = from;
            }
        }
    }
    lengths.push(calls);
    lengths
}

#[test]
fn fast_blocks_spend_exactly_the_calls_they_are_given() {
    for (solver, order) in [("dpmpp-3s", 3), ("dpm-3s-taylor", 3), ("dpmpp-2s", 2)] {
        for calls in 1..=20 {
            for outer in ["nodes", "blocks"] {
                let plan = plan(solver, &format!("blocks=fast,outer={outer}"), calls);
                assert_eq!(plan.calls(), calls, "{solver}, {outer}");
                assert_eq!(
                    block_lengths(&plan),
                    fast(order, calls),
                    "{solver}, {outer}, N = {calls}"
                );
            }
        }
    }
}

#[test]
fn fast_outer_nodes_lie_on_the_grid_that_was_named() {
    for (outer, expected) in [("nodes", [0, 3, 6, 8]), ("blocks", [0, 8, 16, 24])] {
        let plan = plan("dpmpp-3s", &format!("blocks=fast,outer={outer}"), 8);
        let lambda = |i: usize| *plan.nodes[i].point.lambda.finite().unwrap();
        let span = lambda(plan.nodes.len() - 1) - lambda(0);
        let whole = if outer == "nodes" { 8.0 } else { 24.0 };
        for (node, at) in [0, 3, 6, 8].into_iter().zip(expected) {
            let got = (lambda(node) - lambda(0)) / span * whole;
            assert!(
                (got - f64::from(at)).abs() < 1e-12,
                "{outer}: outer node {node} at {got}"
            );
        }
    }
}

#[test]
fn progressive_orders_are_diffusers_singlestep() {
    let library: Value =
        serde_json::from_str(&std::fs::read_to_string("tests/data/torch/grids.json").unwrap())
            .unwrap();
    for row in library["blocks"].as_array().unwrap() {
        let expected: Vec<usize> = serde_json::from_value(row["orders"].clone()).unwrap();
        let lower = if row["lower"] == true {
            "lower"
        } else {
            "full"
        };
        let zero = if row["zero"] == true { "on" } else { "off" };
        for side in ["dpmpp", "dpm"] {
            let solver = format!("{side}-{}s-taylor", row["order"]);
            let plan = plan(
                &solver,
                &format!("blocks=progressive,final={lower},zero={zero}"),
                expected.len(),
            );
            assert_eq!(
                orders(&plan),
                expected,
                "{solver}, final={lower}, zero={zero}"
            );
            assert_eq!(
                (plan.calls(), plan.nodes.len()),
                (expected.len(), expected.len() + 1)
            );
        }
    }
}

#[test]
fn progressive_orders_are_lowered_below_a_number_of_steps() {
    for (solver, steps, below, expected) in [
        ("dpmpp-3s-taylor", 6, 7, vec![1, 2, 3, 1, 2, 1]),
        ("dpmpp-3s-taylor", 6, 6, vec![1, 2, 3, 1, 2, 3]),
        ("dpmpp-3s-taylor", 6, 5, vec![1, 2, 3, 1, 2, 3]),
        ("dpmpp-2s-taylor", 4, 15, vec![1, 2, 1, 1]),
        ("dpmpp-2s-taylor", 4, 4, vec![1, 2, 1, 2]),
    ] {
        let policy = format!("blocks=progressive,final=lower<{below}");
        let plan = plan(solver, &policy, steps);
        assert_eq!(orders(&plan), expected, "{solver}, {policy}");
    }
}

#[test]
fn progressive_blocks_started_inside_climb_again() {
    let mut request = request(
        "dpmpp-3s-taylor",
        "vp-linear",
        "time",
        "blocks=progressive",
        9,
    );
    for (start_at, expected) in [
        (0, vec![1, 2, 3, 1, 2, 3, 1, 2, 3]),
        (1, vec![1, 2, 1, 2, 3, 1, 2, 3]),
        (2, vec![1, 1, 2, 3, 1, 2, 3]),
        (8, vec![1]),
    ] {
        request.start_at = start_at;
        assert_eq!(
            orders(&derive(&request, &1.0).unwrap()),
            expected,
            "start at {start_at}"
        );
    }
}

#[test]
fn lowered_blocks_have_their_stage_in_the_middle() {
    for (solver, two) in [("dpmpp-3s", "dpmpp-2s"), ("dpm-3s-taylor", "dpm-2s-taylor")] {
        let lowered = plan(&format!("{solver}:r1=1/5"), "final=lower", 4);
        assert_eq!(block_lengths(&lowered), [3, 3, 2, 1]);
        // Nodes 6 to 8 are the block of order 2: its two combinations are those of 2s at r1 = 1/2.
        let half = plan(two, "", 4);
        assert_eq!(lowered.nodes[7].point, half.nodes[5].point, "{solver}");
        let weights = |plan: &Plan<f64>, block: usize| {
            let combine = |i: &Instruction<f64>| match i {
                Instruction::Combine { terms, .. } => {
                    Some(terms.iter().map(|(_, weight)| *weight).collect::<Vec<_>>())
                }
                Instruction::Evaluate { .. } => None,
            };
            let all: Vec<_> = plan.program.iter().filter_map(combine).collect();
            [all[block].clone(), all[block + 1].clone()]
        };
        assert_eq!(weights(&lowered, 6), weights(&half, 4), "{solver}");
    }
}
