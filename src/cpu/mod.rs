//! The production path on the CPU, in f32 and f16: any program, one pass over memory a step.
//!
//! ```
//! use dpm_spec::cpu::{Options, Stepper};
//! use dpm_spec::fused::{Lowering, Program, Shape};
//! use dpm_spec::{grid::Grid, plan, recipe::Recipe, schedule::Schedule, solver::Solver};
//!
//! // Once: a plan, derived in double-double and rounded once, and its program.
//! let schedule = Schedule::parse("vp-linear")?;
//! let recipe = Recipe::new(Solver::parse("dpmpp-2m")?, &schedule);
//! let request = plan::Request::new(recipe, schedule, Grid::parse("lambda")?, 20);
//! let plan = plan::double_double_plan(&request)?.plan;
//! let program = Program::lower(&plan.try_map(|value, _| Ok(value.f32))?, &Lowering::plain())?;
//!
//! // For each batch: two latents of 4 x 64 x 64.
//! let shape = Shape { batch: 2, elements: 4 * 64 * 64 };
//! let mut stepper = Stepper::new(&program, shape, Options::default())?;
//! let noise: Vec<f32> = (0..shape.len()).map(|i| (i % 17) as f32 / 8.0 - 1.0).collect();
//! stepper.start(0, &noise)?;
//! while let Some(call) = stepper.call() {
//!     // The network's place, told the time by `call.node.label`; this one finds 0.9 of its input
//!     // to be noise.
//!     if let (Some(input), Some(output)) = (call.input.as_f32(), call.output.into_f32()) {
//!         for (out, x) in output.iter_mut().zip(input) {
//!             *out = 0.9 * x;
//!         }
//!     }
//!     stepper.advance()?;
//! }
//! let latents = stepper.result()?.to_f32();
//! assert!(latents.iter().all(|x| x.is_finite()));
//! # Ok::<(), dpm_spec::Error>(())
//! ```
//!
//! Results are those of [`Program::run`](crate::fused::Program::run) bit for bit, on every machine
//! and with any number of threads: one rounding an operation, nothing fused, nothing reordered. The
//! vector instructions are chosen when the program runs.
//!
//! [`Denoiser`] is a model whose exact solution is known, to try all this with.

mod arrays;
mod bandwidth;
mod bound;
mod by_hand;
mod draw;
mod exponential;
mod kernel;
mod model;
mod pass;
mod quantile;
mod stepper;
mod tensor;

pub(crate) use by_hand::Cpu;

pub use arrays::{View, ViewMut};
pub use exponential::exp;
pub use model::Denoiser;
#[cfg(feature = "gpu")]
pub(crate) use quantile::Rank;
pub use quantile::{quantile, quantiles, threshold};
pub use stepper::{Call, Options, Stepper};
