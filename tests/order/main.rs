//! orders
#![cfg(feature = "oracle")]
mod trees;
