//! Proofs of order, exact: the solvers' own code run on series, exponential polynomials and degrees.

mod degree;
pub mod elementary;
mod fraction;
pub mod moments;
pub mod ratios;
mod scheme;
mod stiff;
mod tree;
pub mod trees;

pub use moments::{Multistep, Proven};
pub use scheme::{Progressive, Scheme};
pub use tree::Tree;
