//! The weak order of the SDE solvers on Gaussian data, for every eta, every variance of the data and
//! every step ratio at once.
//!
//! With y = z - mu and v = s2 + tau, a solver of at most three outputs makes
//! y_(n+1) = a0 y_n + a1 y_(n-1) + a2 y_(n-2) + noise, noise variance N, so its mean is a linear
//! recursion, and so are P_n = E y_n^2, Q_n = E y_n y_(n-1) and R_n = E y_n y_(n-2): P_(n+1) is the sum of
//! a_i a_j E y_(n-i) y_(n-j), plus N, Q_(n+1) that of a_i E y_(n-i) y_n, R_(n+1) that of
//! a_i E y_(n-i) y_(n-1). The exact values (`exact_law` in `crate::problem`) are E y proportional to
//! v^((1+eta)/2), P = v, E y_t y_s = v_s (v_t/v_s)^((1+eta)/2). Put into the recursions they leave the
//! *defects* `mean`, `variance` (of P) and `lags` (of Q, and with three outputs of R).
//!
//! *The statement.* a0 = 1 + O(h), a1 and a2 are O(h), so an error of (P, Q, R) grows by a factor
//! 1 + O(h) a step (R takes over that of Q), and errors of Q and R enter P with a factor O(h). If
//! mean = O(h^(p+1)), variance = O(h^(p+1)) and lags = O(h^p), uniformly, the errors of mean and variance
//! are O(h_max^p), for step ratios in [1/K, K] and start-up errors O(h^p): p <= 2 allows one step of
//! first order. A start other than the true marginal adds to P a multiple of v^(1+eta), whose defect
//! is that of the squared mean.
//!
//! The variance converges with order 2 although each step misses h^2 of the covariance between its
//! own noise and the output: the next step's extrapolation, in which that noise has weight 1/2,
//! makes it good. That is the term 2 a0 a1 Q; the error of the last step is never made good.
//!
//! *All values at once.* Everything is divided by v, so the data enter by q = s2/v in [0, 1] alone.
//! In the coefficient of h^j every q and every eta stands beside a factor h: it is a polynomial of
//! degree at most j in each, and r^2 times it one of degree at most max(2, j) in r = h_prev/h. So
//! three values of each variable prove what is said of the coefficients through h^2. With three outputs
//! D = r0 r1 (r0 + r1) clears the denominators of every weight; D a_i has degree at most 2 in r0 and in
//! r1, and a coefficient of v_(n-1) or v_(n-2) at h^j degree at most j. Through h^2, where a1 and a2 bring
//! a factor h themselves, D times a coefficient of the mean and the lags has degree at most 4, and D^2
//! times one of the variance at most 5: six values of each ratio do.

use crate::arithmetic::{Field, Rational, Series, rational};
use crate::solver::{Family, Method, Side, Solver, Step, multistep_weights};

/// Values of q and of eta (eta^2 for `ddim-eta`): one more each than the degree through h^2.
const SHARES: [(i128, i128); 3] = [(1, 4), (1, 2), (2, 3)];
const ETAS: [(i128, i128); 3] = [(0, 1), (1, 2), (1, 1)];
/// Values of a ratio: the first three for a solver of two outputs, all for one of three.
const RATIOS: [(i128, i128); 6] = [(1, 1), (1, 2), (3, 1), (2, 1), (1, 3), (3, 2)];
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
    /// h_prev/h, and with three outputs h_prevprev/h.
    pub ratios: Vec<Rational>,
    /// Of the mean, relative to its distance from mu.
    pub mean: Series,
    /// Of the variance, relative to v.
    pub variance: Series,
    /// Of the covariances with the state before and, with three outputs, the one before that,
    /// relative to v.
    pub lags: Vec<Series>,
    a1: Series,
}

impl Defects {
    /// kappa, the coefficient of v h^(`order` + 1) by which a step feeds the error of the variance:
    /// that error is h^`order` e + O(h^(`order` + 1)) with
    /// de/dlambda = -2 (1 + eta) (1 - q) e + kappa v. Not zero anywhere on a stretch of lambda, it
    /// makes the order exact there. `None` if unknown, and for three outputs.
    pub fn leading(&self, order: u32) -> Option<rug::Rational> {
        let [lag] = self.lags.as_slice() else {
            return None;
        };
        let power = i64::from(order);
        let from_lag = self.a1.coefficient(1)? * lag.coefficient(power)?;
        Some(self.variance.coefficient(power + 1)? + from_lag * 2)
    }

