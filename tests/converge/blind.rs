//! A wrong method keeps its order on Gaussian data; the mixture tells.

#[path = "../../docs/examples/blind_on_gaussian.rs"]
mod example;

use dpm_spec::converge::error_of;
use dpm_spec::problem::Problem;
use dpm_spec::solver::Side;

#[test]
fn averaged_answers_pass_on_gaussian_data_and_fail_on_the_mixture() {
    let errors = |steps: usize, problem: &str| {
        let problem = Problem::parse(problem).unwrap();
        let error = |plan| error_of(&plan, Side::Data, &problem).unwrap().unwrap();
        example::plans(steps).unwrap().map(error)
    };
    let [right, wrong] = errors(40, "gaussian");
    assert!((right / wrong - 1.0).abs() < 1e-12, "{right:e} {wrong:e}");
    let ([right, wrong], [finer, stuck]) = (errors(20, "mixture"), errors(40, "mixture"));
    assert!((right / finer).log2() > 2.8, "{right:e} {finer:e}");
    assert!((wrong / stuck).log2() < 0.1, "{wrong:e} {stuck:e}");
}
