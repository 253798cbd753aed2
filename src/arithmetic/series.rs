//! Truncated Laurent series in h with exact rational coefficients: what order proofs compute in.

use super::{Field, Rational};
use rug::Integer;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// sum over j < N of c_j h^j plus O(h^N), with finitely many negative powers.
///
/// Constants and the variable start with the same N; each division by h costs one term. A series
/// whose known coefficients are all zero is zero as far as known. Where nothing can be known (a
/// division by such a series, the exponential of a series with a constant term, which is not
/// rational) the result is unknown, [`Series::is_known`] tells, and every further operation on it
/// is unknown too.
///
/// ```
/// use dpm_spec::arithmetic::{Field, Series};
/// let h = Series::variable(5);
/// let phi_1 = h.exp_m1() / &h;
/// assert_eq!(phi_1.coefficient(3), Some(rug::Rational::from((1, 24))));
/// assert_eq!(phi_1.coefficient(4), None);
/// ```
#[derive(Clone, Debug)]
pub struct Series {
    /// Truncation order of constants made like this series.
    terms: usize,
    known: Option<Known>,
}

/// h^valuation (c_0 + c_1 h + ... + O(h^length)) with c_0 != 0 if there is one.
#[derive(Clone, Debug)]
struct Known {
    valuation: i64,
    coefficients: Vec<rug::Rational>,
}

impl Series {
    /// h + O(h^terms).
    pub fn variable(terms: usize) -> Self {
        let known = Known::normalised(0, monomial(1.into(), 1, terms));
        Series {
            terms,
            known: Some(known),
        }
    }

    /// value + O(h^terms).
    pub fn constant_with(value: rug::Rational, terms: usize) -> Self {
        Series {
            terms,
            known: Some(Known::normalised(0, monomial(value, 0, terms))),
        }
    }

    /// False if not a single order of magnitude is certain.
    pub fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// The coefficient of h^j; `None` from the truncation order on, and for an unknown series.
    pub fn coefficient(&self, j: i64) -> Option<rug::Rational> {
        let known = self.known.as_ref()?;
        if j >= known.truncation() {
            return None;
        }
        Some(known.coefficient(j).cloned().unwrap_or_default())
    }

    /// The exponent of the first non-zero term; `None` if the series is zero as far as known, or
    /// unknown.
    pub fn valuation(&self) -> Option<i64> {
        let known = self.known.as_ref()?;
        (!known.coefficients.is_empty()).then_some(known.valuation)
    }

    /// The largest p for which the series is certainly O(h^p): the valuation, or the truncation
    /// order of a series that is zero as far as known; `None` for an unknown series.
    pub fn order_of_vanishing(&self) -> Option<i64> {
        Some(self.known.as_ref()?.valuation)
    }

    /// The square root of 1 + O(h) that is 1 + O(h); unknown for any other series.
    #[must_use]
    pub fn sqrt(&self) -> Self {
        Series {
            known: self.known.as_ref().and_then(Known::sqrt),
            terms: self.terms,
        }
    }

    fn combine(self, other: &Self, operation: impl Fn(&Known, &Known) -> Option<Known>) -> Self {
        let known = self.known.as_ref().zip(other.known.as_ref());
        Series {
            known: known.and_then(|(x, y)| operation(x, y)),
            terms: self.terms,
        }
    }
}

impl Known {
    fn normalised(valuation: i64, mut coefficients: Vec<rug::Rational>) -> Self {
        let zeros = coefficients.iter().take_while(|c| c.is_zero()).count();
        coefficients.drain(..zeros);
        Known {
            valuation: valuation + zeros as i64,
            coefficients,
        }
    }

    fn truncation(&self) -> i64 {
        self.valuation + self.coefficients.len() as i64
    }

    fn coefficient(&self, j: i64) -> Option<&rug::Rational> {
        let at = usize::try_from(j - self.valuation).ok()?;
        self.coefficients.get(at)
    }

    fn plus(&self, other: &Self) -> Self {
        let first = self.valuation.min(other.valuation);
        let end = self.truncation().min(other.truncation());
        let sum = |j| {
            let terms = [self.coefficient(j), other.coefficient(j)];
            rug::Rational::sum(terms.into_iter().flatten()).into()
        };
        Known::normalised(first, (first..end).map(sum).collect())
    }

