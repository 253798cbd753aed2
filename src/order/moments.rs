//! Orders of multistep schemes by moments, for all step ratios and all c at once.
//!
//! A scheme u' = e^(c h) u + sum w_i g_i with outputs at n_0 = 0, n_1 = -r_0, n_2 = -r_0-r_1, ... (in
//! units of h) has the local residuals
//!
//! R_j(h) = sum_i w_i (n_i h)^j - j! h^(j+1) phi_{j+1}(c h),
//!
//! what one step errs by if g(lambda) = lambda^j. It has order p if R_j = O(h^(p+1)) for j = 0, ..., p-1;
//! for larger j that holds by itself, because weights are O(h).
//!
//! *All ratios.* Written in x = c h and k = 1/c, so that h = k x, the coefficient of x^m of R_j is a
//! rational function of (k, r_0, r_1, ...): the weights are made of phi(x), h and the ratios by
//! additions, multiplications and divisions by r_0, r_0+r_1 and their like. `Fraction` runs the
//! scheme's own code and bounds the numerator's degree d_v in every variable v, less the power of v
//! that divides it: v is not 0. (So d_k = 0 where weights are h times a function of c h.) A polynomial that
//! vanishes on a tensor grid with d_v + 1 values of each variable is zero: along the first variable it
//! has more roots than its degree, hence every coefficient of its powers vanishes on the grid of the
//! others, and so on. No divisor vanishes for positive ratios. So a condition that holds at the points
//! of such a grid is *proved* for all positive ratios and all c != 0, and the conditions in
//! [`Moments::identically_exact`] for every h with them, as the bound is the same for all m. Where no
//! bound can be had, the grid is a sample, and [`Moments::degrees`] is none.
//!
//! *In rho.* A scheme for dy/drho = g(rho) has no linear term: its residuals are the above at c = 0, with
//! h and the ratios in rho. rho = e^(-lambda) and its inverse are smooth, and bounded ratios in lambda
//! are bounded ratios in rho where lambda is bounded, so the order in rho is the order in lambda.
//!
//! *Smooth grids* are lambda_n = G(n delta) with G smooth, G' > 0. They have bounded ratios, and
//! uniform grids are among them: the order lies between the two others. Where those differ, h and the
//! ratios are series in delta for G = s + sum a_i s^(i+1)/(i+1)!; replacing delta by q delta and a_i by
//! a_i/q^i changes no ratio and scales h, so the coefficient of delta^m has degree at most m/i in a_i,
//! and a grid of these degrees decides again.

use super::fraction::Fraction;
use super::ratios;
use crate::arithmetic::{ExponentialPolynomial, Field, Rational, Series, rational};
use crate::solver::{Method, Step, deis_rho, multistep_weights, unit_weights_of};

/// A multistep scheme for u' = c u + g(lambda, u), written over any arithmetic.
pub trait Multistep {
    /// Outputs that a step combines.
    fn points(&self) -> usize;

    /// True for a scheme in rho: then h and the ratios are in rho and there is no linear term.
    fn is_in_rho(&self) -> bool {
        false
    }

    /// Weights on g_0 (newest), g_1, ...; `ratios` are h_prev/h, h_prevprev/h, ..., one less than outputs.
    fn weights<T: Field>(&self, step: &Step<T>, ratios: &[T]) -> Vec<T>;
}

impl Multistep for Method {
    fn points(&self) -> usize {
        self.outputs()
    }

    fn is_in_rho(&self) -> bool {
        matches!(self, Method::DeisRho(_))
    }

    fn weights<T: Field>(&self, step: &Step<T>, ratios: &[T]) -> Vec<T> {
        let Method::DeisRho(points) = *self else {
            return multistep_weights(*self, step, ratios);
        };
        let h = &step.h;
        unit_weights_of(points, h, |g| h.clone() * &deis_rho::mean(ratios, g))
    }
}

/// The orders on three classes of grids; each class holds the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Step ratios in [1/K, K] for some K.
    pub arbitrary: u32,
    /// lambda_n = G(n delta), G smooth with G' > 0.
    pub smooth: u32,
    /// All steps equal.
    pub uniform: u32,
}

/// The residuals at one point of the grid.
#[derive(Clone, Debug)]
pub struct Residuals {
    /// c.
    pub c: Rational,
    /// r_0, r_1, ...
    pub ratios: Vec<Rational>,
    /// The coefficient of h^m in R_j at `[j][m]`; `None` if the scheme's code left series arithmetic.
    pub coefficients: Vec<Vec<Option<rug::Rational>>>,
    /// Whether R_j is zero for every h, for each j.
    pub identical: Vec<bool>,
}

/// A residual that does not vanish to the next order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leading {
    /// j of R_j.
    pub moment: usize,
    /// The power of h.
    pub power: usize,
    /// Its coefficient at c = 1; `None` if unknown.
    pub value: Option<rug::Rational>,
    /// The ratios that it belongs to; all 1 if it does not vanish there.
    pub ratios: Vec<Rational>,
}

