use crate::flow::{error, shows_order};
use crate::moments::{COEFFICIENTS, STEPS, equal, h_phi, moment, number, phi, ratio, step};
use dpm_spec::arithmetic::{Field, rational};
use dpm_spec::solver::{Method, final_weights, stage_weights};

#[test]
fn its_stages_and_weights_integrate_the_line() {
    for c in COEFFICIENTS {
        for h in STEPS {
            for (r1, r2) in [((1, 3), (2, 3)), ((1, 10), (1, 1))] {
                let r = [ratio(r1.0, r1.1), ratio(r2.0, r2.1)];
                let (r2h, z) = (r[1] * number(h), r[1] * number(h) * number(c));
                let stage = stage_weights(&step(h, c), &r, 2);
                let nodes = [number(0.0), r[0], r[1]];
                moment("stage", &stage, &nodes, 0, r2h * phi(1, z));
                moment("stage", &stage, &nodes, 1, r2h * r[1] * phi(2, z));
                let method = Method::ThreeS(rational(r1.0, r1.1), rational(r2.0, r2.1));
                let weights = final_weights(method, &step(h, c), &r);
                equal(
                    "the first stage is not looked at again",
                    weights[1],
                    number(0.0),
                    number(h),
                );
                moment("3s", &weights, &nodes, 0, h_phi(1, h, c));
                moment("3s", &weights, &nodes, 1, h_phi(2, h, c));
            }
        }
    }
}

/// With r2 = 2/3 the second moment is right at h = 0: r2 H_2 -> h/3 = 2 H_3; else it is not.
#[test]
fn its_second_moment_is_right_to_leading_order_at_two_thirds_only() {
    for (r2, right) in [((2, 3), true), ((1, 2), false), ((1, 1), false)] {
        let (h, r) = (1e-6, [ratio(1, 3), ratio(r2.0, r2.1)]);
        let method = Method::ThreeS(rational(1, 3), rational(r2.0, r2.1));
        let weights = final_weights(method, &step(h, -1.0), &r);
        let second = weights[2] * r[1] * r[1] / number(h) - number(1.0).like(1, 3);
        let off = dpm_spec::arithmetic::Real::to_f64(&second).abs();
        assert_eq!(off < 10.0 * h, right, "r2 = {r2:?}: off by {off}");
    }
}

#[test]
fn its_order_is_three_only_at_two_thirds() {
    for solver in ["dpmpp-3s", "dpm-3s", "dpmpp-3s:r1=1/5", "dpm-3s:r1=1/2"] {
        shows_order(solver, "", 3.0);
    }
    for solver in ["dpmpp-3s:r2=1/2", "dpmpp-3s:r2=1", "dpm-3s:r1=1/4,r2=3/4"] {
        shows_order(solver, "", 2.0);
    }
    assert!(error("dpmpp-3s", "", 160) < error("dpmpp-3s:r2=1", "", 160));
}

#[test]
fn lowered_last_blocks_cap_it_at_two() {
    shows_order("dpmpp-3s", "final=euler", 2.0);
    shows_order("dpmpp-3s", "final=lower", 2.0);
}
