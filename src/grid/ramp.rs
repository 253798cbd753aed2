//! The formulas of the ramps: a coordinate between its two ends, `fraction` = i/N of the way.

use crate::arithmetic::{Field, Real};

/// Linear.
pub(crate) fn linear<T: Field>(from: &T, to: &T, fraction: &T) -> T {
    from.clone() + &((to.clone() - from) * fraction)
}

/// The square of a linear square root.
pub(crate) fn quadratic<T: Real>(from: &T, to: &T, fraction: &T) -> T {
    let root = linear(&from.sqrt(), &to.sqrt(), fraction);
    root.clone() * &root
}

/// The p-th power of a linear p-th root (Karras et al. 2022, eq. 5).
pub(crate) fn karras<T: Real>(from: &T, to: &T, fraction: &T, p: &T) -> T {
    let root = p.like(1, 1) / p;
    linear(&from.pow(&root), &to.pow(&root), fraction).pow(p)
}

/// Along `falling`^p, which falls from 1 to 0 (k-diffusion's `get_sigmas_polyexponential`).
pub(crate) fn polyexponential<T: Real>(from: &T, to: &T, falling: &T, p: &T) -> T {
    linear(to, from, &falling.pow(p))
}

/// 1 - s stretched so that `end` becomes `terminal` (diffusers' `stretch_shift_to_terminal`).
pub(crate) fn stretched<T: Field>(s: &T, end: &T, terminal: &T) -> T {
    let one = s.like(1, 1);
    let signal = (one.clone() - s) * &(one.clone() - terminal);
    one.clone() - &(signal / &(one - end))
}
