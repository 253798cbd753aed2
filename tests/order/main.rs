//! Promises of the proofs of order.
#![cfg(feature = "oracle")]

mod catalogue;
mod moments;
mod page;
mod ratios;
mod trees;
mod weak;
mod whole_run;
