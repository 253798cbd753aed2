//! Promises of exponential polynomials: a field as far as they reach, the same functions as the
//! truncated series and the big floats, and a decision where a series only knows so far.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::{ExponentialPolynomial, Field, Series};
use proptest::prelude::*;
use rug::{Float, Rational, ops::Pow};

const TERMS: usize = 12;
const BITS: u32 = 200;

type Term = (i64, i64, i64, i64);

fn ratio(num: i64, den: i64) -> Rational {
    Rational::from((num, den))
}

fn element(terms: &[Term]) -> ExponentialPolynomial {
    let zero = ExponentialPolynomial::variable().like(0, 1);
    terms.iter().fold(zero, |sum, (num, den, power, rate)| {
        sum + &ExponentialPolynomial::term(ratio(*num, *den), *power, ratio(*rate, 3))
    })
}

/// The same function built in another field from its variable.
fn built<T: Field>(terms: &[Term], h: &T) -> T {
    terms
        .iter()
        .fold(h.like(0, 1), |sum, (num, den, power, rate)| {
            let exponential = (h.clone() * &h.like((*rate).into(), 3)).exp();
            let factor = h.like((*num).into(), (*den).into());
            let power = (0..power.abs()).fold(factor, |product, _| match *power < 0 {
                true => product / h,
                false => product * h,
            });
            sum + &(exponential * &power)
        })
}

fn value(element: &ExponentialPolynomial, h: &Float) -> Float {
    element
        .terms()
        .fold(Float::with_val(BITS, 0), |sum, (a, m, q)| {
            let exponential = Float::with_val(BITS, h * q).exp();
            sum + exponential * h.clone().pow(m as i32) * a
        })
}

fn assert_close(left: &Float, right: &Float, scale: f64) {
    let distance = Float::with_val(BITS, left - right).abs();
    let allowed = Float::with_val(BITS, scale) >> (BITS - 40);
    assert!(distance <= allowed, "{left} and {right}");
}

/// a h^m e^(q h) with a = num/den, q = rate/3.
fn terms(powers: std::ops::Range<i64>) -> impl Strategy<Value = Vec<Term>> {
    prop::collection::vec((-9_i64..10, 1_i64..8, powers, -6_i64..7), 0..4)
}

proptest! {
    #[test]
    fn exponential_polynomials_are_the_functions_that_series_expand(
        a in terms(-2..3),
        b in terms(-2..3),
    ) {
        let (x, y) = (element(&a), element(&b));
        let h = Series::variable(TERMS);
        let (p, q) = (built(&a, &h), built(&b, &h));
        let pairs = [
            (x.clone() + &y, p.clone() + &q),
            (x.clone() - &y, p.clone() - &q),
            (x.clone() * &y, p.clone() * &q),
            (-x.clone(), -p.clone()),
        ];
        for (element, series) in pairs {
            for j in -4..TERMS as i64 - 5 {
                prop_assert_eq!(element.coefficient(j), series.coefficient(j), "h^{}", j);
            }
        }
    }

    #[test]
    fn exponential_polynomials_have_the_values_of_big_floats(
        a in terms(-2..4),
        b in terms(-2..4),
        at in 1_i64..20,
    ) {
        let h = Float::with_val(BITS, ratio(at, 7));
        let (x, y) = (element(&a), element(&b));
        let (p, q) = (built(&a, &h), built(&b, &h));
        let sum = Float::with_val(BITS, &p + &q);
        let product = Float::with_val(BITS, &p * &q);
        assert_close(&value(&(x.clone() + &y), &h), &sum, 1e9);
        assert_close(&value(&(x * &y), &h), &product, 1e18);
    }

    #[test]
    fn what_is_zero_has_no_terms(a in terms(-2..3), b in terms(-2..3), c in terms(-2..3)) {
        let (x, y, z) = (element(&a), element(&b), element(&c));
        let distributed = (x.clone() + &y) * &z - &(x.clone() * &z) - &(y.clone() * &z);
        prop_assert!(distributed.is_zero());
        prop_assert!((x.clone() * &y - &(y.clone() * &x)).is_zero());
        prop_assert!((x.clone() - &x).is_zero());
        prop_assert_eq!(x.valuation().is_none(), x.is_zero());
        if let Some(first) = x.valuation() {
            prop_assert!(!x.coefficient(first).unwrap().is_zero());
            prop_assert!((first - 5..first).all(|j| x.coefficient(j).unwrap().is_zero()));
        }
    }

    #[test]
    fn division_by_a_term_undoes_multiplication(
        a in terms(-2..3),
        (num, den, power, rate) in (1_i64..9, 1_i64..8, -3_i64..4, -6_i64..7),
    ) {
        let divisor = element(&[(num, den, power, rate)]);
        let x = element(&a);
        prop_assert_eq!(x.clone() * &divisor / &divisor, x.clone());
        prop_assert_eq!(x.clone() / &divisor * &divisor, x);
    }

    #[test]
    fn the_integral_starts_at_zero_and_has_the_integrand_as_derivative(a in terms(0..6)) {
        let x = element(&a);
        let integral = x.integral();
        prop_assert!(integral.coefficient(0).unwrap().is_zero());
        for j in 0..16 {
            let derivative = integral.coefficient(j + 1).unwrap() * (j + 1);
            prop_assert_eq!(Some(derivative), x.coefficient(j));
        }
    }
}

