//! Clauses BOUND-1 to BOUND-7 on every adapter of this machine: random plans of the whole catalogue
//! on random data. `DPM_SPEC_SOAK=1` runs a hundred times as many.
#![cfg(feature = "gpu")]

#[path = "../adapters/mod.rs"]
mod adapters;
mod coverage;
mod data;
mod halves;
mod plans;
mod run;

use dpm_spec::fused::{Format, Shape};
use dpm_spec::gpu::Options;
use plans::{Planned, planned};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestCaseError};
use run::{Device, Run, devices};

fn configuration() -> ProptestConfig {
    let soak = std::env::var("DPM_SPEC_SOAK").is_ok_and(|value| value == "1");
    ProptestConfig {
        cases: if soak { 25_600 } else { 256 },
        max_shrink_iters: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/proptest-regressions/gpu_properties.txt",
        ))),
        ..ProptestConfig::default()
    }
}

/// A plan, a tensor and how to run them.
#[derive(Clone, Debug)]
struct Case {
    planned: Planned,
    shape: Shape,
    options: Options,
    /// On the device with small limits.
    small: bool,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    // Around the pack of 4, the workgroup of 256, the chunk of 1024 (f32) or 2048 (f16) elements.
    let elements = prop_oneof![
        4 => 1_usize..10,
        2 => 250_usize..262,
        2 => 1020_usize..1030,
        1 => 2040_usize..2060,
    ];
    let format = prop_oneof![Just(Format::F32), Just(Format::F16)];
    let flags = (any::<bool>(), any::<bool>(), any::<u64>());
    (planned(), 1_usize..4, elements, format, flags).prop_map(
        |(planned, batch, elements, format, (deterministic, small, seed))| Case {
            planned,
            shape: Shape { batch, elements },
            options: Options {
                format,
                deterministic,
                ..Options::default()
            },
            small,
            seed,
        },
    )
}

impl Case {
    fn tensor(&self, number: usize, value: fn(u64, usize, usize) -> f32) -> Vec<f32> {
        let element = |i| value(self.seed, number, i);
        (0..self.shape.len()).map(element).collect()
    }

    /// Runs it on every adapter; `check` sees each result.
    fn run(
        &self,
        numbers: fn(u64, usize, usize) -> f32,
        network: &dyn Fn(usize, usize, usize, f32) -> f32,
        check: impl Fn(&Run<'_>, &[f32], &Device) -> Result<(), TestCaseError>,
    ) -> Result<(), TestCaseError> {
        let networks = 1 + usize::from(self.planned.guided());
        let returned = |call: usize, input: &[f32]| -> Vec<Vec<f32>> {
            let output = |network_number: usize| {
                let inputs = input.iter().enumerate();
                let value = |(i, x): (usize, &f32)| network(call, network_number, i, *x);
                inputs.map(value).collect()
            };
            (0..networks).map(output).collect()
        };
        let program = &self.planned.program;
        let run = Run {
            program,
            shape: self.shape,
            options: self.options,
            start: (0..program.initial.states)
                .map(|k| self.tensor(k, numbers))
                .collect(),
            network: &returned,
            noise: &|k| self.tensor(100 + k, numbers),
        };
        for device in devices().iter().filter(|device| device.small == self.small) {
            let done = run.on(device)?;
            check(&run, &done, device)?;
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn steps_on_hard_numbers_stay_within_their_bounds(case in cases()) {
        let network = |call, network, i, _| data::hard(case.seed, 200 + 2 * call + network, i);
        case.run(data::hard, &network, |_, _, _| Ok(()))?;
    }

    #[test]
    fn steps_on_mixture_data_stay_within_their_bounds(case in cases()) {
        let network = |call: usize, network, _, x| {
            data::mixed(&case.planned.evaluations[call], network, x)
        };
        case.run(data::normal, &network, |_, _, _| Ok(()))?;
    }

    #[test]
    fn runs_on_normal_data_end_in_their_interval(case in cases()) {
        let evaluations = &case.planned.evaluations;
        let network = |call: usize, network, i, x: f32| {
            let (slope, offset) = data::line(&evaluations[call], case.seed, network, i);
            (slope * f64::from(x) + offset) as f32
        };
        let networks = 1 + usize::from(case.planned.guided());
        case.run(data::normal, &network, |run, done, device| {
            let enclosures = run.program.enclose(
                &run.start,
                |shown| {
                    let response = |network| {
                        let evaluation = &evaluations[shown.call];
                        let line = data::line(evaluation, case.seed, network, shown.element);
                        data::response(line, shown.input.magnitude())
                    };
                    Ok((0..networks).map(response).collect())
                },
                |k| Ok((run.noise)(k)),
                run.options.format,
            );
            for (i, (enclosure, value)) in enclosures.unwrap().iter().zip(done).enumerate() {
                prop_assert!(
                    enclosure.admits(*value, Format::F32),
                    "element {i} on {}: {value:e} is not within {:e} of {:e}",
                    device.name,
                    enclosure.radius(),
                    enclosure.centre()
                );
            }
            Ok(())
        })?;
    }
}
