//! Proofs of order, exact: the solvers' own code run on series, exponential polynomials and degrees.

mod certificate;
mod degree;
pub mod elementary;
pub mod eta;
mod fraction;
pub mod moments;
mod proof;
pub mod ratios;
mod scheme;
mod stiff;
mod tree;
mod tree_record;
pub mod trees;
pub mod weak;
pub mod whole_run;

pub use certificate::certificate;
pub use moments::{Multistep, Proven};
pub use proof::{Evidence, Failing, Grounds, Proof, prove};
pub use scheme::{Progressive, Scheme};
pub use tree::Tree;
