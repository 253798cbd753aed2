use crate::flow::shows_order;
use crate::moments::{COEFFICIENTS, STEPS, h_phi, moment, number, ratio, step};
use dpm_spec::arithmetic::rational;
use dpm_spec::solver::{Method, final_weights};

#[test]
fn its_weights_integrate_the_parabola_through_all_stages() {
    for c in COEFFICIENTS {
        for h in STEPS {
            for (r1, r2) in [((1, 3), (2, 3)), ((1, 10), (1, 1))] {
                let r = [ratio(r1.0, r1.1), ratio(r2.0, r2.1)];
                let method = Method::ThreeSTaylor(rational(r1.0, r1.1), rational(r2.0, r2.1));
                let weights = final_weights(method, &step(h, c), &r);
                let nodes = [number(0.0), r[0], r[1]];
                moment("3s-taylor", &weights, &nodes, 0, h_phi(1, h, c));
                moment("3s-taylor", &weights, &nodes, 1, h_phi(2, h, c));
                moment(
                    "3s-taylor",
                    &weights,
                    &nodes,
                    2,
                    number(2.0) * h_phi(3, h, c),
                );
            }
        }
    }
}

#[test]
fn its_order_is_three_only_at_two_thirds() {
    shows_order("dpmpp-3s-taylor", "", 3.0);
    shows_order("dpm-3s-taylor:r1=1/5", "", 3.0);
    shows_order("dpmpp-3s-taylor:r2=1/2", "", 2.0);
    shows_order("dpm-3s-taylor:r2=1", "", 2.0);
}
