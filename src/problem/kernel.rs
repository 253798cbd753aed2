//! The reverse SDE at eta = 1 on a mixture: its law is a mixture again, so weak errors of nonlinear
//! problems are known without drawing a number.

use super::Mixture;
use super::quadrature::Quadrature;
use crate::arithmetic::rational;
use crate::error::{Code, Error, Result};
use crate::plan::{Plan, Request};
use std::f64::consts::TAU;
use std::fmt;

/// A function whose expectation is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestFunction {
    /// z.
    Mean,
    /// z^2.
    Square,
    /// z^4.
    Fourth,
    /// cos z.
    Cosine,
}

impl TestFunction {
    /// All of them.
    pub const ALL: [TestFunction; 4] = [
        TestFunction::Mean,
        TestFunction::Square,
        TestFunction::Fourth,
        TestFunction::Cosine,
    ];

    /// Its expectation under a normal law of this mean and variance.
    pub fn expectation(self, mean: f64, variance: f64) -> f64 {
        let square = mean * mean;
        match self {
            TestFunction::Mean => mean,
            TestFunction::Square => square + variance,
            TestFunction::Fourth => {
                square * square + 6.0 * square * variance + 3.0 * variance * variance
            }
            TestFunction::Cosine => mean.cos() * (-variance / 2.0).exp(),
        }
    }
}

impl fmt::Display for TestFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TestFunction::Mean => "z",
            TestFunction::Square => "z^2",
            TestFunction::Fourth => "z^4",
            TestFunction::Cosine => "cos z",
        })
    }
}

/// The expectation of a test function under a solver's law and under the exact one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeakError {
    /// The test function, of z at the last node.
    pub test: TestFunction,
    /// Under the solver's law, by quadrature; within 1e-12 of max(1, |expectation|).
    pub solver: f64,
    /// Under the exact law.
    pub exact: f64,
}

impl WeakError {
    /// The solver's expectation minus the exact one.
    pub fn error(&self) -> f64 {
        self.solver - self.exact
    }
}

/// A mixture of normal laws: (weight, mean, variance) a component.
#[derive(Clone, Debug, PartialEq)]
pub struct NormalMixture {
    components: Vec<[f64; 3]>,
}

impl NormalMixture {
    /// The expectation of a test function.
    pub fn expectation(&self, test: TestFunction) -> f64 {
        let part =
            |[weight, mean, variance]: &[f64; 3]| weight * test.expectation(*mean, *variance);
        self.components.iter().map(part).sum()
    }

    /// The density at z; every variance must be above 0.
    pub fn density(&self, z: f64) -> f64 {
        let part = |[weight, mean, variance]: &[f64; 3]| {
            let distance = z - mean;
            weight * (-distance * distance / (2.0 * variance)).exp() / (TAU * variance).sqrt()
        };
        self.components.iter().map(part).sum()
    }
}

impl Mixture {
    /// The law of z at `tau_t` given z at `tau_s` > `tau_t` >= 0 under the reverse SDE at eta = 1.
    ///
    /// That SDE is the forward process z_s = z_t + sqrt(d) xi, d = tau_s - tau_t, read backwards,
    /// so Bayes' rule gives the law: proportional to p_t(z_t) N(z_s; z_t, d). A component
    /// N(mu, v) of p_t, v = s2 + tau_t, becomes N(mu + v (z_s - mu)/(v + d), v d/(v + d)) with a
    /// weight proportional to w N(z_s; mu, v + d).
    pub fn reverse_kernel(&self, z_s: f64, tau_s: f64, tau_t: f64) -> NormalMixture {
        let model = self.model(&1.0);
        let spread = tau_s - tau_t;
        let logarithms: Vec<f64> = model
            .components
            .iter()
            .map(|c| {
                let (total, distance) = (c.variance + tau_s, z_s - c.mean);
                c.weight.ln() - (total.ln() + distance * distance / total) / 2.0
            })
            .collect();
        let largest = logarithms.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let sum: f64 = logarithms.iter().map(|l| (l - largest).exp()).sum();
        let components = model
            .components
            .iter()
            .zip(logarithms)
            .map(|(c, logarithm)| {
                let share = (c.variance + tau_t) / (c.variance + tau_s);
                let weight = (logarithm - largest).exp() / sum;
                [weight, c.mean + share * (z_s - c.mean), share * spread]
            });
        NormalMixture {
            components: components.collect(),
        }
    }
}

/// Weak errors of a plan on a mixture at eta = 1, from z = `start` at the first node: the
/// expectation of each test function of z at the last node, by deterministic quadrature.
///
/// The solver's law is transported from noise to noise on grids (the trapezoidal rule, which
/// converges faster than any power on such analytic densities); the last step's noise is integrated
/// in closed form. The grids are refined until two agree within 1e-12 of max(1, |expectation|).
/// Any plan goes whose states each get one fresh noise (only the last may go without), and whose
/// outputs are made at such states: every multistep solver. Cost: one grid dimension for each
/// state that later steps still use, so one for first-order and two for second-order solvers.
///
/// # Errors
/// `E-ETA` if the SDE approximated is not that of eta = 1, whose law alone is known; `E-POLICY` for
/// start=exact or a plan of another shape; `E-THRESHOLD` for one that thresholds; `E-DOMAIN` if it
/// starts at alpha = 0; `E-UNDECIDED` if the grids do not agree before they become too large:
/// nothing is guessed.
pub fn weak_errors(
    plan: &Plan<f64>,
    request: &Request,
    mixture: &Mixture,
    start: f64,
) -> Result<Vec<WeakError>> {
    if request.recipe.eta != rational(1, 1) {
        return Err(Error::new(
            Code::Eta,
            format!("eta = {}", request.recipe.eta),
            "weak errors on a mixture",
            "choose eta = 1, where the exact law is known; on Gaussian data every eta goes",
        ));
    }
    let quadrature = Quadrature::new(plan, request, mixture.model(&1.0), start)?;
    let [tau_s, tau_t] = quadrature.ends();
    let exact = mixture.reverse_kernel(start, tau_s, tau_t);
    let solver = quadrature.expectations()?;
    let compared = TestFunction::ALL.into_iter().zip(solver);
    Ok(compared
        .map(|(test, solver)| WeakError {
            test,
            solver,
            exact: exact.expectation(test),
        })
        .collect())
}
