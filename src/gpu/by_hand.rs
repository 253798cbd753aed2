//! A GPU as one device among others.

use super::bandwidth::bandwidth;
use super::device::{Gpu, available};
use super::stepper::{Options, Stepper};
use crate::device::{Device, Stepping, Tensor, no_tensor};
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Program, Shape};
use crate::sample::Bandwidth;

impl Gpu {
    /// The first adapter whose name, backend or driver holds `text`, whatever its case.
    ///
    /// # Errors
    /// `E-ENVIRONMENT` if there is none, naming those that there are.
    pub fn named(text: &str) -> Result<Self> {
        let adapters = available(wgpu::Backends::PRIMARY | wgpu::Backends::GL)?;
        let wanted = text.to_lowercase();
        let names: Vec<String> = adapters
            .iter()
            .map(|adapter| name(&adapter.get_info()))
            .collect();
        let found = names
            .iter()
            .position(|name| name.to_lowercase().contains(&wanted));
        match found {
            Some(at) => Gpu::open(&adapters[at]),
            None => Err(Error::new(
                Code::Environment,
                format!("no adapter is named `{wanted}`"),
                "adapter",
                format!("choose from {}", names.join("; ")),
            )),
        }
    }
}

fn name(info: &wgpu::AdapterInfo) -> String {
    let driver = format!("{} {}", info.driver, info.driver_info);
    format!("{} ({}; {})", info.name, info.backend, driver.trim())
}

impl Device for Gpu {
    fn name(&self) -> String {
        name(&self.device().adapter_info())
    }

    fn probe(&self) -> Result<Vec<(&'static str, bool)>> {
        let probe = Gpu::probe(self)?;
        Ok(vec![
            ("fuses", probe.fuses),
            ("rearranges", probe.rearranges),
            ("rounds_to_nearest", probe.rounds_to_nearest),
            ("keeps_subnormals", probe.keeps_subnormals),
        ])
    }

    fn arrays(&self) -> usize {
        Gpu::arrays(self)
    }

    fn stepper(
        &self,
        program: &Program<f32>,
        shape: Shape,
        format: Format,
        deterministic: bool,
    ) -> Result<Box<dyn Stepping>> {
        let options = Options {
            format,
            deterministic,
            ..Options::default()
        };
        Ok(Box::new(Stepper::new(self, program, shape, options)?))
    }
}

impl Stepper {
    fn tensor(&self, tensor: Tensor) -> Result<wgpu::Buffer> {
        let arrays = self.arrays();
        let found = match tensor {
            Tensor::Shown => self.call().map(|call| call.input),
            Tensor::State(i) => arrays.states.get(i),
            Tensor::Output(i) => arrays.outputs.get(i),
            Tensor::Conditional => Some(&arrays.conditional),
            Tensor::Unconditional => arrays.unconditional.as_ref(),
            Tensor::Noise => arrays.noise.as_ref(),
        };
        found.cloned().ok_or_else(|| no_tensor(tensor))
    }

    fn submitted(
        &mut self,
        record: impl FnOnce(&mut Self, &mut wgpu::CommandEncoder) -> Result<()>,
    ) -> Result<()> {
        let gpu = self.gpu().clone();
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        record(self, &mut encoder)?;
        gpu.submit(encoder)
    }
}

impl Stepping for Stepper {
    fn start(&mut self, state: usize, values: &[f32]) -> Result<()> {
        Stepper::start(self, state, values)
    }

    fn prepare(&mut self) -> Result<()> {
        self.submitted(Stepper::prepare)
    }

    fn read(&self, tensor: Tensor) -> Result<Vec<f32>> {
        self.download(&self.tensor(tensor)?)
    }

    fn write(&mut self, tensor: Tensor, values: &[f32]) -> Result<()> {
        self.upload(&self.tensor(tensor)?, values)
    }

    fn advance(&mut self) -> Result<()> {
        self.submitted(Stepper::encode)
    }

    fn bandwidth(&mut self, call: usize) -> Result<Bandwidth> {
        bandwidth(self, call)
    }
}
