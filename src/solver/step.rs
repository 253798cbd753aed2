//! A step in lambda, as the solvers see it.

use crate::arithmetic::Field;

/// A step of size h > 0 (half log signal-to-noise ratio) for u' = c u + g, z = c h.
#[derive(Clone, Debug)]
pub struct Step<T> {
    /// Step size in lambda.
    pub h: T,
    /// Signed step c h.
    pub z: T,
}

impl<T: Field> Step<T> {
    /// The step of size `h` with linear coefficient `c`.
    pub fn new(h: T, c: &T) -> Self {
        let z = c.clone() * &h;
        Step { h, z }
    }

    /// H_k = h phi_k(c h).
    pub fn h_phi(&self, k: u32) -> T {
        self.h.clone() * &self.z.phi(k)
    }

    /// The first part of the step, of relative length `r`.
    #[must_use]
    pub fn part(&self, r: &T) -> Self {
        Step {
            h: r.clone() * &self.h,
            z: r.clone() * &self.z,
        }
    }
}

/// The weights of an increment that is linear in N outputs: its values at the unit impulses.
pub fn unit_weights<T: Field, const N: usize>(
    witness: &T,
    increment: impl Fn([&T; N]) -> T,
) -> Vec<T> {
    unit_weights_of(N, witness, |g| increment(std::array::from_fn(|i| g[i])))
}

/// As [`unit_weights`], of `count` outputs.
pub fn unit_weights_of<T: Field>(
    count: usize,
    witness: &T,
    increment: impl Fn(&[&T]) -> T,
) -> Vec<T> {
    let (zero, one) = (witness.like(0, 1), witness.like(1, 1));
    let impulse = |k| -> Vec<&T> {
        (0..count)
            .map(|i| if i == k { &one } else { &zero })
            .collect()
    };
    (0..count).map(|k| increment(&impulse(k))).collect()
}
