//! The executable, verified specification of the samplers of diffusion models.
//!
//! For a fixed schedule, grid and recipe every sampler of the DPM-Solver++ family is linear in the
//! start state, the model's outputs and the noises: a table of numbers. A [`Plan`](plan::Plan) is
//! that table as a straight-line program of two instructions.
//!
//! ```
//! use dpm_spec::{grid::Grid, plan, recipe::Recipe, schedule::Schedule, solver::Solver};
//!
//! let schedule = Schedule::parse("vp-linear")?;
//! let recipe = Recipe::new(Solver::parse("dpmpp-2m")?, &schedule);
//! let request = plan::Request::new(recipe, schedule, Grid::parse("lambda")?, 20);
//!
//! // Derived in double-double and rounded once: right to the last bit, without any C.
//! let published = plan::double_double_plan(&request)?.plan;
//! let plan = published.try_map(|value, _| Ok(value.f64))?;
//!
//! // A network that finds all noise: every sampler then ends at sigma times that noise.
//! let noise = vec![0.5, -1.0];
//! let first = plan.nodes[0].point.sigma;
//! let start: Vec<f64> = noise.iter().map(|z| first * z).collect();
//! let image = plan.run(&[start], |_call| Ok(noise.clone()), |_| Ok(vec![0.0; 2]))?;
//! let last = plan.nodes[20].point.sigma;
//! assert!((image[0] - 0.5 * last).abs() < 1e-12);
//!
//! // Its meaning: what each call was shown, and the result, in (start, outputs, noises).
//! assert_eq!(plan.transfer().shape(), (21, 21));
//! # Ok::<(), dpm_spec::Error>(())
//! ```
//!
//! Data flows one way through the modules:
//!
//! | module | holds |
//! |---|---|
//! | [`arithmetic`] | the two traits that every formula is written against; f32, f64, double-double, symbolic; with `oracle` big floats, balls, series, exponential polynomials |
//! | [`schedule`], [`grid`], [`prediction`], [`threshold`] | alpha, sigma, lambda; which times; what a network's output means |
//! | [`solver`], [`policy`], [`recipe`] | one formula a file; start-up, lowered orders and the step to sigma = 0, apart from the formulas |
//! | [`plan`] | deriving, running, composing; the plan file |
//! | [`noise`] | normal numbers of a counter, the same bits on every device |
//! | [`golden`] | certification, the published tables, verification by a second route |
//! | [`problem`] | data whose denoiser and flow are known exactly |
//! | [`converge`] | error against steps on those problems, with measured slopes |
//! | [`sample`] | the production path on those problems, checked bit by bit and against its bounds |
//! | [`conformance`] | whether somebody else's sampler computes the same coefficients |
//! | [`builtin`] | this crate's own backends as samplers under test |
//! | [`import`] | scheduler configurations of model repositories |
//! | [`spec`] | the clauses of the text in `spec/`, their formulas printed by the code |

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo)]

pub mod arithmetic;
pub mod builtin;
pub mod conformance;
pub mod converge;
#[cfg(feature = "cpu")]
pub mod cpu;
mod device;
pub mod error;
pub mod file;
pub mod fused;
pub mod golden;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod grid;
pub mod id;
pub mod import;
pub mod noise;
#[cfg(feature = "oracle")]
pub mod order;
pub mod plan;
pub mod policy;
pub mod prediction;
pub mod problem;
#[cfg(feature = "cli")]
pub mod protocol;
pub mod recipe;
#[cfg(feature = "cli")]
pub mod report;
pub mod sample;
pub mod schedule;
pub mod solver;
pub mod spec;
pub mod threshold;

pub use error::{Code, Error, Result};
