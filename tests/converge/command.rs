//! `dpm-spec converge` says what was measured, and what was not.

use serde_json::Value;
use std::process::Command;

/// Exit code, standard output, standard error.
fn converge(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dpm-spec"));
    let output = command.arg("converge").args(arguments).output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), out, log)
}

fn document(arguments: &[&str]) -> Value {
    let (code, out, log) = converge(&[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{arguments:?}: {log}");
    serde_json::from_str(&out).unwrap()
}

const USUAL: [&str; 6] = [
    "--solver",
    "dpmpp-2m",
    "--backend",
    "f64",
    "--steps",
    "10,20,40",
];

#[test]
fn json_holds_every_point_and_the_slope_of_the_last_doubling() {
    let found = document(&USUAL);
    let entry = &found.as_array().unwrap()[0];
    assert_eq!(entry["solver"], "dpmpp-2m");
    for key in ["problem", "schedule", "grid", "backend"] {
        assert!(entry[key].is_string(), "{key}: {entry}");
    }
    let points = entry["points"].as_array().unwrap();
    let steps: Vec<u64> = points
        .iter()
        .map(|p| p["steps"].as_u64().unwrap())
        .collect();
    assert_eq!(steps, [10, 20, 40]);
    let error = |i: usize| points[i]["error"].as_f64().unwrap();
    let slope = (error(1) / error(2)).log2();
    assert!((entry["order"].as_f64().unwrap() - slope).abs() < 1e-12);
}

#[test]
fn a_divergence_is_reported_and_is_no_failure() {
    // Guidance of scale 101 makes the denoiser's slope too steep for these steps.
    let guided = [
        "--problem",
        "guided:G=101",
        "--solver",
        "dpmpp-3s,dpm-2m,dpmpp-3m",
    ];
    for backend in ["f64", "f32"] {
        let arguments = [&guided[..], &["--steps", "20,40", "--backend", backend]].concat();
        for entry in document(&arguments).as_array().unwrap() {
            for point in entry["points"].as_array().unwrap() {
                assert_eq!(point["diverged"], true, "{entry}");
                assert!(point["error"].is_null(), "{entry}");
            }
            assert!(entry["order"].is_null(), "{entry}");
        }
        let (code, out, log) = converge(&arguments);
        assert_eq!(code, 0);
        assert!(out.contains("diverged") && !out.contains("NaN"), "{out}");
        assert!(log.contains("6 of 6 runs diverged"), "{log}");
    }
}

#[test]
fn lists_are_compared_in_the_order_given() {
    let lists = [
        "--solver",
        "dpmpp-3s:r1=1/3,r2=1/2,ddim",
        "--grid",
        "time",
        "--grid",
        "karras",
    ];
    let found = document(&[&lists[..], &["--backend", "f64", "--steps", "5"]].concat());
    let name = |entry: &Value| format!("{} {}", entry["solver"], entry["grid"]).replace('"', "");
    let names: Vec<String> = found.as_array().unwrap().iter().map(name).collect();
    let (first, second) = ("dpmpp-3s:r1=1/3,r2=1/2", "ddim");
    let expected = [
        format!("{first} time"),
        format!("{second} time"),
        format!("{first} karras:rho=7"),
        format!("{second} karras:rho=7"),
    ];
    assert_eq!(names, expected);
}

#[test]
fn equal_numbers_of_calls_make_fewer_steps_of_many_stages() {
    let found = document(&[
        "--solver",
        "ddim,dpmpp-3s",
        "--backend",
        "f64",
        "--calls",
        "12,24",
    ]);
    let steps = |entry: usize| found[entry]["points"][1]["steps"].as_u64().unwrap();
    assert_eq!((steps(0), steps(1)), (24, 8));
}

#[test]
fn csv_has_a_row_for_every_run() {
    let directory = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = directory.join("converge.csv");
    let path = file.to_str().unwrap();
    let (code, ..) = converge(&[&USUAL[..], &["--csv", path]].concat());
    assert_eq!(code, 0);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].ends_with("steps,calls,error"), "{text}");
    assert!(lines[1].starts_with("dpmpp-2m,\"mixture:w="), "{text}");
}

#[test]
fn pictures_are_drawn_in_the_format_of_their_name() {
    let directory = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let beginnings: [(&str, &[u8]); 2] = [("svg", b"<svg"), ("png", b"\x89PNG")];
    for (extension, beginning) in beginnings {
        let file = directory.join(format!("converge.{extension}"));
        let (code, _, log) = converge(&[&USUAL[..], &["--plot", file.to_str().unwrap()]].concat());
        assert_eq!(code, 0, "{log}");
        let picture = std::fs::read(&file).unwrap();
        assert!(picture.starts_with(beginning), "{extension}");
        assert!(extension == "png" || String::from_utf8(picture).unwrap().contains("dpmpp-2m"));
    }
}

