//! Exponential polynomials in h with exact rational data: the arithmetic that decides identities.

use super::{Field, Rational};
use rug::{Integer, ops::Pow};
use std::collections::BTreeMap;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// sum over (m, q) of a h^m e^(q h), with integer m (negative too), rational q and rational a != 0.
///
/// The functions h^m e^(q h) are linearly independent, so an element is identically zero if and
/// only if it has no terms: where a [`Series`](super::Series) can only say that a condition holds
/// as far as it is known, this arithmetic decides. Weights of exponential integrators are such
/// elements, because phi_k(q h) is one.
///
/// Division is by a single term, and the exponential and the phi functions take an argument q h.
/// Anything else is not such a polynomial: the result is unknown, [`ExponentialPolynomial::is_known`]
/// tells, and every further operation on it is unknown too.
///
/// ```
/// use dpm_spec::arithmetic::{ExponentialPolynomial, Field};
/// let h = ExponentialPolynomial::variable();
/// // phi_1(h) - 1 = h phi_2(h), identically.
/// let difference = h.phi(1) - &h.like(1, 1) - &(h.phi(2) * &h);
/// assert!(difference.is_zero());
/// assert_eq!(h.phi(2).coefficient(1), Some(rug::Rational::from((1, 6))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExponentialPolynomial(Option<Terms>);

/// a by (m, q); no a is zero.
type Terms = BTreeMap<(i64, rug::Rational), rug::Rational>;

impl ExponentialPolynomial {
    /// h.
    pub fn variable() -> Self {
        Self::term(rug::Rational::from(1), 1, rug::Rational::new())
    }

    /// `factor` h^`power` e^(`rate` h).
    pub fn term(factor: rug::Rational, power: i64, rate: rug::Rational) -> Self {
        let mut terms = Terms::new();
        add_term(&mut terms, (power, rate), factor);
        ExponentialPolynomial(Some(terms))
    }

    /// False if an operation left this class of functions.
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// True if the function is zero for every h; false if it is not, or unknown.
    pub fn is_zero(&self) -> bool {
        self.0.as_ref().is_some_and(BTreeMap::is_empty)
    }

    /// The terms (a, m, q) with a != 0, ordered by m, then q; none for an unknown element.
    pub fn terms(&self) -> impl Iterator<Item = (&rug::Rational, i64, &rug::Rational)> {
        let terms = self.0.iter().flatten();
        terms.map(|((power, rate), factor)| (factor, *power, rate))
    }

    /// The coefficient of h^j of the Laurent series at h = 0; `None` for an unknown element.
    pub fn coefficient(&self, j: i64) -> Option<rug::Rational> {
        let terms = self.0.as_ref()?;
        let mut sum = rug::Rational::new();
        for ((power, rate), factor) in terms {
            if let Ok(n) = u32::try_from(j - power) {
                sum += rug::Rational::from(rate.pow(n)) / factorial(n) * factor;
            }
        }
        Some(sum)
    }

    /// The exponent of the first non-zero term of the Laurent series; `None` for the zero function
    /// and for an unknown element.
    ///
    /// The search ends: T terms whose powers differ by at most d solve, after division by the lowest
    /// power, a linear equation with constant coefficients of order at most T (d + 1), so one of
    /// the first T (d + 1) coefficients is not zero.
    pub fn valuation(&self) -> Option<i64> {
        let terms = self.0.as_ref()?;
        let ((first, _), _) = terms.first_key_value()?;
        let ((last, _), _) = terms.last_key_value()?;
        let bound = terms.len() as i64 * (last - first + 1);
        (*first..first + bound).find(|j| self.coefficient(*j).is_some_and(|c| !c.is_zero()))
    }

    /// The integral from 0 to h; unknown if a negative power of h stands under it.
    #[must_use]
    pub fn integral(&self) -> Self {
        ExponentialPolynomial(self.0.as_ref().and_then(|terms| {
            let mut sum = Terms::new();
            for ((power, rate), factor) in terms {
                let power = u32::try_from(*power).ok()?;
                integrate_term(&mut sum, factor, power, rate);
            }
            Some(sum)
        }))
    }

    fn combine(self, other: &Self, operation: impl Fn(Terms, &Terms) -> Option<Terms>) -> Self {
        let both = self.0.zip(other.0.as_ref());
        ExponentialPolynomial(both.and_then(|(x, y)| operation(x, y)))
    }

