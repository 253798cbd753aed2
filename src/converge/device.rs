//! Runs of the production path: the fused program on a device, its model on the host.
//!
//! The model is evaluated in double-double from the very numbers that the device shows, and rounded
//! once; so what is left is the rounding of the fused steps and of what they store. The exact
//! solution goes through the start as stored.

use super::line::{Evaluation, Line};
use super::run::stochastic;
use super::{Backend, Measure, Point, Study};
use crate::arithmetic::DoubleDouble;
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Lowering, Program, Shape, Stage};
use crate::plan::{Request, derive};
use crate::solver::Side;

/// The devices that a sweep runs on, each opened once.
pub(super) struct Devices {
    #[cfg(feature = "gpu")]
    gpu: Option<crate::gpu::Gpu>,
}

impl Devices {
    /// Opens what the studies ask for.
    ///
    /// # Errors
    /// `E-FEATURE` in a build without it, `E-ENVIRONMENT` on a machine without it.
    pub(super) fn open(studies: &[Study]) -> Result<Self> {
        let wanted = studies
            .iter()
            .map(|study| study.backend)
            .find(|backend| matches!(backend, Backend::Gpu(_)));
        #[cfg(feature = "gpu")]
        return Ok(Devices {
            gpu: wanted.map(|_| crate::gpu::Gpu::new()).transpose()?,
        });
        #[cfg(not(feature = "gpu"))]
        match wanted {
            None => Ok(Devices {}),
            Some(backend) => Err(lacks_gpu(backend)),
        }
    }

    #[cfg(feature = "gpu")]
    fn stepper(
        &self,
        program: &Program<f32>,
        shape: Shape,
        format: Format,
    ) -> Result<Box<dyn Stepping>> {
        let Some(gpu) = &self.gpu else {
            return Err(lacks_gpu(Backend::Gpu(format)));
        };
        let options = crate::gpu::Options {
            format,
            deterministic: true,
            ..Default::default()
        };
        let stepper = crate::gpu::Stepper::new(gpu, program, shape, options)?;
        Ok(Box::new(stepper))
    }

    #[cfg(not(feature = "gpu"))]
    fn stepper(&self, _: &Program<f32>, _: Shape, format: Format) -> Result<Box<dyn Stepping>> {
        Err(lacks_gpu(Backend::Gpu(format)))
    }
}

fn lacks_gpu(backend: Backend) -> Error {
    Error::new(
        Code::Feature,
        "this build lacks the feature `gpu`",
        format!("backend `{backend}`"),
        "choose f64 or f32, or cargo install dpm-spec --features cli,gpu",
    )
}

/// A stepper, its tensors in the host's hands between the steps.
trait Stepping {
    /// Writes a start state.
    fn start(&mut self, state: usize, values: &[f32]) -> Result<()>;
    /// Computes what the first call is shown.
    fn prepare(&mut self) -> Result<()>;
    /// What the next call is shown; none at the end.
    fn shown(&self) -> Result<Option<Vec<f32>>>;
    /// Takes the network's output and steps up to the next call.
    fn advance(&mut self, output: &[f32]) -> Result<()>;
    /// The result, after the last step.
    fn result(&self) -> Result<Vec<f32>>;
}

#[cfg(feature = "gpu")]
impl Stepping for crate::gpu::Stepper {
    fn start(&mut self, state: usize, values: &[f32]) -> Result<()> {
        crate::gpu::Stepper::start(self, state, values)
    }

    fn prepare(&mut self) -> Result<()> {
        let mut encoder = self
            .gpu()
            .device()
            .create_command_encoder(&Default::default());
        crate::gpu::Stepper::prepare(self, &mut encoder)?;
        self.gpu().submit(encoder)
    }

    fn shown(&self) -> Result<Option<Vec<f32>>> {
        self.call()
            .map(|call| self.download(call.input))
            .transpose()
    }

    fn advance(&mut self, output: &[f32]) -> Result<()> {
        if let Some(call) = self.call() {
            self.upload(call.output, output)?;
        }
        let mut encoder = self
            .gpu()
            .device()
            .create_command_encoder(&Default::default());
        self.encode(&mut encoder)?;
        self.gpu().submit(encoder)
    }

    fn result(&self) -> Result<Vec<f32>> {
        self.download(crate::gpu::Stepper::result(self))
    }
}

/// The error of one run on a device.
pub(super) fn point(
    study: &Study,
    request: &Request,
    devices: &Devices,
    format: Format,
) -> Result<Point> {
    if study.measure != Measure::Global {
        return Err(Error::new(
            Code::Parameter,
            format!("measure `{}` on a device", study.measure.name()),
            "measure",
            "choose --measure global, or --backend f32",
        ));
    }
    let exact = derive(request, &DoubleDouble::ONE)?;
    let (line, state) = Line::new(&study.problem, &exact, &1.0_f32, |x| format.stored(x))?;
    if let Some(x) = state.iter().find(|x| !x.is_finite()) {
        return Err(Error::new(
            Code::NonFinite,
            format!("the start is {x} in {format}"),
            "backend",
            "choose --backend f32, or a later --t-start",
        ));
    }
    let shape = Shape {
        batch: 1,
        elements: state.len(),
    };
    let mut start = vec![state];
    for node in 1..exact.initial.states {
        start.push(line.state(node, &1.0_f32)?);
    }
    let program = Program::lower(&exact, &Lowering::plain())?.try_map(|x| Ok(x.to_f32()))?;
    if program.noises > 0 {
        return Err(stochastic());
    }
    let mut stepper = devices.stepper(&program, shape, format)?;
    for (state, values) in start.iter().enumerate() {
        stepper.start(state, values)?;
    }
    stepper.prepare()?;
    let mut point = Point {
        steps: request.steps,
        calls: program.calls,
        error: None,
    };
    let evaluations = Evaluation::all(&exact, study.recipe.form().side == Side::Noise);
    let bound = line.absurd();
    let within = |state: &[f32], scale: f32| {
        let size = |x: &f32| f64::from(*x).abs() / f64::from(scale);
        state.iter().all(|x| size(x) <= bound)
    };
    for (node, evaluation) in calls(&program).zip(&evaluations) {
        let Some(shown) = stepper.shown()? else { break };
        let node = &program.nodes[node];
        if !within(&shown, node.point.alpha * node.input_scale) {
            return Ok(point);
        }
        stepper.advance(&line.network(evaluation, &shown)?)?;
    }
    let result = stepper.result()?;
    let last = exact.nodes.len() - 1;
    if within(&result, program.nodes[last].point.alpha) {
        point.error = line.error(last, &result)?;
    }
    Ok(point)
}

/// The node of every call.
fn calls(program: &Program<f32>) -> impl Iterator<Item = usize> {
    program.stages.iter().filter_map(|stage| match stage {
        Stage::Call { node, .. } => Some(*node),
        _ => None,
    })
}
