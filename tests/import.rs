//! Scheduler configurations: what is honoured, and that the rest is refused by name.

use dpm_spec::arithmetic::rational;
use dpm_spec::import::{Imported, Options, diffusers};
use dpm_spec::plan::derive;
use dpm_spec::{Code, Error, Result};

fn import(text: &str, steps: usize) -> Result<Imported> {
    diffusers(text, &Options::steps(steps))
}

/// A multistep configuration with extra keys.
fn multistep(extra: &str) -> String {
    format!(
        r#"{{"_class_name": "DPMSolverMultistepScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012{extra}}}"#
    )
}

fn refusal(text: &str, steps: usize) -> Error {
    import(text, steps).expect_err(text)
}

/// Timesteps handed to the network.
fn labels(text: &str, steps: usize) -> Vec<f64> {
    let request = import(text, steps).expect(text).request;
    let plan = derive(&request, &1.0_f64).expect(text);
    let calls = plan.nodes.len() - 1;
    plan.nodes
        .iter()
        .take(calls)
        .filter_map(|node| node.label)
        .collect()
}

#[test]
fn every_configuration_of_a_real_model_becomes_a_finite_plan() {
    let mut read = 0;
    for entry in std::fs::read_dir("tests/data").expect("tests/data") {
        let path = entry.expect("entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        let dynamic = text.contains(r#""use_dynamic_shifting": true"#);
        for steps in (2..=20).chain([50]) {
            let mut options = Options::steps(steps);
            options.mu = dynamic.then(|| rational(115, 100));
            let imported = match diffusers(&text, &options) {
                // DDIM with trailing spacing is a sampler only where N divides n.
                Err(error) if text.contains("trailing") && 1000 % steps != 0 => {
                    assert_eq!(error.place, "timestep_spacing", "{}", path.display());
                    continue;
                }
                other => {
                    other.unwrap_or_else(|error| panic!("{}, N = {steps}: {error}", path.display()))
                }
            };
            let plan = derive(&imported.request, &1.0_f64);
            let plan =
                plan.unwrap_or_else(|error| panic!("{}, N = {steps}: {error}", path.display()));
            assert_eq!(plan.calls(), steps, "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 200, "only {read} plans were derived");
}

/// Expected numbers: `set_timesteps` of diffusers 0.42.1, printed by hand.
#[test]
fn timesteps_are_those_of_the_library() {
    let linspace = labels(&multistep(""), 4);
    assert_eq!(linspace, [999.0, 749.0, 500.0, 250.0]);
    let leading = labels(
        &multistep(r#", "timestep_spacing": "leading", "steps_offset": 1"#),
        4,
    );
    assert_eq!(leading, [801.0, 601.0, 401.0, 201.0]);
    let trailing = labels(&multistep(r#", "timestep_spacing": "trailing""#), 4);
    assert_eq!(trailing, [999.0, 749.0, 499.0, 249.0]);
    let karras = labels(&multistep(r#", "use_karras_sigmas": true"#), 5);
    assert_eq!(karras, [999.0, 786.0, 427.0, 59.0, 0.0]);
}

#[test]
fn an_option_that_cannot_be_honoured_is_named() {
    let cases = [
        (r#", "trained_betas": [0.1, 0.2]"#, "trained_betas"),
        (r#", "solver_order": 4"#, "solver_order"),
        (
            r#", "algorithm_type": "sde-dpmsolver++", "solver_order": 3"#,
            "solver_order",
        ),
        (r#", "algorithm_type": "dpmsolver""#, "final_sigmas_type"),
        (
            r#", "algorithm_type": "dpmsolver", "final_sigmas_type": "sigma_min", "thresholding": true"#,
            "thresholding",
        ),
        (
            r#", "use_karras_sigmas": true, "use_beta_sigmas": true"#,
            "use_beta_sigmas",
        ),
        (
            r#", "use_karras_sigmas": true, "final_sigmas_type": "sigma_min""#,
            "final_sigmas_type",
        ),
        (
            r#", "prediction_type": "flow_prediction""#,
            "prediction_type",
        ),
        (r#", "use_flow_sigmas": true"#, "prediction_type"),
        (
            r#", "use_flow_sigmas": true, "prediction_type": "flow_prediction", "final_sigmas_type": "sigma_min""#,
            "final_sigmas_type",
        ),
        (r#", "timestep_spacing": "even""#, "timestep_spacing"),
        (r#", "thresholding": "yes""#, "thresholding"),
        (r#", "use_magic": true"#, "use_magic"),
    ];
    for (extra, place) in cases {
        let error = refusal(&multistep(extra), 20);
        assert_eq!(
            (error.code, error.place.as_str()),
            (Code::Import, place),
            "{extra}: {error}"
        );
        assert!(!error.remedy.is_empty());
    }
    let trailing = refusal(&multistep(r#", "timestep_spacing": "trailing""#), 61);
    assert_eq!(trailing.place, "timestep_spacing");
}

#[test]
fn a_file_that_is_no_configuration_is_refused() {
    for text in [
        "",
        "[]",
        "{}",
        "{\"_class_name\": 3}",
        "{\"_class_name\": \"DPMSolverMultistepScheduler\"",
        "\u{feff}nonsense",
    ] {
        assert_eq!(refusal(text, 20).code, Code::Format, "{text}");
    }
    let unknown = refusal(r#"{"_class_name": "DPMSolverMultistepSheduler"}"#, 20);
    assert_eq!(unknown.code, Code::Import);
    assert!(
        unknown.remedy.contains("DPMSolverMultistepScheduler"),
        "{}",
        unknown.remedy
    );
}

#[test]
fn python_infinity_is_read_outside_strings_only() {
    let imported = import(&multistep(r#", "lambda_min_clipped": -Infinity"#), 20)
        .expect("as the library writes it");
    assert!(imported.request.grid.to_string().contains("top=999"));
    let error = refusal(&multistep(r#", "timestep_spacing": "-Infinity""#), 20);
    assert!(error.what.contains("-Infinity"), "{error}");
}

#[test]
fn dynamic_shifting_needs_mu() {
    let text =
        r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": true}"#;
    assert_eq!(refusal(text, 20).place, "use_dynamic_shifting");
}