/// What the moments tell about a scheme.
#[derive(Clone, Debug)]
pub struct Moments {
    /// True if h and the ratios are those in rho.
    pub in_rho: bool,
    /// The orders.
    pub proven: Proven,
    /// Bounds on the numerators' degrees in 1/c, r_0, r_1, ..., less the powers of these that divide
    /// them; `None` makes the grid a sample.
    pub degrees: Option<Vec<u32>>,
    /// Values of c, r_0, r_1, ...
    pub grid: Vec<Vec<Rational>>,
    /// The residuals at every point of the grid, the last variable fastest.
    pub residuals: Vec<Residuals>,
    /// The j for which R_j is zero for all h, c and ratios.
    pub identically_exact: Vec<usize>,
    /// Every R_j that does not vanish to the next order, j ascending; none if every condition holds.
    pub principal: Vec<Leading>,
}

/// Distinct ratios to begin with; more follow as 5, 6, ...
const RATIOS: [(i128, i128); 7] = [(1, 1), (2, 1), (1, 2), (3, 1), (1, 3), (4, 1), (1, 4)];
/// The ODE's two forms, the SDE's data form at eta = 1/2 and 1; more follow as 5, 6, ...
const COEFFICIENTS: [(i128, i128); 7] = [(1, 1), (-1, 1), (-3, 2), (-2, 1), (1, 2), (2, 1), (3, 1)];
/// Values of each variable where no degree is known.
const SAMPLES: u32 = 4;
/// Terms that the divisions of a scheme may cost.
const SPARE_TERMS: usize = 3;

/// The orders of `scheme`, with all that proves them.
pub fn examine(scheme: &impl Multistep) -> Moments {
    let points = scheme.points();
    let degrees = degrees(scheme);
    let counts = match &degrees {
        Some(degrees) => degrees.clone(),
        None => vec![SAMPLES; points],
    };
    let grid: Vec<Vec<Rational>> = counts
        .iter()
        .enumerate()
        .map(|(variable, degree)| match variable {
            0 => values(&COEFFICIENTS, *degree),
            _ => values(&RATIOS, *degree),
        })
        .collect();
    let residuals: Vec<Residuals> = ratios::points(&grid)
        .iter()
        .map(|at| Residuals::new(scheme, at[0], &at[1..]))
        .collect();
    let arbitrary = order(residuals.iter());
    let uniform = order(residuals.iter().filter(|at| at.is_uniform()));
    let smooth = (arbitrary + 1..=uniform)
        .rev()
        .find(|order| is_smooth_order(scheme, *order, &grid[0]));
    Moments {
        in_rho: scheme.is_in_rho(),
        proven: Proven {
            arbitrary,
            smooth: smooth.unwrap_or(arbitrary),
            uniform,
        },
        identically_exact: (0..=points)
            .filter(|j| residuals.iter().all(|at| at.identical[*j]))
            .collect(),
        principal: principal(&residuals, arbitrary as usize + 1),
        degrees,
        grid,
        residuals,
    }
}

/// R_0, ..., R_points for h = k x and c = 1/k.
fn local<T: Field>(scheme: &impl Multistep, k: &T, x: &T, ratios: &[T]) -> Vec<T> {
    let h = k.clone() * x;
    let step = Step {
        h: h.clone(),
        z: x.clone(),
    };
    let mut node = x.like(0, 1);
    let mut terms = scheme.weights(&step, ratios);
    let mut nodes = vec![node.clone()];
    for ratio in ratios {
        node = node - &(h.clone() * ratio);
        nodes.push(node.clone());
    }
    let mut exact = h.clone();
    (0..=scheme.points())
        .map(|j| {
            if j > 0 {
                exact = exact.clone() * &h * &h.like(j as i128, 1);
                for (term, node) in terms.iter_mut().zip(&nodes) {
                    *term = term.clone() * node;
                }
            }
            let wanted = match scheme.is_in_rho() {
                true => {
                    exact.clone()
                        / &(1..=j as i128 + 1).fold(h.like(1, 1), |f, k| f * &h.like(k, 1))
                }
                false => exact.clone() * &x.phi(j as u32 + 1),
            };
            terms.iter().fold(-wanted, |sum, term| sum + term)
        })
        .collect()
}

/// Degrees of every residual in 1/c and the ratios, for all powers of x.
fn degrees(scheme: &impl Multistep) -> Option<Vec<u32>> {
    let variables = scheme.points();
    let variable = |at: usize| Fraction::variable(at, variables);
    let ratios: Vec<Fraction> = (1..variables).map(variable).collect();
    let x = Fraction::power_variable(variables);
    let k = match scheme.is_in_rho() {
        true => x.like(1, 1),
        false => variable(0),
    };
    let mut largest = vec![0; variables];
    for residual in local(scheme, &k, &x, &ratios) {
        for (largest, degree) in largest.iter_mut().zip(residual.degrees()?) {
            *largest = degree.max(*largest);
        }
    }
    Some(largest)
}

