//! Function calls, folded where the result is exact or the function undefined.

use super::simplify::{Base, Sum};
use crate::arithmetic::{Rational, rational};

/// The largest integer exponent that is multiplied out into factor exponents.
const LARGEST_POWER: i64 = 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Exp,
    ExpM1,
    Phi(u32),
    Ln,
    Ln1p,
    Sqrt,
    SinPi,
    CosPi,
    Atan2Pi,
    Power,
}

impl Sum {
    /// The argument if the sum is a bare call of `function` and nothing else.
    fn argument_of(&self, function: Function) -> Option<&Sum> {
        let [term] = self.terms() else { return None };
        let [factor] = term.factors.as_slice() else {
            return None;
        };
        match &factor.base {
            Base::Call(called, arguments)
                if *called == function
                    && factor.exponent == 1
                    && term.coefficient == rational(1, 1) =>
            {
                arguments.first()
            }
            _ => None,
        }
    }

    /// `None` where the function is undefined.
    pub(super) fn call(function: Function, arguments: Vec<Sum>) -> Option<Self> {
        let [x, rest @ ..] = arguments.as_slice() else {
            return None;
        };
        let number = |num| Some(Sum::constant(rational(num, 1)));
        let constant = x.as_constant();
        let is = |num| constant == Some(rational(num, 1));
        let negative = constant.is_some_and(|value| value < rational(0, 1));
        match function {
            Function::Phi(0) => return Sum::call(Function::Exp, arguments),
            Function::Exp if is(0) => return number(1),
            Function::Exp => {
                if let Some(inner) = x.argument_of(Function::Ln) {
                    return Some(inner.clone());
                }
            }
            Function::Phi(k @ ..=33) if is(0) => {
                let factorial = (1..=i128::from(k)).product();
                return Some(Sum::constant(rational(1, factorial)));
            }
            Function::ExpM1 | Function::Ln1p if is(0) => return number(0),
            Function::Ln if is(0) || negative => return None,
            Function::Ln if is(1) => return number(0),
            Function::Ln => {
                if let Some(inner) = x.argument_of(Function::Exp) {
                    return Some(inner.clone());
                }
            }
            Function::Ln1p if constant.is_some_and(|c| c <= rational(-1, 1)) => return None,
            Function::Sqrt if negative => return None,
            Function::Sqrt => {
                if let Some(root) = constant.and_then(exact_root) {
                    return Some(Sum::constant(root));
                }
            }
            Function::SinPi => {
                if let Some(quarter) = constant.and_then(quarter_turns) {
                    return number([0, 1, 0, -1][quarter]);
                }
            }
            Function::CosPi => {
                if let Some(quarter) = constant.and_then(quarter_turns) {
                    return number([1, 0, -1, 0][quarter]);
                }
            }
            Function::Power => {
                if let Some(result) = power(x, rest.first()?) {
                    return result;
                }
            }
            _ => {}
        }
        Some(Sum::of(Base::Call(function, arguments)))
    }
}

/// The square root of a non-negative rational that has a rational one.
fn exact_root(value: Rational) -> Option<Rational> {
    let root = |square: i128| {
        let root = square.unsigned_abs().isqrt() as i128;
        (root * root == square).then_some(root)
    };
    Some(rational(root(*value.numer())?, root(*value.denom())?))
}

/// 2 value mod 4 if that is an integer.
fn quarter_turns(value: Rational) -> Option<usize> {
    match value.denom() {
        1 => Some(value.numer().rem_euclid(2) as usize * 2),
        2 => Some(value.numer().rem_euclid(4) as usize),
        _ => None,
    }
}

/// x^exponent where a rule applies: `Some(None)` is undefined, `None` says that no rule does.
fn power(x: &Sum, exponent: &Sum) -> Option<Option<Sum>> {
    let exponent = exponent.as_constant()?;
    if exponent == rational(1, 2) {
        return Some(Sum::call(Function::Sqrt, vec![x.clone()]));
    }
    let (count, 1) = (*exponent.numer(), *exponent.denom()) else {
        return None;
    };
    let count = i64::try_from(count).ok()?;
    (count.abs() <= LARGEST_POWER).then(|| x.integer_power(count))
}
