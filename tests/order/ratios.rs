//! Promises of the proofs for all stage positions: 2s is of order 2 for every r1, 3s of order 3 at
//! r2 = 2/3 only, and a claim that is false is not proved.

use crate::trees::{FlatStage, FullSlope, Wrong, method};
use dpm_spec::order::ratios::{Claim, Form, RatioProof, prove};

const TWO: Claim = Claim {
    order: 2,
    rises_where_zero: None,
};

fn claim(form: Form) -> Claim {
    Claim {
        order: 2,
        rises_where_zero: Some(form),
    }
}

/// The non-zero coefficients: tree, power of h, factor, form.
fn leading(proof: &RatioProof) -> Vec<(&str, u32, String, Form)> {
    let left = proof.identities.iter().filter(|i| i.factor != 0);
    left.map(|i| (i.tree.as_str(), i.power, i.factor.to_string(), i.form))
        .collect()
}

#[test]
fn order_of_2s_and_2s_taylor_is_two_for_every_r1() {
    for id in ["dpmpp-2s", "dpmpp-2s-taylor"] {
        let proof = prove(&method(id), TWO).unwrap();
        assert!(proof.holds(), "{id}: {proof:?}");
        // Not three for any r1.
        let tall = [("[[.]]", 3, "-1/6".to_owned(), Form::One)];
        assert_eq!(leading(&proof), tall, "{id}");
    }
}

#[test]
fn order_of_3s_is_three_only_if_r2_is_two_thirds() {
    let proof = prove(&method("dpmpp-3s"), claim(Form::TwoThirds)).unwrap();
    assert!(proof.holds(), "{proof:?}");
    let [sixth, twelfth] = ["1/6", "1/12"].map(str::to_owned);
    let expected = [
        ("[.]", 3, twelfth.clone(), Form::TwoThirds),
        ("[l,l]", 3, sixth.clone(), Form::TwoThirds),
        ("[l,.]", 3, sixth.clone(), Form::TwoThirds),
        ("[.,.]", 3, sixth, Form::TwoThirds),
        ("[[l]]", 3, twelfth.clone(), Form::TwoThirds),
        ("[[.]]", 3, twelfth, Form::TwoThirds),
        ("[[[.]]]", 4, "-1/24".to_owned(), Form::One),
    ];
    assert_eq!(leading(&proof), expected);
}

#[test]
fn order_of_3s_taylor_is_three_only_if_r2_is_two_thirds() {
    let proof = prove(&method("dpmpp-3s-taylor"), claim(Form::TwoThirdsOverGap)).unwrap();
    assert!(proof.holds(), "{proof:?}");
    let factor = "-1/12".to_owned();
    let expected = [
        ("[[l]]", 3, factor.clone(), Form::TwoThirdsOverGap),
        ("[[.]]", 3, factor, Form::TwoThirdsOverGap),
        ("[[[.]]]", 4, "-1/24".to_owned(), Form::One),
    ];
    assert_eq!(leading(&proof), expected);
}

#[test]
fn a_grid_has_one_value_more_than_each_degree_and_keeps_r1_below_r2() {
    for (id, form) in [
        ("dpmpp-3s", Form::TwoThirds),
        ("dpmpp-3s-taylor", Form::TwoThirdsOverGap),
    ] {
        let proof = prove(&method(id), claim(form)).unwrap();
        assert_eq!(proof.degrees.len(), 2);
        for (values, degree) in proof.grid.iter().zip(&proof.degrees) {
            let mut distinct = values.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), *degree as usize + 1);
        }
        assert!(proof.grid[0].iter().max() < proof.grid[1].iter().min());
        // [l,l] of 3s and [[l]] of 3s-taylor are of degree 1 in each ratio at the least.
        assert!(proof.degrees.iter().all(|degree| *degree >= 1));
    }
}

#[test]
fn a_false_claim_is_not_proved() {
    let falsehoods = [
        prove(&method("dpmpp-3s"), claim(Form::TwoThirdsOverGap)),
        prove(&method("dpmpp-3s-taylor"), claim(Form::TwoThirds)),
        prove(&method("dpmpp-3s"), claim(Form::One)),
        prove(
            &method("dpmpp-3s"),
            Claim {
                order: 3,
                rises_where_zero: None,
            },
        ),
        prove(&Wrong(method("dpmpp-2s"), FullSlope), TWO),
        prove(
            &Wrong(method("dpmpp-3s"), FlatStage),
            claim(Form::TwoThirds),
        ),
    ];
    for (i, proof) in falsehoods.iter().enumerate() {
        assert!(!proof.as_ref().unwrap().holds(), "{i}");
    }
    // The order is lost at one tree, and the proof says which.
    let wrong = falsehoods[4].as_ref().unwrap();
    let failed: Vec<_> = wrong.identities.iter().filter(|i| !i.holds).collect();
    assert_eq!((failed[0].tree.as_str(), failed[0].power), ("[l]", 2));
}
