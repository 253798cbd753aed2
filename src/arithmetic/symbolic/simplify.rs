//! The form expressions are kept in, and the rules that keep them in it.
//!
//! A sum of terms; a term is a rational times powers of bases; a base is a symbol, a function call
//! or a parenthesised sum of at least two terms. Comparisons ignore the order of terms and
//! factors, so the order can be the author's. Every rule holds wherever both sides are defined.

use super::call::Function;
use crate::arithmetic::{Rational, rational};
use num_traits::{CheckedAdd, CheckedMul};
use std::sync::Arc;

/// A sum of terms without like terms; empty for zero.
#[derive(Clone)]
pub(super) struct Sum(Arc<[Term]>);

/// A non-zero rational times powers of different bases.
#[derive(Clone)]
pub(super) struct Term {
    pub(super) coefficient: Rational,
    pub(super) factors: Vec<Factor>,
}

/// base^exponent, exponent != 0.
#[derive(Clone, PartialEq)]
pub(super) struct Factor {
    pub(super) base: Base,
    pub(super) exponent: i64,
}

#[derive(Clone, PartialEq)]
pub(super) enum Base {
    /// A factor that would overflow the term's coefficient.
    Number(Rational),
    Symbol {
        latex: Arc<str>,
        vector: bool,
    },
    Call(Function, Vec<Sum>),
    /// At least two terms with no numeric factor in common.
    Group(Sum),
}

impl From<&Term> for Sum {
    fn from(term: &Term) -> Self {
        term.clone().into_sum()
    }
}

impl PartialEq for Sum {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || same_up_to_order(self.terms(), other.terms())
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        self.coefficient == other.coefficient && self.is_like(other)
    }
}

/// For lists without repeated items.
fn same_up_to_order<T: PartialEq>(left: &[T], right: &[T]) -> bool {
    left.len() == right.len() && left.iter().all(|item| right.contains(item))
}

impl Sum {
    pub(super) fn terms(&self) -> &[Term] {
        &self.0
    }

    pub(super) fn constant(value: Rational) -> Self {
        if *value.numer() == 0 {
            return Sum::zero();
        }
        let mut term = Term::one();
        term.scale(value);
        term.into_sum()
    }

    pub(super) fn zero() -> Self {
        Sum(Arc::from([]))
    }

    pub(super) fn of(base: Base) -> Self {
        Sum::power_of(base, 1)
    }

    /// base^exponent; a number is not folded.
    pub(super) fn power_of(base: Base, exponent: i64) -> Self {
        let mut term = Term::one();
        if exponent != 0 {
            term.multiply_by(base, exponent);
        }
        term.into_sum()
    }

    /// The value if the sum is a plain rational.
    pub(super) fn as_constant(&self) -> Option<Rational> {
        match self.terms() {
            [] => Some(rational(0, 1)),
            [term] if term.factors.is_empty() => Some(term.coefficient),
            _ => None,
        }
    }

    pub(super) fn negated(&self) -> Self {
        let mut terms = self.terms().to_vec();
        for term in &mut terms {
            term.scale(rational(-1, 1));
        }
        Sum(terms.into())
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut terms = self.terms().to_vec();
        for term in other.terms() {
            collect(&mut terms, term.clone());
        }
        Sum(terms.into())
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        match (self.as_factor(), other.as_factor()) {
            (Some(mut left), Some(right)) => {
                left.multiply(&right);
                left.into_sum()
            }
            _ => Sum::zero(),
        }
    }

    /// `None` for zero.
    pub(super) fn reciprocal(&self) -> Option<Self> {
        self.as_factor().map(|term| term.reciprocal().into_sum())
    }

    /// Multiplied out factor by factor; `None` for a negative power of zero.
    pub(super) fn integer_power(&self, exponent: i64) -> Option<Self> {
        let one = Sum::constant(rational(1, 1));
        let product = (0..exponent.unsigned_abs()).fold(one, |product, _| product.times(self));
        if exponent < 0 {
            product.reciprocal()
        } else {
            Some(product)
        }
    }

    /// The sum as one term, several terms being put into parentheses; `None` for zero.
    pub(super) fn as_factor(&self) -> Option<Term> {
        match self.terms() {
            [] => None,
            [term] => Some(term.clone()),
            terms => {
                let content = content(terms);
                let mut inner = terms.to_vec();
                for term in &mut inner {
                    term.scale(content.recip());
                }
                let mut product = Term::one();
                product.multiply_by(Base::Group(Sum(inner.into())), 1);
                product.scale(content);
                Some(product)
            }
        }
    }
}

impl Term {
    fn one() -> Self {
        Term {
            coefficient: rational(1, 1),
            factors: Vec::new(),
        }
    }

    fn into_sum(self) -> Sum {
        match self.bare_group() {
            Some(sum) => sum,
            None => Sum(Arc::from([self])),
        }
    }

    /// Whether the terms differ in their coefficients only.
    fn is_like(&self, other: &Self) -> bool {
        same_up_to_order(&self.factors, &other.factors)
    }

