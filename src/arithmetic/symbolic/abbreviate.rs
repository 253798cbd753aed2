//! Named sub-expressions: D_2 where the code computed (D_10 - D_11)/(r_0 + r_1).

use super::simplify::{Base, Factor, Sum, Term, relation};

impl Sum {
    /// The sum with `name` for every product or parenthesis that holds `definition`.
    /// `None` where that makes a function undefined.
    pub(super) fn abbreviated(&self, definition: &Sum, name: &Sum) -> Option<Sum> {
        if self == definition {
            return Some(name.clone());
        }
        let Some(pattern) = definition
            .as_factor()
            .filter(|term| !term.factors.is_empty())
        else {
            return Some(self.clone());
        };
        self.terms().iter().try_fold(Sum::zero(), |sum, term| {
            let count = term.holds(&pattern);
            let rest = Sum::from(term).times(&definition.integer_power(-count)?);
            let rest = rest.terms().iter().try_fold(Sum::zero(), |sum, term| {
                Some(sum.plus(&term.with_parts_abbreviated(definition, name)?))
            })?;
            Some(sum.plus(&rest.times(&name.integer_power(count)?)))
        })
    }
}

impl Term {
    /// The largest power of the pattern (by magnitude) that the term holds; 0 for none.
    fn holds(&self, pattern: &Term) -> i64 {
        let mut count: Option<i64> = None;
        for Factor { base, exponent } in &pattern.factors {
            let held = self
                .factors
                .iter()
                .find(|factor| relation(&factor.base, base).is_some())
                .map_or(0, |factor| factor.exponent / exponent);
            count = match count {
                Some(least) if least.signum() != held.signum() => Some(0),
                Some(least) if least.abs() < held.abs() => Some(least),
                _ => Some(held),
            };
        }
        count.unwrap_or(0)
    }

    fn with_parts_abbreviated(&self, definition: &Sum, name: &Sum) -> Option<Sum> {
        let mut product = Sum::constant(self.coefficient);
        for Factor { base, exponent } in &self.factors {
            let factor = match base {
                Base::Number(_) | Base::Symbol { .. } => Sum::power_of(base.clone(), *exponent),
                Base::Group(sum) => sum
                    .abbreviated(definition, name)?
                    .integer_power(*exponent)?,
                Base::Call(function, arguments) => {
                    let arguments: Option<Vec<Sum>> = arguments
                        .iter()
                        .map(|x| x.abbreviated(definition, name))
                        .collect();
                    Sum::call(*function, arguments?)?.integer_power(*exponent)?
                }
            };
            product = product.times(&factor);
        }
        Some(product)
    }
}
