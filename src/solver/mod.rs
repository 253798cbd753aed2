//! One file a solver: its increment, a pure function of step size and step ratios.
//!
//! Every solver integrates u' = c u + g(lambda, u) over a step h > 0 in lambda (`spec/notation.md`).
//! An *increment* is what is added to e^(c h) u; it is linear in the model outputs g, newest first,
//! so its weights are its values at unit impulses. Data prediction, noise prediction and the SDE
//! forms are the same function at c = -1, +1, -(1+eta) (data) or +1 (noise); see [`Form`].

pub mod adams;
mod catalogue;
pub mod ddim;
pub mod ddim_eta;
pub mod deis_rho;
pub mod dpmpp_2m;
pub mod dpmpp_2m_exact;
pub mod dpmpp_2s;
pub mod dpmpp_2s_taylor;
pub mod dpmpp_3m;
pub mod dpmpp_3m_exact;
pub mod dpmpp_3s;
pub mod dpmpp_3s_taylor;
mod entries;
mod form;
pub mod interpolant;
pub mod ipndm;
pub mod limits;
mod step;
mod tableau;
mod weights;

#[cfg(feature = "oracle")]
pub(crate) use catalogue::claimed_order;
pub use catalogue::{Entry, Family, Method, Side, Solver};
pub use form::{Form, Transfer};
pub use step::{Step, unit_weights, unit_weights_of};
pub use tableau::Tableau;
pub use weights::{final_weights, multistep_weights, stage_weights, weights_to_no_noise};
