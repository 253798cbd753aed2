//! The weak order of the SDE solvers on Gaussian data, for every eta, every variance of the data and
//! every step ratio at once.
//!
//! With y = z - mu and v = s2 + tau, a solver of at most two outputs makes
//! y_(n+1) = a0 y_n + a1 y_(n-1) + noise, noise variance N, so its mean is a linear recursion, and
//! P_n = E y_n^2, Q_n = E y_n y_(n-1) obey P_(n+1) = a0^2 P_n + 2 a0 a1 Q_n + a1^2 P_(n-1) + N,
//! Q_(n+1) = a0 P_n + a1 Q_n. The exact values (`exact_law` in `crate::problem`) are
//! E y proportional to v^((1+eta)/2), P = v, E y_t y_s = v_s (v_t/v_s)^((1+eta)/2). Put into the
//! recursions they leave three *defects*: `mean`, `variance` (of P) and `lag` (of Q).
//!
//! *The statement.* a0 = 1 + O(h), a1 = O(h), so an error of (P, Q) grows by a factor 1 + O(h) a
//! step, and an error of Q enters P with a factor O(h). If mean = O(h^(p+1)),
//! variance = O(h^(p+1)) and lag = O(h^p), uniformly, the errors of mean and variance are O(h_max^p),
//! for step ratios in [1/K, K] and start-up errors O(h^p): p <= 2 allows one first-order step. A
//! start other than the true marginal adds to P a multiple of v^(1+eta), whose defect is that of
//! the squared mean.
//!
//! The variance converges with order 2 although each step misses h^2 of the covariance between its
//! own noise and the output: the next step's extrapolation, in which that noise has weight 1/2,
//! makes it good. That is the term 2 a0 a1 Q; the error of the last step is never made good.
//!
//! *All values at once.* Everything is divided by v, so the data enter by q = s2/v in [0, 1] alone.
//! In the coefficient of h^j every q and every eta stands beside a factor h: it is a polynomial of
//! degree at most j in each, and r^2 times it one of degree at most max(2, j) in r = h_prev/h. So
//! three values of each variable prove what is said of the coefficients through h^2.

use crate::arithmetic::{Field, Rational, Series, rational};
use crate::solver::{Method, Side, Solver, Step, multistep_weights};

/// Values of q, eta (eta^2 for `ddim-eta`) and r: one more each than the degree through h^2.
const GRID: [[(i128, i128); 3]; 3] = [
    [(1, 4), (1, 2), (2, 3)],
    [(0, 1), (1, 2), (1, 1)],
    [(1, 1), (1, 2), (3, 1)],
];
/// Powers of h that the grid's degrees cover.
const PROVEN_THROUGH: i64 = 2;
/// Terms of the series: those looked at, and what divisions by h cost.
const TERMS: usize = 7;

/// The defects at one point of the grid, as series in h.
#[derive(Clone, Debug)]
pub struct Defects {
    /// q = s2/v.
    pub share: Rational,
    /// eta of the SDE.
    pub eta: Rational,
    /// r = h_prev/h.
    pub ratio: Rational,
    /// Of the mean, relative to its distance from mu.
    pub mean: Series,
    /// Of the variance, relative to v.
    pub variance: Series,
    /// Of the covariance with the state before, relative to v.
    pub lag: Series,
    a1: Series,
}

impl Defects {
    /// kappa, the coefficient of v h^(`order` + 1) by which a step feeds the error of the variance:
    /// that error is h^`order` e + O(h^(`order` + 1)) with
    /// de/dlambda = -2 (1 + eta) (1 - q) e + kappa v. Not zero anywhere on a stretch of lambda, it
    /// makes the order exact there. `None` if unknown.
    pub fn leading(&self, order: u32) -> Option<rug::Rational> {
        let power = i64::from(order);
        let from_lag = self.a1.coefficient(1)? * self.lag.coefficient(power)?;
        Some(self.variance.coefficient(power + 1)? + from_lag * 2)
    }

    /// The order that these defects allow.
    fn order(&self) -> i64 {
        let vanishing = |series: &Series| series.order_of_vanishing().unwrap_or(0);
        let fed = vanishing(&self.mean).min(vanishing(&self.variance)) - 1;
        fed.min(vanishing(&self.lag)).clamp(0, PROVEN_THROUGH)
    }
}

/// The weak order of a solver's mean and variance on Gaussian data, and what proves it.
#[derive(Clone, Debug)]
pub struct WeakProof {
    /// The order for all eta, all variances, all bounded step ratios; at most 2 is looked for.
    pub order: u32,
    /// The defects at every point of the grid.
    pub points: Vec<Defects>,
}

