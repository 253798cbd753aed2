//! The room of the production path on wgpu; so far it knows which adapters a machine has.

mod adapter;

pub use adapter::{Adapter, Kind, adapters};