/// The order of the whole run stands beside the slope: the usual start takes the third order away.
#[cfg(feature = "oracle")]
#[test]
fn the_proven_order_is_that_of_the_whole_run() {
    let proven = |arguments: &[&str]| {
        let steps = ["--steps", "10", "--backend", "f64"];
        document(&[arguments, &steps].concat())[0]["proven"].as_u64()
    };
    let exact = ["--solver", "dpmpp-3m-exact", "--policy", "start=exact"];
    assert_eq!(proven(&exact), Some(3));
    assert_eq!(proven(&["--solver", "dpmpp-3m-exact"]), Some(2));
    assert_eq!(
        proven(&[&exact[..], &["--measure", "local"]].concat()),
        Some(4)
    );
    assert_eq!(proven(&["--solver", "dpmpp-3m"]), Some(2));
    assert_eq!(proven(&["--solver", "dpmpp-3s:r2=3/4"]), Some(2));
    assert_eq!(
        proven(&["--solver", "ddim", "--grid", "lambda:ends=zero"]),
        None
    );
    let weak = ["--solver", "sde-dpmpp-2m", "--measure", "weak-variance"];
    assert_eq!(proven(&weak), Some(2));
}

/// Exit code 3: the build lacks it, and the line says how to get it.
#[cfg(not(feature = "gpu"))]
#[test]
fn a_build_without_the_gpu_says_so() {
    let (code, out, log) = converge(&["--solver", "ddim", "--steps", "5", "--backend", "gpu-f16"]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(
        log.contains("E-FEATURE") && log.contains("cli,gpu"),
        "{log}"
    );
}

/// Without arbitrary precision the default is f64, and a wish for more is told how to be met.
#[cfg(not(feature = "oracle"))]
#[test]
fn a_build_without_big_floats_measures_in_f64_and_says_what_it_lacks() {
    assert_eq!(
        document(&["--solver", "ddim", "--steps", "5,10"])[0]["backend"],
        "f64"
    );
    let (code, _, log) = converge(&["--solver", "ddim", "--steps", "5", "--backend", "big:200"]);
    assert_eq!(code, 3);
    assert!(
        log.contains("E-FEATURE") && log.contains("cli,oracle"),
        "{log}"
    );
}

#[test]
fn bad_input_is_told_by_its_code() {
    let cases: &[(&[&str], &str, &str)] = &[
        (&["--backend", "gpu-f64"], "E-ID-UNKNOWN", "did you mean"),
        (&["--backend", "big:8"], "E-PARAMETER", "53 to 960"),
        (
            &["--measure", "locl"],
            "E-PARAMETER",
            "did you mean `local`?",
        ),
        (&["--lambda=-2"], "E-PARAMETER", "--lambda=-2,2"),
        (&["--lambda=2,-2"], "E-GRID-ORDER", "increasing lambda"),
        (
            &["--lambda=-2,2", "--pattern", "smoth"],
            "E-PARAMETER",
            "did you mean `smooth`?",
        ),
        (
            &["--lambda=-2,2", "--grid", "time"],
            "E-USAGE",
            "cannot be used with",
        ),
        (&["--steps", "0"], "E-GRID-STEPS", "choose 1 to"),
        (&["--steps", "ten"], "E-USAGE", "ten"),
        (
            &["--problem", "gausian"],
            "E-ID-UNKNOWN",
            "did you mean `gaussian`?",
        ),
        (&["--solver", "dpmpp-4m"], "E-ID-UNKNOWN", "did you mean"),
        (
            &["--solver", "dpmpp-3s", "--calls", "10"],
            "E-GRID-STEPS",
            "multiples of the 3 calls",
        ),
        (
            &["--schedule", "flow", "--grid", "time"],
            "E-DOMAIN",
            "--t-start 0.999",
        ),
        (&["--solver", "sde-dpmpp-2m"], "E-PARAMETER", "weak-mean"),
        (&["--plot", "picture.gif"], "E-PARAMETER", "FILE.svg"),
        (&["--prediction", "edm"], "E-PREDICTION", "edm schedule"),
        (
            &[
                "--solver",
                "dpmpp-3m",
                "--policy",
                "start=exact",
                "--steps",
                "2",
            ],
            "E-POLICY",
            "more steps",
        ),
    ];
    for (arguments, code, piece) in cases {
        let arguments = [arguments, &["--backend", "f64"][..]].concat();
        let arguments = match arguments.iter().filter(|a| **a == "--backend").count() {
            1 => arguments,
            _ => arguments[..arguments.len() - 2].to_vec(),
        };
        let (exit, out, log) = converge(&arguments);
        assert_eq!((exit, out.as_str()), (2, ""), "{arguments:?}: {log}");
        assert!(
            log.contains(code) && log.contains(piece),
            "{arguments:?}: {log}"
        );
        assert_eq!(log.lines().count(), 1, "{log}");
    }
}

#[test]
fn a_lambda_that_the_schedule_does_not_reach_is_told_as_lambda() {
    for range in ["--lambda=-100,2", "--lambda=-500,500", "--lambda=-2,500"] {
        let (code, _, log) = converge(&["--solver", "ddim", range, "--steps", "4,8"]);
        assert_eq!(code, 2, "{log}");
        assert!(
            log.contains("E-DOMAIN") && log.contains("does not reach lambda = "),
            "{log}"
        );
        assert!(!log.contains("NaN"), "{log}");
    }
}
