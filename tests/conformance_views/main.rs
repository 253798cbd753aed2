//! Choosing cases, lists of known failures, and the views of a run: streams, pages, badges.

mod guide;
mod known;
#[cfg(feature = "cli")]
mod lines;
#[cfg(feature = "cli")]
mod pages;
#[cfg(feature = "cli")]
#[path = "../conformance/paper.rs"]
#[allow(
    dead_code,
    reason = "the sampler of another test, with every mistake of its"
)]
mod paper;
mod patterns;
#[cfg(feature = "cli")]
mod recipes;
mod records;
#[cfg(feature = "cli")]
mod runs;
#[cfg(feature = "cli")]
mod scoreboard;
#[cfg(feature = "cli")]
mod shown_failure;
#[cfg(feature = "cli")]
mod streams;
#[cfg(feature = "cli")]
mod unasked;
