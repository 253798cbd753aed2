//! Writes what a browser shall run, and the bits that it shall get, as JSON on standard output.

#[path = "../adapters/run.rs"]
mod run;
#[path = "../gpu_shaders/texts.rs"]
mod texts;

use dpm_spec::arithmetic::rational;
use dpm_spec::fused::{Format, Lowering, Pass, Program, Shape, Stage, from_f16, to_f16};
use dpm_spec::gpu::{Array, Options, bytes, dispatches};
use dpm_spec::noise::{Noise, TABLE, fill};
use run::{START, noise, output, wave};
use serde_json::{Value, json};

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
    let texts: Vec<&str> = texts::all().iter().map(|(_, text)| text.as_str()).collect();
    println!("{}", json!({"cases": cases, "texts": texts}));
}

fn case(name: &str, program: &Program<f32>, shape: Shape, options: Options) -> Value {
    let limits = wgpu::Limits::default();
    let passes = dispatches(program, shape, options, &limits).expect("a small tensor");
    let mut passes = passes.into_iter();
    let table: Vec<u8> = TABLE
        .as_flattened()
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    let table_name = format!("{:?}", Array::NormalTable);
    let mut commands = vec![write(Array::State(0), START, shape, options.format)];
    if options.noise != Noise::Host {
        commands.push(json!({"array": table_name, "write": hex(&table)}));
    }
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
                let written = written.into_iter();
                commands
                    .extend(written.map(|(array, seed)| write(array, seed, shape, options.format)));
            }
            Stage::Pass(_) => commands.extend(passes.next().into_iter().flatten().map(|pass| {
                let bindings = pass.bindings.iter().map(|bound| {
                    let (first, size) = bound.part;
                    json!([bound.binding, format!("{:?}", bound.array), first, size])
                });
                json!({
                    "wgsl": pass.wgsl,
                    "row": hex(&pass.row),
                    "span": hex(&pass.span),
                    "bindings": bindings.collect::<Vec<_>>(),
                    "groups": [pass.groups.0, pass.groups.1],
                })
            })),
            Stage::Threshold { .. } => unreachable!("no case thresholds"),
        }
    }
    assert_eq!(called + 1, program.calls);
    json!({
        "name": name,
        "deterministic": options.deterministic,
        "bytes": bytes(shape, options.format),
        "sizes": {table_name: table.len()},
        "commands": commands,
        "result": format!("{:?}", Array::State(program.result)),
        "expected": hex(&stored(&reference(program, shape, options), options.format)),
    })
}

/// The seed of a call's unconditional output.
fn unconditional(call: usize) -> usize {
    call + 177
}

fn write(array: Array, seed: usize, shape: Shape, format: Format) -> Value {
    let values = wave(seed, shape.len());
    json!({"array": format!("{array:?}"), "write": hex(&stored(&values, format))})
}

fn reference(program: &Program<f32>, shape: Shape, options: Options) -> Vec<f32> {
    let rounded = |x: f32| match options.format {
        Format::F32 => x,
        Format::F16 => from_f16(to_f16(x)),
    };
    let waves = |seed| wave(seed, shape.len());
    let guided = |pass: &Pass<f32>| {
        let conversion = pass.conversion.as_ref();
        conversion.is_some_and(|conversion| conversion.unconditional.is_some())
    };
    let networks = 1 + usize::from(program.passes().any(guided));
    let outputs = |call| {
        let mut both = vec![waves(output(call)), waves(unconditional(call))];
        both.truncate(networks);
        both
    };
    let start = [waves(START)];
    let said = program.run(
        &start,
        |call| Ok(outputs(call.index)),
        |k| Ok(drawn(k, shape, options)),
        rounded,
    );
    said.expect("lengths fit")
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