    fn times(&self, other: &Self) -> Self {
        let length = self.coefficients.len().min(other.coefficients.len());
        let product =
            (0..length).map(|j| convolution(&self.coefficients, &other.coefficients, 0, j));
        Known::normalised(self.valuation + other.valuation, product.collect())
    }

    fn over(&self, divisor: &Self) -> Option<Self> {
        let leading = divisor.coefficients.first()?;
        let length = self.coefficients.len().min(divisor.coefficients.len());
        let mut quotient: Vec<rug::Rational> = Vec::with_capacity(length);
        for j in 0..length {
            let carried = convolution(&divisor.coefficients, &quotient, 1, j);
            quotient.push((&self.coefficients[j] - carried) / leading);
        }
        Some(Known::normalised(
            self.valuation - divisor.valuation,
            quotient,
        ))
    }

    fn negated(&self) -> Self {
        Known {
            valuation: self.valuation,
            coefficients: self.coefficients.iter().map(|c| (-c).into()).collect(),
        }
    }

    /// y with y_0 = 1 and 2 y_j = c_j - sum over 0 < i < j of y_i y_(j-i).
    fn sqrt(&self) -> Option<Self> {
        (self.valuation == 0 && self.coefficients.first()? == &1).then_some(())?;
        let mut root = vec![rug::Rational::from(1)];
        for j in 1..self.coefficients.len() {
            let carried = match j {
                1 => rug::Rational::new(),
                _ => convolution(&root[1..], &root[1..], 0, j - 2),
            };
            root.push((&self.coefficients[j] - carried) / 2u32);
        }
        Some(Known::normalised(0, root))
    }

    /// sum over j of self^j/(j+k)!; without a rational value unless self is O(h).
    fn phi(&self, k: u32) -> Option<Self> {
        let end = usize::try_from(self.truncation()).ok()?;
        let valuation = usize::try_from(self.valuation).ok().filter(|v| *v > 0)?;
        let powers = u32::try_from(end.div_ceil(valuation)).ok()?;
        let constant = |j: u32| {
            let factorial = Integer::from(Integer::factorial(j + k));
            Known::normalised(0, monomial(rug::Rational::from((1, factorial)), 0, end))
        };
        let last = constant(powers);
        Some(
            (0..powers)
                .rev()
                .fold(last, |sum, j| sum.times(self).plus(&constant(j))),
        )
    }
}

/// sum over i from `first` to j of a_i b_(j-i).
fn convolution(a: &[rug::Rational], b: &[rug::Rational], first: usize, j: usize) -> rug::Rational {
    let mut sum = rug::Rational::new();
    for i in first..=j {
        sum += rug::Rational::from(&a[i] * &b[j - i]);
    }
    sum
}

/// The first `terms` coefficients of value h^exponent.
fn monomial(value: rug::Rational, exponent: usize, terms: usize) -> Vec<rug::Rational> {
    let mut coefficients = vec![rug::Rational::new(); terms];
    if let Some(coefficient) = coefficients.get_mut(exponent) {
        *coefficient = value;
    }
    coefficients
}

impl Neg for Series {
    type Output = Self;
    fn neg(self) -> Self {
        Series {
            known: self.known.as_ref().map(Known::negated),
            terms: self.terms,
        }
    }
}

impl Add<&Series> for Series {
    type Output = Self;
    fn add(self, other: &Self) -> Self {
        self.combine(other, |x, y| Some(x.plus(y)))
    }
}

impl Sub<&Series> for Series {
    type Output = Self;
    fn sub(self, other: &Self) -> Self {
        self.combine(other, |x, y| Some(x.plus(&y.negated())))
    }
}

impl Mul<&Series> for Series {
    type Output = Self;
    fn mul(self, other: &Self) -> Self {
        self.combine(other, |x, y| Some(x.times(y)))
    }
}

impl Div<&Series> for Series {
    type Output = Self;
    fn div(self, other: &Self) -> Self {
        self.combine(other, Known::over)
    }
}

impl Field for Series {
    fn constant(&self, value: Rational) -> Self {
        let exact = rug::Rational::from((*value.numer(), *value.denom()));
        Series::constant_with(exact, self.terms)
    }
    fn exp(&self) -> Self {
        self.phi(0)
    }
    fn exp_m1(&self) -> Self {
        self.phi(1) * self
    }
    fn phi(&self, k: u32) -> Self {
        Series {
            known: self.known.as_ref().and_then(|x| x.phi(k)),
            terms: self.terms,
        }
    }
}