/// Proves the weak order of a stochastic solver of one or two outputs a step; `None` for others.
///
/// ```
/// use dpm_spec::{order::weak, solver::Solver};
/// let proof = weak::prove(&Solver::parse("sde-dpmpp-2m")?).unwrap();
/// assert_eq!(proof.order, 2);
/// # Ok::<(), dpm_spec::Error>(())
/// ```
pub fn prove(solver: &Solver) -> Option<WeakProof> {
    let covered = matches!(
        solver.method,
        Method::Ddim | Method::DdimEta | Method::TwoM | Method::TwoMExact
    );
    if !(solver.entry.stochastic && covered) {
        return None;
    }
    let grid = GRID.map(|values| values.map(|(num, den)| rational(num, den)).to_vec());
    let points: Vec<Defects> = super::ratios::points(&grid)
        .iter()
        .map(|at| Defects::new(solver, at[0], at[1], at[2]))
        .collect();
    let order = points.iter().map(Defects::order).min()?;
    Some(WeakProof {
        order: u32::try_from(order).ok()?,
        points,
    })
}

/// The recursion of one step, relative to the deviation at its beginning.
struct Recursion {
    a0: Series,
    a1: Series,
    noise: Series,
}

impl Defects {
    fn new(solver: &Solver, share: Rational, eta: Rational, ratio: Rational) -> Self {
        let h = Series::variable(TERMS);
        let one = h.like(1, 1);
        let [q, e, r] = [share, eta, ratio].map(|value| h.constant(value));
        // v one step before and one step after, v = 1 now: s2 = q stays, tau = 1 - q goes as e^(-2 lambda)
        let tau = one.clone() - &q;
        let twice = h.like(2, 1) * &h;
        let before = (twice.clone() * &r).exp_m1() * &tau + &one;
        let after = (-twice).exp_m1() * &tau + &one;

        let Recursion { a0, a1, noise } = match solver.method {
            Method::DdimEta => ddim_eta(&h, &q, &e),
            method => two_outputs(method, solver.entry.side, &h, [&q, &e, &r], &before),
        };
        let half = h.like(1, 2);
        let (rise, fall) = ((one.clone() + &e) * &half, (one.clone() - &e) * &half);
        let kept = power(&after, &rise);
        let lagged = power(&before, &fall);
        let mean = a1.clone() * &power(&before, &rise) + &a0 - &kept;
        let variance = a0.clone() * &a0
            + &(h.like(2, 1) * &a0 * &a1 * &lagged)
            + &(a1.clone() * &a1 * &before)
            + &noise
            - &after;
        let lag = a1.clone() * &lagged + &a0 - &kept;
        Defects {
            share,
            eta,
            ratio,
            mean,
            variance,
            lag,
            a1,
        }
    }
}

/// A step with the outputs now and before: data prediction (x0 - mu = q y/v) or noise prediction
/// (eps less its mean = rho y/v), each with v = 1 now.
fn two_outputs(
    method: Method,
    side: Side,
    h: &Series,
    [q, eta, ratio]: [&Series; 3],
    before: &Series,
) -> Recursion {
    let (one, two) = (h.like(1, 1), h.like(2, 1));
    let step = Step::new(h.clone(), &side.c(eta));
    let mut weights = multistep_weights(method, &step, std::slice::from_ref(ratio)).into_iter();
    let gain = one.clone() + eta;
    let mut weight = || weights.next().unwrap_or(h.like(0, 1)) * &gain;
    let tau = one.clone() - q;
    let tau_after = tau.clone() * &(-(two.clone() * h)).exp();
    match side {
        Side::Data => Recursion {
            a0: weight() * q + &step.z.exp(),
            a1: weight() * q / before,
            noise: -(tau_after * &(-(two * eta * h)).exp_m1()),
        },
        Side::Noise => {
            // rho_t rho_n and rho_t rho_(n-1)
            let now = tau * &(-h.clone()).exp();
            let earlier = now.clone() * &(ratio.clone() * h).exp();
            Recursion {
                a0: one - &(weight() * &now),
                a1: -(weight() * &earlier / before),
                noise: tau_after * eta * &(two * h).exp_m1(),
            }
        }
    }
}

/// `ddim-eta` as [`crate::solver::ddim_eta`] has it, `eta` being eta^2.
fn ddim_eta(h: &Series, q: &Series, eta: &Series) -> Recursion {
    let one = h.like(1, 1);
    let lost = crate::solver::ddim_eta::lost(h);
    let kept = power(&(one.clone() - &(eta.clone() * &lost)), &h.like(1, 2)) * &(-h.clone()).exp();
    let tau_after = (one.clone() - q) * &(h.like(-2, 1) * h).exp();
    Recursion {
        a0: (one - &kept) * q + &kept,
        a1: h.like(0, 1),
        noise: tau_after * eta * &lost,
    }
}

/// base^exponent by the binomial series, for a base 1 + O(h).
fn power(base: &Series, exponent: &Series) -> Series {
    let one = base.like(1, 1);
    let x = base.clone() - &one;
    let mut term = one.clone();
    let mut sum = one;
    for k in 0..TERMS as i128 {
        let factor = (exponent.clone() - &base.like(k, 1)) / &base.like(k + 1, 1);
        term = term * &factor * &x;
        sum = sum + &term;
    }
    sum
}
