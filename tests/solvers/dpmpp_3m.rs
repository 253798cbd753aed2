use crate::flow::shows_order;
use crate::moments::{dual, for_multistep, h_phi, moment, number, small_step};
use dpm_spec::solver::Method;

/// Moments 0 and 1 are exact; the second is half of what third order needs, for all ratios: the
/// nodes' second moment of D_2 is 2 h^-2 times its weight H_3.
#[test]
fn as_published_half_the_second_moment_is_missing() {
    for_multistep(Method::ThreeM, |what, weights, (h, c), (r0, r1)| {
        let nodes = [number(0.0), -number(r0), -number(r0) - number(r1)];
        moment(what, weights, &nodes, 0, h_phi(1, h, c));
        moment(what, weights, &nodes, 1, h_phi(2, h, c));
        moment(what, weights, &nodes, 2, h_phi(3, h, c));
    });
    dual(Method::ThreeM);
}

#[test]
fn at_small_steps_it_is_not_adams_bashforth() {
    small_step(
        Method::ThreeM,
        [number(1.0); 2],
        &[(11, 6), (-7, 6), (1, 3)],
    );
}

#[test]
fn its_order_is_two_even_with_exact_start() {
    for solver in ["dpmpp-3m", "dpm-3m"] {
        shows_order(solver, "", 2.0);
        shows_order(solver, "start=exact", 2.0);
    }
}
