use crate::assert_solves_the_flow;
use dpm_spec::arithmetic::{Real, Special, rational};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Instruction, Operand, Request, derive};
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::{Factors, Model, Problem, Product};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use proptest::prelude::*;

fn rotated_mixture() -> Product {
    match Problem::parse("rotated-mixture").unwrap() {
        Problem::Product(product) => product,
        other => panic!("{other}"),
    }
}

#[test]
fn solution_of_rotated_mixtures_solves_the_flow() {
    assert_solves_the_flow("rotated-mixture");
    assert_solves_the_flow("rotated-mixture:w=1|1/2;1/2,mu=3|-1;1/3,s2=1/4|1/7;0,v=3;4");
}

#[test]
fn parameters_that_make_no_rotated_mixture_are_refused() {
    for (parameters, code) in [
        ("w=1|1,mu=0|1,s2=1|1,v=0;0", "E-PROBLEM"),
        ("w=1|1,mu=0|1,s2=1|1,v=1;2;3", "E-PROBLEM"),
        ("w=1|1,mu=0|1,s2=1|1,v=1;2|1", "E-PROBLEM"),
        ("w=1|1,mu=0|1,s2=1|1", "E-PROBLEM"),
        ("w=1|1,mu=0,s2=1|1,v=1;2", "E-PROBLEM"),
        ("w=1|1/2,mu=0|1,s2=1|1,v=1;2", "E-PROBLEM"),
        ("w=1|1,mu=0|1,s2=1|-1,v=1;2", "E-PROBLEM"),
        ("v=1;2;x", "E-NUMBER"),
        ("v=1;2;", "E-NUMBER"),
        ("q=1", "E-PARAMETER"),
    ] {
        let error = Problem::parse(&format!("rotated-mixture:{parameters}")).unwrap_err();
        assert_eq!(error.code.text(), code, "{parameters}: {error}");
    }
    let factors = || Factors::Mixtures(Vec::new());
    assert_eq!(
        Product::new(factors(), Vec::new()).unwrap_err().code.text(),
        "E-PROBLEM"
    );
    let model = rotated_mixture().model(&1.0);
    let error = Model::Product(model).denoise(&1.0, &[1.0]).unwrap_err();
    assert_eq!(error.code.text(), "E-SHAPE");
}

/// Q = (I - 2vv'/14)(I - 2uu'/6) with v = (2, -1, 3), u = (1, 2, -1), multiplied out in fractions.
#[test]
fn rotation_is_the_product_of_its_reflections() {
    let rotation = rotated_mixture().rotation(&1.0_f64);
    let columns: Vec<Vec<f64>> = (0..3)
        .map(|j| rotation.turn(&[0, 1, 2].map(|i| f64::from(u8::from(i == j)))))
        .collect();
    let expected = [[-4, -20, -5], [-5, -4, 20], [-20, 5, -4]];
    for (i, row) in expected.iter().enumerate() {
        for (j, entry) in row.iter().enumerate() {
            let entry = f64::from(*entry) / 21.0;
            assert!(
                (columns[j][i] - entry).abs() < 1e-15,
                "({i}, {j}): {} {entry}",
                columns[j][i]
            );
        }
    }
    for (j, column) in columns.iter().enumerate() {
        let back = rotation.turn_back(column);
        for (i, entry) in back.iter().enumerate() {
            assert!(
                (entry - f64::from(u8::from(i == j))).abs() < 1e-15,
                "{back:?}"
            );
        }
    }
}

#[test]
fn factors_without_reflections_are_independent_mixtures() {
    let factors = rotated_mixture().factors();
    let mixtures = factors.iter().map(|factor| match factor {
        Problem::Mixture(mixture) => mixture.clone(),
        other => panic!("{other}"),
    });
    let plain = Product::new(Factors::Mixtures(mixtures.collect()), Vec::new()).unwrap();
    let model = Problem::Product(plain).model(&1.0);
    let z = [0.3, -0.7, 1.1];
    let together = model.denoise(&0.5, &z).unwrap();
    for (i, factor) in factors.iter().enumerate() {
        assert_eq!(
            factor.model(&1.0).denoise(&0.5, &z[i..=i]).unwrap(),
            [together[i]]
        );
    }
}

