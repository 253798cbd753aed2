//! Dynamic thresholding on a GPU: the quantile is that of a plain sort, the clipped and divided
//! sample that of the CPU, and whole runs end where the reference does.
#![cfg(feature = "gpu")]

mod adapters;
mod quantiles;

use adapters::run::wave;
use adapters::{adapters, limited, name};
use dpm_spec::Code;
use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Format, Lowering, Program, Response, Shape};
use dpm_spec::gpu::{Gpu, Lanes, Options, Stepper};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Request, double_double_plan};
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::threshold::Threshold;
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use quantiles::{RATIOS, kinds, same, sorted};
use wgpu::util::DeviceExt;

const FORMATS: [Format; 2] = [Format::F32, Format::F16];

fn dynamic(ratio: (i128, i128), max: Option<(i128, i128)>) -> Threshold {
    Threshold::Dynamic {
        ratio: rational(ratio.0, ratio.1),
        max: max.map(|(num, den)| rational(num, den)),
    }
}

fn program(solver: &str, prediction: Prediction, threshold: Threshold) -> Program<f32> {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.prediction = prediction;
    recipe.threshold = Some(threshold);
    let request = Request::new(recipe, schedule, Grid::parse("lambda").unwrap(), 5);
    let plan = double_double_plan(&request).unwrap().plan;
    let plan = plan.try_map(|value, _| Ok(value.f32)).unwrap();
    Program::lower(&plan, &Lowering::plain()).unwrap()
}

/// A device that binds only so many bytes.
fn binding(adapter: &wgpu::Adapter, bytes: u64) -> Gpu {
    let limits = wgpu::Limits {
        max_storage_buffer_binding_size: bytes,
        ..adapter.limits()
    };
    limited(adapter, limits)
}

fn found(gpu: &Gpu, values: &[f32], shape: Shape, format: Format, ratio: (i128, i128)) -> Vec<f32> {
    let mut bytes = match format {
        Format::F32 => bytemuck::cast_slice(values).to_vec(),
        Format::F16 => values
            .iter()
            .flat_map(|x| dpm_spec::fused::to_f16(*x).to_le_bytes())
            .collect::<Vec<u8>>(),
    };
    bytes.resize(bytes.len().next_multiple_of(16), 0xff);
    let buffer = gpu
        .device()
        .create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: None,
            contents: &bytes,
            usage: wgpu::BufferUsages::STORAGE,
        });
    let ratio = rational(ratio.0, ratio.1);
    dpm_spec::gpu::quantiles(gpu, &buffer, shape, format, ratio).unwrap()
}

/// Compares the quantiles of a batch with those of sorts; between ranks only where the device
/// rounds as the CPU does.
fn compare(
    gpu: &Gpu,
    exact: bool,
    batch: &[f32],
    elements: usize,
    format: Format,
    ratio: (i128, i128),
) {
    if !exact && ratio.0 * (elements as i128 - 1) % ratio.1 != 0 {
        return;
    }
    let stored: Vec<f32> = batch.iter().map(|x| format.stored(*x)).collect();
    let shape = Shape {
        batch: stored.len() / elements,
        elements,
    };
    let got = found(gpu, &stored, shape, format, ratio);
    assert_eq!(got.len(), shape.batch);
    for (k, (got, sample)) in got.iter().zip(stored.chunks(elements)).enumerate() {
        let wanted = sorted(sample, ratio);
        assert!(
            same(*got, wanted),
            "{format}, {elements} elements, sample {k}, {ratio:?}: {got:e} instead of {wanted:e}"
        );
    }
}

fn of_all_kinds(elements: usize) -> Vec<f32> {
    let kinds = kinds(elements);
    kinds.into_iter().flat_map(|(_, sample)| sample).collect()
}

#[test]
fn quantiles_of_all_sizes_and_kinds_equal_a_sort() {
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        let exact = gpu.probe().unwrap().exact(true);
        for elements in [
            1,
            2,
            3,
            17,
            255,
            4097,
            (1 << 16) - 1,
            1 << 16,
            (1 << 16) + 1,
            200_003,
        ] {
            let ratios = if elements < 5000 {
                &RATIOS[..]
            } else {
                &RATIOS[..2]
            };
            for format in FORMATS {
                for ratio in ratios {
                    compare(
                        &gpu,
                        exact,
                        &of_all_kinds(elements),
                        elements,
                        format,
                        *ratio,
                    );
                }
            }
        }
    }
}

