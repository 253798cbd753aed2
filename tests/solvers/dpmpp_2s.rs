use crate::flow::shows_order;
use crate::moments::{COEFFICIENTS, STEPS, equal, h_phi, moment, number, ratio, step};
use dpm_spec::arithmetic::rational;
use dpm_spec::solver::{Method, final_weights, stage_weights};

#[test]
fn its_stage_is_a_ddim_step_and_its_weights_the_published_ones() {
    for c in COEFFICIENTS {
        for h in STEPS {
            for r1 in [(1, 2), (1, 3), (1, 1)] {
                let r = [ratio(r1.0, r1.1)];
                let method = Method::TwoS(rational(r1.0, r1.1));
                let stage = stage_weights(&step(h, c), &r, 1);
                let part = (r[0] * number(h)).phi_1(c);
                assert_eq!(stage.len(), 1);
                equal("stage", stage[0], part, part);
                let weights = final_weights(method, &step(h, c), &r);
                let nodes = [number(0.0), r[0]];
                moment("2s", &weights, &nodes, 0, h_phi(1, h, c));
                moment("2s", &weights, &nodes, 1, h_phi(1, h, c) / number(2.0));
            }
        }
    }
}

/// x phi_1(c x) = (e^(c x) - 1)/c.
trait PhiOne {
    fn phi_1(self, c: f64) -> Self;
}

impl PhiOne for crate::moments::Number {
    fn phi_1(self, c: f64) -> Self {
        self * crate::moments::phi(1, self * number(c))
    }
}

#[test]
fn its_order_is_two_for_every_stage() {
    for solver in [
        "dpmpp-2s",
        "dpm-2s",
        "dpmpp-2s:r1=1/5",
        "dpmpp-2s:r1=1",
        "dpm-2s:r1=9/10",
    ] {
        shows_order(solver, "", 2.0);
    }
    shows_order("dpmpp-2s", "final=euler", 2.0);
}
