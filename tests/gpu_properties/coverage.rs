//! Every combination of solver, schedule, grid and prediction that is a plan runs on every adapter.

use super::data::normal;
use super::plans::{PREDICTIONS, request};
use super::run::{Device, devices, same};
use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Format, Lowering, Program, Response, Shape};
use dpm_spec::gpu::{Options, Stepper};
use dpm_spec::grid::Grid;
use dpm_spec::plan::derive_on;
use dpm_spec::schedule::{Curve, Schedule};
use dpm_spec::solver::Solver;
use std::collections::BTreeMap;

const SHAPE: Shape = Shape {
    batch: 1,
    elements: 4,
};
const STEPS: usize = 3;

/// A combination by name, and its program.
struct Combination {
    names: [&'static str; 4],
    program: Program<f32>,
    format: Format,
}

/// All that the library accepts; every third under guidance, every second in f16.
fn combinations() -> Vec<Combination> {
    let mut found = Vec::new();
    for (schedule, _) in Schedule::IDS {
        let parsed = Schedule::parse(schedule).unwrap();
        let curve = Curve::new(&parsed, &1.0_f64);
        for entry in Solver::ENTRIES {
            let solver = Solver::parse(entry.id).unwrap();
            for (grid, _) in Grid::IDS {
                for (number, prediction) in PREDICTIONS.iter().enumerate() {
                    let grid_parsed = Grid::parse(grid).unwrap();
                    let request = request(solver, &parsed, grid_parsed, *prediction, STEPS);
                    let Ok(plan) = derive_on(&request, &curve) else {
                        continue;
                    };
                    let plan = plan.try_map(|value, _| Ok(*value as f32)).unwrap();
                    let lowering = match found.len() % 3 {
                        0 => Lowering::guided(rational(15, 2)),
                        _ => Lowering::plain(),
                    };
                    let format = [Format::F32, Format::F16][found.len() / 3 % 2];
                    found.push(Combination {
                        names: [
                            entry.id,
                            schedule,
                            grid,
                            dpm_spec::prediction::Prediction::IDS[number].0,
                        ],
                        program: Program::lower(&plan, &lowering).unwrap(),
                        format,
                    });
                }
            }
        }
    }
    found
}

fn tensor(number: usize) -> Vec<f32> {
    (0..SHAPE.elements).map(|i| normal(7, number, i)).collect()
}

impl Combination {
    fn networks(&self) -> usize {
        let conversions = self.program.passes().flat_map(|pass| &pass.conversion);
        conversions.map(|c| c.networks()).max().unwrap_or(1)
    }

    fn start(&self) -> Vec<Vec<f32>> {
        (0..self.program.initial.states).map(tensor).collect()
    }

    fn returned(&self, call: usize) -> Vec<Vec<f32>> {
        let output = |network| tensor(200 + 2 * call + network);
        (0..self.networks()).map(output).collect()
    }

    /// Submits the whole run, whose model answers from a table; nothing is waited for.
    fn submit(&self, device: &Device) -> Stepper {
        let gpu = &device.gpu;
        let options = Options {
            format: self.format,
            deterministic: true,
            ..Options::default()
        };
        let mut stepper = Stepper::new(gpu, &self.program, SHAPE, options).unwrap();
        for (state, values) in self.start().iter().enumerate() {
            stepper.start(state, values).unwrap();
        }
        let submit = |encoder: wgpu::CommandEncoder| gpu.queue().submit([encoder.finish()]);
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        stepper.prepare(&mut encoder).unwrap();
        submit(encoder);
        while let Some(call) = stepper.call() {
            let places = [Some(call.output), call.unconditional];
            let returned = self.returned(call.index);
            for (place, values) in places.into_iter().flatten().zip(&returned) {
                stepper.upload(place, values).unwrap();
            }
            if let Some((_, noise)) = call.noise {
                // The same numbers for every draw.
                stepper.upload(noise, &tensor(100)).unwrap();
            }
            let mut encoder = gpu.device().create_command_encoder(&Default::default());
            stepper.encode(&mut encoder).unwrap();
            submit(encoder);
        }
        stepper
    }

    fn compare(&self, done: &[f32], device: &Device) {
        let stored = |x: f32| match self.format {
            Format::F32 => x,
            Format::F16 => dpm_spec::fused::from_f16(dpm_spec::fused::to_f16(x)),
        };
        if device.probe.exact(true) {
            let said = self
                .program
                .run(
                    &self.start(),
                    |call| Ok(self.returned(call.index)),
                    |_| Ok(tensor(100)),
                    stored,
                )
                .unwrap();
            let equal = done.iter().zip(&said).all(|(a, b)| same(*a, *b));
            assert!(
                equal,
                "{:?} on {}: {done:?}, not {said:?}",
                self.names, device.name
            );
        }
        let answer = |value: f32| Response {
            slope: 0.0,
            offset: f64::from(value),
            error: 0.0,
        };
        let enclosures = self
            .program
            .enclose(
                &self.start(),
                |shown| {
                    let returned = self.returned(shown.call);
                    Ok(returned.iter().map(|v| answer(v[shown.element])).collect())
                },
                |_| Ok(tensor(100)),
                self.format,
            )
            .unwrap();
        for (enclosure, value) in enclosures.iter().zip(done) {
            // In f16 some networks' outputs lead out of range.
            let bounded = enclosure.is_bounded() || self.format == Format::F16;
            assert!(bounded, "{:?} overflows", self.names);
            assert!(
                enclosure.admits(*value, Format::F32),
                "{:?} on {}: {value:e} is not within {:e} of {:e}",
                self.names,
                device.name,
                enclosure.radius(),
                enclosure.centre()
            );
        }
    }
}

#[test]
fn every_solver_schedule_grid_and_prediction_runs_on_every_adapter() {
    let combinations = combinations();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in combinations
        .iter()
        .flat_map(|combination| combination.names)
    {
        *counts.entry(name).or_default() += 1;
    }
    let ids = |ids: &[(&'static str, &str)]| ids.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    let mut expected = ids(Schedule::IDS);
    expected.extend(ids(Grid::IDS));
    expected.extend(ids(dpm_spec::prediction::Prediction::IDS));
    expected.extend(Solver::ENTRIES.iter().map(|entry| entry.id));
    for id in expected {
        assert!(counts.contains_key(id), "{id} is in no plan that runs");
    }
    for device in devices().iter().filter(|device| !device.small) {
        // Waits are shared: results are collected in one buffer.
        for some in combinations.chunks(512) {
            let steppers: Vec<Stepper> = some.iter().map(|c| c.submit(device)).collect();
            for (combination, stepper) in some.iter().zip(&steppers) {
                combination.compare(&stepper.download(stepper.result()).unwrap(), device);
            }
        }
        eprintln!(
            "{} plans ran on {}: {counts:?}",
            combinations.len(),
            device.name
        );
    }
    assert!(combinations.len() > 5000, "{}", combinations.len());
}
