//! Promises of the orders of whole runs: what start-up, blocks and last steps leave of a method's
//! order, and that a run measured on a mixture shows just that.

use dpm_spec::arithmetic::rational;
use dpm_spec::converge::{Backend, Measure, Pattern, Refinement, Study, sweep};
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::order::whole_run::GridClass::{self, Arbitrary, Smooth, Uniform};
use dpm_spec::order::whole_run::{whole_run, whole_run_along};
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::Problem;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};

fn order(solver: &str, policy: &str, grid: GridClass) -> Option<u32> {
    let (solver, policy) = (Solver::parse(solver), Policy::parse(policy));
    whole_run(&solver.unwrap(), &policy.unwrap(), grid)
}

fn on_every_grid(solver: &str, policy: &str, expected: u32) {
    for grid in [Arbitrary, Smooth, Uniform] {
        let found = order(solver, policy, grid);
        assert_eq!(found, Some(expected), "{solver} {policy} {grid:?}");
    }
}

#[test]
fn a_ddim_start_caps_multistep_methods_at_two() {
    on_every_grid("ddim", "start=ramp", 1);
    on_every_grid("dpmpp-2m", "start=ramp", 2);
    on_every_grid("dpmpp-2m-exact", "start=exact", 2);
    on_every_grid("dpmpp-3m", "start=exact", 2);
    on_every_grid("dpmpp-3m-exact", "start=exact", 3);
    on_every_grid("dpm-3m-exact", "start=exact", 3);
    for start in ["start=ramp", "start=ramp-exact"] {
        on_every_grid("dpmpp-3m-exact", start, 2);
    }
}

#[test]
fn a_lowered_end_caps_at_two_and_a_bound_on_steps_does_not() {
    for last in ["final=lower", "final=euler"] {
        on_every_grid("dpmpp-3m-exact", &format!("start=exact,{last}"), 2);
        on_every_grid("dpmpp-3s", last, 2);
        on_every_grid("dpmpp-3s-taylor", last, 2);
        on_every_grid("dpmpp-2s", last, 2);
    }
    on_every_grid("dpmpp-3m-exact", "start=exact,final=lower<15", 3);
    on_every_grid("dpmpp-3s", "final=lower<15", 3);
    on_every_grid("dpmpp-3s:r2=3/4", "final=full", 2);
}

#[test]
fn fast_blocks_end_in_lower_orders() {
    on_every_grid("dpmpp-2s", "blocks=fast", 2);
    on_every_grid("dpmpp-3s", "blocks=fast", 2);
    let (solver, policy) = (Solver::parse("dpmpp-3s"), Policy::parse("blocks=fast"));
    let (solver, policy) = (solver.unwrap(), policy.unwrap());
    // [3, .., 3, 2, 1], [3, .., 3, 1], [3, .., 3, 2].
    for (calls, expected) in [(30, 2), (31, 2), (32, 3)] {
        let found = whole_run_along(&solver, &policy, Arbitrary, calls);
        assert_eq!(found, Some(expected), "{calls}");
    }
}

#[test]
fn progressive_blocks_of_three_need_a_smooth_grid_and_whole_blocks() {
    for solver in ["dpmpp-3s", "dpmpp-3s-taylor", "dpm-3s"] {
        let solver = Solver::parse(solver).unwrap();
        let policy = Policy::parse("blocks=progressive").unwrap();
        let along = |grid, steps| whole_run_along(&solver, &policy, grid, steps).unwrap();
        for grid in [Arbitrary, Smooth, Uniform] {
            let full = if grid == Arbitrary { 2 } else { 3 };
            assert_eq!([30, 31, 32].map(|n| along(grid, n)), [full, 2, full]);
            assert_eq!(whole_run(&solver, &policy, grid), Some(2));
        }
        // [.., 1, 2, 1] instead of a full last block.
        let lower = Policy::parse("blocks=progressive,final=lower").unwrap();
        assert_eq!(whole_run_along(&solver, &lower, Uniform, 30), Some(2));
    }
    on_every_grid("dpmpp-2s", "blocks=progressive", 2);
    on_every_grid("dpmpp-2s-taylor", "blocks=progressive", 2);
}

#[test]
fn nothing_is_said_of_a_step_to_sigma_zero_or_of_a_policy_that_does_not_fit() {
    for policy in [
        "zero=on",
        "start=exact",
        "blocks=fast,final=lower",
        "blocks=progressive,zero=on",
    ] {
        assert_eq!(order("dpmpp-3s", policy, Uniform), None, "{policy}");
    }
    for policy in ["zero=on", "blocks=fast", "blocks=progressive"] {
        assert_eq!(order("dpmpp-2m", policy, Uniform), None, "{policy}");
    }
}

