//! WGSL validated with every optional capability off, and translated for every kind of driver.

use naga::back::{glsl, hlsl, msl, spv};
use naga::proc::BoundsCheckPolicies;
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{Module, ShaderStage};

pub(crate) fn validated(text: &str) -> Result<(Module, ModuleInfo), String> {
    let module = naga::front::wgsl::parse_str(text).map_err(|e| e.emit_to_string(text))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .map_err(|e| e.emit_to_string(text))?;
    Ok((module, info))
}

pub(crate) fn everywhere(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    for entry in &module.entry_points {
        let stage = ShaderStage::Compute;
        let (module, info) = naga::back::pipeline_constants::process_overrides(
            module,
            info,
            Some((stage, &entry.name)),
            &Default::default(),
        )
        .map_err(|e| format!("constants: {e}"))?;
        let name = &entry.name;
        to_spir_v(&module, &info, name).map_err(|e| format!("SPIR-V: {e}"))?;
        to_msl(&module, &info, name).map_err(|e| format!("MSL: {e}"))?;
        to_hlsl(&module, &info, name).map_err(|e| format!("HLSL: {e}"))?;
        to_glsl(&module, &info, name).map_err(|e| format!("GLSL: {e}"))?;
    }
    Ok(())
}

fn to_spir_v(module: &Module, info: &ModuleInfo, name: &str) -> Result<(), String> {
    let pipeline = spv::PipelineOptions {
        shader_stage: ShaderStage::Compute,
        entry_point: name.to_owned(),
    };
    let words = spv::write_vec(module, info, &spv::Options::default(), Some(&pipeline))
        .map_err(|e| e.to_string())?;
    filled(words.len())
}

fn to_msl(module: &Module, info: &ModuleInfo, name: &str) -> Result<(), String> {
    let options = msl::Options {
        lang_version: (2, 0),
        ..Default::default()
    };
    let pipeline = msl::PipelineOptions {
        entry_point: Some((ShaderStage::Compute, name.to_owned())),
        ..Default::default()
    };
    let (text, told) =
        msl::write_string(module, info, &options, &pipeline).map_err(|e| e.to_string())?;
    for entry in told.entry_point_names {
        entry.map_err(|e| e.to_string())?;
    }
    filled(text.len())
}

fn to_hlsl(module: &Module, info: &ModuleInfo, name: &str) -> Result<(), String> {
    let mut text = String::new();
    let pipeline = hlsl::PipelineOptions {
        entry_point: Some((ShaderStage::Compute, name.to_owned())),
    };
    hlsl::Writer::new(&mut text, &hlsl::Options::default(), &pipeline)
        .write(module, info, None)
        .map_err(|e| e.to_string())?;
    filled(text.len())
}

fn to_glsl(module: &Module, info: &ModuleInfo, name: &str) -> Result<(), String> {
    let mut text = String::new();
    let pipeline = glsl::PipelineOptions {
        shader_stage: ShaderStage::Compute,
        entry_point: name.to_owned(),
        multiview: None,
    };
    let policies = BoundsCheckPolicies::default();
    // OpenGL ES 3.1 is the first to compute, and what wgpu asks for at least.
    glsl::Writer::new(
        &mut text,
        module,
        info,
        &glsl::Options::default(),
        &pipeline,
        policies,
    )
    .and_then(|mut writer| writer.write())
    .map_err(|e| e.to_string())?;
    filled(text.len())
}

fn filled(length: usize) -> Result<(), String> {
    match length {
        0..200 => Err(format!("only {length} long")),
        _ => Ok(()),
    }
}
