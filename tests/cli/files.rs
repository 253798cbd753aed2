//! Files: read whole, written whole, and refused with their reason.

use super::{Run, directory, fine, json, plan, run};
use std::fs;
use std::path::Path;

fn nodes(text: &[u8], name: &str) -> Run {
    let file = directory(name).join("nodes.txt");
    fs::write(&file, text).unwrap();
    run(&[
        "plan",
        "--solver",
        "ddim",
        "--schedule",
        "vp-linear",
        "--nodes",
        file.to_str().unwrap(),
    ])
}

#[test]
fn explicit_nodes_are_planned_and_bad_ones_refused_with_their_line() {
    let good = nodes(b"t\n1\n1/2\n0.1\n1e-3\n", "nodes-good");
    assert_eq!(good.code, 0, "{}", good.log);
    assert!(good.out.contains("3 model calls"), "{}", good.out);
    let cases: &[(&[u8], &str, &str)] = &[
        (b"t\n1\n0.1\n0.5\n", "E-GRID-ORDER", "node"),
        (b"t\n1\n0.5\n0.5\n", "E-GRID-ORDER", "node"),
        (b"t\n1\nNaN\n0.5\n", "E-NUMBER", "line 3"),
        (b"t\n2\n1\n", "E-DOMAIN", "0 < t <= 1"),
        (b"t\n1\n", "E-GRID-STEPS", "at least two"),
        (b"", "E-FORMAT", "unit"),
        (b"1\n0.5\n", "E-FORMAT", "unit"),
        (b"t\n1\n\xff\n", "E-FORMAT", "UTF-8"),
    ];
    for (index, (text, code, piece)) in cases.iter().enumerate() {
        let Run {
            code: exit, log, ..
        } = nodes(text, &format!("nodes-{index}"));
        assert_eq!(exit, 2, "{log}");
        assert!(
            log.contains(code) && log.contains(piece),
            "{:?}: {log}",
            String::from_utf8_lossy(text)
        );
    }
}

#[test]
fn unreadable_and_foreign_files_are_refused() {
    let place = directory("foreign");
    let write = |name: &str, bytes: &[u8]| {
        let path = place.join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let whole = fs::read("tests/data/flux-1-dev.json").unwrap();
    let cases = [
        (place.to_str().unwrap().to_owned(), "E-FILE"),
        (place.join("missing").to_str().unwrap().to_owned(), "E-FILE"),
        (write("empty", b""), "E-FORMAT"),
        (write("truncated", &whole[..whole.len() / 2]), "E-FORMAT"),
        (write("binary", b"\x89PNG\r\n"), "E-FORMAT"),
        (write("list", b"[]"), "E-FORMAT"),
        (
            write("class", br#"{"_class_name": "PNDMScheduler"}"#),
            "E-IMPORT",
        ),
    ];
    for (path, code) in &cases {
        let Run {
            code: exit, out, ..
        } = run(&["plan", "--from-diffusers", path, "--steps", "4", "--json"]);
        assert_eq!(
            (exit, json(&out)["error"]["code"].as_str()),
            (2, Some(*code)),
            "{path}: {out}"
        );
    }
}

#[cfg(feature = "oracle")]
#[test]
fn malformed_plan_files_are_bad_input_not_a_no() {
    let place = directory("malformed");
    let text = fs::read_to_string("spec/golden/ddim/vp-linear-lambda-n10.json").unwrap();
    let cases = [
        ("truncated", text[..text.len() - 50].to_owned(), "E-FORMAT"),
        (
            "version",
            text.replacen("\"version\":1", "\"version\":2", 1),
            "E-FORMAT",
        ),
        ("other", "{}".to_owned(), "E-FORMAT"),
    ];
    for (name, text, code) in &cases {
        let path = place.join(name);
        fs::write(&path, text).unwrap();
        let Run {
            code: exit, out, ..
        } = run(&["verify", "--json", path.to_str().unwrap()]);
        assert_eq!(
            (exit, json(&out)["error"]["code"].as_str()),
            (2, Some(*code)),
            "{name}: {out}"
        );
    }
}

#[test]
fn an_output_that_cannot_be_written_is_refused_and_leaves_nothing_behind() {
    let place = directory("output");
    let missing = place.join("missing/plan.json");
    for path in [missing.as_path(), place.as_path()] {
        let Run { code, out, log } = run(&plan(&["-o", path.to_str().unwrap()]));
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(log.contains("E-FILE"), "{log}");
    }
    assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
}

#[test]
fn an_output_replaces_the_old_file_whole_and_follows_a_link() {
    let place = directory("replaced");
    let file = place.join("plan.json");
    fs::write(&file, "x".repeat(1 << 20)).unwrap();
    let said = fine(&plan(&["--format", "json", "-o", file.to_str().unwrap()]));
    assert_eq!(said, format!("wrote {}\n", file.display()));
    let whole = fine(&plan(&["--json"]));
    assert_eq!(fs::read_to_string(&file).unwrap(), whole);
    assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
    link(&file, &place.join("link"));
    fine(&plan(&[
        "--format",
        "csv",
        "-o",
        place.join("link").to_str().unwrap(),
    ]));
    assert!(fs::read_to_string(&file).unwrap().starts_with("place,"));
}

#[cfg(unix)]
fn link(target: &Path, name: &Path) {
    std::os::unix::fs::symlink(target, name).unwrap();
}

#[cfg(not(unix))]
fn link(target: &Path, name: &Path) {
    fs::hard_link(target, name).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_devices_stay_devices() {
    let Run { code, log, .. } = run(&plan(&["-o", "/dev/full"]));
    assert_eq!(code, 2);
    assert!(log.contains("E-FILE"), "{log}");
    fine(&plan(&["-o", "/dev/null"]));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}
