//! The production path on a problem whose answers are known.
//!
//! A fused program runs on a device, on a tensor of any shape whose elements are the problem's
//! components over and over. Every step is compared twice: with the reference run of the same
//! program, bit for bit, and with what any conforming device may compute (`spec/bounds.md`). The
//! result is compared with the exact flow through the start.

#[cfg(feature = "cpu")]
mod contest;
mod network;
mod steps;

use crate::arithmetic::{DoubleDouble, Real};
use crate::converge::Backend;
use crate::device::{Chosen, Stepping, Tensor, choose};
use crate::error::{Code, Error, Result};
use crate::fused::{Format, Lowering, Program, Shape};
use crate::plan::{Plan, Request, derive};
use crate::problem::Problem;
#[cfg(feature = "cpu")]
pub(crate) use contest::{Contestant, contest};
use network::Networks;
use steps::Steps;

/// Elements that are compared with bounds and with the exact solution, if there are more.
pub const CHECKED: usize = 4096;

/// What is run, and on what.
#[derive(Clone, Debug)]
pub struct Study {
    /// The sampler.
    pub request: Request,
    /// The data; `guided` runs with two networks and its guidance scale.
    pub problem: Problem,
    /// The device and its storage; none: a GPU in f32 if there is one, else the CPU, see
    /// [`Finding::without_gpu`].
    pub backend: Option<Backend>,
    /// The GPU: the first adapter whose name, backend or driver holds this.
    pub adapter: Option<String>,
    /// The tensor; a sample has a multiple of the problem's components.
    pub shape: Shape,
    /// Determines the start.
    pub seed: u64,
    /// The kernels' deterministic variant; the CPU knows no other.
    pub deterministic: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it ran on.
    pub backend: Backend,
    /// Why it is not a GPU, where no backend was asked for.
    pub without_gpu: Option<String>,
    /// Name of the device.
    pub adapter: String,
    /// What its arithmetic does: `fuses`, `rearranges`, `rounds_to_nearest`, `keeps_subnormals`.
    pub probe: Vec<(&'static str, bool)>,
    /// Rounding of the steps.
    pub steps: Rounding,
    /// True if all that the model was shown and the result equal the reference run's bits.
    pub bit_equal_reference: bool,
    /// max |x_N/alpha_N - exact|; none under thresholding, which changes the flow.
    pub error: Option<f64>,
    /// Speed of a step.
    pub bandwidth: Bandwidth,
}

/// The largest rounding error of a step beside its bound: where their ratio is largest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rounding {
    /// True if every element of every step lies within its bound.
    pub within_bound: bool,
    /// Error in u S, u = 2^-23, S the sum of the magnitudes of the step's terms.
    pub max_error_u: f64,
    /// The bound there, in the same unit.
    pub bound_u: f64,
}

/// Medians of what was measured in interleaved rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Bandwidth {
    /// Bytes read and written by the step, a second.
    pub step: f64,
    /// The same of the best copy kernel that moves as many bytes.
    pub copy: f64,
    /// What that kernel is.
    pub copy_kernel: String,
    /// The same of the device's own copy of a buffer, where that is another thing than a kernel.
    pub buffer_copy: Option<f64>,
    /// Median over the rounds of the step's bytes a second over the copy kernel's.
    pub ratio: f64,
}

/// Runs and compares.
///
/// # Errors
/// `E-FEATURE`, `E-ENVIRONMENT` without the device asked for; `E-SHAPE` if the problem does not fit the tensor;
/// `E-PARAMETER` for a stochastic sampler, `E-POLICY` for `start=exact`; those of the device.
pub fn run(study: &Study) -> Result<Finding> {
    let format = study.backend.and_then(Backend::format);
    let format = format.unwrap_or(Format::F32);
    let exact = derive(&study.request, &DoubleDouble::ONE)?;
    let guidance = match &study.problem {
        Problem::Guided(guided) => Some(guided.guidance()),
        _ => None,
    };
    let Chosen {
        backend,
        device,
        why,
    } = choose(study.backend, study.adapter.as_deref())?;
    let lowering = Lowering {
        guidance,
        arrays: device.arrays(),
    };
    let program = Program::lower(&exact, &lowering)?.try_map(|x| Ok(x.to_f32()))?;
    check(study, &program)?;
    let mut stepper = device.stepper(&program, study.shape, format, study.deterministic)?;
    let start = start(study, &program, format)?;
    stepper.start(0, &start)?;
    let compared = compare(study, &exact, &program, format, stepper.as_mut(), &start)?;
    let bandwidth = stepper.bandwidth(program.calls / 2)?;
    Ok(Finding {
        backend,
        without_gpu: why,
        adapter: device.name(),
        probe: device.probe()?,
        steps: compared.rounding,
        bit_equal_reference: compared.equal,
        error: match study.request.recipe.threshold {
            Some(_) => None,
            None => Some(error(study, &exact, &start, &compared.result)?),
        },
        bandwidth,
    })
}