/// degree + 1 distinct values.
fn values(first: &[(i128, i128)], degree: u32) -> Vec<Rational> {
    let more = (5..).map(|n| (n, 1));
    first
        .iter()
        .copied()
        .chain(more)
        .map(|(num, den)| rational(num, den))
        .take(degree as usize + 1)
        .collect()
}

impl Residuals {
    fn new(scheme: &impl Multistep, c: Rational, ratios: &[Rational]) -> Self {
        let powers = scheme.points() + 2;
        let x = Series::variable(powers + SPARE_TERMS);
        let closed = ExponentialPolynomial::variable();
        // One power of x is c powers of h.
        let in_h = |residual: Series| -> Vec<Option<rug::Rational>> {
            let mut scale = rug::Rational::from(1);
            let mut coefficients = Vec::with_capacity(powers);
            for m in 0..powers {
                coefficients.push(residual.coefficient(m as i64).map(|a| a * &scale));
                scale *= rug::Rational::from((*c.numer(), *c.denom()));
            }
            coefficients
        };
        Residuals {
            c,
            ratios: ratios.to_vec(),
            coefficients: at(scheme, &x, c, ratios).into_iter().map(in_h).collect(),
            identical: at(scheme, &closed, c, ratios)
                .iter()
                .map(ExponentialPolynomial::is_zero)
                .collect(),
        }
    }

    fn is_uniform(&self) -> bool {
        self.ratios.iter().all(|r| *r == rational(1, 1))
    }

    /// The first power of h with a coefficient that is not zero; all in the table are, if there is none.
    fn valuation(&self) -> usize {
        let first = |row: &Vec<Option<rug::Rational>>| row.iter().position(does_not_vanish);
        let powers = self.coefficients.first().map_or(0, Vec::len);
        let rows = self.coefficients.iter();
        rows.filter_map(first).min().unwrap_or(powers)
    }
}

fn at<T: Field>(scheme: &impl Multistep, x: &T, c: Rational, ratios: &[Rational]) -> Vec<T> {
    let ratios: Vec<T> = ratios.iter().map(|r| x.constant(*r)).collect();
    local(scheme, &x.constant(c.recip()), x, &ratios)
}

fn does_not_vanish(coefficient: &Option<rug::Rational>) -> bool {
    coefficient.as_ref().is_none_or(|c| !c.is_zero())
}

fn order<'a>(residuals: impl Iterator<Item = &'a Residuals>) -> u32 {
    let smallest = residuals.map(Residuals::valuation).min().unwrap_or(0);
    smallest.saturating_sub(1) as u32
}

/// What stands at h^`power`: at equal steps, or where it does not vanish first.
fn principal(residuals: &[Residuals], power: usize) -> Vec<Leading> {
    let moments = residuals.first().map_or(0, |at| at.coefficients.len());
    let one = rational(1, 1);
    let leading = |moment: usize| {
        let fails = |at: &&Residuals| {
            let value = at.coefficients[moment].get(power);
            at.c == one && value.is_some_and(does_not_vanish)
        };
        let uniform = residuals.iter().filter(|at| at.is_uniform()).find(fails);
        let at = uniform.or_else(|| residuals.iter().find(fails))?;
        Some(Leading {
            moment,
            power,
            value: at.coefficients[moment][power].clone(),
            ratios: at.ratios.clone(),
        })
    };
    (0..moments).filter_map(leading).collect()
}

/// Whether every R_j is O(delta^(order + 1)) on all grids lambda_n = G(n delta).
fn is_smooth_order(scheme: &impl Multistep, order: u32, coefficients: &[Rational]) -> bool {
    let derivatives: Vec<Vec<Rational>> = (1..order).map(|i| values(&RATIOS, order / i)).collect();
    ratios::points(&derivatives).iter().all(|a| {
        coefficients.iter().all(|c| {
            let (x, ratios) = smooth_step(scheme.points(), order, a);
            let k = x.constant(c.recip());
            local(scheme, &k, &x, &ratios).iter().all(|residual| {
                (0..=i64::from(order)).all(|m| !does_not_vanish(&residual.coefficient(m)))
            })
        })
    })
}

/// The step G(delta) - G(0) and its ratios, for G = s + sum a_i s^(i+1)/(i+1)!.
fn smooth_step(points: usize, order: u32, a: &[Rational]) -> (Series, Vec<Series>) {
    let delta = Series::variable(order as usize + 1 + SPARE_TERMS);
    let position = |n: i128| {
        let s = delta.like(n, 1) * &delta;
        let (mut sum, mut power) = (s.clone(), s.clone());
        for (i, a) in (2..).zip(a) {
            power = power * &s / &s.like(i, 1);
            sum = sum + &(power.clone() * &s.constant(*a));
        }
        sum
    };
    let length = |n: i128| position(n) - &position(n - 1);
    let step = length(1);
    let ratios = (1..points as i128).map(|i| length(1 - i) / &step).collect();
    (step, ratios)
}
