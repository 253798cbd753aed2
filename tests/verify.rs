//! A second route re-derives plans, and finds what was changed in them.
#![cfg(feature = "oracle")]

use dpm_spec::Code;
use dpm_spec::arithmetic::rational;
use dpm_spec::golden::{certify, verify::verify};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Instruction, Operand, PlanFile, Request, Value, double_double_plan};
use dpm_spec::policy::{Policy, Stages};
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::{Recipe, StateSpace};
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;

/// The terms of a combination.
type Terms = Vec<(Operand, Value)>;

const SCHEDULES: &[&str] = &[
    "vp-linear",
    "vp-linear:beta_min=3,beta_max=3",
    "vp-cosine",
    "discrete-linear",
    "discrete-linear:zero_snr=floor",
    "discrete-linear:betas=f32,zero_snr=on",
    "discrete-linear:betas=f32,zero_snr=floor,interp=log-sigma",
    "discrete-scaled-linear",
    "discrete-scaled-linear:zero_snr=on,interp=sigma",
    "discrete-scaled-linear:betas=f32,interp=sigma",
    "discrete-cosine:interp=log-sigma",
    "discrete-cosine:betas=f32",
    "edm",
    "flow:shift=3",
];

const GRIDS: &[&str] = &[
    "lambda",
    "lambda:rounding=floor",
    "exponential:ends=zero",
    "time",
    "time:rounding=index",
    "quadratic",
    "karras",
    "karras:rho=5/2,rounding=index",
    "karras:ends=zero",
    "polyexponential:p=3/2",
    "leading:ddim,offset=1",
    "leading:dpm",
    "linspace:ddim,ends=zero",
    "linspace:dpm",
    "trailing",
    "trailing:top=900,ends=zero",
    "flow:shift=2",
    "flow:mu=1/2,ends=zero",
    "flow:shift=3,terminal=1/10",
    "flow:shift=2,train=50,ends=zero",
    "beta",
    "beta:on=sigma,a=3,b=5/2",
    "beta:on=whole-index",
];

const POLICIES: &[&str] = &[
    "",
    "final=lower",
    "start=ramp-exact,final=lower<15",
    "start=exact,final=euler",
    "final=lower,zero=on",
    "blocks=fast",
    "blocks=fast,outer=nodes",
    "stages=time",
    "blocks=fast,outer=nodes,stages=time",
    "blocks=progressive",
    "blocks=progressive,final=lower,zero=on",
];

const PREDICTIONS: &[Prediction] = &[
    Prediction::Noise,
    Prediction::Data,
    Prediction::V,
    Prediction::Flow,
    Prediction::Score,
    Prediction::Edm,
];

/// Request `index` of all combinations.
fn combination(mut index: usize) -> Request {
    let mut choose = |count: usize| {
        let chosen = index % count;
        index /= count;
        chosen
    };
    let schedule = Schedule::parse(SCHEDULES[choose(SCHEDULES.len())]).unwrap();
    let grid = Grid::parse(GRIDS[choose(GRIDS.len())]).unwrap();
    let solver = Solver::parse(Solver::ENTRIES[choose(Solver::ENTRIES.len())].id).unwrap();
    let mut recipe = Recipe::new(solver, &schedule);
    recipe.policy = Policy::parse(POLICIES[choose(POLICIES.len())]).unwrap();
    recipe.prediction = PREDICTIONS[choose(PREDICTIONS.len())];
    recipe.eta = match choose(3) * usize::from(solver.entry.stochastic) {
        0 => rational(0, 1),
        1 => rational(1, 2),
        _ => rational(1, 1),
    };
    if choose(2) == 1 {
        recipe.state_space = StateSpace::Ve;
    }
    let mut request = Request::new(recipe, schedule, grid, [1, 2, 4, 7][choose(4)]);
    request.start_at = choose(2);
    request
}

/// Every `stride`-th combination that is a plan.
fn sample(stride: usize) -> impl Iterator<Item = PlanFile> {
    let all = SCHEDULES.len() * GRIDS.len() * Solver::ENTRIES.len() * POLICIES.len();
    let all = all * PREDICTIONS.len() * 3 * 2 * 4 * 2;
    (0..all)
        .step_by(stride)
        .filter_map(|index| double_double_plan(&combination(index)).ok())
}

/// Whether lambda is linear in time between two indices and stages are placed in time: within one
/// interval a stage then stands in the middle of its step, which leaves no weight on the first output.
/// No precision tells that 0 from its neighbours, which takes minutes to say (`E-UNDECIDED`).
fn has_lost_zero(file: &PlanFile) -> bool {
    let Request {
        recipe, schedule, ..
    } = &file.request;
    recipe.policy.stages == Stages::Time && schedule.to_string().contains("interp=log-sigma")
}

