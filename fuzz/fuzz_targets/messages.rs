#![no_main]
#[path = "../../tests/fuzzed/bodies.rs"]
mod bodies;
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::messages(data));
