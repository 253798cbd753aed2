//! A plan lowered to fused passes computes what the plan says, bit for bit, within any number of arrays.

use dpm_spec::arithmetic::{DoubleDouble, rational};
use dpm_spec::fused::{Lowering, Program};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Call, Plan, Request, derive, double_double_plan};
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::threshold::Threshold;

const LENGTH: usize = 6;

fn requests() -> Vec<Request> {
    let mut requests = Vec::new();
    for entry in Solver::ENTRIES {
        for (schedule, grid, prediction) in [
            ("vp-linear", "lambda", Prediction::Noise),
            ("vp-cosine", "time", Prediction::V),
            ("edm", "karras", Prediction::Edm),
            ("flow", "time", Prediction::Data),
        ] {
            let schedule = Schedule::parse(schedule).unwrap();
            let mut recipe = Recipe::new(Solver::parse(entry.id).unwrap(), &schedule);
            recipe.prediction = prediction;
            if entry.stochastic {
                recipe.eta = rational(3, 4);
            }
            let mut request = Request::new(recipe, schedule, Grid::parse(grid).unwrap(), 7);
            if request.schedule.to_string().starts_with("flow") {
                request.domain = Some((rational(19, 20), rational(1, 20)));
            }
            requests.push(request);
        }
    }
    requests
}

fn wave(seed: usize) -> Vec<f32> {
    (0..LENGTH)
        .map(|i| ((i * 7 + seed * 13) % 23) as f32 / 11.0 - 1.0)
        .collect()
}

/// Any function of the input will do; this one is not linear.
fn network(call: &Call<'_, f32>) -> Vec<f32> {
    let value = |x: &f32| x / (1.0 + x * x) + call.index as f32 / 16.0;
    call.input.iter().map(value).collect()
}

fn plan(request: &Request) -> Option<Plan<f32>> {
    let plan = double_double_plan(request).ok()?.plan;
    plan.try_map(|value, _| Ok(value.f32)).ok()
}

#[test]
fn lowered_plans_compute_what_plans_say_bit_for_bit() {
    let mut compared = 0;
    for request in requests() {
        let Some(plan) = plan(&request) else { continue };
        let start: Vec<Vec<f32>> = (0..plan.initial.states).map(wave).collect();
        let said = plan
            .run(&start, |call| Ok(network(call)), |k| Ok(wave(k + 50)))
            .unwrap();
        for arrays in [4, 5, 6, 8, 12] {
            let program = Program::lower(
                &plan,
                &Lowering {
                    guidance: None,
                    arrays,
                },
            )
            .unwrap();
            assert!(program.passes().all(|pass| pass.arrays() <= arrays));
            let done = program
                .run(
                    &start,
                    |call| Ok(vec![network(call)]),
                    |k| Ok(wave(k + 50)),
                    |x| x,
                )
                .unwrap();
            assert_eq!(said, done, "{request:?} with {arrays} arrays");
            compared += 1;
        }
    }
    assert!(compared > 5 * 80, "{compared}");
}

#[test]
fn multistep_programs_work_in_place() {
    for (solver, outputs, arrays) in [("ddim", 0, 2), ("dpmpp-2m", 1, 3), ("dpmpp-3m", 2, 4)] {
        let schedule = Schedule::parse("vp-linear").unwrap();
        let recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
        let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), 12);
        let program = Program::lower(&plan(&request).unwrap(), &Lowering::plain()).unwrap();
        assert_eq!((program.states, program.outputs), (1, outputs), "{solver}");
        assert_eq!(
            program.passes().nth(5).unwrap().arrays(),
            arrays,
            "{solver}"
        );
    }
}

#[test]
fn guidance_folds_into_the_conversion() {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let recipe = Recipe::new(Solver::parse("dpmpp-2m").unwrap(), &schedule);
    let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), 9);
    let plan = derive(&request, &DoubleDouble::ONE).unwrap();
    let wide = |vector: Vec<f32>| -> Vec<DoubleDouble> {
        vector
            .into_iter()
            .map(|x| DoubleDouble::exact(f64::from(x)))
            .collect()
    };
    let networks = |call: usize| (wide(wave(call)), wide(wave(call + 31)));
    let scale = DoubleDouble::exact(7.5);
    let folded = Program::lower(&plan, &Lowering::guided(rational(15, 2))).unwrap();
    let start = [wide(wave(3))];
    let none = |_: usize| unreachable!();
    let done = folded
        .run(
            &start,
            |call| {
                let (c, u) = networks(call.index);
                Ok(vec![c, u])
            },
            none,
            |x| x,
        )
        .unwrap();
    let guided = |call: &Call<'_, DoubleDouble>| {
        let (c, u) = networks(call.index);
        Ok(c.into_iter()
            .zip(u)
            .map(|(c, u)| u + (c - u) * scale)
            .collect())
    };
    let said = plan.run(&start, guided, |_| unreachable!()).unwrap();
    for (a, b) in done.into_iter().zip(said) {
        assert!((a - b).hi().abs() < 1e-27, "{:e}", (a - b).hi());
    }
}

#[test]
fn thresholds_are_applied_where_the_plan_applies_them() {
    for threshold in [
        Threshold::Static {
            bound: rational(1, 2),
        },
        Threshold::Dynamic {
            ratio: rational(9, 10),
            max: None,
        },
    ] {
        for solver in ["dpmpp-2m", "dpmpp-2s", "dpmpp-3m-exact", "sde-dpmpp-2m"] {
            let schedule = Schedule::parse("vp-cosine").unwrap();
            let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
            recipe.threshold = Some(threshold);
            recipe.policy = Policy::default();
            let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), 6);
            let plan = plan(&request).unwrap();
            let start = [wave(1)];
            let said = plan
                .run(&start, |call| Ok(network(call)), |k| Ok(wave(k + 9)))
                .unwrap();
            let program = Program::lower(&plan, &Lowering::plain()).unwrap();
            let done = program
                .run(
                    &start,
                    |call| Ok(vec![network(call)]),
                    |k| Ok(wave(k + 9)),
                    |x| x,
                )
                .unwrap();
            assert_eq!(said, done, "{solver}, {threshold:?}");
        }
    }
}

#[test]
fn a_pass_of_fewer_than_four_arrays_is_refused() {
    let request = &requests()[0];
    let lowering = Lowering {
        guidance: None,
        arrays: 3,
    };
    let error = Program::lower(&plan(request).unwrap(), &lowering).unwrap_err();
    assert_eq!(error.code, dpm_spec::Code::Parameter);
}
