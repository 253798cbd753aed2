//! The testees of real libraries where the library is not there, or not in a version that they know.

use super::path;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What is said of every case, by a Python that has no packages but those in `packages`.
fn refusals(script: &str, packages: &str) -> Vec<String> {
    let results = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("{script}{}.ndjson", packages.len()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_dpm-spec"));
    command
        .args(["check", "--profile", "quick", "--ndjson"])
        .arg(&results);
    command
        .args(["--", "python3", "-S"])
        .arg(path(&format!("tests/testees/peers/{script}")));
    let done = command
        .env(
            "PYTHONPATH",
            format!("{}:{packages}", path("testees/python")),
        )
        .output()
        .unwrap();
    // Of whom nothing is asked nothing is known: `check` does not pass; `make peers` goes on.
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(text.contains("\nall refused: "), "{text}");
    let text = fs::read_to_string(results).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let asked = lines.filter(|it: &serde_json::Value| it["verdict"] != "not-applicable");
    let cases = asked.filter(|it| it["id"].is_string());
    let mut said: Vec<String> = cases
        .map(|it| {
            assert_eq!(it["verdict"], "skipped", "{it}");
            it["message"].as_str().unwrap().to_owned()
        })
        .collect();
    said.sort();
    said.dedup();
    said
}

#[test]
fn a_library_that_is_not_there_is_skipped_with_the_versions_that_would_do() {
    for (script, what) in [
        (
            "ask_k_diffusion.py",
            "k-diffusion >= 0.0.16, < 0.1 is needed; it is not installed",
        ),
        (
            "ask_azula.py",
            "azula >= 0.9, < 0.12 is needed; it is not installed",
        ),
        (
            "ask_dpm_solver.py",
            "dpm_solver_pytorch.py is no package: name its path",
        ),
        ("ask_uni_pc.py", "uni_pc.py is no package: name its path"),
    ] {
        assert_eq!(refusals(script, ""), [what]);
    }
    for script in [
        "ask_diffusers.py",
        "ask_diffusers_indices.py",
        "ask_diffusers_flow.py",
        "ask_diffusers_edm.py",
        "ask_diffusers_lms.py",
        "ask_diffusers_ipndm.py",
    ] {
        let said = refusals(script, "");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with("diffusers >= ") && said[0].ends_with("it is not installed"),
            "{said:?}"
        );
    }
}

#[test]
fn one_that_is_too_old_or_too_new_is_skipped_with_its_version() {
    for version in ["0.0.1", "7.1.0rc2"] {
        let packages =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("packages-{version}"));
        let facts = packages.join(format!("k_diffusion-{version}.dist-info"));
        fs::create_dir_all(&facts).unwrap();
        let text = format!("Metadata-Version: 2.1\nName: k-diffusion\nVersion: {version}\n");
        fs::write(facts.join("METADATA"), text).unwrap();
        let said = refusals("ask_k_diffusion.py", &packages.display().to_string());
        assert_eq!(
            said,
            [format!(
                "k-diffusion >= 0.0.16, < 0.1 is needed; {version} is installed"
            )]
        );
    }
}
