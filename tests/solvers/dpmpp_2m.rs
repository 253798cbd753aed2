use crate::flow::shows_order;
use crate::moments::{dual, equal, for_multistep, h_phi, number, ratio, small_step};
use dpm_spec::solver::Method;

#[test]
fn its_weights_are_the_published_ones() {
    for_multistep(Method::TwoM, |what, weights, (h, c), (r0, _)| {
        let slope = h_phi(1, h, c) / (number(2.0) * number(r0));
        equal(what, weights[0], h_phi(1, h, c) + slope, slope);
        equal(what, weights[1], -slope, slope);
    });
    dual(Method::TwoM);
}

#[test]
fn at_small_steps_it_is_adams_bashforth() {
    small_step(Method::TwoM, [number(1.0); 2], &[(3, 2), (-1, 2)]);
    small_step(Method::TwoM, [ratio(1, 3), number(1.0)], &[(5, 2), (-3, 2)]);
}

#[test]
fn its_order_is_two_in_both_forms() {
    for solver in ["dpmpp-2m", "dpm-2m", "sde-dpmpp-2m", "sde-dpm-2m"] {
        shows_order(solver, "", 2.0);
        shows_order(solver, "start=exact", 2.0);
        // One order-1 step costs h^2, as much as the method itself.
        shows_order(solver, "final=euler", 2.0);
    }
}
