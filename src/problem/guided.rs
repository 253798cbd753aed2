//! `guided`: classifier-free guidance between two normal distributions; the guided denoiser belongs to no data, its flow is known.
//!
//! The denoiser is m = G m_c - (G - 1) m_u, that of two normal distributions extrapolated; no data
//! distribution has it, and the flow is known all the same. With w = G - 1, v_c = s2_c + tau,
//! v_u = s2_u + tau the flow is dz/dtau = (1/2) ((1 + w)(z - mu_c)/v_c - w (z - mu_u)/v_u), and
//!
//! z = Z + C H, H = v_c^(1/2) (v_c/v_u)^(w/2), Z = mu_u + (1 + w)(mu_c - mu_u) P,
//!
//! P = 2F1(-w/2, 1; 3/2; (s2_u - s2_c)/v_u), the solution that stays bounded as tau grows. H solves
//! the homogeneous equation; variation of constants gives Z - mu_u = H K with
//! K = (1 + w)(mu_c - mu_u) v_c^(-1/2) 2F1(-w/2, 1/2; 3/2; (s2_c - s2_u)/v_c), and Pfaff's
//! transformation takes H into the series.

use super::check_length;
use super::gaussian::{Gaussian, denoised};
use super::hypergeometric::hypergeometric;
#[cfg(feature = "cpu")]
use super::mixture::Component;
#[cfg(feature = "cpu")]
use super::network::Network;
use crate::arithmetic::{Rational, Real, Special, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use std::fmt;

/// Guidance scale, and means and variances of the conditional and the unconditional distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Guided {
    guidance: Rational,
    conditional: (Rational, Rational),
    unconditional: (Rational, Rational),
}

impl Guided {
    /// The largest guidance scale: the closed form takes G/2 steps.
    pub const LARGEST_GUIDANCE: i128 = 10_000;

    /// Guidance scale 1 <= G <= [`Guided::LARGEST_GUIDANCE`] (1 is the conditional model alone);
    /// (mean, variance) of the conditional and the unconditional distribution, variances > 0.
    ///
    /// # Errors
    /// `E-PROBLEM`.
    pub fn new(
        guidance: Rational,
        conditional: (Rational, Rational),
        unconditional: (Rational, Rational),
    ) -> Result<Self> {
        let (least, largest) = (rational(1, 1), rational(Self::LARGEST_GUIDANCE, 1));
        if guidance < least || guidance > largest {
            return Err(Error::new(
                Code::Problem,
                format!("guidance scale G = {guidance}"),
                "guided",
                format!("choose 1 <= G <= {largest}; G = 1 is the conditional model"),
            ));
        }
        for (name, variance) in [("s2_c", conditional.1), ("s2_u", unconditional.1)] {
            if variance <= rational(0, 1) {
                return Err(Error::new(
                    Code::Problem,
                    format!("{name} = {variance}"),
                    "guided",
                    "choose variances above 0: guidance away from a point mass has no limit at sigma = 0",
                ));
            }
        }
        Ok(Guided {
            guidance,
            conditional,
            unconditional,
        })
    }

    /// G.
    pub fn guidance(&self) -> Rational {
        self.guidance
    }

    /// The same two distributions with another guidance scale.
    ///
    /// # Errors
    /// As [`Guided::new`].
    pub fn guided_by(&self, guidance: Rational) -> Result<Self> {
        Guided::new(guidance, self.conditional, self.unconditional)
    }

    /// The data of the conditional and of the unconditional network, each a problem of its own.
    ///
    /// # Errors
    /// As [`Gaussian::new`].
    pub fn networks(&self) -> Result<[Gaussian; 2]> {
        let normal = |(mean, variance)| Gaussian::new(vec![mean], vec![variance]);
        Ok([normal(self.conditional)?, normal(self.unconditional)?])
    }

    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let guidance = id.take_number("G", rational(3, 1))?;
        let mut normal = |mean: &str, variance: &str, defaults: (Rational, Rational)| {
            Ok::<_, Error>((
                id.take_number(mean, defaults.0)?,
                id.take_number(variance, defaults.1)?,
            ))
        };
        let conditional = normal("mu_c", "s2_c", (rational(1, 1), rational(1, 16)))?;
        let unconditional = normal("mu_u", "s2_u", (rational(-1, 4), rational(1, 1)))?;
        id.finish(&["G", "mu_c", "s2_c", "mu_u", "s2_u"])?;
        Guided::new(guidance, conditional, unconditional)
    }

    /// Realises the problem in the arithmetic of `witness`.
    pub fn model<T: Real>(&self, witness: &T) -> GuidedModel<T> {
        let realised = |normal: (Rational, Rational)| Normal {
            mean: witness.constant(normal.0),
            variance: witness.constant(normal.1),
        };
        GuidedModel {
            excess: self.guidance - rational(1, 1),
            conditional: realised(self.conditional),
            unconditional: realised(self.unconditional),
        }
    }
}

