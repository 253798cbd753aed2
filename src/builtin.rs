//! This crate's own backends as samplers under test: plans in f64, and the production path.

use crate::arithmetic::{DoubleDouble, Real, rational};
use crate::conformance::{
    Convention, Declaration, Model, Noise, Precision, Sampler, Stop, Task, everything,
};
use crate::converge::Backend;
use crate::device::{Device, Stepping, Tensor, open};
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Lowering, Program, Shape, Stage};
use crate::grid::{Grid, Unit};
use crate::id::suggestion;
use crate::plan::{Plan, Request, derive};
use crate::prediction::Prediction;
use crate::recipe::Recipe;
use crate::schedule::{Curve, Point, Schedule};
use crate::solver::Solver;
use crate::threshold::Threshold;
use std::cell::RefCell;

/// A backend, open.
pub struct Builtin {
    declaration: Declaration,
    path: Path,
}

enum Path {
    /// The plan's numbers, rounded once, and one rounding an operation.
    Plan,
    /// The fused program on a device.
    Fused(Box<dyn Device>, Format, Option<Box<Kept>>),
}

/// The program of the last request: a case runs it several times.
struct Kept {
    request: Request,
    shape: Shape,
    program: Program<f32>,
    stepper: Box<dyn Stepping>,
}

impl Builtin {
    /// The ids of all of them.
    pub const IDS: &'static [&'static str] =
        &["cpu-f64", "cpu-f32", "cpu-f16", "gpu-f32", "gpu-f16"];

    /// Opens `cpu-f64`, `cpu-f32`, `cpu-f16`, `gpu-f32` or `gpu-f16`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN` with the nearest id; `E-FEATURE` in a build without it, `E-ENVIRONMENT` on a
    /// machine without an adapter.
    pub fn open(id: &str) -> Result<Self> {
        let Some(id) = Self::IDS.iter().find(|known| **known == id) else {
            return Err(Error::new(
                Code::UnknownId,
                format!("unknown backend `{id}`"),
                "builtin",
                suggestion(id, Self::IDS),
            ));
        };
        let path = match *id {
            "cpu-f64" => Path::Plan,
            fused => {
                let backend = Backend::parse(fused)?;
                let format = backend.format().unwrap_or(Format::F32);
                Path::Fused(open(backend, None)?, format, None)
            }
        };
        let precision = match &path {
            Path::Plan => Precision::F64,
            Path::Fused(_, Format::F32, _) => Precision::F32,
            Path::Fused(_, Format::F16, _) => Precision::F16,
        };
        let declaration = Declaration {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            thresholds: true,
            // A fused program owns its states.
            local: *id == "cpu-f64",
            ..everything(&format!("dpm-spec {id}"), precision)?
        };
        Ok(Builtin { declaration, path })
    }

    /// What it runs on, where that is a device.
    pub fn device(&self) -> Option<String> {
        match &self.path {
            Path::Plan => None,
            Path::Fused(device, ..) => Some(device.name()),
        }
    }
}

impl Sampler for Builtin {
    type Element = f64;

