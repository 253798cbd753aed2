//! Results go where they belong as they come.

use super::command::{MOST, watched};
use dpm_spec::conformance::{Precision, everything};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const IDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protocol/idle.py");

/// Of a testee that declares everything and does nothing.
#[test]
fn ten_thousand_failures_in_all_views_take_no_more_memory() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("many-failures");
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).display().to_string();
    let files = ["ndjson", "junit", "report", "badge"];
    let options = files.map(|it| format!("--{it}={}", file(it)));
    let declared = everything("idle", Precision::F64).unwrap().to_json();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dpm-spec"));
    command.args(["--json", "check", "--jobs", "2", "--shard", "1/2"]);
    command
        .args(&options)
        .args(["--", "python3", "-S", "-E", IDLE]);
    fs::write(file("declared"), declared.to_string()).unwrap();
    command.arg(file("declared"));
    let printed = fs::File::create(file("json")).unwrap();
    command.stdout(printed).stderr(Stdio::null());
    let (status, most) = watched(command.spawn().unwrap());
    println!("{most} KiB");
    assert_eq!(status.code(), Some(1));
    let document = fs::read(file("json")).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    let failing = ["deviates", "fails"].map(|it| document[it].as_u64().unwrap());
    assert!(failing.iter().sum::<u64>() >= 10_000, "{failing:?}");
    assert!(most <= MOST, "{most} KiB of memory, more than {MOST}");
}
