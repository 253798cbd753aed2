//! The texts of all kernels: of every plan of the catalogue, of every shape of pass, and of the
//! files beside the step.

use dpm_spec::arithmetic::{DoubleDouble, rational};
use dpm_spec::cpu::Denoiser;
use dpm_spec::fused::{Conversion, Format, Lowering, Pass, Program, Shape, Source, Stage, Sum};
use dpm_spec::gpu::{Options, dispatches, lanes_texts, model_dispatches, quantile_texts, select};
use dpm_spec::grid::Grid;
use dpm_spec::noise::Noise;
use dpm_spec::plan::{Plan, Request, derive, double_double_plan};
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::{Network, Problem};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Side, Solver};
use dpm_spec::threshold::Threshold;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A kernel's text and the file it stems from.
pub(crate) type Text = (String, String);

/// Every WGSL file of the crate: name and text.
pub(crate) fn files() -> Vec<Text> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir("src/gpu").unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "wgsl")
        {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    files
}

const SHAPE: Shape = Shape {
    batch: 1,
    elements: 192,
};

/// Every text, each once.
pub(crate) fn all() -> &'static BTreeSet<Text> {
    static ALL: LazyLock<BTreeSet<Text>> = LazyLock::new(|| {
        let mut texts = BTreeSet::new();
        for program in of_the_catalogue().iter().chain(&[of_every_pass()]) {
            for format in [Format::F32, Format::F16] {
                for deterministic in [false, true] {
                    let options = Options {
                        format,
                        deterministic,
                        ..Options::default()
                    };
                    for noise in [Noise::Host, Noise::Philox { seed: 0 }] {
                        let options = Options { noise, ..options };
                        let made = dispatches(program, SHAPE, options, &Default::default());
                        let made = made.unwrap().into_iter().flatten();
                        texts.extend(made.map(|dispatch| ("step.wgsl".to_owned(), dispatch.wgsl)));
                    }
                    let lanes = lanes_texts(std::slice::from_ref(program), options);
                    let lanes = lanes.into_iter().flatten();
                    texts.extend(lanes.map(|text| ("lanes.wgsl".to_owned(), text)));
                }
            }
        }
        let of_lanes = texts.iter().filter(|(file, _)| *file == "lanes.wgsl");
        assert!(of_lanes.count() > 20);
        for format in [Format::F32, Format::F16] {
            let quantiles = quantile_texts(format).into_iter();
            texts.extend(quantiles.map(|text| ("quantile.wgsl".to_owned(), text)));
        }
        texts.extend(of_models().map(|text| ("model.wgsl".to_owned(), text)));
        for feature in ["one", "two", "stride"] {
            let features = BTreeSet::from([feature.to_owned()]);
            texts.insert((
                "copy.wgsl".to_owned(),
                select(include_str!("../../src/gpu/copy.wgsl"), &features),
            ));
        }
        // Files that are a kernel as they stand.
        for (file, text) in files() {
            if text.contains("@compute") && text.contains("@binding(0)") && !text.contains("//@") {
                texts.insert((file, text));
            }
        }
        texts
    });
    &ALL
}

fn plans() -> Vec<Plan<f32>> {
    let mut plans = Vec::new();
    for entry in Solver::ENTRIES {
        for (schedule, grid, prediction) in [
            ("vp-linear", "lambda", Prediction::Noise),
            ("vp-cosine", "time", Prediction::V),
            ("edm", "karras", Prediction::Edm),
            ("flow", "time", Prediction::Data),
        ] {
            for clipped in [false, true] {
                if clipped && entry.side != Side::Data {
                    continue;
                }
                let schedule = Schedule::parse(schedule).unwrap();
                let mut recipe = Recipe::new(Solver::parse(entry.id).unwrap(), &schedule);
                recipe.prediction = prediction;
                recipe.threshold = clipped.then(|| Threshold::Static {
                    bound: rational(1, 1),
                });
                let flow = schedule.to_string().starts_with("flow");
                let mut request = Request::new(recipe, schedule, Grid::parse(grid).unwrap(), 7);
                request.domain = flow.then(|| (rational(19, 20), rational(1, 20)));
                if let Ok(derived) = double_double_plan(&request) {
                    plans.push(derived.plan.try_map(|value, _| Ok(value.f32)).unwrap());
                }
            }
        }
    }
    assert!(plans.len() > 4 * Solver::ENTRIES.len(), "{}", plans.len());
    plans
}

