//! Every kernel is valid WGSL that a driver of any kind takes, without asking for a feature, and
//! computes only what docs and bounds count on. No adapter is needed.
#![cfg(feature = "gpu")]

mod allowed;
mod texts;
mod translated;

use std::collections::BTreeSet;

#[test]
fn every_kernel_translates_to_spir_v_msl_hlsl_and_glsl_and_computes_only_what_is_allowed() {
    let texts = texts::all();
    for (file, text) in texts {
        let (module, info) =
            translated::validated(text).unwrap_or_else(|e| panic!("{file}: {e}\n{text}"));
        if let Some(refused) = allowed::refused(file, &module, &info) {
            panic!("{file} {refused}\n{text}");
        }
        if let Err(error) = translated::everywhere(&module, &info) {
            panic!("{file}: {error}\n{text}");
        }
    }
    println!("{} kernels", texts.len());
    assert!(texts.len() > 300, "{}", texts.len());
}

/// A line that no variant holds is dead, and one that no variant here holds is untested.
#[test]
fn every_line_of_every_wgsl_file_belongs_to_a_kernel_tested_here() {
    let texts = texts::all();
    let tested: BTreeSet<&str> = texts
        .iter()
        .flat_map(|(_, text)| text.lines())
        .map(str::trim)
        .collect();
    let files = texts::files();
    for (file, text) in &files {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//@").next().unwrap_or_default().trim();
            assert!(
                tested.contains(code) || code.starts_with("//"),
                "{file}:{}: no kernel of tests/gpu_shaders/texts.rs holds `{code}`",
                number + 1
            );
        }
    }
    assert!(files.len() >= 5, "{}", files.len());
}

#[test]
fn what_is_not_allowed_is_found() {
    for (body, said) in [
        ("out[0] = exp(out[0]);", "Exp"),
        ("out[0] = fma(out[0], 2.0, 1.0);", "Fma"),
        ("out[0] = out[0] / out[1];", "Divide"),
        ("out[0] = select(1.0, 2.0, out[0] != out[0]);", "NotEqual"),
        ("out[0] = select(1.0, 2.0, out[0] == 0.0);", "Equal"),
        ("out[0] = min(out[0], 1.0);", "Min"),
        ("out[0] = out[0] % 2.0;", "Modulo"),
        ("out[0] = sqrt(out[0]);", "Sqrt"),
        ("out[0] = mix(out[0], 1.0, 0.5);", "Mix"),
        ("out[0] = f32(u32(out[0]));", "to"),
    ] {
        let text = format!(
            "@group(0) @binding(0) var<storage, read_write> out: array<f32>;
            fn inner() {{ {body} }}
            @compute @workgroup_size(64) fn main() {{ inner(); }}"
        );
        let (module, info) = translated::validated(&text).unwrap();
        let refused = allowed::refused("a file", &module, &info).unwrap_or_default();
        assert!(refused.contains(said), "{body}: `{refused}`");
    }
    let half = "enable f16;
        @group(0) @binding(0) var<storage, read_write> out: array<f16>;
        @compute @workgroup_size(64) fn main() { out[0] = 1.0h; }";
    assert!(translated::validated(half).is_err());
}
