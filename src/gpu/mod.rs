//! The production path on wgpu: plans executed by fused kernels, on any device and its buffers.
//!
//! ```no_run
//! use dpm_spec::fused::{Lowering, Program, Shape};
//! use dpm_spec::gpu::{Gpu, Options, Stepper};
//! use dpm_spec::{grid::Grid, plan, recipe::Recipe, schedule::Schedule, solver::Solver};
//! # fn model(_: &mut wgpu::CommandEncoder, _: &wgpu::Buffer, _: &wgpu::Buffer, _: Option<f32>) {}
//!
//! // Once: a plan, derived in double-double and rounded once, lowered for the device.
//! let schedule = Schedule::parse("vp-linear")?;
//! let recipe = Recipe::new(Solver::parse("dpmpp-2m")?, &schedule);
//! let request = plan::Request::new(recipe, schedule, Grid::parse("lambda")?, 20);
//! let plan = plan::double_double_plan(&request)?.plan.try_map(|value, _| Ok(value.f32))?;
//! let gpu = Gpu::new()?; // or Gpu::on(device, queue): those of the host application
//! let lowering = Lowering { arrays: gpu.arrays(), ..Lowering::plain() };
//! let shape = Shape { batch: 2, elements: 4 * 64 * 64 };
//! let program = Program::lower(&plan, &lowering)?;
//! let mut stepper = Stepper::new(&gpu, &program, shape, Options::default())?;
//! stepper.warm_up()?;
//!
//! // For each batch: everything in one submission, nothing read back on the way.
//! stepper.start(0, &vec![0.5; shape.len()])?;
//! let mut encoder = gpu.device().create_command_encoder(&Default::default());
//! stepper.prepare(&mut encoder)?;
//! while let Some(call) = stepper.call() {
//!     model(&mut encoder, call.input, call.output, call.node.label);
//!     stepper.encode(&mut encoder)?;
//! }
//! gpu.submit(encoder)?;
//! let latents = stepper.download(stepper.result())?;
//! # Ok::<(), dpm_spec::Error>(())
//! ```
//!
//! Samples that start and end at different times share a batch in [`Lanes`].

mod adapter;
mod arrays;
mod bandwidth;
mod by_hand;
mod device;
mod dispatch;
mod kernels;
mod lanes;
mod model;
mod probe;
mod quantile;
mod segment;
mod shader;
mod stepper;
mod tensor;
mod variant;
mod window;

pub use adapter::{Adapter, Kind, adapters};
pub use arrays::{Arrays, bytes};
pub use bandwidth::bandwidth;
pub use device::{Gpu, PATIENCE, available};
pub use dispatch::{Bound, Dispatch, dispatches};
pub use lanes::{Lanes, lanes_texts};
pub use model::{GpuDenoiser, model_dispatches};
pub use probe::Probe;
pub use quantile::{quantile_texts, quantiles};
pub use shader::select;
pub use stepper::{Call, Options, Stepper};
pub use variant::Array;

pub use crate::sample::Bandwidth;
