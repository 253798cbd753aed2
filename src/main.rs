//! The `dpm-spec` command line.

fn main() {}