/// The denoisers of a problem of every kind.
fn of_models() -> impl Iterator<Item = String> {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let recipe = Recipe::new(Solver::parse("ddim").unwrap(), &schedule);
    let side = recipe.form().side;
    let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), 2);
    let plan = derive(&request, &DoubleDouble::ONE).unwrap();
    let problems = [
        "gaussian",
        "guided",
        "mixture",
        "rotated-gaussian",
        "rotated-mixture",
    ];
    problems.into_iter().flat_map(move |problem| {
        let denoiser = Denoiser::new(&Problem::parse(problem).unwrap(), &plan, side).unwrap();
        let formats = [Format::F32, Format::F16].into_iter();
        formats.flat_map(move |format| {
            [false, true].map(|deterministic| {
                let options = Options {
                    format,
                    deterministic,
                    ..Options::default()
                };
                let (place, shape) = ((0, Network::Conditional), SHAPE);
                let limits = wgpu::Limits::default();
                let made = model_dispatches(&denoiser, place, shape, options, &limits);
                made.unwrap().swap_remove(0).wgsl
            })
        })
    })
}

fn of_the_catalogue() -> Vec<Program<f32>> {
    let mut programs = Vec::new();
    for plan in plans() {
        for guidance in [None, Some(rational(15, 2))] {
            for arrays in [4, 5, 6, 8, 12] {
                let lowering = Lowering { guidance, arrays };
                programs.push(Program::lower(&plan, &lowering).unwrap());
            }
        }
    }
    programs
}

/// A program that has passes of every shape that the kernel takes, more than plans need today:
/// up to seven predictions, the register at any place, results in place of any array.
fn of_every_pass() -> Program<f32> {
    let mut stages = Vec::new();
    let mut turn = 0_usize;
    for outputs in 0..=7 {
        for register in 0..=outputs + 1 {
            for keep in 0..=outputs + 1 {
                turn += 1;
                stages.push(Stage::Pass(pass(outputs, register, keep, turn)));
            }
        }
    }
    let plan = plans().swap_remove(0);
    let mut program = Program::lower(&plan, &Lowering::plain()).unwrap();
    program.stages = stages;
    program
}

fn pass(outputs: usize, register: usize, keep: usize, turn: usize) -> Pass<f32> {
    let shown = !turn.is_multiple_of(3);
    let conversion = (!turn.is_multiple_of(7)).then(|| Conversion {
        state: shown.then_some((0, 0.5)),
        conditional: 2.0,
        unconditional: turn.is_multiple_of(2).then_some(-1.0),
        clip: turn.is_multiple_of(5).then_some(1.0),
        keep: (keep <= outputs).then_some(keep),
    });
    let mut terms: Vec<(Source, f32)> = (1..=outputs).map(|i| (Source::Output(i), 0.25)).collect();
    if register <= outputs && conversion.is_some() {
        terms.insert(register, (Source::Register, 1.5));
    }
    match turn % 4 {
        0 => terms.insert(0, (Source::State(0), 0.75)),
        1 => terms.insert(0, (Source::State(1), 0.75)),
        _ => {}
    }
    if turn % 3 == 1 && !terms.is_empty() {
        terms.push((Source::Noise(0), 0.125));
    }
    let sum = (!terms.is_empty()).then_some(Sum {
        target: turn / 4 % 3,
        terms,
    });
    Pass { conversion, sum }
}
