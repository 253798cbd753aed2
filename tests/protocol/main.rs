//! Whatever a testee does, the runner comes to a verdict: in time, in little memory, without a
//! panic, and leaves no process behind.
#![cfg(all(feature = "cli", unix))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test is built from fails the test"
)]

mod command;
mod hostile;
mod in_process;
mod limits;
mod scripted;
