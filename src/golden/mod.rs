//! Golden tables: certified plans in files and their MANIFEST; certified rows in memory.
//!
//! Clause: `spec/golden/README.md`.

mod catalogue;
#[cfg(feature = "oracle")]
mod certify;
mod manifest;
#[cfg(feature = "oracle")]
mod round;
#[cfg(feature = "oracle")]
pub mod rows;
#[cfg(feature = "oracle")]
mod set;
#[cfg(feature = "oracle")]
pub mod verify;

pub use catalogue::{Published, published};
#[cfg(feature = "oracle")]
pub use certify::{FIRST_BITS, LAST_BITS, certify, decide};
pub use manifest::{Listed, MANIFEST, Manifest};
#[cfg(feature = "oracle")]
pub use round::{Decision, Format, nearest_decimal};
#[cfg(feature = "oracle")]
pub use set::{check, check_plans, write};
