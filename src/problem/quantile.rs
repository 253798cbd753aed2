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
use crate::arithmetic::{DoubleDouble, Special};
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

impl<T: Special> Normal<T> {
    fn rounded(&self) -> Normal<DoubleDouble> {
        Normal {
            log_weight: rounded_to_two_words(&self.log_weight),
            mean: rounded_to_two_words(&self.mean),
            scale: rounded_to_two_words(&self.scale),
        }
    }
}

fn rounded_to_two_words<T: Special>(x: &T) -> DoubleDouble {
    let hi = x.to_f64();
    let rest = x.clone() - &x.from_f64(hi);
    DoubleDouble::new(hi, rest.to_f64())
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
        let root = newton(self.bracket(z, to), self.guess(z, to), tail, excess);
        let value = excess(&root).value;
        root.certified_root(&value, |neighbourhood| {
            to.log_tail(tail, neighbourhood).slope
        })
    }

    /// For long numbers, the root in double-double: a tenth of the price of one evaluation.
    fn guess(&self, z: &T, to: &Self) -> Option<T> {
        if z.bits() <= DoubleDouble::ZERO.bits() {
            return None;
        }
        let rounded = |side: &Self| Quantiles {
            components: side.components.iter().map(Normal::rounded).collect(),
        };
        let root = rounded(self).transported(&rounded_to_two_words(z), &rounded(to));
        root.ok()
            .map(|root| z.from_f64(root.hi()) + &z.from_f64(root.lo()))
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

    fn bracket(&self, z: &T, to: &Self) -> Bracket<T> {
        let moved = |(here, there): (&Normal<T>, &Normal<T>)| {
            let point = (z.clone() - &here.mean) * &here.scale / &there.scale + &here.mean;
            point.center()
        };
        let mut points = self.components.iter().zip(&to.components).map(moved);
        let first = points.next().unwrap_or_else(|| z.center());
        let mut bracket = Bracket {
            low: first.clone(),
            high: first,
        };
        for point in points {
            if is_above(&bracket.low, &point) {
                bracket.low = point;
            } else if is_above(&point, &bracket.high) {
                bracket.high = point;
            }
        }
        bracket
    }
}

/// Two points that a root lies between.
struct Bracket<T> {
    low: T,
    high: T,
}

impl<T: Special> Bracket<T> {
    fn holds(&self, point: &T) -> bool {
        point.is_finite() && !is_above(&self.low, point) && !is_above(point, &self.high)
    }

    fn middle(&self) -> T {
        ((self.low.clone() + &self.high) * &self.low.like(1, 2)).center()
    }

    fn width(&self) -> f64 {
        (self.high.clone() - &self.low).to_f64()
    }
}

/// Roughly; never a result.
fn is_above<T: Special>(a: &T, b: &T) -> bool {
    (a.clone() - b).to_f64() > 0.0
}

/// The root in the bracket, as a point: Newton's method, halving the bracket where a step leaves
/// it. A step 2^k times smaller than the one before, k >= 10, shows quadratic convergence: what is
/// left is 2^k times smaller again, and each further step doubles the bits. The bracket, whose ends
/// are noise by then, is left alone.
fn newton<T: Special>(
    mut bracket: Bracket<T>,
    guess: Option<T>,
    tail: Tail,
    excess: impl Fn(&T) -> LogTail<T>,
) -> T {
    const MOST_STEPS: u32 = 200;
    let improved = |root: &T| {
        let LogTail { value, slope } = excess(root);
        let is_high = (value.to_f64() > 0.0) == (tail == Tail::Lower);
        ((root.clone() - &(value / &slope)).center(), is_high)
    };
    let guess = guess.filter(|guess| bracket.holds(guess));
    let mut root = guess.unwrap_or_else(|| bracket.middle());
    let mut last_step = bracket.width();
    for _ in 0..MOST_STEPS {
        let (next, is_high) = improved(&root);
        if is_high {
            bracket.high = root.clone();
        } else {
            bracket.low = root.clone();
        }
        let inside = bracket.holds(&next);
        let next = if inside { next } else { bracket.middle() };
        let step = (next.clone() - &root).to_f64().abs();
        root = next;
        if inside && step <= last_step / 1024.0 {
            // a quotient of f64 tells no more than some 1000 bits
            let known = (2.0 * (last_step / step).log2()).min(1000.0);
            let doublings = (f64::from(root.bits()) / known).log2().ceil() as u32;
            return (0..doublings).fold(root, |root, _| improved(&root).0);
        }
        last_step = step;
    }
    root
}
