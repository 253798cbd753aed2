//! Writes what a browser shall run, and the bits that it shall get, as JSON on standard output.

#[path = "../models/mod.rs"]
mod models;
#[path = "../adapters/run.rs"]
mod run;
#[path = "../gpu_shaders/texts.rs"]
mod texts;

use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Format, Lowering, Pass, Program, Shape, Stage, to_f16};
use dpm_spec::gpu::{Array, Dispatch, Options, bytes, dispatches, model_dispatches};
use dpm_spec::noise::{Noise, fill};
use dpm_spec::problem::Problem;
use dpm_spec::threshold::Threshold;
use run::{START, noise, output, wave};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SEED: u64 = 0x0123_4567_89ab_cdef;

const SOLVERS: [&str; 7] = [
    "ddim",
    "dpmpp-2m",
    "dpmpp-3m",
    "dpmpp-2s",
    "dpmpp-3s",
    "dpm-2m",
    "sde-dpmpp-2m",
];

fn main() {
    let mut cases = Vec::new();
    for solver in SOLVERS {
        for guidance in [None, Some(rational(15, 2))] {
            let lowering = Lowering {
                guidance,
                ..Lowering::plain()
            };
            let program = run::program(solver, "vp-linear", &lowering);
            let guided = if guidance.is_some() { ", guided" } else { "" };
            let draws = program.noises > 0;
            let philox = draws.then_some(Noise::Philox { seed: SEED });
            for noise in [Noise::Host].into_iter().chain(philox) {
                for (format, batch, elements) in [
                    (Format::F32, 1, 1003),
                    (Format::F16, 1, 5001),
                    (Format::F16, 3, 333),
                ] {
                    for deterministic in [true, false] {
                        let options = Options {
                            format,
                            deterministic,
                            noise,
                            ..Options::default()
                        };
                        let name = format!("{solver}, {format:?}{guided}, {noise:?}");
                        cases.push(case(&name, &program, Shape { batch, elements }, options));
                    }
                }
            }
        }
    }
    cases.extend(thresholded());
    cases.extend(modelled());
    let texts: Vec<&str> = texts::all().iter().map(|(_, text)| text.as_str()).collect();
    println!("{}", json!({"cases": cases, "texts": texts}));
}

/// Samples that one workgroup searches, and such that several do, also through several bindings.
fn thresholded() -> Vec<Value> {
    let rule = Threshold::Dynamic {
        ratio: rational(7, 9),
        max: None,
    };
    let mut cases = Vec::new();
    for format in [Format::F32, Format::F16] {
        for (elements, bound) in [(9_999, 1 << 27), (70_001, 1 << 27), (33_333, 1 << 16)] {
            let program = run::thresholded("dpmpp-2m", "vp-linear", rule);
            let limits = wgpu::Limits {
                max_storage_buffer_binding_size: bound,
                ..wgpu::Limits::default()
            };
            let options = Options {
                format,
                deterministic: true,
                ..Options::default()
            };
            let name = format!("threshold, {format:?}, {elements} elements, {bound} bytes bound");
            let shape = Shape { batch: 2, elements };
            cases.push(limited(&name, &program, shape, options, &limits));
        }
    }
    cases
}

/// What every network of every problem returns, first and last call.
fn modelled() -> Vec<Value> {
    let limits = wgpu::Limits::default();
    let (plan, side) = models::plans().swap_remove(0);
    let mut cases = Vec::new();
    for (problem, networks) in models::PROBLEMS {
        let denoiser = models::denoiser(problem, &plan, side);
        let groups = 37;
        let elements = groups * Problem::parse(problem).unwrap().dimension();
        let shape = Shape { batch: 3, elements };
        let networks = models::NETWORKS.into_iter().take(networks.len());
        for (network, format) in networks.flat_map(|n| [(n, Format::F32), (n, Format::F16)]) {
            for call in [0, plan.calls() - 1] {
                let options = Options {
                    format,
                    deterministic: true,
                    ..Options::default()
                };
                let input = models::inputs(&plan, call, shape.len()).into_iter();
                let input: Vec<f32> = input.map(|x| format.stored(x)).collect();
                let mut output = vec![0.0; input.len()];
                let twin = denoiser.batch(call, network, shape, &input, &mut output);
                twin.expect("whole groups");
                let made = model_dispatches(&denoiser, (call, network), shape, options, &limits);
                let made = made.expect("a small tensor");
                let written = made[0].bindings.iter().find(|bound| bound.written);
                let result = written.expect("an output").array;
                let mut commands = Commands::default();
                commands.write(Array::State(0), &stored(&input, format));
                made.iter().for_each(|dispatch| commands.dispatch(dispatch));
                let name = format!("{problem}, {network:?}, call {call}, {format:?}");
                cases.push(commands.case(&name, result, &output, shape, options));
            }
        }
    }
    cases
}

/// What the browser does for a case.
#[derive(Default)]
struct Commands {
    sizes: BTreeMap<String, u64>,
    commands: Vec<Value>,
}