#[test]
fn plans_of_every_solver_schedule_grid_and_policy_re_derive() {
    // A prime stride visits all values of each choice; DPM_SPEC_STRIDE=1009 takes minutes.
    let stride = std::env::var("DPM_SPEC_STRIDE").map_or(17_011, |text| text.parse().unwrap());
    let (mut plans, mut values, mut correct, mut lost) = (0, 0, 0, 0);
    for file in sample(stride) {
        if has_lost_zero(&file) {
            lost += 1;
            continue;
        }
        let verified = verify(&file).unwrap_or_else(|e| panic!("{:?}: {e}", file.request));
        plans += 1;
        values += verified.values;
        correct += verified.correct;
    }
    println!("{plans} plans, {values} values, {correct} correctly rounded in every format");
    assert!(plans > 100 && lost * 100 <= plans, "{plans}, {lost}");
    assert!(correct * 1000 > values * 999, "{correct} of {values}");
}

/// A certified plan with decimals.
fn plan_file(solver: &str, schedule: &str, grid: &str, steps: usize) -> PlanFile {
    let schedule = Schedule::parse(schedule).unwrap();
    let recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    let request = Request::new(recipe, schedule, Grid::parse(grid).unwrap(), steps);
    certify(&request).unwrap()
}

/// The place at which verification finds `file` wrong.
fn found_at(file: &PlanFile) -> String {
    let error = verify(file).expect_err("the change went unnoticed");
    assert_eq!(error.code, Code::Verify, "{error}");
    error.place
}

#[test]
fn a_changed_number_is_found_and_named() {
    let sound = plan_file("sde-dpmpp-2m", "vp-linear", "lambda", 4);
    verify(&sound).unwrap();
    let last = sound.plan.program.len() - 1;

    let mut file = sound.clone();
    let dec = file.plan.nodes[2].point.alpha.dec.as_mut().unwrap();
    let other = if dec.ends_with('3') { "4" } else { "3" };
    dec.replace_range(dec.len() - 1.., other);
    assert_eq!(found_at(&file), "nodes[2].alpha, format dec");

    let mut file = sound.clone();
    let alpha = &mut file.plan.nodes[2].point.alpha.f64;
    *alpha = alpha.next_up();
    assert_eq!(found_at(&file), "nodes[2].alpha, format f64");

    let mut file = sound.clone();
    let sigma = &mut file.plan.nodes[1].point.sigma.f32;
    *sigma = sigma.next_down();
    assert_eq!(found_at(&file), "nodes[1].sigma, format f32");

    let mut file = sound.clone();
    file.plan.nodes[3].label.as_mut().unwrap().f16 ^= 1;
    assert_eq!(found_at(&file), "nodes[3].label, format f16");

    let mut file = sound.clone();
    file.plan.initial.scale.bf16 += 1;
    assert_eq!(found_at(&file), "initial.scale, format bf16");

    let mut file = sound.clone();
    if let Instruction::Evaluate { output_weight, .. } = &mut file.plan.program[0] {
        output_weight.f64 = -output_weight.f64;
    }
    assert_eq!(
        found_at(&file),
        "program[0].evaluate.convert.output, format f64"
    );

    let mut file = sound.clone();
    if let Instruction::Combine { terms, .. } = &mut file.plan.program[last] {
        terms[3].1.bf16 -= 1;
    }
    assert_eq!(
        found_at(&file),
        format!("program[{last}].combine.z3, format bf16")
    );

    let mut file = sound;
    file.plan.nodes[0].input_scale.dec = None;
    assert_eq!(found_at(&file), "nodes[0].input_scale, format dec");
}

#[test]
fn a_file_without_decimals_may_be_off_by_one_unit_of_the_rows_largest_number() {
    let request = plan_file("dpmpp-2m", "vp-linear", "time", 5).request;
    let sound = double_double_plan(&request).unwrap();
    let last = sound.plan.program.len() - 1;
    let verified = verify(&sound).unwrap();
    let mut file = sound.clone();
    let alpha = &mut file.plan.nodes[2].point.alpha.f64;
    *alpha = alpha.next_up();
    assert_eq!(verify(&file).unwrap().correct, verified.correct - 1);
    let alpha = &mut file.plan.nodes[2].point.alpha.f64;
    *alpha = alpha.next_up();
    assert_eq!(found_at(&file), "nodes[2].alpha, format f64");

    let changed = |units: f64| {
        let mut file = sound.clone();
        if let Instruction::Combine { terms, .. } = &mut file.plan.program[last] {
            let largest = terms[1].1.f64.abs();
            assert!(terms.iter().all(|(_, weight)| weight.f64.abs() <= largest));
            assert!(terms[0].1.f64 < largest / 4.0);
            terms[0].1.f64 += units * (largest.next_up() - largest);
        }
        file
    };
    verify(&changed(0.75)).unwrap();
    assert_eq!(
        found_at(&changed(1.5)),
        format!("program[{last}].combine.s4, format f64")
    );
}