    /// q if the element is q h.
    fn rate(&self) -> Option<rug::Rational> {
        let terms = self.0.as_ref()?;
        match terms.len() {
            0 => Some(rug::Rational::new()),
            1 => terms.get(&(1, rug::Rational::new())).cloned(),
            _ => None,
        }
    }
}

fn add_term(terms: &mut Terms, key: (i64, rug::Rational), factor: rug::Rational) {
    if factor.is_zero() {
        return;
    }
    match terms.entry(key) {
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert(factor);
        }
        std::collections::btree_map::Entry::Occupied(mut place) => {
            *place.get_mut() += factor;
            if place.get().is_zero() {
                place.remove();
            }
        }
    }
}

/// Adds the integral of a s^m e^(q s) from 0 to h, by parts: for q != 0
/// e^(q h) sum over j of (-1)^j m!/(m-j)! h^(m-j)/q^(j+1), less its value at 0.
fn integrate_term(sum: &mut Terms, factor: &rug::Rational, power: u32, rate: &rug::Rational) {
    let at = |power: u32, rate: &rug::Rational| (i64::from(power), rate.clone());
    if rate.is_zero() {
        add_term(sum, at(power + 1, rate), factor.clone() / (power + 1));
        return;
    }
    let mut part = factor.clone() / rate;
    for left in (0..=power).rev() {
        add_term(sum, at(left, rate), part.clone());
        if left > 0 {
            part = -part * left / rate;
        }
    }
    add_term(sum, at(0, &rug::Rational::new()), -part);
}

fn factorial(n: u32) -> Integer {
    Integer::from(Integer::factorial(n))
}

impl Neg for ExponentialPolynomial {
    type Output = Self;
    fn neg(self) -> Self {
        let negated = |terms: Terms| terms.into_iter().map(|(key, a)| (key, -a)).collect();
        ExponentialPolynomial(self.0.map(negated))
    }
}

impl Add<&ExponentialPolynomial> for ExponentialPolynomial {
    type Output = Self;
    fn add(self, other: &Self) -> Self {
        self.combine(other, |mut sum, terms| {
            for (key, factor) in terms {
                add_term(&mut sum, key.clone(), factor.clone());
            }
            Some(sum)
        })
    }
}

impl Sub<&ExponentialPolynomial> for ExponentialPolynomial {
    type Output = Self;
    fn sub(self, other: &Self) -> Self {
        self.combine(other, |mut sum, terms| {
            for (key, factor) in terms {
                add_term(&mut sum, key.clone(), (-factor).into());
            }
            Some(sum)
        })
    }
}

impl Mul<&ExponentialPolynomial> for ExponentialPolynomial {
    type Output = Self;
    fn mul(self, other: &Self) -> Self {
        self.combine(other, |left, right| {
            let mut product = Terms::new();
            for ((m, q), a) in &left {
                for ((n, r), b) in right {
                    add_term(&mut product, (m + n, (q + r).into()), (a * b).into());
                }
            }
            Some(product)
        })
    }
}

impl Div<&ExponentialPolynomial> for ExponentialPolynomial {
    type Output = Self;
    fn div(self, other: &Self) -> Self {
        self.combine(other, |terms, divisor| {
            let mut single = divisor.iter();
            let (((n, r), b), None) = (single.next()?, single.next()) else {
                return None;
            };
            let over = |((m, q), a): ((i64, rug::Rational), rug::Rational)| ((m - n, q - r), a / b);
            Some(terms.into_iter().map(over).collect())
        })
    }
}

impl Field for ExponentialPolynomial {
    fn constant(&self, value: Rational) -> Self {
        let exact = rug::Rational::from((*value.numer(), *value.denom()));
        Self::term(exact, 0, rug::Rational::new())
    }

    fn exp(&self) -> Self {
        match self.rate() {
            Some(rate) => Self::term(rug::Rational::from(1), 0, rate),
            None => ExponentialPolynomial(None),
        }
    }

    fn exp_m1(&self) -> Self {
        self.exp() - &self.like(1, 1)
    }

    /// (e^x - sum over j < k of x^j/j!)/x^k; 1/k! at 0.
    fn phi(&self, k: u32) -> Self {
        let over_factorial = |power: &Self, j: u32| {
            let inverse = rug::Rational::from((1, factorial(j)));
            power.clone() * &Self::term(inverse, 0, rug::Rational::new())
        };
        let mut power = self.like(1, 1);
        if self.is_zero() {
            return over_factorial(&power, k);
        }
        let mut rest = self.exp();
        for j in 0..k {
            rest = rest - &over_factorial(&power, j);
            power = power * self;
        }
        rest / &power
    }
}
