//! One run on a device, every step of it compared with its bound.

use super::adapters;
use dpm_spec::fused::{Element, Enclosure, Format, Program, Shape, Source, from_f16, to_f16};
use dpm_spec::gpu::{Gpu, Options, Probe, Stepper};
use proptest::test_runner::TestCaseError;
use std::sync::OnceLock;

/// A device and what its adapter does to sums.
pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) gpu: Gpu,
    pub(crate) probe: Probe,
    /// Bindings of 4 KiB and 3 workgroups a dimension, so that small tensors are cut into chunks.
    pub(crate) small: bool,
}

/// Every adapter twice: with its own limits, and with small ones.
pub(crate) fn devices() -> &'static [Device] {
    static DEVICES: OnceLock<Vec<Device>> = OnceLock::new();
    DEVICES.get_or_init(|| {
        let mut devices = Vec::new();
        for adapter in adapters::adapters() {
            for small in [false, true] {
                let gpu = match small {
                    false => Gpu::open(&adapter).unwrap(),
                    true => cramped(&adapter),
                };
                let probe = gpu.probe().unwrap();
                let name = adapters::name(&adapter);
                devices.push(Device {
                    name,
                    gpu,
                    probe,
                    small,
                });
            }
        }
        devices
    })
}

fn cramped(adapter: &wgpu::Adapter) -> Gpu {
    let limits = wgpu::Limits {
        max_storage_buffer_binding_size: 4096,
        max_compute_workgroups_per_dimension: 3,
        ..adapter.limits()
    };
    adapters::limited(adapter, limits)
}

/// Outputs of the model to the call of an index, at its input.
type Network<'a> = dyn Fn(usize, &[f32]) -> Vec<Vec<f32>> + 'a;

/// What a run is made of; `network` returns what the host uploads for a call.
pub(crate) struct Run<'a> {
    pub(crate) program: &'a Program<f32>,
    pub(crate) shape: Shape,
    pub(crate) options: Options,
    pub(crate) start: Vec<Vec<f32>>,
    pub(crate) network: &'a Network<'a>,
    pub(crate) noise: &'a dyn Fn(usize) -> Vec<f32>,
}

/// All state and output arrays.
struct Snapshot {
    states: Vec<Vec<f32>>,
    outputs: Vec<Vec<f32>>,
}

/// The same number, or both NaN.
pub(crate) fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

impl Run<'_> {
    /// The result on a device; fails if a step leaves its bound, or the result differs from the
    /// reference where bits are promised.
    pub(crate) fn on(&self, device: &Device) -> Result<Vec<f32>, TestCaseError> {
        let done = self.steps(device)?;
        if device.probe.exact(self.options.deterministic) {
            let said = self.reference();
            // A compiler may clip by minimum and maximum, which hide a NaN.
            let clips = self.program.threshold.is_some();
            let hidden = |said: f32| clips && said.is_nan();
            let mut pairs = done.iter().zip(&said);
            let differ = pairs.position(|(a, b)| !same(*a, *b) && !hidden(*b));
            if let Some(i) = differ {
                return Err(TestCaseError::fail(format!(
                    "element {i} of {}: {:e} on {}, {:e} in the reference",
                    done.len(),
                    done[i],
                    device.name,
                    said[i]
                )));
            }
        }
        Ok(done)
    }

    pub(crate) fn reference(&self) -> Vec<f32> {
        let network =
            |call: &dpm_spec::plan::Call<'_, f32>| Ok((self.network)(call.index, call.input));
        let stored = |x: f32| self.stored(x);
        self.program
            .run(&self.start, network, |k| Ok((self.noise)(k)), stored)
            .unwrap()
    }

    fn stored(&self, value: f32) -> f32 {
        match self.options.format {
            Format::F32 => value,
            Format::F16 => from_f16(to_f16(value)),
        }
    }

    fn steps(&self, device: &Device) -> Result<Vec<f32>, TestCaseError> {
        let gpu = &device.gpu;
        let mut stepper = Stepper::new(gpu, self.program, self.shape, self.options).unwrap();
        for (state, values) in self.start.iter().enumerate() {
            stepper.start(state, values).unwrap();
        }
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        stepper.prepare(&mut encoder).unwrap();
        gpu.submit(encoder).unwrap();
        let mut before = snapshot(&stepper);
        while let Some(call) = stepper.call() {
            let index = call.index;
            let input = stepper.download(call.input).unwrap();
            let returned = (self.network)(index, &input);
            let drawn = self.drawn(index);
            let places = [Some(call.output), call.unconditional];
            for (place, values) in places.into_iter().flatten().zip(&returned) {
                stepper.upload(place, values).unwrap();
            }
            if let (Some((_, place)), Some(values)) = (call.noise, &drawn) {
                stepper.upload(place, values).unwrap();
            }
            let mut encoder = gpu.device().create_command_encoder(&Default::default());
            stepper.encode(&mut encoder).unwrap();
            gpu.submit(encoder).unwrap();
            let after = snapshot(&stepper);
            self.compare(index, &before, &returned, drawn.as_deref(), &after)?;
            before = after;
        }
        Ok(before.states.swap_remove(self.program.result))
    }

    /// The noise that the passes after a call add.
    fn drawn(&self, call: usize) -> Option<Vec<f32>> {
        let mut terms = self
            .program
            .passes_after(call)
            .flat_map(|pass| &pass.sum)
            .flat_map(|sum| &sum.terms);
        terms.find_map(|(source, _)| match source {
            Source::Noise(k) => Some((self.noise)(*k)),
            _ => None,
        })
    }

    /// Every array after the step lies within what the passes allow.
    fn compare(
        &self,
        call: usize,
        before: &Snapshot,
        returned: &[Vec<f32>],
        drawn: Option<&[f32]>,
        after: &Snapshot,
    ) -> Result<(), TestCaseError> {
        let passes: Vec<_> = self.program.passes_after(call).collect();
        let exact = |value: f32| Enclosure::exact(self.stored(value));
        // One pass alone is rounded to the format last: f16's ends are then known exactly.
        let (inside, last) = match passes.len() {
            1 => (Format::F32, self.options.format),
            _ => (self.options.format, Format::F32),
        };
        let length = self.shape.len();
        for i in (0..length).step_by(length / 200 + 1) {
            let mut element = Element::new(before.states.len(), before.outputs.len());
            for (array, values) in element.states.iter_mut().zip(&before.states) {
                *array = Enclosure::exact(values[i]);
            }
            for (array, values) in element.outputs.iter_mut().zip(&before.outputs) {
                *array = Enclosure::exact(values[i]);
            }
            element.networks = returned.iter().map(|values| exact(values[i])).collect();
            element.noise = exact(drawn.map_or(0.0, |values| values[i]));
            for pass in &passes {
                element.pass(pass, inside);
            }
            let states = element.states.iter().zip(&after.states);
            let outputs = element.outputs.iter().zip(&after.outputs);
            for (enclosure, values) in states.chain(outputs) {
                if !enclosure.admits(values[i], last) {
                    return Err(TestCaseError::fail(format!(
                        "call {call}, element {i} of {length}: {:e} is not within {:e} of {:e}",
                        values[i],
                        enclosure.radius(),
                        enclosure.centre()
                    )));
                }
            }
        }
        Ok(())
    }
}

fn snapshot(stepper: &Stepper) -> Snapshot {
    let read = |buffers: &[wgpu::Buffer]| {
        let download = |buffer| stepper.download(buffer).unwrap();
        buffers.iter().map(download).collect()
    };
    Snapshot {
        states: read(&stepper.arrays().states),
        outputs: read(&stepper.arrays().outputs),
    }
}
