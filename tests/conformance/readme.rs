//! The README shows the very code that the suite checks in a stranger's crate.

use std::fs;

#[test]
fn the_readme_shows_the_downstream_crate_as_it_is_tested() {
    let code = fs::read_to_string("tests/downstream/src/lib.rs").unwrap();
    let (_, code) = code.split_once("\n\n").unwrap();
    let readme = fs::read_to_string("README.md").unwrap();
    assert!(readme.contains(&format!("```rust\n{code}```")));
}