fn check(study: &Study, program: &Program<f32>) -> Result<()> {
    let elements = study.shape.elements;
    let components = study.problem.dimension();
    if study.shape.is_empty() {
        return Err(Error::new(
            Code::Shape,
            format!("{} samples of {elements} elements", study.shape.batch),
            "shape",
            "give at least one sample of one element",
        ));
    }
    if !elements.is_multiple_of(components) {
        return Err(Error::new(
            Code::Shape,
            format!("{elements} elements a sample, {components} components"),
            "shape",
            format!("choose samples of a multiple of {components} elements"),
        ));
    }
    if program.noises > 0 {
        return Err(Error::new(
            Code::Parameter,
            "a stochastic sampler has no error on one path",
            "solver",
            "choose a deterministic solver, or --eta 0",
        ));
    }
    if program.initial.states > 1 {
        return Err(Error::new(
            Code::Policy,
            "several start states",
            "policy",
            "samples begin with noise: choose start=ramp",
        ));
    }
    Ok(())
}

/// Starts spread evenly over three standard deviations of the noise, as the device stores them.
fn start(study: &Study, program: &Program<f32>, format: Format) -> Result<Vec<f32>> {
    /// The fractional part of the golden ratio: its multiples are spread most evenly.
    const STEP: f64 = 0.618_033_988_749_894_9;
    let first = &program.nodes[0].point;
    let deviation = f64::from(first.sigma);
    let place = |i: usize| {
        let turns = (i as u64).wrapping_add(study.seed.wrapping_mul(1009)) as f64 * STEP;
        format.stored((deviation * (6.0 * turns.fract() - 3.0)) as f32)
    };
    let mut start = Vec::new();
    start.try_reserve_exact(study.shape.len()).map_err(|_| {
        Error::new(
            Code::Memory,
            format!(
                "{} samples of {} elements",
                study.shape.batch, study.shape.elements
            ),
            "shape",
            "choose fewer",
        )
    })?;
    start.extend((0..study.shape.len()).map(place));
    match first.alpha > 0.0 && start.iter().all(|x| x.is_finite()) {
        true => Ok(start),
        false => Err(Error::new(
            Code::Domain,
            format!("alpha = {}, sigma = {deviation} at the start", first.alpha),
            "t-start",
            format!("start where alpha > 0 and 3 sigma fits into {format}"),
        )),
    }
}

struct Compared {
    result: Vec<f32>,
    equal: bool,
    rounding: Rounding,
}

/// Device and reference side by side; the reference is given what the networks returned on the device.
fn compare(
    study: &Study,
    exact: &Plan<DoubleDouble>,
    program: &Program<f32>,
    format: Format,
    stepper: &mut dyn Stepping,
    start: &[f32],
) -> Result<Compared> {
    let plan = exact.try_map(|x, _| Ok(x.hi()))?;
    let networks = Networks::new(&study.problem, &plan, study.request.recipe.form().side)?;
    let mut steps = Steps::new(program, format, study.shape);
    let mut equal = true;
    let mut same = |found: &[f32], said: &[f32]| {
        let mut pairs = found.iter().zip(said);
        equal &= found.len() == said.len() && pairs.all(|(a, b)| a.to_bits() == b.to_bits());
    };
    stepper.prepare()?;
    let reference = program.run_batch(
        study.shape.batch,
        &[start.to_vec()],
        |call| {
            if call.index > 0 {
                steps.step(call.index - 1, stepper)?;
            }
            let shown = stepper.read(Tensor::Shown)?;
            same(&shown, call.input);
            let answers = networks.answers(call.index, &shown)?;
            for (answer, tensor) in answers
                .iter()
                .zip([Tensor::Conditional, Tensor::Unconditional])
            {
                stepper.write(tensor, answer)?;
            }
            Ok(answers)
        },
        |k| {
            Err(Error::new(
                Code::Parameter,
                format!("noise {k}"),
                "solver",
                "--eta 0",
            ))
        },
        |x| format.stored(x),
    )?;
    steps.step(program.calls - 1, stepper)?;
    let result = stepper.read(Tensor::State(program.result))?;
    same(&result, &reference);
    Ok(Compared {
        result,
        equal,
        rounding: steps.rounding,
    })
}

/// max |x_N/alpha_N - exact| over a selection of the tensor, whole sets of components.
fn error(study: &Study, exact: &Plan<DoubleDouble>, start: &[f32], result: &[f32]) -> Result<f64> {
    let model = study.problem.model(&DoubleDouble::ONE);
    let scaled = |values: &[f32], alpha: &DoubleDouble| -> Vec<DoubleDouble> {
        let exact = |x: &f32| DoubleDouble::exact(f64::from(*x)) / alpha;
        values.iter().map(exact).collect()
    };
    let ends = [
        &exact.nodes[0].point,
        &exact.nodes[exact.nodes.len() - 1].point,
    ];
    let [from, to] = ends.map(|point| {
        let ratio = point.sigma / point.alpha;
        ratio * ratio
    });
    let components = study.problem.dimension();
    let sets = start.chunks(components).zip(result.chunks(components));
    let every = (start.len() / components).div_ceil(CHECKED / 16);
    let mut largest = 0.0_f64;
    for (start, result) in sets.step_by(every.max(1)) {
        let wanted = model.solution(&scaled(start, &ends[0].alpha), &from, &to)?;
        for (found, wanted) in scaled(result, &ends[1].alpha).into_iter().zip(wanted) {
            let size = (found - wanted).to_f64().abs();
            // A NaN is the largest error of all.
            if size.total_cmp(&largest).is_gt() {
                largest = size;
            }
        }
    }
    Ok(largest)
}
