//! Choosing cases, lists of known failures, and the views of a run: streams, pages, badges.

mod guide;
mod known;
#[cfg(feature = "cli")]
mod lines;
#[cfg(feature = "cli")]
mod pages;
mod patterns;
mod records;
#[cfg(feature = "cli")]
mod runs;
#[cfg(feature = "cli")]
mod streams;
#[cfg(feature = "cli")]
mod unasked;