impl Commands {
    fn write(&mut self, array: Array, bytes: &[u8]) {
        let array = format!("{array:?}");
        self.commands
            .push(json!({"array": array, "write": hex(bytes)}));
    }

    fn dispatch(&mut self, dispatch: &Dispatch) {
        for bound in &dispatch.bindings {
            let own = bound.content.is_some() || bound.array == Array::Quantiles;
            let name = format!("{:?}", bound.array);
            if own && self.sizes.insert(name, bound.part.1).is_none() {
                bound
                    .content
                    .iter()
                    .for_each(|content| self.write(bound.array, content));
            }
        }
        let bindings = dispatch.bindings.iter().map(|bound| {
            let (first, size) = bound.part;
            let name = format!("{:?}", bound.array);
            json!([bound.binding, name, first, size, bound.written])
        });
        let uniforms = dispatch.uniforms.iter();
        let uniforms = uniforms.map(|(binding, numbers)| json!([binding, hex(numbers)]));
        self.commands.push(json!({
            "wgsl": dispatch.wgsl,
            "uniforms": uniforms.collect::<Vec<_>>(),
            "bindings": bindings.collect::<Vec<_>>(),
            "groups": [dispatch.groups.0, dispatch.groups.1],
        }));
    }

    fn case(
        self,
        name: &str,
        result: Array,
        expected: &[f32],
        shape: Shape,
        options: Options,
    ) -> Value {
        json!({
            "name": name,
            "deterministic": options.deterministic,
            "bytes": bytes(shape, options.format),
            "sizes": self.sizes,
            "commands": self.commands,
            "result": format!("{result:?}"),
            "expected": hex(&stored(expected, options.format)),
        })
    }
}

fn case(name: &str, program: &Program<f32>, shape: Shape, options: Options) -> Value {
    limited(name, program, shape, options, &wgpu::Limits::default())
}

fn limited(
    name: &str,
    program: &Program<f32>,
    shape: Shape,
    options: Options,
    limits: &wgpu::Limits,
) -> Value {
    let made = dispatches(program, shape, options, limits).expect("a small tensor");
    let mut made = made.into_iter();
    let mut commands = Commands::default();
    let write = |commands: &mut Commands, array, seed| {
        commands.write(array, &stored(&wave(seed, shape.len()), options.format));
    };
    write(&mut commands, Array::State(0), START);
    let mut called = 0;
    for stage in &program.stages {
        match stage {
            Stage::Call { call, .. } => {
                called = *call;
                let written = [
                    (Array::Conditional, output(*call)),
                    (Array::Unconditional, unconditional(*call)),
                    (Array::Noise, noise(*call)),
                ];
                for (array, seed) in written {
                    write(&mut commands, array, seed);
                }
            }
            Stage::Pass(_) | Stage::Threshold { .. } => {
                let made = made.next().into_iter().flatten();
                made.for_each(|dispatch| commands.dispatch(&dispatch));
            }
        }
    }
    assert_eq!(called + 1, program.calls);
    let result = Array::State(program.result);
    let expected = reference(program, shape, options);
    commands.case(name, result, &expected, shape, options)
}

/// The seed of a call's unconditional output.
fn unconditional(call: usize) -> usize {
    call + 177
}

/// Every sample run alone.
fn reference(program: &Program<f32>, shape: Shape, options: Options) -> Vec<f32> {
    let guided = |pass: &Pass<f32>| {
        let conversion = pass.conversion.as_ref();
        conversion.is_some_and(|conversion| conversion.unconditional.is_some())
    };
    let networks = 1 + usize::from(program.passes().any(guided));
    let alone = |sample: usize| {
        let part = |all: Vec<f32>| all[sample * shape.elements..][..shape.elements].to_vec();
        let waves = |seed| part(wave(seed, shape.len()));
        let outputs = |call| {
            let mut both = vec![waves(output(call)), waves(unconditional(call))];
            both.truncate(networks);
            both
        };
        let said = program.run(
            &[waves(START)],
            |call| Ok(outputs(call.index)),
            |k| Ok(part(drawn(k, shape, options))),
            |x| options.format.stored(x),
        );
        said.expect("lengths fit")
    };
    (0..shape.batch).flat_map(alone).collect()
}

fn stored(values: &[f32], format: Format) -> Vec<u8> {
    match format {
        Format::F32 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Format::F16 => values
            .iter()
            .flat_map(|x| to_f16(*x).to_le_bytes())
            .collect(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The k-th noise: what the host writes, or what the CPU generates.
fn drawn(k: usize, shape: Shape, options: Options) -> Vec<f32> {
    let Noise::Philox { seed } = options.noise else {
        return wave(noise(k), shape.len());
    };
    let mut all = vec![0.0; shape.len()];
    for (sample, values) in all.chunks_exact_mut(shape.elements).enumerate() {
        fill(values, seed, sample as u32, k as u32);
    }
    all
}