    /// Everything that the edition asks for.
    fn declaration(&self) -> Declaration {
        self.declaration.clone()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> std::result::Result<Vec<f64>, Stop> {
        let request = task.request(CONVENTION).map_err(failed)?;
        match &mut self.path {
            Path::Plan => planned(&request, start, model, noise),
            Path::Fused(device, format, kept) => {
                let shape = Shape {
                    batch: 1,
                    elements: start.len(),
                };
                let same = |it: &&mut Box<Kept>| it.request == request && it.shape == shape;
                let kept = match kept.as_mut().filter(same) {
                    Some(kept) => kept,
                    None => {
                        let new = Kept::new(device.as_ref(), *format, request, shape);
                        kept.insert(Box::new(new.map_err(failed)?))
                    }
                };
                kept.run(&start, model, noise)
            }
        }
    }

    fn nodes(
        &mut self,
        schedule: &Schedule,
        grid: &Grid,
        steps: usize,
    ) -> std::result::Result<Vec<f64>, Stop> {
        made(schedule, grid, steps, self.declaration.precision)
    }

    fn threshold(
        &mut self,
        rule: Threshold,
        samples: Vec<Vec<f64>>,
    ) -> std::result::Result<Vec<Vec<f64>>, Stop> {
        match &self.path {
            Path::Plan => {
                let clipped = |mut sample: Vec<f64>| {
                    rule.apply(&mut sample);
                    sample
                };
                Ok(samples.into_iter().map(clipped).collect())
            }
            Path::Fused(device, format, _) => {
                thresholded(device.as_ref(), *format, rule, &samples).map_err(failed)
            }
        }
    }
}

/// Thresholds as the device's own kernels apply them, within a step: that of ddim from sigma = 1 to
/// 0 at alpha = 1 leaves nothing of the state and makes the prediction the result.
fn thresholded(
    device: &dyn Device,
    format: Format,
    rule: Threshold,
    samples: &[Vec<f64>],
) -> Result<Vec<Vec<f64>>> {
    let schedule = Schedule::parse("edm")?;
    let recipe = Recipe {
        prediction: Prediction::Data,
        threshold: Some(rule),
        ..Recipe::new(Solver::parse("ddim")?, &schedule)
    };
    let ends = [rational(1, 1), rational(0, 1)];
    let grid = Grid::explicit(Unit::Sigma, ends.to_vec())?;
    let shape = Shape {
        batch: samples.len(),
        elements: samples.first().map_or(0, Vec::len),
    };
    let mut kept = Kept::new(
        device,
        format,
        Request::new(recipe, schedule, grid, 1),
        shape,
    )?;
    let outputs = narrow(&samples.concat());
    kept.stepper.start(0, &vec![0.0; outputs.len()])?;
    kept.stepper.prepare()?;
    kept.stepper.write(Tensor::Conditional, &outputs)?;
    kept.stepper.advance()?;
    let result = kept.stepper.read(Tensor::State(kept.program.result))?;
    let result = wide(&result);
    Ok(result.chunks(shape.elements).map(<[f64]>::to_vec).collect())
}

/// Nodes as plans have them: made in double-double, rounded once.
fn made(
    schedule: &Schedule,
    grid: &Grid,
    steps: usize,
    precision: Precision,
) -> std::result::Result<Vec<f64>, Stop> {
    let curve = Curve::new(schedule, &DoubleDouble::ONE);
    let points = grid.nodes(&curve, steps, schedule.domain());
    let points = points.map_err(failed)?;
    let rounded = |time: f64| match precision {
        Precision::F64 => time,
        _ => f64::from(time as f32),
    };
    points.iter().map(|it| told(it).map(rounded)).collect()
}

/// Plans are derived from the schedule's own time.
const CONVENTION: Convention = Convention::Continuous;

fn failed(error: Error) -> Stop {
    Stop::Failed(error.to_string())
}

/// The plan as derived, every state shown as it is: the conformance of what a network is handed
/// beyond that is the host's.
fn exact(request: &Request) -> Result<Plan<DoubleDouble>> {
    let mut plan = derive(request, &DoubleDouble::ONE)?;
    for node in &mut plan.nodes {
        node.input_scale = DoubleDouble::ONE;
    }
    Ok(plan)
}

fn planned(
    request: &Request,
    start: Vec<f64>,
    model: &mut Model<'_, f64>,
    noise: &mut Noise<'_, f64>,
) -> std::result::Result<Vec<f64>, Stop> {
    let plan = exact(request).map_err(failed)?;
    let plan = plan
        .try_map(|value, _| Ok(value.to_f64()))
        .map_err(failed)?;
    let mut ends = plan.step_ends();
    ends.pop_last();
    let start = model.restart(start);
    let (model, stopped) = (RefCell::new(model), RefCell::new(None));
    let ended = |stop: Stop| {
        let error = Error::new(Code::Order, stop.to_string(), "run", "none");
        stopped.replace(Some(stop));
        error
    };
    let done = plan.run_visited(
        &[start],
        |call| {
            let time = told(&call.node.point);
            let output = time.and_then(|time| model.borrow_mut().call(time, call.input));
            output.map_err(ended)
        },
        |_| noise.draw().map_err(ended),
        |state, numbers| {
            if ends.contains(&state) {
                *numbers = model.borrow_mut().restart(std::mem::take(numbers));
            }
            Ok(())
        },
    );
    done.map_err(|error| stopped.take().unwrap_or_else(|| failed(error)))
}

/// The time at a call.
fn told<T: Real>(point: &Point<T>) -> std::result::Result<f64, Stop> {
    let time = CONVENTION.told(point).map(|time| time.to_f64());
    time.ok_or_else(|| Stop::Failed("a node without a time".to_owned()))
}

impl Kept {
    fn new(device: &dyn Device, format: Format, request: Request, shape: Shape) -> Result<Self> {
        let lowering = Lowering {
            arrays: device.arrays(),
            ..Lowering::plain()
        };
        let program = Program::lower(&exact(&request)?, &lowering)?;
        let program = program.try_map(|value| Ok(value.to_f32()))?;
        Ok(Kept {
            stepper: device.stepper(&program, shape, format, true)?,
            request,
            shape,
            program,
        })
    }

    fn run(
        &mut self,
        start: &[f64],
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> std::result::Result<Vec<f64>, Stop> {
        let Kept {
            program, stepper, ..
        } = self;
        stepper.start(0, &narrow(start)).map_err(failed)?;
        stepper.prepare().map_err(failed)?;
        let calls = program.stages.iter().filter_map(|stage| match stage {
            Stage::Call { call, node, .. } => Some((*call, &program.nodes[*node].point)),
            _ => None,
        });
        for (call, point) in calls {
            let shown = stepper.read(Tensor::Shown).map_err(failed)?;
            let output = model.call(told(point)?, &wide(&shown))?;
            let written = stepper.write(Tensor::Conditional, &narrow(&output));
            written.map_err(failed)?;
            if program.noise_after(call).is_some() {
                let written = stepper.write(Tensor::Noise, &narrow(&noise.draw()?));
                written.map_err(failed)?;
            }
            stepper.advance().map_err(failed)?;
        }
        let result = stepper.read(Tensor::State(program.result));
        result.map(|result| wide(&result)).map_err(failed)
    }
}

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|x| *x as f32).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|x| f64::from(*x)).collect()
}