impl fmt::Display for Guided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Guided {
            guidance,
            conditional: (mean_c, variance_c),
            unconditional: (mean_u, variance_u),
        } = self;
        write!(
            f,
            "guided:G={guidance},mu_c={mean_c},s2_c={variance_c},mu_u={mean_u},s2_u={variance_u}"
        )
    }
}

/// [`Guided`] realised.
#[derive(Clone, Debug)]
pub struct GuidedModel<T> {
    /// w = G - 1.
    excess: Rational,
    conditional: Normal<T>,
    unconditional: Normal<T>,
}

#[derive(Clone, Debug)]
struct Normal<T> {
    mean: T,
    variance: T,
}

impl<T: Real> Normal<T> {
    fn total(&self, tau: &T) -> T {
        self.variance.clone() + tau
    }
}

impl<T: Real> GuidedModel<T> {
    /// The normal distribution of a network.
    #[cfg(feature = "cpu")]
    pub(super) fn component(&self, network: Network) -> Component<T> {
        let normal = match network {
            Network::Conditional => &self.conditional,
            Network::Unconditional => &self.unconditional,
        };
        Component::alone(&normal.mean, &normal.variance)
    }

    /// (1 + w) m_c - w m_u.
    pub(super) fn denoise(&self, tau: &T, z: &[T]) -> Result<Vec<T>> {
        check_length(z, 1)?;
        let w = tau.constant(self.excess);
        let value = |z: &T| {
            let [conditional, unconditional] = [&self.conditional, &self.unconditional]
                .map(|normal| denoised(&normal.mean, &normal.variance, tau, z));
            (w.clone() + &tau.like(1, 1)) * &conditional - &(w.clone() * &unconditional)
        };
        Ok(z.iter().map(value).collect())
    }
}

impl<T: Special> GuidedModel<T> {
    /// Z_t + (z - Z_s) H_t/H_s.
    pub(super) fn solution(&self, z: &[T], tau_s: &T, tau_t: &T) -> Result<Vec<T>> {
        check_length(z, 1)?;
        let (from, to) = (self.bounded(tau_s), self.bounded(tau_t));
        let half = tau_s.constant(self.excess / rational(2, 1));
        let totals = self.conditional.total(tau_t) / &self.conditional.total(tau_s);
        let ratios = self.ratio(tau_t) / &self.ratio(tau_s);
        let scale = totals.sqrt() * &ratios.pow(&half);
        let value = |z: &T| (z.clone() - &from) * &scale + &to;
        Ok(z.iter().map(value).collect())
    }

    /// Z + (3/4) H.
    pub(super) fn start(&self, tau: &T) -> Vec<T> {
        let half = tau.constant(self.excess / rational(2, 1));
        let scale = self.conditional.total(tau).sqrt() * &self.ratio(tau).pow(&half);
        vec![scale * &tau.like(3, 4) + &self.bounded(tau)]
    }

    /// v_c/v_u.
    fn ratio(&self, tau: &T) -> T {
        self.conditional.total(tau) / &self.unconditional.total(tau)
    }

    /// Z.
    fn bounded(&self, tau: &T) -> T {
        let difference = self.unconditional.variance.clone() - &self.conditional.variance;
        let argument = difference / &self.unconditional.total(tau);
        let series = hypergeometric(self.excess, &argument, &self.ratio(tau));
        let distance = self.conditional.mean.clone() - &self.unconditional.mean;
        let guidance = tau.constant(self.excess) + &tau.like(1, 1);
        guidance * &distance * &series + &self.unconditional.mean
    }
}
