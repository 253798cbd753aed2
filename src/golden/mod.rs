//! Certified numbers.

pub mod rows;
