//! Certified transport of quantiles.
//!
//! In one dimension the flow keeps F_tau(z) = sum_i w_i Phi((z - mu_i)/sqrt(v_i)), v_i = s2_i + tau,
//! so the solution at tau_t is the root z of F_{tau_t}(z) = F_{tau_s}(z_s). The equation solved is
//! that of the logarithms of the smaller tail: relative accuracy in the far tail, and no underflow.
//!
//! *Bracket.* Each component alone would move z_s to z_i = mu_i + (z_s - mu_i) sqrt(v_i,t/v_i,s),
//! where its own share of the tail is what it was. At the least z_i no component's lower tail is
//! larger than it was, at the greatest none is smaller: the root lies between.

use super::mixture::Component;
use crate::arithmetic::Special;
use crate::error::{Code, Error, Result};

/// A mixture at one tau.
pub(super) struct Quantiles<T> {
    components: Vec<Normal<T>>,
}

struct Normal<T> {
    log_weight: T,
    mean: T,
    /// 1/sqrt(2 v).
    scale: T,
}

#[derive(Clone, Copy, PartialEq)]
enum Tail {
    Lower,
    Upper,
}

/// ln of (twice) a tail, and its derivative in z.
struct LogTail<T> {
    value: T,
    slope: T,
}

impl<T: Special> Quantiles<T> {
    /// # Errors
    /// `E-DOMAIN` where tau = 0 leaves a point mass.
    pub(super) fn new(components: &[Component<T>], tau: &T) -> Result<Self> {
        let normal = |component: &Component<T>| {
            let total = component.variance.clone() + tau;
            if total.to_f64() <= 0.0 {
                return Err(Error::new(
                    Code::Domain,
                    "at tau = 0 a component of variance 0 is a point mass without quantiles",
                    "tau",
                    "choose tau > 0, or variances above 0",
                ));
            }
            Ok(Normal {
                log_weight: component.weight.ln(),
                mean: component.mean.clone(),
                scale: tau.like(1, 1) / &(total * &tau.like(2, 1)).sqrt(),
            })
        };
        let components = components.iter().map(normal).collect::<Result<_>>()?;
        Ok(Quantiles { components })
    }

    /// The point at `to` that has the quantile of `z` here.
    ///
    /// # Errors
    /// `E-UNDECIDED`, `E-NONFINITE`.
    pub(super) fn transported(&self, z: &T, to: &Self) -> Result<T> {
        let (tail, target) = self.smaller_tail(z);
        let excess = |z: &T| {
            let there = to.log_tail(tail, z);
            LogTail {
                value: there.value - &target,
                slope: there.slope,
            }
        };
        let root = newton(self.bracket(z, to), tail, excess);
        let value = excess(&root).value;
        root.certified_root(&value, |neighbourhood| {
            to.log_tail(tail, neighbourhood).slope
        })
    }

    fn smaller_tail(&self, z: &T) -> (Tail, T) {
        let [lower, upper] = [Tail::Lower, Tail::Upper].map(|tail| self.log_tail(tail, z).value);
        if lower.to_f64() < upper.to_f64() {
            (Tail::Lower, lower)
        } else {
            (Tail::Upper, upper)
        }
    }

    fn log_tail(&self, tail: Tail, z: &T) -> LogTail<T> {
        let two_over_root_pi = z.like(2, 1) / &z.pi().sqrt();
        let mut shares: Vec<LogTail<T>> = Vec::with_capacity(self.components.len());
        for component in &self.components {
            let distance = (z.clone() - &component.mean) * &component.scale;
            let x = match tail {
                Tail::Lower => -distance,
                Tail::Upper => distance,
            };
            let log_erfc = x.ln_erfc();
            // -erfc'/erfc
            let hazard = (-(x.clone() * &x) - &log_erfc).exp() * &two_over_root_pi;
            shares.push(LogTail {
                value: log_erfc + &component.log_weight,
                slope: hazard * &component.scale,
            });
        }
        let largest = (1..shares.len()).fold(0, |best, i| {
            if shares[i].value.to_f64() > shares[best].value.to_f64() {
                i
            } else {
                best
            }
        });
        let pivot = shares[largest].value.clone();
        let mut total = z.like(0, 1);
        let mut slope = z.like(0, 1);
        for share in shares {
            let weight = (share.value - &pivot).exp();
            slope = slope + &(weight.clone() * &share.slope);
            total = total + &weight;
        }
        let slope = slope / &total;
        LogTail {
            value: pivot + &total.ln(),
            slope: match tail {
                Tail::Lower => slope,
                Tail::Upper => -slope,
            },
        }
    }

    fn bracket(&self, z: &T, to: &Self) -> (T, T) {
        let moved = |(here, there): (&Normal<T>, &Normal<T>)| {
            let point = (z.clone() - &here.mean) * &here.scale / &there.scale + &here.mean;
            point.center()
        };
        let mut points = self.components.iter().zip(&to.components).map(moved);
        let first = points.next().unwrap_or_else(|| z.center());
        points.fold((first.clone(), first), |(low, high), point| {
            if is_above(&low, &point) {
                (point, high)
            } else if is_above(&point, &high) {
                (low, point)
            } else {
                (low, high)
            }
        })
    }
}

/// Roughly; never a result.
fn is_above<T: Special>(a: &T, b: &T) -> bool {
    (a.clone() - b).to_f64() > 0.0
}

/// The root in the bracket, as a point: Newton's method, halving the bracket where a step leaves
/// it. A step 2^10 times smaller than the one before shows quadratic convergence from 20 bits on:
/// each further step doubles them, and the bracket, whose ends are noise by then, is left alone.
fn newton<T: Special>(
    (mut low, mut high): (T, T),
    tail: Tail,
    excess: impl Fn(&T) -> LogTail<T>,
) -> T {
    const MOST_STEPS: u32 = 200;
    let half = low.like(1, 2);
    let mut root = ((low.clone() + &high) * &half).center();
    let mut last_step = (high.clone() - &low).to_f64();
    for _ in 0..MOST_STEPS {
        let LogTail { value, slope } = excess(&root);
        if (value.to_f64() > 0.0) == (tail == Tail::Lower) {
            high = root.clone();
        } else {
            low = root.clone();
        }
        let next = (root.clone() - &(value / &slope)).center();
        let inside = next.is_finite() && !is_above(&low, &next) && !is_above(&next, &high);
        let next = if inside {
            next
        } else {
            ((low.clone() + &high) * &half).center()
        };
        let step = (next.clone() - &root).to_f64().abs();
        root = next;
        if inside && step <= last_step / 1024.0 {
            let doublings = (f64::from(root.bits()) / 20.0).log2().ceil() as u32;
            return (0..doublings).fold(root, |root, _| {
                let LogTail { value, slope } = excess(&root);
                (root - &(value / &slope)).center()
            });
        }
        last_step = step;
    }
    root
}