    /// The order that these defects allow.
    fn order(&self) -> i64 {
        let vanishing = |series: &Series| series.order_of_vanishing().unwrap_or(0);
        let fed = vanishing(&self.mean).min(vanishing(&self.variance)) - 1;
        let lags = self.lags.iter().map(vanishing);
        lags.fold(fed, i64::min).clamp(0, PROVEN_THROUGH)
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

/// Proves the weak order of a stochastic solver of at most three outputs a step; `None` for others.
///
/// ```
/// use dpm_spec::{order::weak, solver::Solver};
/// let proof = weak::prove(&Solver::parse("sde-dpmpp-2m")?).unwrap();
/// assert_eq!(proof.order, 2);
/// # Ok::<(), dpm_spec::Error>(())
/// ```
pub fn prove(solver: &Solver) -> Option<WeakProof> {
    let outputs = solver.method.outputs();
    if !solver.entry.stochastic || solver.method.family() != Family::Multistep || outputs > 3 {
        return None;
    }
    let rationals = |values: &[(i128, i128)]| {
        let made = values.iter().map(|(num, den)| rational(*num, *den));
        made.collect::<Vec<Rational>>()
    };
    let mut grid = vec![rationals(&SHARES), rationals(&ETAS)];
    match outputs {
        3 => grid.extend([rationals(&RATIOS), rationals(&RATIOS)]),
        _ => grid.push(rationals(&RATIOS[..3])),
    }
    let points: Vec<Defects> = super::ratios::points(&grid)
        .iter()
        .map(|at| Defects::new(solver, at[0], at[1], &at[2..]))
        .collect();
    let order = points.iter().map(Defects::order).min()?;
    Some(WeakProof {
        order: u32::try_from(order).ok()?,
        points,
    })
}

/// One step from the states now, before and before that: their factors, and the variance it adds.
struct Recursion {
    factors: Vec<Series>,
    noise: Series,
}

impl Defects {
    fn new(solver: &Solver, share: Rational, eta: Rational, ratios: &[Rational]) -> Self {
        let h = Series::variable(TERMS);
        let one = h.like(1, 1);
        let [q, e] = [share, eta].map(|value| h.constant(value));
        let half = h.like(1, 2);
        let (rise, fall) = ((one.clone() + &e) * &half, (one.clone() - &e) * &half);
        // v = 1 now, of which s2 = q stays and tau = 1 - q goes as e^(-2 lambda): now, and at the nodes before.
        let tau = one.clone() - &q;
        let v_at = |distance: &Series| (h.like(2, 1) * distance).exp_m1() * &tau + &one;
        let (mut distance, mut v) = (h.like(0, 1), vec![one.clone()]);
        for ratio in ratios {
            distance = distance + &(h.constant(*ratio) * &h);
            v.push(v_at(&distance));
        }
        let after = v_at(&-h.clone());
        let kept = power(&after, &rise);
        // E y_s y_t for s before t is v_s^((1-eta)/2) v_t^((1+eta)/2).
        let (risen, fallen): (Vec<Series>, Vec<Series>) =
            v.iter().map(|v| (power(v, &rise), power(v, &fall))).unzip();
        let covariance = |i: usize, j: usize| fallen[i.max(j)].clone() * &risen[i.min(j)];

        let Recursion { factors, noise } = match solver.method {
            Method::DdimEta => ddim_eta(&h, &q, &e),
            method => linear_step(method, solver.entry.side, &h, [&q, &e], ratios, &v),
        };
        let zero = || h.like(0, 1);
        let used = 0..factors.len();
        let with = |j: usize| {
            let terms = used.clone().map(|i| factors[i].clone() * &covariance(i, j));
            terms.fold(zero(), |sum, term| sum + &term)
        };
        let squared = used.clone().map(|j| factors[j].clone() * &with(j));
        let mean = factors
            .iter()
            .zip(&risen)
            .map(|(a, risen)| a.clone() * risen);
        Defects {
            share,
            eta,
            ratios: ratios.to_vec(),
            mean: mean.fold(-kept.clone(), |sum, term| sum + &term),
            variance: squared.fold(noise - &after, |sum, term| sum + &term),
            lags: (0..ratios.len())
                .map(|j| with(j) - &(kept.clone() * &fallen[j]))
                .collect(),
            a1: factors.get(1).cloned().unwrap_or_else(zero),
        }
    }
}

/// A step of a solver of data prediction (x0 - mu = q y/v) or noise prediction (eps less its mean =
/// rho y/v); `v` now, where it is 1, and at the nodes before.
fn linear_step(
    method: Method,
    side: Side,
    h: &Series,
    [q, eta]: [&Series; 2],
    ratios: &[Rational],
    v: &[Series],
) -> Recursion {
    let (one, two) = (h.like(1, 1), h.like(2, 1));
    let step = Step::new(h.clone(), &side.c(eta));
    let given: Vec<Series> = ratios.iter().map(|r| h.constant(*r)).collect();
    let gain = one.clone() + eta;
    let weights = multistep_weights(method, &step, &given[..method.outputs() - 1]).into_iter();
    let weights = weights.zip(v).map(|(weight, v)| weight * &gain / v);
    let tau = one.clone() - q;
    let tau_after = tau.clone() * &(-(two.clone() * h)).exp();
    match side {
        Side::Data => {
            let mut factors: Vec<Series> = weights.map(|weight| weight * q).collect();
            factors[0] = factors[0].clone() + &step.z.exp();
            Recursion {
                factors,
                noise: -(tau_after * &(-(two * eta * h)).exp_m1()),
            }
        }
        Side::Noise => {
            // rho_t rho_n, rho_t rho_(n-1), ...
            let mut rho = tau * &(-h.clone()).exp();
            let mut factors = Vec::with_capacity(method.outputs());
            for (i, weight) in weights.enumerate() {
                factors.push(-(weight * &rho));
                if let Some(ratio) = given.get(i) {
                    rho = rho * &(ratio.clone() * h).exp();
                }
            }
            factors[0] = factors[0].clone() + &one;
            Recursion {
                factors,
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
        factors: vec![(one - &kept) * q + &kept],
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
