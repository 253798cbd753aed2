//! Promises of the proofs of order.
#![cfg(feature = "oracle")]

mod ratios;
mod trees;
