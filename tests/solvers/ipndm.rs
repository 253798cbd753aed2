use crate::flow::shows_order;
use crate::moments::{STEPS, equal, h_phi, number, ratio, small_step, step};
use dpm_spec::arithmetic::DoubleDouble;
use dpm_spec::solver::{Method, multistep_weights, weights_to_no_noise};

const CLASSICAL: [&[(i128, i128)]; 3] = [
    &[(3, 2), (-1, 2)],
    &[(23, 12), (-16, 12), (5, 12)],
    &[(55, 24), (-59, 24), (37, 24), (-9, 24)],
];

#[test]
fn its_weights_are_the_classical_ones_at_any_ratios() {
    for expected in CLASSICAL {
        let points = expected.len();
        for h in STEPS {
            for r in [0.3, 1.0, 4.0] {
                let ratios = vec![number(r); points - 1];
                let weights = multistep_weights(Method::Ipndm(points), &step(h, 1.0), &ratios);
                assert_eq!(weights.len(), points);
                for (weight, (num, den)) in weights.iter().zip(expected) {
                    equal(
                        "weight",
                        *weight / h_phi(1, h, 1.0),
                        ratio(*num, *den),
                        number(1.0),
                    );
                }
            }
        }
    }
    small_step(Method::Ipndm(3), [number(1.0); 2], CLASSICAL[1]);
}

/// The mean of a linear function over a step of length 1 from equal steps before it.
#[test]
fn a_linear_prediction_is_taken_at_the_middle_of_the_step() {
    for expected in CLASSICAL {
        let moment: i128 = expected.iter().zip(0..).map(|((num, _), n)| -n * num).sum();
        assert_eq!(2 * moment, expected[0].1, "{expected:?}");
    }
}

#[test]
fn to_sigma_zero_its_weights_stay() {
    let before = [number(0.3), number(0.8), number(2.0)];
    let weights = weights_to_no_noise(Method::Ipndm(4), &before).unwrap();
    for (weight, (num, den)) in weights.iter().zip(CLASSICAL[2]) {
        equal("limit", *weight, ratio(*num, *den), number(1.0));
    }
    assert!(weights_to_no_noise::<DoubleDouble>(Method::Ipndm(2), &[]).is_none());
}

#[test]
fn its_order_is_two_on_equal_steps() {
    for solver in ["ipndm-2", "ipndm-3", "ipndm-4"] {
        shows_order(solver, "start=exact", 2.0);
    }
}
