//! Promises of truncated Laurent series: exact to the truncation order, unknown beyond.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::{Field, Series};
use proptest::prelude::*;
use rug::Rational;

const TERMS: usize = 9;

fn ratio(num: i64, den: i64) -> Rational {
    Rational::from((num, den))
}

fn constant(num: i64, den: i64) -> Series {
    Series::constant_with(ratio(num, den), TERMS)
}

fn power_of_h(exponent: i64) -> Series {
    let h = Series::variable(TERMS);
    (0..exponent.abs()).fold(constant(1, 1), |power, _| {
        if exponent < 0 { power / &h } else { power * &h }
    })
}

/// Every coefficient that both know is equal, and both know those below h^`order`.
fn assert_equal_below(order: i64, left: &Series, right: &Series) {
    for j in -40..order {
        assert!(left.coefficient(j).is_some(), "h^{j} unknown: {left:?}");
        assert_eq!(left.coefficient(j), right.coefficient(j), "h^{j}");
    }
    for j in order..40 {
        if let (Some(x), Some(y)) = (left.coefficient(j), right.coefficient(j)) {
            assert_eq!(x, y, "h^{j}");
        }
    }
}

/// h^v (c_0 + c_1 h + ...), known at least below h^(TERMS - 2).
fn series(valuations: std::ops::Range<i64>) -> impl Strategy<Value = Series> {
    let coefficient = (-9_i64..10, 1_i64..8).prop_map(|(num, den)| constant(num, den));
    let coefficients = prop::collection::vec(coefficient, 4);
    (valuations, coefficients).prop_map(|(valuation, coefficients)| {
        let h = Series::variable(TERMS);
        let sum = coefficients
            .iter()
            .rev()
            .fold(constant(0, 1), |sum, c| sum * &h + c);
        sum * &power_of_h(valuation)
    })
}

proptest! {
    #[test]
    fn series_are_a_field_as_far_as_known(
        a in series(-2..3),
        b in series(-2..3),
        c in series(-2..3),
    ) {
        let order = TERMS as i64 - 7;
        let (zero, one) = (constant(0, 1), constant(1, 1));
        assert_equal_below(order, &(a.clone() + &b), &(b.clone() + &a));
        assert_equal_below(order, &(a.clone() * &b), &(b.clone() * &a));
        assert_equal_below(order, &(a.clone() + &b + &c), &(b.clone() + &c + &a));
        assert_equal_below(order, &(a.clone() * &b * &c), &(b.clone() * &c * &a));
        assert_equal_below(
            order,
            &((a.clone() + &b) * &c),
            &(a.clone() * &c + &(b.clone() * &c)),
        );
        assert_equal_below(order, &(a.clone() - &a), &zero);
        assert_equal_below(order, &(-a.clone() + &a), &zero);
        assert_equal_below(order, &(a.clone() * &one), &a);
        if b.valuation().is_some() {
            assert_equal_below(order - 4, &(a.clone() / &b * &b), &a);
            assert_equal_below(order - 4, &(a.clone() * &b / &b), &a);
        } else {
            prop_assert!(!(a / &b).is_known());
        }
    }

    #[test]
    fn exponential_and_phi_satisfy_their_equations(a in series(1..4), b in series(1..4)) {
        let order = TERMS as i64 - 2;
        let one = constant(1, 1);
        assert_equal_below(order, &(a.exp() * &(-a.clone()).exp()), &one);
        assert_equal_below(order, &(a.exp() * &b.exp()), &(a.clone() + &b).exp());
        assert_equal_below(order, &(a.exp_m1() + &one), &a.exp());
        assert_equal_below(order, &a.phi(0), &a.exp());
        for k in 0..5 {
            let factorial: i64 = (1..=i64::from(k)).product();
            let recurrence = a.phi(k + 1) * &a + &constant(1, factorial);
            assert_equal_below(order, &recurrence, &a.phi(k));
        }
    }
}

#[test]
fn exponential_of_h_has_the_reciprocal_factorials() {
    let h = Series::variable(TERMS);
    let mut factorial = 1;
    for j in 0..TERMS as i64 {
        factorial *= j.max(1);
        assert_eq!(h.exp().coefficient(j), Some(ratio(1, factorial)));
        assert_eq!(
            h.phi(2).coefficient(j),
            Some(ratio(1, factorial * (j + 1) * (j + 2)))
        );
    }
    assert_eq!(h.exp().coefficient(TERMS as i64), None);
}

#[test]
fn each_division_by_h_costs_a_term() {
    let h = Series::variable(5);
    let one = h.like(1, 1);
    let inverse = one.clone() / &h / &h;
    assert_eq!(inverse.valuation(), Some(-2));
    assert_eq!(inverse.coefficient(-2), Some(ratio(1, 1)));
    assert_eq!(inverse.coefficient(-3), Some(ratio(0, 1)));
    assert_eq!((h.exp_m1() / &h).coefficient(4), None);
    assert_eq!((h.exp_m1() / &h).coefficient(3), Some(ratio(1, 24)));
    let sum = one.clone() + &inverse;
    assert_eq!(sum.coefficient(1), Some(ratio(0, 1)));
    assert_eq!(sum.coefficient(2), None);
    assert_eq!(one.coefficient(4), Some(ratio(0, 1)));
    assert_eq!(one.coefficient(5), None);
    assert_eq!(h.like(3, 2).coefficient(4), Some(ratio(0, 1)));
}

#[test]
fn what_cannot_be_known_is_unknown_and_stays_so() {
    let h = Series::variable(4);
    let zero = h.clone() - &h;
    assert!(zero.is_known());
    assert_eq!(zero.valuation(), None);
    assert_eq!(zero.order_of_vanishing(), Some(4));
    assert_eq!(zero.phi(2).coefficient(0), Some(ratio(1, 2)));
    let unknowns = [
        h.clone() / &zero,
        zero.clone() / &zero,
        h.like(1, 1).exp(),
        (h.like(1, 1) + &h).exp_m1(),
        (h.like(1, 1) / &h).phi(1),
        (zero / &h / &h / &h / &h).exp(),
    ];
    for (at, unknown) in unknowns.iter().enumerate() {
        let later = (-(h.clone() * unknown) + &h - unknown) / unknown;
        for series in [unknown, &later, &unknown.exp(), &unknown.phi(3)] {
            assert!(!series.is_known(), "{at}: {series:?}");
            assert_eq!(series.coefficient(0), None);
            assert_eq!(series.valuation(), None);
            assert_eq!(series.order_of_vanishing(), None);
        }
        assert!(unknown.like(1, 1).is_known());
    }
}

#[test]
fn the_square_root_of_one_plus_small_squares_back() {
    let h = Series::variable(TERMS);
    let one = constant(1, 1);
    for base in [h.exp(), one.clone() - &(h.clone() * &h), one.clone()] {
        let root = base.sqrt();
        assert_eq!(root.coefficient(0), Some(ratio(1, 1)));
        assert_equal_below(TERMS as i64, &(root.clone() * &root), &base);
    }
    assert_equal_below(
        TERMS as i64,
        &h.exp().sqrt(),
        &(h.clone() / &constant(2, 1)).exp(),
    );
    for none in [h.clone(), constant(2, 1), one / &h] {
        assert!(!none.sqrt().is_known());
    }
}
