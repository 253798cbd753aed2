use crate::assert_solves_the_flow;
use dpm_spec::problem::Problem;

#[test]
fn solution_of_gaussian_data_solves_the_flow() {
    assert_solves_the_flow("gaussian");
    assert_solves_the_flow("gaussian:mu=1/2;-3,s2=1/4;0");
}

#[test]
fn means_and_variances_that_do_not_fit_are_refused() {
    for (text, code) in [
        ("gaussian:mu=1;2", "E-PROBLEM"),
        ("gaussian:s2=-1", "E-PROBLEM"),
        ("gaussian:s2=x", "E-NUMBER"),
        ("gaussian:sigma=1", "E-PARAMETER"),
        ("gausian", "E-ID-UNKNOWN"),
    ] {
        assert_eq!(
            Problem::parse(text).unwrap_err().code.text(),
            code,
            "{text}"
        );
    }
}
