//! Integrals of the polynomial through the outputs: what the methods of Adams and Bashforth add.

use crate::arithmetic::Field;

/// The integral of the polynomial through g_0 at 0, g_1 at -r_0, g_2 at -r_0-r_1, ... against the
/// measure with the given moments of 1, s, s^2, ...: the sum of Newton's [`differences`] times the
/// integrals of 1, s, s (s + r_0), s (s + r_0) (s + r_0 + r_1), ...
pub fn integral<T: Field>(moments: &[T], ratios: &[T], g: &[&T]) -> T {
    let zero = g[0].like(0, 1);
    let factors = factors(moments, ratios);
    let terms = factors.iter().zip(differences(ratios, g));
    terms.fold(zero, |sum, (factor, d)| sum + &(factor.clone() * &d))
}

/// Newton's divided differences D_00 = g_0, D_10, D_20, ...:
/// D_kj = (D_(k-1)j - D_(k-1)(j+1))/(r_j + ... + r_(j+k-1)), D_0j = g_j.
pub fn differences<T: Field>(ratios: &[T], g: &[&T]) -> Vec<T> {
    let mut column: Vec<T> = g.iter().map(|g| (*g).clone()).collect();
    let mut first = Vec::with_capacity(g.len());
    for k in 1.. {
        let Some(newest) = column.first() else { break };
        first.push(newest.clone());
        let next = column.windows(2).zip(ratios.windows(k));
        column = next
            .map(|(pair, steps)| (pair[0].clone() - &pair[1]) / &sum(steps))
            .collect();
    }
    first
}

/// The integrals of 1, s, s (s + r_0), ...: one more than there are ratios.
pub fn factors<T: Field>(moments: &[T], ratios: &[T]) -> Vec<T> {
    let Some(one) = moments.first().map(|moment| moment.like(1, 1)) else {
        return Vec::new();
    };
    let mut polynomial = vec![one.clone()];
    let mut factors = Vec::with_capacity(ratios.len() + 1);
    for k in 0..=ratios.len() {
        let terms = polynomial.iter().zip(moments);
        let terms: Vec<T> = terms.map(|(a, moment)| a.clone() * moment).collect();
        factors.push(sum(&terms));
        // Times s + r_0 + ... + r_(k-1).
        let mut product = vec![one.like(0, 1)];
        product.extend(polynomial.iter().cloned());
        if k > 0 {
            let node = sum(&ratios[..k]);
            for (coefficient, a) in product.iter_mut().zip(&polynomial) {
                *coefficient = coefficient.clone() + &(a.clone() * &node);
            }
        }
        polynomial = product;
    }
    factors
}

/// The sum of one value or more.
fn sum<T: Field>(values: &[T]) -> T {
    let rest = values[1..].iter();
    rest.fold(values[0].clone(), |sum, value| sum + value)
}
