//! Which variant of the fused step a pass needs, which arrays it binds, and its row of numbers.

use super::shader::{select, storage};
use super::stepper::Options;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Pass, Source};
use crate::noise::Noise;
use bytemuck::{Pod, Zeroable};
use std::collections::BTreeSet;

/// Output terms that the kernel has room for.
const OUTPUTS: usize = 7;
/// Bindings of row and span, before the arrays.
const CONDITIONAL: u32 = 2;
const UNCONDITIONAL: u32 = 3;
const SHOWN: u32 = 4;
const BASE: u32 = 5;
const MADE: u32 = 6;
const KEPT: u32 = 7;
const NOISE: u32 = 8;

/// An array of the stepper, or one beside it that a kernel binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Array {
    /// The state array of this number.
    State(usize),
    /// The array of this number that keeps a prediction.
    Output(usize),
    /// What the model writes; the conditional output under guidance.
    Conditional,
    /// The unconditional output.
    Unconditional,
    /// Noise from the host.
    Noise,
    /// The table of the portable noise, in the noise's place.
    NormalTable,
    /// What is known of every sample's quantile.
    Quantiles,
    /// The numbers of all calls of a model.
    Rows,
    /// The rotation of a model's data.
    Rotation,
}

/// What the kernel of a pass is made from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Variant {
    /// Features of the text `step.wgsl`.
    pub(crate) features: BTreeSet<String>,
    /// Binding, array and whether it is written, by binding.
    pub(crate) bindings: Vec<(u32, Array, bool)>,
}

/// Numbers of a pass as the kernel reads them.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub(crate) struct Row {
    state: f32,
    conditional: f32,
    unconditional: f32,
    clip: f32,
    base: f32,
    converted: f32,
    noise: f32,
    zero: u32,
    outputs: [f32; OUTPUTS],
    draw: u32,
}

/// How passes are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Compile {
    pub(crate) format: Format,
    /// Nothing fused or rearranged, on any adapter.
    pub(crate) deterministic: bool,
    /// Noise from the generator instead of an array.
    pub(crate) philox: bool,
}

impl Compile {
    pub(crate) fn of(options: Options) -> Self {
        Compile {
            format: options.format,
            deterministic: options.deterministic,
            philox: options.noise != Noise::Host,
        }
    }
}

/// The variant and the row of a pass.
///
/// # Errors
/// `E-PARAMETER` if the pass has more terms than the kernel.
pub(crate) fn of_pass(pass: &Pass<f32>, compile: Compile) -> Result<(Variant, Row)> {
    let mut writer = Writer::default();
    if compile.deterministic {
        writer.feature("barrier");
    }
    let mut shown = None;
    if let Some(conversion) = &pass.conversion {
        writer.feature("conversion");
        writer.bind(CONDITIONAL, Array::Conditional, false);
        writer.row.conditional = conversion.conditional;
        if let Some(weight) = conversion.unconditional {
            writer.feature("unconditional");
            writer.bind(UNCONDITIONAL, Array::Unconditional, false);
            writer.row.unconditional = weight;
        }
        if let Some((state, weight)) = conversion.state {
            writer.feature("shown");
            writer.bind(SHOWN, Array::State(state), false);
            writer.row.state = weight;
            shown = Some(state);
        }
        if let Some(clip) = conversion.clip {
            writer.feature("clip");
            writer.row.clip = clip;
        }
    }
    if let Some(sum) = &pass.sum {
        writer.terms(&sum.terms, shown, compile.philox)?;
        writer.write(Array::State(sum.target), MADE, "over");
    }
    if let Some(keep) = pass
        .conversion
        .as_ref()
        .and_then(|conversion| conversion.keep)
    {
        writer.write(Array::Output(keep), KEPT, "keep");
    }
    let mut bindings = writer.bindings;
    bindings.sort_unstable();
    Ok((
        Variant {
            features: writer.features,
            bindings,
        },
        writer.row,
    ))
}

impl Variant {
    /// The kernel's text.
    pub(crate) fn wgsl(&self, format: Format) -> String {
        let step = select(include_str!("step.wgsl"), &self.features);
        let mut text = format!("{}\n{step}", storage(format));
        if self.features.contains("philox") {
            let format = (format == Format::F16).then(|| "f16".to_owned());
            let draw = select(
                include_str!("draw.wgsl"),
                &format.into_iter().collect::<BTreeSet<_>>(),
            );
            text.push_str(include_str!("noise.wgsl"));
            text.push_str(&draw);
        }
        text
    }
}

#[derive(Default)]
struct Writer {
    features: BTreeSet<String>,
    bindings: Vec<(u32, Array, bool)>,
    row: Row,
}

impl Writer {
    fn feature(&mut self, name: impl Into<String>) {
        self.features.insert(name.into());
    }

    fn bind(&mut self, binding: u32, array: Array, written: bool) {
        self.bindings.push((binding, array, written));
    }

    fn terms(&mut self, terms: &[(Source, f32)], shown: Option<usize>, philox: bool) -> Result<()> {
        let mut outputs = 0;
        for (place, (source, weight)) in terms.iter().enumerate() {
            match source {
                Source::State(state) if place == 0 => {
                    self.row.base = *weight;
                    if shown == Some(*state) {
                        self.feature("base_shown");
                    } else {
                        self.feature("base");
                        self.bind(BASE, Array::State(*state), false);
                    }
                }
                Source::Register => {
                    self.row.converted = *weight;
                    match place {
                        0 => self.feature("first_register"),
                        _ => self.feature(format!("register{outputs}")),
                    }
                }
                Source::Output(output) if outputs < OUTPUTS => {
                    self.row.outputs[outputs] = *weight;
                    outputs += 1;
                    self.feature(format!("output{outputs}"));
                    if place == 0 {
                        self.feature("first_output");
                    }
                    self.bind(NOISE + outputs as u32, Array::Output(*output), false);
                }
                Source::Noise(draw) if place > 0 && place + 1 == terms.len() => {
                    self.row.noise = *weight;
                    self.row.draw = *draw as u32;
                    let (feature, array) = match philox {
                        true => ("philox", Array::NormalTable),
                        false => ("noise", Array::Noise),
                    };
                    self.feature(feature);
                    self.bind(NOISE, array, false);
                }
                _ => {
                    return Err(Error::new(
                        Code::Parameter,
                        format!("term {} of {}", place + 1, terms.len()),
                        "pass",
                        "a sum is a state first, at most 7 predictions, and one noise last",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Writes to an array, through the binding that reads it already if there is one.
    fn write(&mut self, array: Array, fresh: u32, name: &str) {
        let found = self
            .bindings
            .iter_mut()
            .find(|(_, bound, _)| *bound == array);
        let place = match found {
            None => {
                self.bind(fresh, array, true);
                "none".to_owned()
            }
            Some((binding, _, written)) => {
                *written = true;
                match *binding {
                    SHOWN => "shown".to_owned(),
                    BASE => "base".to_owned(),
                    output => format!("output{}", output - NOISE),
                }
            }
        };
        self.feature(format!("{name}_{place}"));
    }
}
