//! `mixture`: a one-dimensional mixture of normal distributions. The denoiser is nonlinear, the
//! flow is still known: it keeps quantiles (see [`quantile`](super::quantile)).

use super::check_length;
use super::gaussian::{joined, list};
use super::quantile::Quantiles;
use crate::arithmetic::{Rational, Real, Special, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use num_traits::CheckedAdd;
use std::fmt;

/// Weights (> 0, sum 1), means and variances (>= 0), one a component of the mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    weight: Vec<Rational>,
    mean: Vec<Rational>,
    variance: Vec<Rational>,
}

impl Mixture {
    /// A mixture of as many components as there are weights.
    ///
    /// # Errors
    /// `E-PROBLEM` for lists of different lengths, a weight that is not positive, weights that do
    /// not sum to 1 exactly, a negative variance, or two point masses at one place.
    pub fn new(
        weight: Vec<Rational>,
        mean: Vec<Rational>,
        variance: Vec<Rational>,
    ) -> Result<Self> {
        let malformed =
            |what: String, remedy: &str| Err(Error::new(Code::Problem, what, "mixture", remedy));
        let zero = rational(0, 1);
        if weight.len() != mean.len() || weight.len() != variance.len() {
            let (w, m, v) = (weight.len(), mean.len(), variance.len());
            return malformed(
                format!("{w} weights, {m} means and {v} variances"),
                "give one of each a component, separated by `;`",
            );
        }
        if let Some(unfit) = weight.iter().find(|w| **w <= zero) {
            return malformed(format!("w = {unfit}"), "choose weights above 0");
        }
        let sum = weight.iter().try_fold(zero, |sum, w| sum.checked_add(w));
        if sum != Some(rational(1, 1)) {
            let sum = sum.map_or("more than 38 digits".to_owned(), |sum| sum.to_string());
            return malformed(
                format!("the weights sum to {sum}"),
                "choose weights that sum to 1 exactly, such as 1/2;1/3;1/6",
            );
        }
        if let Some(negative) = variance.iter().find(|v| **v < zero) {
            return malformed(format!("s2 = {negative}"), "choose variances of at least 0");
        }
        let points: Vec<&Rational> = mean
            .iter()
            .zip(&variance)
            .filter(|(_, variance)| **variance == zero)
            .map(|(mean, _)| mean)
            .collect();
        let repeated = |(i, mean): (usize, &&Rational)| points[..i].contains(mean);
        if points.iter().enumerate().any(repeated) {
            return malformed(
                "two components of variance 0 have the same mean".to_owned(),
                "join them into one component, or give one a variance above 0",
            );
        }
        Ok(Mixture {
            weight,
            mean,
            variance,
        })
    }

    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let weight = list(&mut id, "w", Self::DEFAULT[0])?;
        let mean = list(&mut id, "mu", Self::DEFAULT[1])?;
        let variance = list(&mut id, "s2", Self::DEFAULT[2])?;
        id.finish(&["w", "mu", "s2"])?;
        Mixture::new(weight, mean, variance)
    }

    /// The published weights, means and variances: skew, three different widths, and so near to
    /// one another that the components exchange their weights on tau from 1/10 to 10.
    const DEFAULT: [&'static str; 3] = ["1/2;3/10;1/5", "-1;2/5;3/2", "1/10;1/20;1/5"];

    /// Weights, means and variances.
    pub(super) fn parameters(&self) -> [&[Rational]; 3] {
        [&self.weight, &self.mean, &self.variance]
    }

    /// Realises the mixture in the arithmetic of `witness`.
    pub fn model<T: Real>(&self, witness: &T) -> MixtureModel<T> {
        let components = self.weight.iter().zip(&self.mean).zip(&self.variance);
        let realised =
            |((weight, mean), variance): ((&Rational, &Rational), &Rational)| Component {
                weight: witness.constant(*weight),
                mean: witness.constant(*mean),
                variance: witness.constant(*variance),
            };
        MixtureModel {
            components: components.map(realised).collect(),
        }
    }
}

impl fmt::Display for Mixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [w, mu, s2] = self.parameters().map(joined);
        write!(f, "mixture:w={w},mu={mu},s2={s2}")
    }
}