#[test]
fn samples_cut_where_a_binding_ends_have_the_same_quantiles() {
    for adapter in adapters() {
        let gpu = binding(&adapter, 1 << 16);
        let exact = gpu.probe().unwrap().exact(true);
        // Several samples a binding, a sample a binding, several bindings a sample.
        for elements in [1, 1001, 12_345, 16_384, 33_333, 70_001] {
            for format in FORMATS {
                compare(
                    &gpu,
                    exact,
                    &of_all_kinds(elements),
                    elements,
                    format,
                    (199, 200),
                );
            }
        }
    }
}

#[test]
fn quantiles_of_any_bits_equal_a_sort() {
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        let exact = gpu.probe().unwrap().exact(true);
        let config = ProptestConfig {
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
                "tests/proptest-regressions/gpu_threshold.txt",
            ))),
            ..ProptestConfig::default()
        };
        let bits = prop::collection::vec(any::<u32>(), 1..600);
        let cases = (bits, any::<u32>(), 1_usize..4, 1_i128..=200, any::<bool>());
        TestRunner::new(config)
            .run(&cases, |(bits, mask, samples, ratio, half)| {
                let number = |bits: &u32| f32::from_bits(0x3f00_0000 ^ bits & mask);
                let mut batch: Vec<f32> = bits.iter().map(number).collect();
                let elements = batch.len().div_ceil(samples);
                batch.resize(elements * samples, 1.0);
                compare(
                    &gpu,
                    exact,
                    &batch,
                    elements,
                    FORMATS[usize::from(half)],
                    (ratio, 200),
                );
                Ok(())
            })
            .unwrap();
    }
}

/// The prediction is the output itself here, so that the kept one is the threshold's work alone.
#[test]
fn a_thresholded_sample_has_the_bits_of_the_cpu() {
    for adapter in adapters() {
        for (gpu, elements) in [
            (Gpu::open(&adapter).unwrap(), 9_999),
            (Gpu::open(&adapter).unwrap(), 70_001),
            (binding(&adapter, 1 << 16), 33_333),
        ] {
            if !gpu.probe().unwrap().exact(true) {
                eprintln!("{}: rounds in its own way", name(&adapter));
                continue;
            }
            for (rule, format) in [
                (dynamic((199, 200), None), Format::F32),
                (dynamic((1, 2), Some((3, 2))), Format::F32),
                (dynamic((7, 9), None), Format::F32),
                (dynamic((199, 200), None), Format::F16),
                (dynamic((7, 9), Some((100, 3))), Format::F16),
            ] {
                let program = program("ddim", Prediction::Data, rule);
                let batch: Vec<f32> = of_all_kinds(elements)
                    .into_iter()
                    .map(|x| format.stored(x))
                    .collect();
                let shape = Shape {
                    batch: batch.len() / elements,
                    elements,
                };
                let options = Options {
                    format,
                    deterministic: true,
                    ..Options::default()
                };
                let mut stepper = Stepper::new(&gpu, &program, shape, options).unwrap();
                stepper.start(0, &vec![0.0; shape.len()]).unwrap();
                stepper
                    .upload(&stepper.arrays().conditional, &batch)
                    .unwrap();
                let mut encoder = gpu.device().create_command_encoder(&Default::default());
                stepper.prepare(&mut encoder).unwrap();
                stepper.encode(&mut encoder).unwrap();
                gpu.submit(encoder).unwrap();
                let got = stepper.download(&stepper.arrays().outputs[0]).unwrap();
                let mut wanted = batch.clone();
                for sample in wanted.chunks_mut(elements) {
                    dpm_spec::cpu::threshold(rule, sample);
                }
                for (i, (got, wanted)) in got.iter().zip(&wanted).enumerate() {
                    assert!(
                        same(*got, format.stored(*wanted)),
                        "{rule:?}, {format}, sample {}: {:e} became {got:e}, not {wanted:e}",
                        i / elements,
                        batch[i]
                    );
                }
            }
        }
    }
}

