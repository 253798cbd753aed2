//! Whole runs end in the interval of their enclosures, and with the worst signs near its ends.

use super::Device;
use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Format, Lowering, Program, Response, from_f16, to_f16};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Request, double_double_plan};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::threshold::Threshold;

fn program(solver: &str, guided: bool, steps: usize) -> Program<f32> {
    lowered(solver, guided, steps, None)
}

fn lowered(solver: &str, guided: bool, steps: usize, threshold: Option<Threshold>) -> Program<f32> {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.threshold = threshold;
    let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), steps);
    let plan = double_double_plan(&request).unwrap().plan;
    let plan = plan.try_map(|value, _| Ok(value.f32)).unwrap();
    let lowering = match guided {
        true => Lowering::guided(rational(15, 2)),
        false => Lowering::plain(),
    };
    Program::lower(&plan, &lowering).unwrap()
}

const SOLVERS: &[&str] = &[
    "ddim",
    "dpmpp-2m",
    "dpmpp-3m",
    "dpmpp-2s",
    "dpmpp-3s",
    "dpm-2m",
    "sde-dpmpp-2m",
];

fn wave(seed: usize) -> Vec<f32> {
    (0..5)
        .map(|i| ((i * 7919 + seed * 104_729) % 20_011) as f32 / 10_000.5 - 1.0)
        .collect()
}

/// A network that is a line in its input: slope and offset by call.
fn line(call: usize) -> (f64, f64) {
    (0.8 - call as f64 / 16.0, 0.25 * call as f64)
}

#[test]
fn centres_are_the_run_without_rounding() {
    for solver in SOLVERS {
        let program = program(solver, true, 10);
        let exact = program.try_map(|value| Ok(f64::from(*value))).unwrap();
        let start = wave(1);
        let response = |call: usize, halved: f64| Response {
            slope: line(call).0 * halved,
            offset: line(call).1,
            error: 0.0,
        };
        let enclosures = program
            .enclose(
                std::slice::from_ref(&start),
                |shown| Ok(vec![response(shown.call, 1.0), response(shown.call, 0.5)]),
                |k| Ok(wave(k + 9)),
                Format::F32,
            )
            .unwrap();
        let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<f64>>();
        let said = exact
            .run(
                &[wide(start)],
                |call| {
                    let (slope, offset) = line(call.index);
                    let output = |halved: f64| {
                        let value = |x: &f64| slope * halved * x + offset;
                        call.input.iter().map(value).collect()
                    };
                    Ok(vec![output(1.0), output(0.5)])
                },
                |k| Ok(wide(wave(k + 9))),
                |x| x,
            )
            .unwrap();
        for (enclosure, said) in enclosures.iter().zip(said) {
            let off = (enclosure.centre() - said).abs();
            assert!(
                off <= 1e-9 * enclosure.radius().max(1e-6),
                "{solver}: {off:e}"
            );
        }
    }
}

/// Errors of single roundings in the model's answer, pushed to the limit one by one, arrive at the
/// result within the radius, and the worst signs together come near it.
#[test]
fn runs_with_the_worst_signs_stay_within_and_come_near() {
    for solver in SOLVERS {
        let program = program(solver, false, 10);
        let exact = program.try_map(|value| Ok(f64::from(*value))).unwrap();
        let error = 1e-3;
        let response = |call: usize| Response {
            slope: line(call).0,
            offset: line(call).1,
            error,
        };
        let enclosures = program
            .enclose(
                &[wave(1)],
                |shown| Ok(vec![response(shown.call)]),
                |k| Ok(wave(k + 9)),
                Format::F32,
            )
            .unwrap();
        let run = |signs: &dyn Fn(usize) -> f64| {
            let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<f64>>();
            exact
                .run(
                    &[wide(wave(1))],
                    |call| {
                        let (slope, offset) = line(call.index);
                        let value = |x: &f64| slope * x + offset + error * signs(call.index);
                        Ok(vec![call.input.iter().map(value).collect()])
                    },
                    |k| Ok(wide(wave(k + 9))),
                    |x| x,
                )
                .unwrap()[0]
        };
        let plain = run(&|_| 0.0);
        let effect = |one: usize| run(&|call| f64::from(call == one)) - plain;
        let effects: Vec<f64> = (0..program.calls).map(effect).collect();
        let worst = run(&|call| effects[call].signum()) - plain;
        let radius = enclosures[0].radius();
        assert!(worst <= radius, "{solver}: {worst:e} exceeds {radius:e}");
        assert!(
            radius <= 1.05 * worst,
            "{solver}: {radius:e} is wider than {worst:e}"
        );
    }
}

/// The reference run in f32 and in f16 lies in the interval, with network outputs moved by up to
/// the error they were announced with.
#[test]
fn dynamically_thresholded_runs_end_in_their_interval() {
    for (ratio, max) in [
        ((1, 2), None),
        ((9, 10), Some((3, 2))),
        ((1, 1), Some((2, 1))),
    ] {
        let threshold = Threshold::Dynamic {
            ratio: rational(ratio.0, ratio.1),
            max: max.map(|(num, den)| rational(num, den)),
        };
        let program = lowered("dpmpp-2m", false, 6, Some(threshold));
        let error = 1e-3;
        for format in [Format::F32, Format::F16] {
            let enclosures = program
                .enclose(
                    &[wave(1)],
                    |shown| {
                        let (slope, offset) = line(shown.call);
                        Ok(vec![Response {
                            slope: 3.0 * slope,
                            offset,
                            error,
                        }])
                    },
                    |k| Ok(wave(k)),
                    format,
                )
                .unwrap();
            for moved in 0..64_u64 {
                let mut device = Device { choices: moved };
                let done = program
                    .run(
                        &[wave(1)],
                        |call| {
                            let (slope, offset) = line(call.index);
                            let mut value = |x: &f32| {
                                let sign = 0.999 * (device.choose(3) as f64 - 1.0);
                                (3.0 * slope * f64::from(*x) + offset + error * sign) as f32
                            };
                            Ok(vec![call.input.iter().map(&mut value).collect()])
                        },
                        |k| Ok(wave(k)),
                        |x| match format {
                            Format::F32 => x,
                            Format::F16 => from_f16(to_f16(x)),
                        },
                    )
                    .unwrap();
                for (enclosure, value) in enclosures.iter().zip(done) {
                    assert!(
                        enclosure.admits(value, Format::F32) && enclosure.radius() < 0.2,
                        "{threshold:?}, {format:?}: {value:e} is not within {:e} of {:e}",
                        enclosure.radius(),
                        enclosure.centre()
                    );
                }
            }
        }
    }
}
