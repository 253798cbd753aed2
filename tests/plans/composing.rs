//! Composing a program is running it; solvers commute with rotations.

use super::*;

fn unit(length: usize, index: usize) -> Vec<f64> {
    (0..length).map(|i| f64::from(i == index)).collect()
}

#[test]
fn composing_is_running_with_impulses() {
    for solver in SOLVERS {
        for policy in ["", "zero=on", "final=lower"] {
            let mut request = request(solver, "discrete-scaled-linear", "karras", 7);
            request.recipe.policy = Policy::parse(policy).unwrap();
            request.recipe.eta =
                if request.recipe.solver.entry.stochastic && !solver.starts_with("sde-dpm-") {
                    rational(1, 2)
                } else {
                    rational(0, 1)
                };
            let plan = plan(&request);
            let (matrix, columns) = (plan.transfer(), plan.columns());
            let width = columns.states + columns.outputs + columns.noises;
            let mut shown: Vec<Vec<f64>> = Vec::new();
            let start: Vec<Vec<f64>> = (0..columns.states).map(|i| unit(width, i)).collect();
            let model = |call: &Call<'_, f64>| {
                shown.push(
                    call.input
                        .iter()
                        .map(|x| x / call.node.input_scale)
                        .collect(),
                );
                Ok(unit(width, columns.states + call.index))
            };
            let noise = |k| Ok(unit(width, columns.states + columns.outputs + k));
            let end = plan.run(&start, model, noise).unwrap();
            shown.push(end);
            assert_eq!(shown.len(), matrix.nrows());
            for (i, row) in shown.iter().enumerate() {
                let expected: Vec<f64> = matrix.row(i).iter().copied().collect();
                same(
                    &format!("{solver} `{policy}`, row {i}"),
                    row,
                    &expected,
                    1e-14,
                );
            }
        }
    }
}

#[test]
fn composing_step_by_step_is_running_with_every_step_restarted() {
    for solver in SOLVERS {
        let steps = 6;
        let mut request = request(solver, "vp-linear", "time", steps);
        request.recipe.eta = match request.recipe.solver.entry.stochastic {
            true => rational(1, 1),
            false => rational(0, 1),
        };
        let plan = plan(&request);
        let (matrix, columns) = (plan.transfer_by_step(), plan.columns());
        let width = columns.states + columns.outputs + columns.noises;
        let ends = plan.step_ends();
        assert_eq!((ends.len(), columns.states), (steps, 1), "{solver}");
        let (mut shown, mut made) = (Vec::new(), Vec::new());
        let model = |call: &Call<'_, f64>| {
            shown.push(call.input.to_vec());
            Ok(unit(width, 1 + call.index))
        };
        let noise = |k| Ok(unit(width, 1 + columns.outputs + k));
        let restart = |state: usize, numbers: &mut Vec<f64>| {
            if ends.contains(&state) {
                made.push(std::mem::replace(numbers, unit(width, 0)));
            }
            Ok(())
        };
        plan.run_visited(&[unit(width, 0)], model, noise, restart)
            .unwrap();
        assert_eq!(matrix.nrows(), plan.calls() + steps, "{solver}");
        for (i, row) in shown.iter().chain(&made).enumerate() {
            let expected: Vec<f64> = matrix.row(i).iter().copied().collect();
            same(&format!("{solver}, row {i}"), row, &expected, 1e-14);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn composing_is_running_with_any_affine_model(
        solver in proptest::sample::select(SOLVERS.to_vec()),
        steps in 1_usize..9,
        start in -3.0..3.0_f64,
        slopes in proptest::collection::vec(-0.9..0.9_f64, 32),
        offsets in proptest::collection::vec(-2.0..2.0_f64, 32),
        noises in proptest::collection::vec(-2.0..2.0_f64, 32),
    ) {
        let plan = plan(&request(solver, "vp-cosine", "lambda", steps));
        let affine = |k: usize, x: f64| slopes[k] * x + offsets[k];
        let end = plan.run(&[vec![start]], |call| Ok(vec![affine(call.index, call.input[0])]), |k| Ok(vec![noises[k]])).unwrap()[0];
        let (matrix, columns) = (plan.transfer(), plan.columns());
        let mut known = vec![0.0; columns.states + columns.outputs + columns.noises];
        known[0] = start;
        known[columns.states + columns.outputs..].copy_from_slice(&noises[..columns.noises]);
        for k in 0..columns.outputs {
            let x: f64 = matrix.row(k).iter().zip(&known).map(|(a, b)| a * b).sum();
            known[columns.states + k] = affine(k, x);
        }
        let terms: Vec<f64> = matrix.row(columns.outputs).iter().zip(&known).map(|(a, b)| a * b).collect();
        let size = terms.iter().fold(1.0_f64, |m, t| m.max(t.abs()));
        let composed: f64 = terms.iter().sum();
        prop_assert!((composed - end).abs() < 1e-9 * size, "{solver}, {steps} steps: {composed} and {end}");
    }

    #[test]
    fn solvers_commute_with_rotations(
        solver in proptest::sample::select(SOLVERS.to_vec()),
        angle in 0.0..std::f64::consts::TAU,
        x in proptest::array::uniform2(-2.0..2.0_f64),
    ) {
        let mut request = request(solver, "vp-linear", "time", 6);
        request.recipe.eta = rational(0, 1);
        request.recipe.prediction = Prediction::Data;
        let plan = plan(&request);
        let turn = |a: f64, v: &[f64]| vec![a.cos() * v[0] - a.sin() * v[1], a.sin() * v[0] + a.cos() * v[1]];
        let model = |v: &[f64]| vec![(v[0] - 0.3 * v[1]).tanh(), (0.5 * v[1] + 0.1 * v[0] * v[0]).sin()];
        let direct = plan.run(&[x.to_vec()], |call| Ok(model(call.input)), |_| unreachable!()).unwrap();
        let turned = plan.run(&[turn(angle, &x)], |call| Ok(turn(angle, &model(&turn(-angle, call.input)))), |_| unreachable!()).unwrap();
        same("turned", &turned, &turn(angle, &direct), 1e-10);
    }
}
