//! `sample` runs the production path and says how far it is from what is known.

use super::{Run, command, fine, json, run};

const USUAL: [&str; 9] = [
    "sample",
    "--solver",
    "dpmpp-2m",
    "--schedule",
    "vp-linear",
    "--grid",
    "lambda",
    "--steps",
    "6",
];
/// Two samples of an odd size: neither packs nor workgroups come out even.
const SMALL: [&str; 4] = ["--batch", "2", "--shape", "3x7x5"];

#[cfg(feature = "gpu")]
#[path = "../adapters/mod.rs"]
mod adapters;

/// The backends of this build and machine.
fn backends() -> Vec<&'static str> {
    #[cfg(feature = "gpu")]
    if !adapters::adapters().is_empty() {
        return vec!["cpu-f32", "cpu-f16", "gpu-f32", "gpu-f16"];
    }
    vec!["cpu-f32", "cpu-f16"]
}

/// What stands in a row of the answer in words.
fn row<'a>(text: &'a str, name: &str) -> &'a str {
    let mut lines = text.lines();
    let line = lines.find(|line| line.split_whitespace().next() == Some(name));
    line.map(|line| line[name.len()..].trim())
        .unwrap_or_else(|| panic!("no row {name}: {text}"))
}

#[test]
fn json_has_the_keys_that_scripts_rely_on() {
    for backend in backends() {
        let arguments = [&USUAL[..], &SMALL, &["--backend", backend, "--json"]].concat();
        let Run { code, out, log } = run(&arguments);
        assert_eq!((code, log.as_str()), (0, ""), "{out}");
        let found = json(&out);
        let keys: Vec<&str> = found
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut wanted = [
            "backend",
            "adapter",
            "within_bound",
            "max_error_u",
            "bound_u",
            "bit_equal_reference",
            "bytes_per_s",
            "copy_bytes_per_s",
            "ratio_to_copy",
            "buffer_copy_bytes_per_s",
        ];
        wanted.sort_unstable();
        assert_eq!(keys, wanted);
        assert_eq!(found["backend"], backend);
        assert!(!found["adapter"].as_str().unwrap().is_empty());
        assert_eq!(found["within_bound"], true);
        assert!(found["bit_equal_reference"].is_boolean());
        let number = |key: &str| {
            found[key]
                .as_f64()
                .unwrap_or_else(|| panic!("{key}: {found}"))
        };
        assert!(
            (0.0..=number("bound_u")).contains(&number("max_error_u")),
            "{found}"
        );
        let most = if backend.ends_with("f32") { 16.0 } else { 1e5 };
        assert!((1.0..most).contains(&number("bound_u")), "{found}");
        for key in ["bytes_per_s", "copy_bytes_per_s", "ratio_to_copy"] {
            assert!(number(key) > 0.0, "{key}: {found}");
        }
        assert_eq!(
            found["buffer_copy_bytes_per_s"].is_null(),
            backend.starts_with("cpu"),
            "{found}"
        );
    }
}

/// The CPU's steps, and those of the deterministic variant, round as IEEE 754 says, if the device
/// rounds to nearest and keeps subnormals.
#[test]
fn every_problem_two_networks_and_thresholds_equal_the_reference() {
    let guided: &[&str] = &["--problem", "guided", "--guidance", "7.5"];
    let clipped: &[&str] = &["--problem", "rotated-mixture", "--threshold", "p=9/10"];
    for backend in backends() {
        for case in [guided, clipped] {
            let device = ["--backend", backend, "--deterministic"];
            let text = fine(&[&USUAL[..], &SMALL, &device, case].concat());
            let probe = row(&text, "probe");
            let nearest = ["rounds to nearest yes", "keeps subnormals yes"]
                .iter()
                .all(|answer| probe.contains(answer));
            assert!(nearest || backend.starts_with("gpu"), "{probe}");
            let equal = row(&text, "reference").starts_with("equal");
            assert_eq!(equal, nearest, "{case:?}: {text}");
            let exact = row(&text, "exact");
            let thresholds = case.contains(&"--threshold");
            assert_eq!(exact.contains("no exact solution"), thresholds, "{exact}");
        }
    }
}

/// More steps, less error: it is the error of the method, from the start that the device stored.
#[test]
fn the_error_is_that_against_the_exact_flow() {
    for backend in backends() {
        let error = |steps: &'static str| -> f64 {
            let mut arguments = [&USUAL[..], &SMALL, &["--backend", backend]].concat();
            arguments[8] = steps;
            let text = fine(&arguments);
            let words = row(&text, "exact").split([' ', ',']);
            let mut numbers = words.filter_map(|word| word.parse().ok());
            numbers.next().unwrap()
        };
        let (coarse, fine) = (error("10"), error("40"));
        let least = if backend.ends_with("f32") { 8.0 } else { 4.0 };
        assert!(
            fine < coarse / least && fine > 1e-7,
            "{backend}: {coarse:e}, {fine:e}"
        );
    }
}