#[test]
fn thresholded_runs_end_in_their_interval_and_where_the_reference_ends() {
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        let exact = gpu.probe().unwrap().exact(true);
        let shape = Shape {
            batch: 3,
            elements: 77,
        };
        for (solver, rule) in [
            ("ddim", dynamic((9, 10), None)),
            ("dpmpp-2m", dynamic((199, 200), Some((3, 2)))),
            ("dpmpp-3m", dynamic((1, 2), None)),
            ("dpmpp-2s", dynamic((1, 1), Some((2, 1)))),
            ("sde-dpmpp-2m", dynamic((9, 10), None)),
        ] {
            let program = program(solver, Prediction::Noise, rule);
            for format in FORMATS {
                let options = Options {
                    format,
                    deterministic: true,
                    ..Options::default()
                };
                // The samples differ in size: a quantile of the batch would be another.
                let tensor = |seed| -> Vec<f32> {
                    let size = |i: usize| (1 + i / shape.elements) as f32;
                    let all = wave(seed, shape.len()).into_iter().enumerate();
                    all.map(|(i, x)| size(i) * x).collect()
                };
                let done = ran(&gpu, &program, shape, options, tensor);
                for (k, done) in done.chunks(shape.elements).enumerate() {
                    let part = |seed| -> Vec<f32> {
                        tensor(seed)[k * shape.elements..][..shape.elements].to_vec()
                    };
                    let said = program
                        .run(
                            &[part(0)],
                            |call| Ok(vec![part(1 + call.index)]),
                            |k| Ok(part(50 + k)),
                            |x| format.stored(x),
                        )
                        .unwrap();
                    if exact {
                        assert_eq!(done, said, "{solver}, {format}, {}", name(&adapter));
                    }
                    let within = program
                        .enclose(
                            &[part(0)],
                            |shown| {
                                let said = part(1 + shown.call)[shown.element];
                                Ok(vec![Response {
                                    slope: 0.0,
                                    offset: f64::from(format.stored(said)),
                                    error: 0.0,
                                }])
                            },
                            |k| Ok(part(50 + k)),
                            format,
                        )
                        .unwrap();
                    for (within, value) in within.iter().zip(done) {
                        assert!(
                            within.admits(*value, Format::F32),
                            "{solver}, {format}, {}: {value:e} is not within {:e} of {:e}",
                            name(&adapter),
                            within.radius(),
                            within.centre()
                        );
                    }
                }
            }
        }
    }
}

fn ran(
    gpu: &Gpu,
    program: &Program<f32>,
    shape: Shape,
    options: Options,
    tensor: impl Fn(usize) -> Vec<f32>,
) -> Vec<f32> {
    // Made for another batch and resized.
    let smaller = Shape { batch: 1, ..shape };
    let mut stepper = Stepper::new(gpu, program, smaller, options).unwrap();
    stepper.warm_up().unwrap();
    stepper.resize(shape.batch).unwrap();
    stepper.start(0, &tensor(0)).unwrap();
    let mut draws = 0;
    while let Some(call) = stepper.call() {
        let index = call.index;
        stepper.upload(call.output, &tensor(1 + index)).unwrap();
        if let Some((k, buffer)) = call.noise {
            stepper.upload(buffer, &tensor(50 + k)).unwrap();
            draws += 1;
        }
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        if index == 0 {
            stepper.prepare(&mut encoder).unwrap();
        }
        stepper.encode(&mut encoder).unwrap();
        gpu.submit(encoder).unwrap();
    }
    assert_eq!(draws, program.noises);
    stepper.download(stepper.result()).unwrap()
}

#[test]
fn what_a_device_cannot_threshold_is_refused() {
    for adapter in adapters() {
        let gpu = Gpu::open(&adapter).unwrap();
        let shape = Shape {
            batch: 2,
            elements: 20,
        };
        let mut program = program("ddim", Prediction::Noise, dynamic((9, 10), None));
        let lanes = Lanes::new(
            &gpu,
            std::slice::from_ref(&program),
            shape,
            Options::default(),
        );
        assert_eq!(lanes.unwrap_err().code, Code::Parameter);
        for unfit in [
            dynamic((3, 2), None),
            Threshold::Static {
                bound: rational(1, 1),
            },
        ] {
            program.threshold = Some(unfit);
            let made = Stepper::new(&gpu, &program, shape, Options::default());
            assert_eq!(made.unwrap_err().code, Code::Threshold);
        }
    }
}
