//! Numbers of many digits are computed with or refused; their exact arithmetic never overflows.
#![cfg(feature = "cli")]

use std::process::Command;

const LONG: &str = "0.999999999999999999999999999999999999";
const FRACTION: &str = "99999999999999999999999999999999999/100000000000000000000000000000000003";
const TINY: &str = "1e-38";
const HUGE: &str = "1e38";

#[test]
fn no_option_overflows() {
    let options = ["--eta", "--strength", "--t-start", "--t-end"];
    let ids = [
        ("--schedule", "vp-linear:beta_max="),
        ("--schedule", "vp-cosine:s="),
        ("--schedule", "edm:sigma_data="),
        ("--schedule", "flow:shift="),
        ("--schedule", "discrete-linear:beta_end="),
        ("--schedule", "discrete-linear:n="),
        ("--grid", "karras:rho="),
        ("--grid", "polyexponential:p="),
        ("--grid", "beta:a="),
        ("--solver", "dpmpp-2s:r1="),
        ("--solver", "dpmpp-3s:r2="),
        ("--threshold", "p="),
        ("--threshold", "bound="),
    ];
    for value in [
        LONG,
        FRACTION,
        TINY,
        HUGE,
        "-1e38",
        "1e39",
        "170141183460469231731687303715884105727",
    ] {
        let plain = options
            .iter()
            .map(|option| ((*option).to_owned(), value.to_owned()));
        let inside = ids
            .iter()
            .map(|(option, id)| ((*option).to_owned(), format!("{id}{value}")));
        for (option, text) in plain.chain(inside) {
            let mut arguments = vec![
                ("--solver", "sde-dpmpp-2m"),
                ("--schedule", "vp-linear"),
                ("--grid", "time"),
                ("--steps", "211"),
            ];
            arguments.retain(|(name, _)| *name != option);
            let output = Command::new(env!("CARGO_BIN_EXE_dpm-spec"))
                .arg("plan")
                .args(arguments.iter().flat_map(|(name, value)| [*name, *value]))
                .arg(format!("{option}={text}"))
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 2 | 3)) && !stderr.contains("panicked"),
                "{option}={text} ends with {}: {stderr}",
                output.status
            );
        }
    }
}
