use crate::flow::shows_order_of_adams;
use crate::moments::{dual, exact_adams, number, small_step};
use dpm_spec::solver::Method;

#[test]
fn its_weights_integrate_the_quadratic_interpolant() {
    exact_adams(Method::ThreeMExact, 3);
    dual(Method::ThreeMExact);
    small_step(
        Method::ThreeMExact,
        [number(1.0); 2],
        &[(23, 12), (-16, 12), (5, 12)],
    );
}

#[test]
fn its_order_is_three_from_exact_states_and_two_from_a_ddim_step() {
    for solver in ["dpmpp-3m-exact", "dpm-3m-exact"] {
        shows_order_of_adams(solver, 3.0);
    }
}
