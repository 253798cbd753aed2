//! Choosing cases, lists of known failures, and the views of a run: streams, pages, badges.

mod known;
mod patterns;
mod records;
#[cfg(feature = "cli")]
mod streams;