/// One component, realised.
#[derive(Clone, Debug)]
pub(crate) struct Component<T> {
    pub(crate) weight: T,
    pub(crate) mean: T,
    pub(crate) variance: T,
}

/// [`Mixture`] realised.
#[derive(Clone, Debug)]
pub struct MixtureModel<T> {
    pub(super) components: Vec<Component<T>>,
}

/// What a component contributes at one z, with d = z - mu and v = s2 + tau.
struct Part<T> {
    /// w/sqrt(v).
    height: T,
    /// d/sqrt(v).
    distance: T,
    /// The component's own posterior mean (mu tau + s2 z)/v.
    mean: T,
}

impl<T: Real> MixtureModel<T> {
    /// The components' posterior means, weighted by w N(z; mu, s2 + tau). All weights are relative
    /// to the largest, so that none overflows and not all underflow.
    pub(super) fn denoise(&self, tau: &T, z: &[T]) -> Result<Vec<T>> {
        check_length(z, 1)?;
        let z = &z[0];
        let parts: Vec<Part<T>> = self.components.iter().map(|c| c.part(tau, z)).collect();
        let largest = (1..parts.len()).fold(0, |best, i| {
            if parts[i].exceeds(&parts[best]) {
                i
            } else {
                best
            }
        });
        let pivot = &parts[largest];
        let mut total = pivot.height.clone();
        let mut sum = pivot.height.clone() * &pivot.mean;
        for (i, part) in parts.iter().enumerate() {
            if i != largest {
                let weight = part.exponent_above(pivot).exp() * &part.height;
                sum = sum + &(weight.clone() * &part.mean);
                total = total + &weight;
            }
        }
        Ok(vec![sum / &total])
    }
}

impl<T: Real> Component<T> {
    /// A normal distribution as the only component.
    #[cfg(feature = "cpu")]
    pub(super) fn alone(mean: &T, variance: &T) -> Self {
        Component {
            weight: mean.like(1, 1),
            mean: mean.clone(),
            variance: variance.clone(),
        }
    }

    fn part(&self, tau: &T, z: &T) -> Part<T> {
        let inverse_deviation = tau.like(1, 1) / &(self.variance.clone() + tau).sqrt();
        let distance = (z.clone() - &self.mean) * &inverse_deviation;
        // mu + s2 d/v, never dividing by v itself, whose reciprocal overflows early
        let mean = self.variance.clone() * &inverse_deviation * &distance + &self.mean;
        Part {
            height: inverse_deviation * &self.weight,
            distance,
            mean,
        }
    }
}

impl<T: Real> Part<T> {
    /// ln of e^(-d^2/(2v)) over the pivot's. A difference of squares as a product keeps its digits
    /// and its sign, whatever the squares.
    fn exponent_above(&self, pivot: &Self) -> T {
        let difference = pivot.distance.clone() - &self.distance;
        let half_sum = (pivot.distance.clone() + &self.distance) * &pivot.distance.like(1, 2);
        difference * &half_sum
    }

    /// Whether this is, roughly, the larger contribution.
    fn exceeds(&self, other: &Self) -> bool {
        let heights = self.height.to_f64() / other.height.to_f64();
        let [own, others] = [&self.distance, &other.distance].map(Real::to_f64);
        heights.ln() + (others - own) * ((others + own) / 2.0) > 0.0
    }
}

impl<T: Special> MixtureModel<T> {
    pub(super) fn solution(&self, z: &[T], tau_s: &T, tau_t: &T) -> Result<Vec<T>> {
        check_length(z, 1)?;
        let from = Quantiles::new(&self.components, tau_s)?;
        let to = Quantiles::new(&self.components, tau_t)?;
        Ok(vec![from.transported(&z[0], &to)?])
    }

    /// On the flow line that passes at tau = 1 through 1/3 above the mean of the data.
    pub(super) fn start(&self, tau: &T) -> Result<Vec<T>> {
        let anchor = self
            .components
            .iter()
            .fold(tau.like(1, 3), |sum, c| sum + &(c.weight.clone() * &c.mean));
        self.solution(&[anchor], &tau.like(1, 1), tau)
    }
}