#[test]
fn phi_satisfies_its_recurrence_and_its_limit() {
    let h = ExponentialPolynomial::variable();
    for (num, den) in [(-1, 1), (1, 1), (-3, 2), (7, 5)] {
        let z = h.like(num, den) * &h;
        assert_eq!(z.phi(0), z.exp());
        assert_eq!(z.exp_m1(), z.exp() - &h.like(1, 1));
        for k in 0..6_u32 {
            let inverse = h.like(1, (1..=i128::from(k)).product());
            assert!((z.phi(k + 1) * &z + &inverse - &z.phi(k)).is_zero());
            assert_eq!((h.like(0, 1) * &h).phi(k), inverse);
            let x = Float::with_val(BITS, ratio(2 * num as i64, den as i64));
            assert_close(&value(&z.phi(k), &Float::with_val(BITS, 2)), &x.phi(k), 1.0);
        }
    }
}

#[test]
fn a_difference_beyond_the_reach_of_a_series_is_still_seen() {
    // e^h less its Taylor polynomial of degree 30 vanishes to order 31 and is not zero.
    let h = ExponentialPolynomial::variable();
    let mut rest = h.exp();
    let mut power = h.like(1, 1);
    for j in 0..=30 {
        rest = rest - &power;
        power = power * &h / &h.like(j + 1, 1);
    }
    assert!(!rest.is_zero());
    assert_eq!(rest.valuation(), Some(31));
    assert_eq!((rest.clone() - &rest).valuation(), None);
}

#[test]
fn what_is_no_exponential_polynomial_is_unknown_and_stays_so() {
    let h = ExponentialPolynomial::variable();
    let (zero, one) = (h.like(0, 1), h.like(1, 1));
    let unknowns = [
        one.clone() / &(h.clone() + &one),
        one.clone() / &zero,
        one.exp(),
        (h.clone() * &h).exp_m1(),
        h.exp().phi(1),
        (one.clone() / &h).integral(),
    ];
    for (at, unknown) in unknowns.iter().enumerate() {
        let later = (-(h.clone() * unknown) + &h - unknown) / &h;
        for element in [unknown, &later, &unknown.exp(), &unknown.phi(3)] {
            assert!(!element.is_known(), "{at}: {element:?}");
            assert!(!element.is_zero());
            assert_eq!(element.coefficient(0), None);
            assert_eq!(element.valuation(), None);
            assert_eq!(element.terms().count(), 0);
        }
        assert!(unknown.like(1, 1).is_known());
    }
}
