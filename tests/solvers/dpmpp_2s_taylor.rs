use crate::flow::shows_order;
use crate::moments::{COEFFICIENTS, STEPS, h_phi, moment, number, ratio, step};
use dpm_spec::arithmetic::rational;
use dpm_spec::solver::{Method, final_weights};

#[test]
fn its_weights_integrate_the_line_through_both_stages() {
    for c in COEFFICIENTS {
        for h in STEPS {
            for r1 in [(1, 2), (1, 7), (1, 1)] {
                let r = ratio(r1.0, r1.1);
                let weights =
                    final_weights(Method::TwoSTaylor(rational(r1.0, r1.1)), &step(h, c), &[r]);
                let nodes = [number(0.0), r];
                moment("2s-taylor", &weights, &nodes, 0, h_phi(1, h, c));
                moment("2s-taylor", &weights, &nodes, 1, h_phi(2, h, c));
            }
        }
    }
}

#[test]
fn its_order_is_two_for_every_stage() {
    for solver in [
        "dpmpp-2s-taylor",
        "dpm-2s-taylor",
        "dpmpp-2s-taylor:r1=1/5",
        "dpm-2s-taylor:r1=1",
    ] {
        shows_order(solver, "", 2.0);
    }
}
