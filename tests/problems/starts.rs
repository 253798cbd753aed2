use crate::{Number, number};
use dpm_spec::arithmetic::{Field, Real};
use dpm_spec::problem::{Model, Problem};

fn model(problem: &str) -> Model<Number> {
    Problem::parse(problem).unwrap().model(&number(1.0))
}

/// From one named start the flow leads to the others: to the digits of double-double, or to those
/// that the reference solution of `images` promises.
#[test]
fn named_starts_of_a_problem_lie_on_one_flow_line() {
    for (problem, _) in Problem::IDS {
        let model = model(problem);
        let allowed = if *problem == "images" { 1e-9 } else { 1e-26 };
        for (tau_s, tau_t) in [(22026.0, 55.0), (55.0, 1.0), (1.0, 0.02), (4.0, 0.0)] {
            let (tau_s, tau_t) = (number(tau_s), number(tau_t));
            let start = model.start(&tau_s).unwrap();
            let carried = model.solution(&start, &tau_s, &tau_t).unwrap();
            for (carried, named) in carried.iter().zip(model.start(&tau_t).unwrap()) {
                let distance = (*carried - named).to_f64().abs();
                assert!(distance < allowed, "{problem}, {tau_s:?}: {distance:e}");
            }
        }
    }
}

/// Each named line at one tau where its value is a short number.
#[test]
fn named_starts_are_what_the_specification_says() {
    for (problem, tau, numerator, denominator) in [
        // mu + 3/4 sqrt(1/4 + 2)
        ("gaussian", 2.0, 13, 8),
        // v_c = 1/16, v_u = 1, H = 1/64, P = (1 + 2/16)/3, Z = -1/4 + (15/4) P
        ("guided", 0.0, 299, 256),
        // 1/3 + (-1/2 + 3/25 + 3/10)
        ("mixture", 1.0, 19, 75),
    ] {
        let start = model(problem).start(&number(tau)).unwrap()[0];
        let expected = number(1.0).like(numerator, denominator);
        let distance = (start - expected).to_f64().abs();
        assert!(distance < 1e-29, "{problem}: {start:?}");
    }
}

#[cfg(feature = "oracle")]
#[test]
fn no_enclosure_is_claimed_where_there_is_none() {
    use dpm_spec::problem::{Passage, solution_within};
    let passage = |one: &dpm_spec::arithmetic::Ball| {
        Ok(Passage {
            z: vec![one.clone(); 784],
            tau_s: one.clone(),
            tau_t: one.like(1, 2),
        })
    };
    let error = solution_within(&Problem::parse("images").unwrap(), 10, passage).unwrap_err();
    assert_eq!(error.code.text(), "E-PROBLEM");
}