/// A machine without a driver: what a process sees whose loaders are told of none.
#[test]
fn without_a_gpu_the_cpu_is_taken_and_announced() {
    let without = |further: &[&str]| {
        let output = command(&[&USUAL[..], &SMALL, further].concat())
            .env("VK_DRIVER_FILES", "/nonexistent")
            .env("VK_ICD_FILENAMES", "/nonexistent")
            .env("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent")
            .output()
            .unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), output.stdout, log)
    };
    let (code, out, log) = without(&["--json"]);
    let found = json(&String::from_utf8(out).unwrap());
    assert_eq!((code, &found["backend"]), (Some(0), &"cpu-f32".into()));
    assert!(
        log.starts_with("note: ") && log.contains("cpu-f32"),
        "{log}"
    );
    assert_eq!(log.lines().count(), 1, "{log}");
    let (code, out, log) = without(&["--backend", "gpu-f32"]);
    assert_eq!((code, out), (Some(3), Vec::new()), "{log}");
    let wanted = match cfg!(feature = "gpu") {
        true => "E-ENVIRONMENT",
        false => "E-FEATURE",
    };
    assert!(log.contains(wanted), "{log}");
}

#[cfg(feature = "gpu")]
#[test]
fn an_adapter_that_is_not_there_is_told_with_those_that_are() {
    if adapters::adapters().is_empty() {
        return;
    }
    let Run { code, out, log } = run(&[&USUAL[..], &["--adapter", "abacus"]].concat());
    assert_eq!((code, out.as_str()), (3, ""), "{log}");
    assert!(
        log.contains("E-ENVIRONMENT") && log.contains("abacus"),
        "{log}"
    );
}

#[cfg(not(feature = "gpu"))]
#[test]
fn a_build_without_the_gpu_says_so() {
    let Run { code, out, log } = run(&[&USUAL[..], &["--backend", "gpu-f32"]].concat());
    assert_eq!((code, out.as_str()), (3, ""), "{log}");
    assert!(
        log.contains("E-FEATURE") && log.contains("cli,gpu"),
        "{log}"
    );
}

/// What is wrong is told before a device is looked for, so on every machine alike.
#[test]
fn bad_input_is_told_by_its_code() {
    let cases: &[(&[&str], &str, &str)] = &[
        (
            &["--problem", "gausian"],
            "E-ID-UNKNOWN",
            "did you mean `gaussian`?",
        ),
        (&["--backend", "gpu-f8"], "E-ID-UNKNOWN", "did you mean"),
        (&["--backend", "f64"], "E-PARAMETER", "cpu-f32"),
        (
            &["--backend", "cpu-f32", "--adapter", "abacus"],
            "E-PARAMETER",
            "no adapters",
        ),
        (&["--guidance", "3"], "E-PARAMETER", "--problem guided"),
        (
            &["--problem", "guided", "--guidance", "1/2"],
            "E-PROBLEM",
            "1 <= G",
        ),
        (
            &["--problem", "guided", "--guidance", "NaN"],
            "E-NUMBER",
            "--guidance",
        ),
        (&["--threshold", "p=2"], "E-THRESHOLD", "0 < P <= 1"),
        (&["--shape", "4x0x4"], "E-SHAPE", "4x64x64"),
        (&["--shape", "4by4"], "E-SHAPE", "4x64x64"),
        (
            &["--shape", "99999999999x99999999999"],
            "E-SHAPE",
            "4x64x64",
        ),
        (&["--shape", "1000000x1000000"], "E-MEMORY", ""),
        (&["--batch", "0"], "E-SHAPE", "at least"),
        (&["--batch", "-1"], "E-USAGE", "--batch"),
        (
            &["--problem", "rotated-mixture", "--shape", "4"],
            "E-SHAPE",
            "multiple of 3",
        ),
        (&["--policy", "start=exact"], "E-POLICY", "start=ramp"),
    ];
    for (further, code, piece) in cases {
        let found = run(&[&USUAL[..], further].concat());
        assert_eq!(
            (found.code, found.out.as_str()),
            (2, ""),
            "{further:?}: {}",
            found.log
        );
        assert!(
            found.log.contains(code) && found.log.contains(piece),
            "{further:?}: {}",
            found.log
        );
        assert_eq!(found.log.lines().count(), 1, "{}", found.log);
    }
    let mut stochastic = USUAL.to_vec();
    stochastic[2] = "sde-dpmpp-2m";
    let found = run(&stochastic);
    assert_eq!(found.code, 2);
    assert!(found.log.contains("--eta 0"), "{}", found.log);
}