/// The result of a plan with the exact denoiser as network, and the largest term it summed up, at
/// least 1: rounding errors are in proportion to it. Noise `k` is `noises[k]`.
fn run<T: Special>(
    request: &Request,
    model: &Model<T>,
    start: Vec<T>,
    noises: &[Vec<T>],
) -> (Vec<T>, f64) {
    let plan = derive(request, &start[0]).unwrap();
    let mut states = vec![largest(&start)];
    let mut outputs = Vec::new();
    let network = |call: &dpm_spec::plan::Call<'_, T>| {
        let point = &call.node.point;
        let ratio = point.sigma.clone() / &point.alpha;
        let scale = call.node.input_scale.clone() * &point.alpha;
        let z: Vec<T> = call.input.iter().map(|x| x.clone() / &scale).collect();
        let output = model.denoise(&(ratio.clone() * &ratio), &z)?;
        outputs.push(largest(&output));
        Ok(output)
    };
    let seen = |_, state: &mut Vec<T>| {
        states.push(largest(state));
        Ok(())
    };
    let result = plan
        .run_visited(&[start], network, |k| Ok(noises[k].clone()), seen)
        .unwrap();
    let mut scale = 1.0_f64;
    for instruction in &plan.program {
        match instruction {
            Instruction::Evaluate {
                state,
                output,
                state_weight,
                output_weight,
                ..
            } => {
                let of_state = state_weight.to_f64().abs() * states[*state];
                outputs[*output] = of_state.max(output_weight.to_f64().abs() * outputs[*output]);
                scale = scale.max(outputs[*output]);
            }
            Instruction::Combine { terms, .. } => {
                for (operand, weight) in terms {
                    let operand = match operand {
                        Operand::State(i) => states[*i],
                        Operand::Output(i) => outputs[*i],
                        Operand::Noise(i) => largest(&noises[*i]),
                    };
                    scale = scale.max(weight.to_f64().abs() * operand);
                }
            }
        }
    }
    (result, scale)
}

fn largest<T: Real>(vector: &[T]) -> f64 {
    vector.iter().fold(0.0, |a, x| a.max(x.to_f64().abs()))
}

/// Start and noises for runs of at most 40 noises, the same in every arithmetic.
fn vectors<T: Real>(one: &T, seed: i128) -> Vec<Vec<T>> {
    let entry = |i: i128| one.like((i * i * 37 + i * seed) % 211 - 105, 60);
    (0..41)
        .map(|k| (0..3).map(|i| entry(3 * k + i + 1)).collect())
        .collect()
}

/// max |run of the product - rotated runs of its factors|, relative to the largest term of either.
fn difference<T: Special>(request: &Request, one: &T, seed: i128) -> f64 {
    let product = rotated_mixture();
    let rotation = product.rotation(one);
    let vectors = vectors(one, seed);
    let (start, noises) = (vectors[0].clone(), &vectors[1..]);
    let (together, mut scale) = run(
        request,
        &Problem::Product(product.clone()).model(one),
        start.clone(),
        noises,
    );
    let turned = |vector: &Vec<T>| rotation.turn(vector);
    let (start, noises) = (
        turned(&start),
        noises.iter().map(turned).collect::<Vec<_>>(),
    );
    let apart: Vec<T> = product
        .factors()
        .iter()
        .enumerate()
        .flat_map(|(i, factor)| {
            let own: Vec<Vec<T>> = noises.iter().map(|noise| vec![noise[i].clone()]).collect();
            let (result, of_factor) =
                run(request, &factor.model(one), vec![start[i].clone()], &own);
            scale = scale.max(of_factor);
            result
        })
        .collect();
    let back = rotation.turn_back(&apart);
    let differences = together
        .into_iter()
        .zip(&back)
        .map(|(a, b)| (a - b).to_f64().abs());
    differences.fold(0.0, |a, b| if b.is_nan() { b } else { a.max(b) }) / scale
}

fn request(
    solver: usize,
    schedule: &str,
    grid: &str,
    steps: usize,
    prediction: Prediction,
) -> Request {
    let schedule = Schedule::parse(schedule).unwrap();
    let solver = Solver::parse(Solver::ENTRIES[solver].id).unwrap();
    let mut recipe = Recipe::new(solver, &schedule);
    recipe.prediction = prediction;
    if solver.entry.stochastic {
        recipe.eta = rational(3, 4);
    }
    Request::new(recipe, schedule, Grid::parse(grid).unwrap(), steps)
}

#[test]
fn every_solver_of_the_catalogue_commutes_with_rotations() {
    for solver in 0..Solver::ENTRIES.len() {
        let request = request(solver, "vp-linear", "lambda", 7, Prediction::Data);
        let difference = difference(&request, &1.0, 5);
        assert!(
            difference < 1e-12,
            "{}: {difference:e}",
            Solver::ENTRIES[solver].id
        );
    }
}

proptest! {
    #![proptest_config(crate::mixture::config(60))]

    #[test]
    fn solvers_commute_with_rotations(
        solver in 0..Solver::ENTRIES.len(), steps in 1..12_usize, seed in 1..200_i128,
        schedule in prop::sample::select(vec!["vp-linear", "vp-cosine", "edm"]),
        grid in prop::sample::select(vec!["lambda", "time", "karras", "quadratic"]),
    ) {
        prop_assume!(!(grid == "quadratic" && schedule == "edm"));
        let request = request(solver, schedule, grid, steps, Prediction::Data);
        let name = format!("{} on {schedule}, {grid}, {steps} steps", request.recipe.solver);
        let in_f64 = difference(&request, &1.0, seed);
        prop_assert!(in_f64 < 1e-11, "{name}: {in_f64:e}");
        #[cfg(feature = "oracle")]
        {
            let in_floats = difference(&request, &rug::Float::with_val(200, 1), seed);
            prop_assert!(in_floats < 2.0_f64.powi(-180), "{name}: {in_floats:e} in 200 bits");
        }
    }
}
