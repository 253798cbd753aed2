//! Symbolic expressions that print LaTeX: running a solver on them renders its formula.
//!
//! An expression is kept as a sum of products. Rationals are folded, like terms and like factors
//! collected, nothing is ever expanded; what is left prints in the order in which the code wrote
//! it, so that code which reads like the paper prints like the paper.

mod abbreviate;
mod call;
mod latex;
mod simplify;

use super::{Field, Rational, Real, rational, rational_from_f64};
use call::Function;
use simplify::{Base, Sum, Term};
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::Arc;

/// An expression in named symbols; `Display` is LaTeX (mathematics mode, no delimiters).
///
/// Dividing by the constant zero, or the logarithm or root of a constant outside their domain,
/// gives the undefined expression, which absorbs every operation and is the only one that is not
/// [`Real::is_finite`].
///
/// ```
/// use dpm_spec::arithmetic::{Field, Symbolic};
/// let (h, z, r) = (Symbolic::symbol("h"), Symbolic::symbol("z"), Symbolic::symbol("r_0"));
/// let (g0, g1) = (Symbolic::vector("g_0"), Symbolic::vector("g_1"));
/// let d10 = (g0.clone() - &g1) / &r;
/// let step = h * &z.phi(1) * &(g0 + &(d10 / &z.like(2, 1)));
/// assert_eq!(
///     step.to_string(),
///     r"h \varphi_1(z) \left(g_0 + \frac{g_0 - g_1}{2 r_0}\right)"
/// );
/// ```
#[derive(Clone, PartialEq)]
pub struct Symbolic(Option<Sum>);

impl Symbolic {
    /// A scalar (`h`, `r_0`, `\alpha_t`), named by its LaTeX.
    pub fn symbol(latex: &str) -> Self {
        Self::named(latex, false)
    }

    /// A state, model output or noise (`x`, `g_0`, `\xi`): prints behind its scalar factors.
    pub fn vector(latex: &str) -> Self {
        Self::named(latex, true)
    }

    fn named(latex: &str, vector: bool) -> Self {
        Symbolic(Some(Sum::of(Base::Symbol {
            latex: Arc::from(latex),
            vector,
        })))
    }

    /// The expression with `name` for every product or parenthesis that holds `definition`, to
    /// print a formula with its list of definitions.
    ///
    /// ```
    /// use dpm_spec::arithmetic::Symbolic;
    /// let (h, r) = (Symbolic::symbol("h"), Symbolic::symbol("r_0"));
    /// let d10 = (Symbolic::vector("g_0") - &Symbolic::vector("g_1")) / &r;
    /// let named = (h * &d10).abbreviated(&d10, &Symbolic::vector("D_{1,0}"));
    /// assert_eq!(named.to_string(), "h D_{1,0}");
    /// ```
    #[must_use]
    pub fn abbreviated(&self, definition: &Self, name: &Self) -> Self {
        Symbolic(
            self.0
                .as_ref()
                .zip(definition.0.as_ref().zip(name.0.as_ref()))
                .and_then(|(sum, (definition, name))| sum.abbreviated(definition, name)),
        )
    }

    /// The value in another arithmetic, with symbols (by their LaTeX names) bound to values.
    /// `None` if a symbol is unbound, the expression is undefined or needs a [`Real`].
    pub fn evaluate<T: Field>(
        &self,
        bindings: &dyn Fn(&str) -> Option<T>,
        witness: &T,
    ) -> Option<T> {
        self.evaluate_by(bindings, witness, in_field)
    }

    /// [`Symbolic::evaluate`] for expressions with logarithms, roots, powers, sines.
    pub fn evaluate_real<T: Real>(
        &self,
        bindings: &dyn Fn(&str) -> Option<T>,
        witness: &T,
    ) -> Option<T> {
        self.evaluate_by(bindings, witness, in_reals)
    }

    fn evaluate_by<T: Field>(
        &self,
        bindings: &dyn Fn(&str) -> Option<T>,
        witness: &T,
        call: Call<T>,
    ) -> Option<T> {
        Evaluation {
            bindings,
            witness,
            call,
        }
        .sum(self.0.as_ref()?)
    }

    fn call(&self, function: Function) -> Self {
        Symbolic(self.0.clone().and_then(|x| Sum::call(function, vec![x])))
    }

    fn call_with(&self, function: Function, second: &Self) -> Self {
        Symbolic(
            self.0
                .clone()
                .zip(second.0.clone())
                .and_then(|(x, y)| Sum::call(function, vec![x, y])),
        )
    }

    fn combine(&self, other: &Self, operation: impl Fn(&Sum, &Sum) -> Option<Sum>) -> Self {
        Symbolic(
            self.0
                .as_ref()
                .zip(other.0.as_ref())
                .and_then(|(x, y)| operation(x, y)),
        )
    }
}

impl fmt::Display for Symbolic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(sum) => f.write_str(&latex::display(sum)),
            None => f.write_str(r"\text{undefined}"),
        }
    }
}

impl fmt::Debug for Symbolic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Neg for Symbolic {
    type Output = Self;
    fn neg(self) -> Self {
        Symbolic(self.0.map(|x| x.negated()))
    }
}

impl Add<&Symbolic> for Symbolic {
    type Output = Self;
    fn add(self, other: &Self) -> Self {
        self.combine(other, |x, y| Some(x.plus(y)))
    }
}

impl Sub<&Symbolic> for Symbolic {
    type Output = Self;
    fn sub(self, other: &Self) -> Self {
        self.combine(other, |x, y| Some(x.plus(&y.negated())))
    }
}