    /// The terms in the parentheses if nothing but a sign stands before them.
    fn bare_group(&self) -> Option<Sum> {
        let [
            Factor {
                base: Base::Group(sum),
                exponent: 1,
            },
        ] = self.factors.as_slice()
        else {
            return None;
        };
        if self.coefficient == rational(1, 1) {
            Some(sum.clone())
        } else if self.coefficient == rational(-1, 1) {
            Some(sum.negated())
        } else {
            None
        }
    }

    fn scale(&mut self, by: Rational) {
        match bounded(self.coefficient.checked_mul(&by)) {
            Some(product) => self.coefficient = product,
            None => return self.multiply_by(Base::Number(by), 1),
        }
        if let Some((at, product)) = self.fitting_number() {
            self.coefficient = product;
            self.factors.remove(at);
        }
    }

    /// A number among the factors that the coefficient has room for, and their product.
    fn fitting_number(&self) -> Option<(usize, Rational)> {
        self.factors.iter().enumerate().find_map(|(at, factor)| {
            let Base::Number(value) = factor.base else {
                return None;
            };
            let value = match factor.exponent {
                1 => value,
                -1 if *value.numer() != i128::MIN => value.recip(),
                _ => return None,
            };
            Some((at, bounded(self.coefficient.checked_mul(&value))?))
        })
    }

    fn multiply(&mut self, other: &Term) {
        self.scale(other.coefficient);
        for factor in &other.factors {
            self.multiply_by(factor.base.clone(), factor.exponent);
        }
    }

    fn multiply_by(&mut self, base: Base, exponent: i64) {
        if let Base::Call(Function::Exp, arguments) = &base {
            return self.multiply_by_exponential(&arguments[0]);
        }
        for at in 0..self.factors.len() {
            let Some(opposite) = relation(&self.factors[at].base, &base) else {
                continue;
            };
            let Some(total) = self.factors[at].exponent.checked_add(exponent) else {
                continue;
            };
            if opposite && exponent % 2 != 0 {
                self.scale(rational(-1, 1));
            }
            self.factors[at].exponent = total;
            if total == 0 {
                self.factors.remove(at);
            } else if let Base::Call(Function::Sqrt, arguments) = &base
                && total.abs() == 2
                && let Some(inner) = arguments[0].as_factor()
            {
                self.factors.remove(at);
                let inner = if total < 0 { inner.reciprocal() } else { inner };
                self.multiply(&inner);
            }
            return;
        }
        self.factors.push(Factor { base, exponent });
    }

    /// e^a e^b = e^(a+b); an exponential always has the exponent 1.
    fn multiply_by_exponential(&mut self, argument: &Sum) {
        let found = self.factors.iter().position(|factor| {
            matches!(factor.base, Base::Call(Function::Exp, _)) && factor.exponent == 1
        });
        let Some(at) = found else {
            self.factors.push(Factor {
                base: Base::Call(Function::Exp, vec![argument.clone()]),
                exponent: 1,
            });
            return;
        };
        if let Base::Call(_, arguments) = &mut self.factors[at].base {
            arguments[0] = arguments[0].plus(argument);
            if arguments[0].terms().is_empty() {
                self.factors.remove(at);
            }
        }
    }

    fn reciprocal(&self) -> Term {
        let mut inverse = Term::one();
        inverse.scale(self.coefficient.recip());
        for Factor { base, exponent } in &self.factors {
            match base {
                Base::Call(Function::Exp, arguments) => {
                    inverse.multiply_by_exponential(&arguments[0].negated());
                }
                _ => inverse.multiply_by(base.clone(), -exponent),
            }
        }
        inverse
    }
}

/// Adds a term to those already collected.
fn collect(terms: &mut Vec<Term>, term: Term) {
    if let Some(at) = terms.iter().position(|other| other.is_like(&term))
        && let Some(total) = bounded(terms[at].coefficient.checked_add(&term.coefficient))
    {
        terms[at].coefficient = total;
        let released = terms[at].bare_group();
        if *total.numer() == 0 || released.is_some() {
            terms.remove(at);
        }
        for inner in released.iter().flat_map(|sum| sum.terms()) {
            collect(terms, inner.clone());
        }
    } else {
        terms.push(term);
    }
}

/// Whether two bases are equal (`Some(false)`) or each other's negative (`Some(true)`).
pub(super) fn relation(left: &Base, right: &Base) -> Option<bool> {
    if left == right {
        return Some(false);
    }
    match (left, right) {
        (Base::Group(x), Base::Group(y)) if *x == y.negated() => Some(true),
        _ => None,
    }
}

/// What every coefficient can be divided by without new fractions; negative if all terms are.
fn content(terms: &[Term]) -> Rational {
    let (num, den) = terms.iter().fold((0, 0), |(num, den), term| {
        (
            greatest_common_divisor(num, term.coefficient.numer().unsigned_abs()),
            greatest_common_divisor(den, term.coefficient.denom().unsigned_abs()),
        )
    });
    let negative = terms.iter().all(|term| *term.coefficient.numer() < 0);
    let sign = if negative { -1 } else { 1 };
    match (i128::try_from(num), i128::try_from(den)) {
        (Ok(num), Ok(den)) => rational(sign * num, den),
        _ => rational(sign, 1),
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Keeps coefficients where negation and reciprocals can't overflow.
fn bounded(value: Option<Rational>) -> Option<Rational> {
    value.filter(|value| *value.numer() != i128::MIN)
}
