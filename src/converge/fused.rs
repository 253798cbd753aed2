//! Runs of the production path: the fused program on a device, its model on the host.
//!
//! The model is evaluated in double-double from the very numbers that the device shows, and rounded
//! once; so what is left is the rounding of the fused steps and of what they store. The exact
//! solution goes through the start as stored.

use super::line::Line;
use super::run::stochastic;
use super::{Backend, Measure, Point, Study};
use crate::arithmetic::DoubleDouble;
use crate::device::{Device, Tensor, open};
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Lowering, Program, Shape};
use crate::plan::{Request, derive};
use crate::problem::Evaluation;

/// The devices that a sweep runs on, each opened once.
pub(super) struct Devices {
    opened: Vec<(Kind, Box<dyn Device>)>,
}

/// Backends of one kind share a device, whatever their format.
type Kind = std::mem::Discriminant<Backend>;

impl Devices {
    /// Opens what the studies ask for.
    ///
    /// # Errors
    /// `E-FEATURE` in a build without it, `E-ENVIRONMENT` on a machine without it.
    pub(super) fn open(studies: &[Study]) -> Result<Self> {
        let mut devices = Devices { opened: Vec::new() };
        for backend in studies.iter().map(|study| study.backend) {
            if backend.format().is_some() && devices.of(backend).is_none() {
                let kind = std::mem::discriminant(&backend);
                devices.opened.push((kind, open(backend, None)?));
            }
        }
        Ok(devices)
    }

    fn of(&self, backend: Backend) -> Option<&dyn Device> {
        let kind = std::mem::discriminant(&backend);
        let found = self.opened.iter().find(|(known, _)| *known == kind);
        found.map(|(_, device)| device.as_ref())
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
    let Some(device) = devices.of(study.backend) else {
        return Err(Error::new(
            Code::Parameter,
            format!("`{}` is not open", study.backend),
            "backend",
            "open the devices of all studies",
        ));
    };
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
    let mut stepper = device.stepper(&program, shape, format, true)?;
    for (state, values) in start.iter().enumerate() {
        stepper.start(state, values)?;
    }
    stepper.prepare()?;
    let mut point = Point {
        steps: request.steps,
        calls: program.calls,
        error: None,
    };
    let bound = line.absurd();
    let within = |state: &[f32], scale: f32| {
        let size = |x: &f32| f64::from(*x).abs() / f64::from(scale);
        state.iter().all(|x| size(x) <= bound)
    };
    for evaluation in Evaluation::all(&exact, study.recipe.form().side) {
        let shown = stepper.read(Tensor::Shown)?;
        let node = &program.nodes[evaluation.node];
        if !within(&shown, node.point.alpha * node.input_scale) {
            return Ok(point);
        }
        let output = line.network(&evaluation, &shown)?;
        stepper.write(Tensor::Conditional, &output)?;
        stepper.advance()?;
    }
    let result = stepper.read(Tensor::State(program.result))?;
    let last = exact.nodes.len() - 1;
    if within(&result, program.nodes[last].point.alpha) {
        point.error = line.error(last, &result)?;
    }
    Ok(point)
}
