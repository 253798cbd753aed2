//! Nodes, labels, stages, starts inside a grid, and shapes.

use super::*;

#[test]
fn the_catalogue_is_what_is_tested_here() {
    let ids: Vec<&str> = Solver::ENTRIES.iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), SOLVERS.len());
    assert!(ids.iter().all(|id| SOLVERS.contains(id)));
}

#[test]
fn starting_inside_is_starting_on_the_rest_of_the_grid() {
    for solver in SOLVERS {
        let values = [80, 40, 21, 11, 6, 3, 1].map(|s| rational(s, 2)).to_vec();
        let explicit = |values: Vec<_>, start_at: usize, steps: usize| {
            let mut request = request(solver, "edm", "time", steps);
            request.grid = Grid::explicit(Unit::Sigma, values).unwrap();
            request.start_at = start_at;
            plan(&request)
        };
        let inside = explicit(values.clone(), 2, 6);
        let mut rest = explicit(values[2..].to_vec(), 0, 4);
        assert_eq!(inside.initial.start_at, 2);
        rest.initial.start_at = 2;
        assert_eq!(inside, rest, "{solver}");
    }
}

#[test]
fn nodes_tell_the_engine_what_the_network_expects() {
    let edm = plan(&request("dpmpp-2m", "edm", "karras", 4));
    for node in &edm.nodes {
        let sigma = node.point.sigma;
        assert!((node.label.unwrap() - sigma.ln() / 4.0).abs() < 1e-15);
        assert!((node.input_scale - 1.0 / (sigma * sigma + 0.25).sqrt()).abs() < 1e-15 * 500.0);
    }
    assert_eq!(edm.initial.scale, 80.0);
    let flow = plan(&request("ddim", "flow:shift=3", "time", 4));
    assert!(
        flow.nodes
            .iter()
            .all(|node| (node.label.unwrap() - 1000.0 * node.point.sigma).abs() < 1e-12)
    );
    for (rounding, whole) in [
        ("index", f64::round_ties_even as fn(f64) -> f64),
        ("floor", f64::floor),
        ("none", |t| t),
    ] {
        let karras = plan(&request(
            "ddim",
            "discrete-linear",
            &format!("karras:rounding={rounding},ends=zero"),
            12,
        ));
        for node in &karras.nodes[..12] {
            assert_eq!(
                node.label.unwrap(),
                whole(node.point.t.unwrap()),
                "{rounding}"
            );
        }
        assert_eq!(
            (karras.nodes[12].label, &karras.nodes[12].point.lambda),
            (None, &Lambda::NoNoise)
        );
    }
}

/// top ((N - i)/N)^2 is half an integer now and then, and f64 would not know on which side.
#[test]
fn quadratic_indices_are_rounded_from_exact_times() {
    let mut ties = 0;
    for top in 20..80_i64 {
        for steps in 2..8_i64 {
            let schedule = format!("discrete-linear:n={}", top + 1);
            let request = request(
                "ddim",
                &schedule,
                "quadratic:rounding=index",
                steps as usize,
            );
            let plan = plan(&request);
            for (i, node) in plan.nodes.iter().enumerate() {
                let (left, whole) = (top * (steps - i as i64).pow(2), steps.pow(2));
                let (below, rest) = (left / whole, 2 * (left % whole));
                let up = rest > whole || (rest == whole && below % 2 == 1);
                ties += usize::from(rest == whole);
                let expected = (below + i64::from(up)) as f64;
                assert_eq!(node.label, Some(expected), "top {top}, step {i} of {steps}");
            }
        }
    }
    assert!(ties > 50, "{ties}");
}

#[test]
fn single_step_stages_lie_where_r_says() {
    let plan = plan(&request("dpmpp-3s:r1=1/4,r2=2/3", "vp-linear", "time", 3));
    let lambda = |i: usize| *plan.nodes[i].point.lambda.finite().unwrap();
    assert_eq!((plan.nodes.len(), plan.calls()), (10, 9));
    for block in 0..3 {
        let (start, h) = (lambda(3 * block), lambda(3 * block + 3) - lambda(3 * block));
        assert!((lambda(3 * block + 1) - start - h / 4.0).abs() < 1e-14);
        assert!((lambda(3 * block + 2) - start - 2.0 * h / 3.0).abs() < 1e-14);
    }
    assert_eq!(
        Solver::parse("dpmpp-3s").unwrap().method.family(),
        Family::Singlestep
    );
}

/// Steps of equal length in lambda have exact ratios; given as explicit nodes they have rounded ones.
#[test]
fn exact_ratios_of_equal_steps_are_those_of_the_nodes() {
    for (solver, policy) in [
        ("dpmpp-3s", "blocks=progressive"),
        ("dpm-3s-taylor", "blocks=progressive"),
        ("dpmpp-2s", "blocks=progressive"),
        ("dpmpp-3m-exact", ""),
        ("dpm-3m", ""),
    ] {
        let mut request = request(solver, "vp-linear", "lambda", 9);
        request.recipe.policy = Policy::parse(policy).unwrap();
        let uniform = plan(&request);
        let lambdas = uniform
            .nodes
            .iter()
            .map(|node| *node.point.lambda.finite().unwrap());
        let lambdas = lambdas.map(|lambda| rational_from_f64(lambda).unwrap());
        request.grid = Grid::explicit(Unit::Lambda, lambdas.collect()).unwrap();
        same(
            solver,
            &last_row(&plan(&request)),
            &last_row(&uniform),
            1e-11,
        );
    }
}

/// At r1 = 1/2 the first output has no weight; from rounded lambdas it would keep some.
#[test]
fn the_middle_of_equal_steps_is_exactly_the_middle() {
    for grid in ["lambda", "exponential"] {
        let mut request = request("dpmpp-2s", "vp-linear", grid, 1000);
        request.recipe.policy = Policy::parse("blocks=progressive").unwrap();
        let mut pairs = 0;
        for instruction in &plan(&request).program {
            let Instruction::Combine { terms, .. } = instruction else {
                continue;
            };
            let outputs = terms.iter();
            let outputs = outputs.filter(|(operand, _)| matches!(operand, Operand::Output(_)));
            let weights: Vec<f64> = outputs.map(|(_, weight)| *weight).collect();
            if let [first, second] = weights[..] {
                assert!(first == 0.0 && second > 0.0, "{grid}: {first} {second}");
                pairs += 1;
            }
        }
        assert_eq!(pairs, 500, "{grid}");
    }
}

#[test]
fn vectors_of_another_length_are_refused() {
    let plan = plan(&request("sde-dpmpp-2m", "vp-linear", "time", 3));
    let zero = |_: usize| Ok(vec![0.0, 0.0]);
    let code = |result: dpm_spec::Result<Vec<f64>>| result.unwrap_err().code;
    let start = [vec![0.0, 1.0]];
    assert_eq!(
        code(plan.run(&[], |_| Ok(vec![]), zero)),
        dpm_spec::Code::Shape
    );
    assert_eq!(
        code(plan.run(&[vec![0.0], vec![1.0]], |_| Ok(vec![0.0]), zero)),
        dpm_spec::Code::Shape
    );
    assert_eq!(
        code(plan.run(&start, |_| Ok(vec![0.0]), zero)),
        dpm_spec::Code::Shape
    );
    assert_eq!(
        code(plan.run(&start, |_| Ok(vec![0.0; 2]), |_| Ok(vec![]))),
        dpm_spec::Code::Shape
    );
}
