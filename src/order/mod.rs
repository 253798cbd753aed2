//! Proofs of order.

mod elementary;
mod scheme;
mod stiff;
mod tree;
pub mod trees;

pub use scheme::{Progressive, Scheme};
pub use tree::Tree;