impl Mul<&Symbolic> for Symbolic {
    type Output = Self;
    fn mul(self, other: &Self) -> Self {
        self.combine(other, |x, y| Some(x.times(y)))
    }
}

impl Div<&Symbolic> for Symbolic {
    type Output = Self;
    fn div(self, other: &Self) -> Self {
        self.combine(other, |x, y| {
            y.reciprocal().map(|inverse| x.times(&inverse))
        })
    }
}

impl Field for Symbolic {
    fn constant(&self, value: Rational) -> Self {
        Symbolic(Some(Sum::constant(value)))
    }
    fn exp(&self) -> Self {
        self.call(Function::Exp)
    }
    fn exp_m1(&self) -> Self {
        self.call(Function::ExpM1)
    }
    fn phi(&self, k: u32) -> Self {
        self.call(Function::Phi(k))
    }
}

impl Real for Symbolic {
    fn ln(&self) -> Self {
        self.call(Function::Ln)
    }
    fn ln_1p(&self) -> Self {
        self.call(Function::Ln1p)
    }
    fn sqrt(&self) -> Self {
        self.call(Function::Sqrt)
    }
    fn sin_pi(&self) -> Self {
        self.call(Function::SinPi)
    }
    fn cos_pi(&self) -> Self {
        self.call(Function::CosPi)
    }
    fn atan2_pi(&self, x: &Self) -> Self {
        self.call_with(Function::Atan2Pi, x)
    }
    fn pow(&self, exponent: &Self) -> Self {
        self.call_with(Function::Power, exponent)
    }
    /// NaN: an expression has no value.
    fn to_f64(&self) -> f64 {
        f64::NAN
    }
    /// False for the undefined expression only.
    fn is_finite(&self) -> bool {
        self.0.is_some()
    }
    fn hull(&self, _other: &Self) -> Self {
        self.clone()
    }
    fn nearest_integer(&self) -> Option<i64> {
        None
    }
    fn from_f64(&self, value: f64) -> Self {
        const SHIFT: i32 = 100;
        if !value.is_finite() {
            return Symbolic(None);
        }
        let (mut scaled, mut shift) = (value, 0_i32);
        loop {
            if let Some(exact) = rational_from_f64(scaled) {
                let power = if shift < 0 {
                    rational(1, 2)
                } else {
                    rational(2, 1)
                };
                let scale = Sum::power_of(Base::Number(power), i64::from(shift.unsigned_abs()));
                return Symbolic(Some(Sum::constant(exact).times(&scale)));
            }
            let up = scaled.abs() < 1.0;
            scaled *= 2.0_f64.powi(if up { SHIFT } else { -SHIFT });
            shift += if up { -SHIFT } else { SHIFT };
        }
    }
}

type Call<T> = fn(Function, &[T]) -> Option<T>;

fn in_field<T: Field>(function: Function, arguments: &[T]) -> Option<T> {
    match (function, arguments) {
        (Function::Exp, [x]) => Some(x.exp()),
        (Function::ExpM1, [x]) => Some(x.exp_m1()),
        (Function::Phi(k), [x]) => Some(x.phi(k)),
        _ => None,
    }
}

fn in_reals<T: Real>(function: Function, arguments: &[T]) -> Option<T> {
    match (function, arguments) {
        (Function::Ln, [x]) => Some(x.ln()),
        (Function::Ln1p, [x]) => Some(x.ln_1p()),
        (Function::Sqrt, [x]) => Some(x.sqrt()),
        (Function::SinPi, [x]) => Some(x.sin_pi()),
        (Function::CosPi, [x]) => Some(x.cos_pi()),
        (Function::Atan2Pi, [y, x]) => Some(y.atan2_pi(x)),
        (Function::Power, [x, exponent]) => Some(x.pow(exponent)),
        _ => in_field(function, arguments),
    }
}

struct Evaluation<'a, T> {
    bindings: &'a dyn Fn(&str) -> Option<T>,
    witness: &'a T,
    call: Call<T>,
}

impl<T: Field> Evaluation<'_, T> {
    fn sum(&self, sum: &Sum) -> Option<T> {
        let mut terms = sum.terms().iter().map(|term| self.term(term));
        let Some(first) = terms.next() else {
            return Some(self.witness.like(0, 1));
        };
        terms.try_fold(first?, |total, term| Some(total + &term?))
    }

    fn term(&self, term: &Term) -> Option<T> {
        let mut numerator = self.witness.constant(term.coefficient);
        let mut denominator = None;
        for factor in &term.factors {
            let base = self.base(&factor.base)?;
            let power = integer_power(base, factor.exponent.unsigned_abs());
            if factor.exponent > 0 {
                numerator = numerator * &power;
            } else {
                denominator = Some(match denominator {
                    Some(product) => power * &product,
                    None => power,
                });
            }
        }
        Some(match denominator {
            Some(product) => numerator / &product,
            None => numerator,
        })
    }

    fn base(&self, base: &Base) -> Option<T> {
        match base {
            Base::Number(value) => Some(self.witness.constant(*value)),
            Base::Symbol { latex, .. } => (self.bindings)(latex),
            Base::Group(sum) => self.sum(sum),
            Base::Call(function, arguments) => {
                let arguments: Option<Vec<T>> = arguments.iter().map(|x| self.sum(x)).collect();
                (self.call)(*function, &arguments?)
            }
        }
    }
}

/// base^exponent for exponent >= 1, by repeated squaring.
fn integer_power<T: Field>(base: T, exponent: u64) -> T {
    if exponent <= 1 {
        return base;
    }
    let half = integer_power(base.clone(), exponent / 2);
    let square = half.clone() * &half;
    if exponent % 2 == 1 {
        square * &base
    } else {
        square
    }
}
