use crate::flow::shows_order;
use crate::moments::{dual, exact_adams, number, ratio, small_step};
use dpm_spec::solver::Method;

#[test]
fn its_weights_integrate_the_linear_interpolant() {
    exact_adams(Method::TwoMExact, 2);
    dual(Method::TwoMExact);
    small_step(Method::TwoMExact, [number(1.0); 2], &[(3, 2), (-1, 2)]);
    small_step(
        Method::TwoMExact,
        [ratio(1, 3), number(1.0)],
        &[(5, 2), (-3, 2)],
    );
}

#[test]
fn its_order_is_two_in_both_forms() {
    for solver in [
        "dpmpp-2m-exact",
        "dpm-2m-exact",
        "sde-dpmpp-2m-exact",
        "sde-dpm-2m-exact",
    ] {
        shows_order(solver, "", 2.0);
        shows_order(solver, "start=exact", 2.0);
    }
}
