//! Samplers in any language, asked over lines of JSON: `spec/protocol.md`.
//!
//! A testee is a process. [`Remote`] starts it and is a [`Sampler`](crate::conformance::Sampler)
//! like any other; nothing that the process does makes it hang, panic or use much memory.

mod child;
mod conversation;
mod excerpt;
mod group;
mod hello;
mod lines;
mod link;
mod log;
mod message;
mod number;
mod remote;
mod request;
mod schema;
mod transcript;
mod unique;

pub use excerpt::excerpt;
#[cfg(unix)]
pub use group::kill_all;
pub use lines::{LONGEST, Line, Lines};
pub use message::{
    Call, Case, Hello, MOST_VALUES, Number, PROTOCOL, Reply, Request, Rule, Script, read_reply,
    read_request, write_message,
};
pub use number::{read_number, write_number};
pub use remote::Remote;
pub use schema::{SCHEMA, Schema, Violation, validate};
pub use transcript::{Asked, Player, Recorder};
