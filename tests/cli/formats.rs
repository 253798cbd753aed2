//! Every format of `plan` holds the plan file's numbers.

use super::{directory, fine, plan};
use dpm_spec::plan::{PlanFile, Value, hexadecimal};
use std::fs;

/// Every number of the plan with its place.
fn numbers(file: &PlanFile) -> Vec<(String, Value)> {
    let mut numbers = Vec::new();
    file.plan
        .try_map(|value, place| {
            numbers.push((place(), value.clone()));
            Ok(())
        })
        .unwrap();
    numbers
}

#[test]
fn csv_holds_every_number_under_its_place() {
    let file = PlanFile::parse(&fine(&plan(&["--json"]))).unwrap();
    let csv = fine(&plan(&["--format", "csv"]));
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("place,decimal,f64,f32,f16,bf16"));
    let numbers = numbers(&file);
    assert_eq!(lines.clone().count(), numbers.len());
    for (line, (place, value)) in lines.zip(&numbers) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], place);
        assert_eq!(cells[1].parse::<f64>().unwrap(), value.f64, "{line}");
        assert_eq!(cells[2], hexadecimal(value.f64));
    }
}

#[test]
fn npz_is_a_stored_archive_of_every_f64() {
    let path = directory("npz").join("plan.npz");
    fine(&plan(&["--format", "npz", "-o", path.to_str().unwrap()]));
    let bytes = fs::read(&path).unwrap();
    let text = fine(&plan(&["--json"]));
    let file = PlanFile::parse(&text).unwrap();
    let holds = |piece: &[u8]| bytes.windows(piece.len()).any(|window| window == piece);
    assert!(bytes.starts_with(b"PK\x03\x04") && holds(b"PK\x05\x06"));
    assert!(holds(text.as_bytes()), "the plan file itself");
    for (place, value) in numbers(&file) {
        assert!(holds(&value.f64.to_le_bytes()), "{place}");
    }
    for name in ["alpha.npy", "lambda.npy", "evaluate.npy", "weight.npy"] {
        assert!(holds(name.as_bytes()), "{name}");
    }
}

#[test]
fn markdown_and_latex_hold_the_digits_asked_for() {
    let file = PlanFile::parse(&fine(&plan(&["--json"]))).unwrap();
    let sigma = format!("{:.11}", file.plan.nodes[2].point.sigma.f64);
    for format in ["text", "markdown", "latex"] {
        let out = fine(&plan(&["--format", format, "--digits", "11"]));
        assert!(out.contains(&sigma), "{format}: {sigma}\n{out}");
    }
    let latex = fine(&plan(&["--format", "latex"]));
    assert!(
        latex.contains("\\begin{align*}") && latex.contains("s_{5} &="),
        "{latex}"
    );
    let markdown = fine(&plan(&[
        "--format",
        "markdown",
        "--policy",
        "final=lower<15",
    ]));
    assert!(markdown.contains("final=lower&lt;15"), "{markdown}");
}

#[test]
fn digits_are_rounded_to_nearest_even_from_the_40() {
    let line = |digits: &str| {
        let out = fine(&plan(&["--digits", digits]));
        out.lines()
            .find(|line| line.trim_start().starts_with("5  "))
            .unwrap()
            .to_owned()
    };
    // alpha of vp-linear at t = 1/1000 is 0.99994502654... and sigma 0.010485416343...
    assert!(
        line("3").contains(" 1 ") && line("3").contains("0.0105"),
        "{}",
        line("3")
    );
    assert!(
        line("5").contains("0.99995") && line("5").contains("0.010485"),
        "{}",
        line("5")
    );
}

#[cfg(feature = "oracle")]
#[test]
fn forty_digits_are_the_certified_ones() {
    let file = PlanFile::parse(&fine(&plan(&["--json"]))).unwrap();
    let csv = fine(&plan(&["--format", "csv"]));
    for (line, (place, value)) in csv.lines().skip(1).zip(numbers(&file)) {
        let decimal = line.split(',').nth(1).unwrap();
        let digits = |text: &str| {
            let mantissa = text.split('e').next().unwrap();
            mantissa
                .replace(['.', '-'], "")
                .trim_matches('0')
                .to_owned()
        };
        assert_eq!(
            digits(decimal),
            digits(value.dec.as_deref().unwrap()),
            "{place}"
        );
    }
}

#[cfg(feature = "oracle")]
#[test]
fn the_plan_in_the_readme_is_what_the_command_prints() {
    let readme = fs::read_to_string("README.md").unwrap();
    let shown = readme
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let command = readme
        .lines()
        .find(|line| line.contains("-- plan "))
        .unwrap();
    let arguments: Vec<&str> = command.split(" -- ").nth(1).unwrap().split(' ').collect();
    assert_eq!(shown, fine(&arguments));
}