/// `first` steps, then about twice and four times as many with the same remainder.
fn study(solver: &str, policy: &str, grid: GridClass, first: usize) -> Study {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.policy = Policy::parse(policy).unwrap();
    recipe.prediction = match recipe.form().side {
        Side::Data => Prediction::Data,
        Side::Noise => Prediction::Noise,
    };
    let pattern = match grid {
        Arbitrary => Pattern::Alternating,
        Smooth => Pattern::Smooth,
        Uniform => Pattern::Uniform,
    };
    let (from, to) = (rational(-2, 1), rational(2, 1));
    Study {
        recipe,
        schedule,
        refinement: Refinement::Pattern { from, to, pattern },
        problem: Problem::parse("mixture").unwrap(),
        backend: Backend::F64,
        measure: Measure::Global,
        steps: [1, 2, 4]
            .map(|k| k * (first - first % 120) + first % 120)
            .into(),
    }
}

/// Slopes deviate by O(h): extrapolating two of them to h = 0 shows the order.
#[test]
fn measured_runs_have_the_order_of_the_whole_run() {
    const FAST: &str = "blocks=fast,outer=nodes";
    const PROGRESSIVE: &str = "blocks=progressive";
    let runs = [
        ("dpmpp-3m-exact", "start=exact", Arbitrary, 120),
        ("dpmpp-3m-exact", "start=ramp", Uniform, 120),
        ("dpmpp-3m-exact", "start=ramp-exact", Uniform, 120),
        ("dpmpp-3m-exact", "start=exact,final=lower", Uniform, 120),
        ("dpmpp-3m-exact", "start=exact,final=euler", Uniform, 120),
        ("dpmpp-3m-exact", "start=exact,final=lower<15", Uniform, 120),
        ("dpmpp-3s", "blocks=fixed", Arbitrary, 120),
        ("dpmpp-3s", "stages=time", Uniform, 120),
        ("dpm-3s", "stages=time", Arbitrary, 120),
        ("dpmpp-3s", "final=lower", Uniform, 120),
        ("dpmpp-3s", "final=euler", Smooth, 120),
        ("dpmpp-3s", FAST, Uniform, 120),
        ("dpmpp-3s", FAST, Uniform, 121),
        ("dpmpp-3s", FAST, Uniform, 122),
        ("dpmpp-3s", FAST, Arbitrary, 122),
        ("dpmpp-2s", FAST, Uniform, 121),
        ("dpmpp-3s", PROGRESSIVE, Uniform, 120),
        ("dpmpp-3s", PROGRESSIVE, Uniform, 121),
        ("dpmpp-3s", PROGRESSIVE, Uniform, 122),
        ("dpmpp-3s", PROGRESSIVE, Smooth, 120),
        ("dpmpp-3s", PROGRESSIVE, Smooth, 122),
        ("dpmpp-3s-taylor", PROGRESSIVE, Uniform, 120),
        ("dpmpp-3s-taylor", PROGRESSIVE, Smooth, 120),
        ("dpm-3s", PROGRESSIVE, Uniform, 480),
        ("dpmpp-2s", PROGRESSIVE, Arbitrary, 121),
    ];
    let studies = runs.map(|(solver, policy, grid, first)| study(solver, policy, grid, first));
    let measured = sweep(&studies, &|| ()).unwrap();
    for ((solver, policy, grid, first), result) in runs.iter().zip(measured) {
        let recipe = &result.study.recipe;
        let proven = whole_run_along(&recipe.solver, &recipe.policy, *grid, *first).unwrap();
        let slopes: Vec<f64> = result.slopes().into_iter().map(Option::unwrap).collect();
        let extrapolated = 2.0 * slopes[1] - slopes[0];
        let place = format!("{solver} {policy} {grid:?}, N = {first}: {proven}, {slopes:?}");
        assert!((extrapolated - f64::from(proven)).abs() < 0.1, "{place}");
    }
}

/// Steps of ratio 1 : 1 : 2, so that every block has r2 = 1/2 and no two of them cancel.
#[test]
fn progressive_blocks_that_are_all_uneven_show_order_two() {
    for solver in ["dpmpp-3s", "dpmpp-3s-taylor"] {
        let errors: Vec<f64> = [120, 240, 480]
            .map(|n| error_on_uneven_blocks(solver, n))
            .into();
        let slopes = [errors[0] / errors[1], errors[1] / errors[2]].map(f64::log2);
        let extrapolated = 2.0 * slopes[1] - slopes[0];
        assert!((extrapolated - 2.0).abs() < 0.1, "{solver}: {slopes:?}");
    }
}

fn error_on_uneven_blocks(solver: &str, steps: i128) -> f64 {
    let quarters = |i: i128| 4 * (i / 3) + i % 3;
    let node = |i| rational(4 * quarters(i), quarters(steps)) - rational(2, 1);
    let grid = Grid::explicit(Unit::Lambda, (0..=steps).map(node).collect()).unwrap();
    let mut study = study(solver, "blocks=progressive", Arbitrary, 120);
    study.refinement = Refinement::Grid { grid, domain: None };
    study.steps = vec![steps as usize];
    sweep(&[study], &|| ()).unwrap()[0].points[0].error.unwrap()
}