#[test]
fn a_changed_instruction_is_found_and_named() {
    let sound = plan_file("dpmpp-3m", "vp-cosine", "time", 5);
    verify(&sound).unwrap();
    let last = sound.plan.program.len() - 1;
    let combine = |change: &dyn Fn(&mut usize, &mut Terms)| {
        let mut file = sound.clone();
        if let Instruction::Combine { target, terms } = &mut file.plan.program[last] {
            change(target, terms);
        }
        found_at(&file)
    };
    let evaluate = |change: &dyn Fn(&mut usize, &mut usize)| {
        let mut file = sound.clone();
        if let Instruction::Evaluate { node, state, .. } = &mut file.plan.program[last - 1] {
            change(node, state);
        }
        found_at(&file)
    };

    // Two weights swapped, each still a number of the same instruction.
    let swapped = combine(&|_, terms| {
        let (left, right) = terms.split_at_mut(2);
        std::mem::swap(&mut left[1].1, &mut right[0].1);
    });
    assert_eq!(swapped, format!("program[{last}].combine.m4, format f64"));
    let other_output = combine(&|_, terms| terms[3].0 = Operand::Output(1));
    assert_eq!(other_output, format!("program[{last}].combine.terms"));
    let dropped = combine(&|_, terms| drop(terms.pop()));
    assert_eq!(dropped, format!("program[{last}].combine.terms"));
    let target = combine(&|target, _| *target -= 1);
    assert_eq!(target, format!("program[{last}].combine.target"));
    let node = evaluate(&|node, _| *node -= 1);
    assert_eq!(node, format!("program[{}].evaluate.node", last - 1));
    let state = evaluate(&|_, state| *state -= 1);
    assert_eq!(state, format!("program[{}].evaluate.state", last - 1));

    let mut file = sound.clone();
    file.plan.program.truncate(last);
    assert_eq!(found_at(&file), "program, count");
    let mut file = sound.clone();
    file.plan.program.swap(0, 1);
    assert_eq!(found_at(&file), "program[0]");
    let mut file = sound.clone();
    file.plan.nodes.pop();
    assert_eq!(found_at(&file), "nodes, count");
    let mut file = sound.clone();
    file.plan.initial.states = 2;
    assert_eq!(found_at(&file), "initial.states");
}

#[test]
fn numbers_under_another_name_are_found() {
    let relabelled = |was: &str, now: &str| {
        let mut file = plan_file(was, "vp-linear", "lambda", 6);
        file.request.recipe.solver = Solver::parse(now).unwrap();
        found_at(&file)
    };
    assert!(relabelled("dpmpp-2m", "dpmpp-2m-exact").contains("combine.m1"));
    assert!(relabelled("dpmpp-3m", "dpmpp-3m-exact").contains("combine.m2"));
    assert!(relabelled("dpmpp-2s", "dpmpp-2s-taylor").contains("combine"));
    assert!(relabelled("dpmpp-3s", "dpmpp-3s-taylor").contains("combine"));
    // One and the same sampler at eta = 1, two different ones below.
    let mut file = plan_file("sde-dpmpp-1", "vp-linear", "lambda", 6);
    file.request.recipe.solver = Solver::parse("ddim-eta").unwrap();
    verify(&file).unwrap();
    file.request.recipe.eta = rational(1, 2);
    assert!(found_at(&file).contains("combine"));
    assert!(relabelled("dpm-2m", "dpmpp-2m").contains("convert"));

    let mut file = plan_file("dpmpp-2m", "discrete-scaled-linear", "karras", 6);
    file.request.schedule = Schedule::parse("discrete-scaled-linear:betas=f32").unwrap();
    assert_eq!(found_at(&file), "nodes[0].lambda, format f64");
    let mut file = plan_file("dpmpp-2m", "vp-linear", "karras", 6);
    file.request.grid = Grid::parse("karras:rho=6").unwrap();
    assert_eq!(found_at(&file), "nodes[1].t, format f64");
    let mut file = plan_file("dpmpp-2m", "vp-linear", "time", 6);
    file.request.recipe.policy = Policy::parse("final=euler").unwrap();
    assert_eq!(found_at(&file), "program[11].combine.terms");
}

#[test]
fn a_request_that_defines_another_plan_or_none_is_an_error() {
    let sound = plan_file("dpmpp-2m", "vp-linear", "time", 3);
    for (steps, start_at, place) in [
        (0, 0, "grid.steps"),
        (3, 3, "grid.steps"),
        (usize::MAX, 0, "grid.steps"),
        (2, 0, "nodes, count"),
        (4, 1, "nodes[0].t, format f64"),
    ] {
        let mut file = sound.clone();
        (file.request.steps, file.request.start_at) = (steps, start_at);
        file.plan.initial.start_at = start_at;
        assert_eq!(found_at(&file), place);
    }
    let mut file = sound;
    file.request.grid = Grid::parse("leading:dpm").unwrap();
    assert_eq!(found_at(&file), "request");
}

/// Every published plan.
fn golden() -> Vec<(String, PlanFile)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/golden");
    let mut files = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).unwrap();
            let file = PlanFile::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            files.push((name, file));
        }
    }
    files
}

#[test]
fn every_published_digit_re_derives() {
    let files = golden();
    assert!(files.len() >= 100, "{} published plans", files.len());
    for (name, file) in files {
        let verified = verify(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(verified.correct, verified.values, "{name}");
    }
}
