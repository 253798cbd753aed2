//! This crate's own backends compute what the specification says, by its own suite.
#![cfg(feature = "cpu")]

use dpm_spec::Code;
use dpm_spec::builtin::Builtin;
use dpm_spec::conformance::{Case, Report, Verdict, check};

fn asked(id: &str, chosen: impl Fn(&Case) -> bool) -> Report {
    check(&mut Builtin::open(id).unwrap(), chosen).unwrap()
}

/// Why a case does not apply to a backend of our own that is told the schedule's own time.
const IDLE: [&str; 4] = [
    "an end of this grid has no finite time in its convention",
    "a run step by step is not declared",
    "too coarse",
    "are one number in",
];

/// Everything else applies, most of all is asked, and no digit beyond the format's own roundings is lost.
fn assert_faultless(report: &Report) {
    let mut asked = 0;
    for outcome in &report.outcomes {
        let (case, finding) = (&outcome.case, &outcome.finding);
        let told = || format!("{case} {}: {}", finding.verdict, finding.message);
        match finding.verdict {
            Verdict::Exact | Verdict::Conforms => asked += 1,
            Verdict::NotApplicable => {
                let known = |reason: &&str| finding.message.contains(*reason);
                assert!(IDLE.iter().any(known), "{}", told());
            }
            _ => panic!("{}", told()),
        }
    }
    assert!(asked * 10 > report.outcomes.len() * 7, "{report}");
    assert!(report.passes());
}

/// Fifty steps take longer than all others together: one format is asked them.
fn is_shorter(case: &Case) -> bool {
    case.request.steps < 50
}

#[test]
fn the_f64_plan_conforms() {
    assert_faultless(&asked("cpu-f64", is_shorter));
}

#[test]
fn the_production_path_on_the_cpu_conforms_in_f32() {
    assert_faultless(&asked("cpu-f32", |_| true));
}

#[test]
fn the_production_path_on_the_cpu_conforms_in_f16() {
    assert_faultless(&asked("cpu-f16", is_shorter));
}

#[test]
fn the_production_path_on_the_gpu_conforms() {
    for id in ["gpu-f32", "gpu-f16"] {
        match Builtin::open(id) {
            Ok(mut backend) => {
                let report = check(&mut backend, |case| case.request.steps == 5).unwrap();
                assert_faultless(&report);
            }
            Err(error) => {
                assert!(matches!(error.code, Code::Environment | Code::Feature));
                eprintln!("{id} was not asked: {error}");
                assert!(
                    std::env::var_os("DPM_SPEC_REQUIRE_GPU").is_none(),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn an_unknown_backend_is_refused_with_the_nearest() {
    let error = Builtin::open("gpu-f33").err().unwrap();
    assert_eq!(error.code, Code::UnknownId);
    assert!(error.remedy.contains("gpu-f32"), "{error}");
}
