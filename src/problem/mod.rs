//! Problems with known solutions: data distributions whose denoiser and flow are known exactly.
//!
//! A [`Problem`] is exact data (rational parameters); a [`Model`] is that problem realised in one
//! arithmetic. Both speak of z = x/alpha and tau = (sigma/alpha)^2: the denoiser is
//! m(tau, z) = E[x_0 | x], the flow is dz/dlambda = m - z. Clauses: `spec/problems.md`.

#[cfg(feature = "oracle")]
mod certified;
mod evaluation;
mod full;
pub(crate) mod gaussian;
mod guided;
mod hypergeometric;
pub mod images;
mod kernel;
mod mixture;
mod moments;
#[cfg(feature = "cpu")]
mod network;
mod product;
mod quadrature;
mod quantile;

#[cfg(feature = "oracle")]
pub use certified::{Passage, enclosed_within, solution_within};
pub(crate) use evaluation::Evaluation;
pub use full::FullGaussian;
pub use gaussian::{Gaussian, GaussianModel};
pub use guided::{Guided, GuidedModel};
pub use images::{Images, ImagesModel};
pub use kernel::{NormalMixture, TestFunction, WeakError, weak_errors};
pub use mixture::{Mixture, MixtureModel};
pub use moments::{Law, exact_law, gaussian_law};
#[cfg(feature = "cpu")]
pub use network::Network;
pub use product::{Factors, Product, ProductModel, Rotation};

use crate::arithmetic::{Real, Special};
use crate::error::{Code, Error, Result};
use crate::id::{Id, suggestion};
use std::fmt;

/// A problem with exact parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// `gaussian`: independent normal components.
    Gaussian(Gaussian),
    /// `guided`: guidance between two normal distributions.
    Guided(Guided),
    /// `mixture`: a one-dimensional mixture of normal distributions.
    Mixture(Mixture),
    /// `rotated-gaussian`, `rotated-mixture`: independent factors, rotated.
    Product(Product),
    /// `images`: photographs of clothing, smoothed by a Gaussian.
    Images(Images),
}

impl Problem {
    /// The ids of all problems, with their parameters' defaults.
    pub const IDS: &'static [(&'static str, &'static str)] = &[
        ("gaussian", "mu=1/2,s2=1/4"),
        ("guided", "G=3,mu_c=1,s2_c=1/16,mu_u=-1/4,s2_u=1"),
        ("mixture", "w=1/2;3/10;1/5,mu=-1;2/5;3/2,s2=1/10;1/20;1/5"),
        (
            "rotated-gaussian",
            "mu=1/2;-1;2,s2=1/4;2;1/16,v=1;2;-1|2;-1;3",
        ),
        (
            "rotated-mixture",
            "w=1/2;3/10;1/5|2/3;1/3|1/4;3/4,mu=-1;2/5;3/2|-1/2;1|-3/2;1/3,s2=1/10;1/20;1/5|1/8;1/4|1/5;1/12,v=1;2;-1|2;-1;3",
        ),
        ("images", "G=1,class=7,s=1/4"),
    ];

    /// Parses a problem id such as `gaussian:mu=1/2;-1,s2=1/4;2`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN`, `E-PARAMETER`, `E-NUMBER`, `E-PROBLEM`.
    pub fn parse(text: &str) -> Result<Self> {
        let id = Id::parse(text)?;
        match id.name.as_str() {
            "gaussian" => Gaussian::parse(id).map(Problem::Gaussian),
            "guided" => Guided::parse(id).map(Problem::Guided),
            "mixture" => Mixture::parse(id).map(Problem::Mixture),
            "rotated-gaussian" => Product::parse_gaussian(id).map(Problem::Product),
            "rotated-mixture" => Product::parse_mixtures(id).map(Problem::Product),
            "images" => Images::parse(id).map(Problem::Images),
            name => {
                let names: Vec<&str> = Self::IDS.iter().map(|(name, _)| *name).collect();
                Err(Error::new(
                    Code::UnknownId,
                    format!("unknown problem `{name}`"),
                    "problem",
                    suggestion(name, &names),
                ))
            }
        }
    }

    /// Number of components.
    pub fn dimension(&self) -> usize {
        match self {
            Problem::Gaussian(gaussian) => gaussian.dimension(),
            Problem::Guided(_) => 1,
            Problem::Mixture(_) => 1,
            Problem::Product(product) => product.dimension(),
            Problem::Images(_) => images::PIXELS,
        }
    }

    /// Realises the problem in the arithmetic (and precision) of `witness`.
    pub fn model<T: Real>(&self, witness: &T) -> Model<T> {
        match self {
            Problem::Gaussian(gaussian) => Model::Gaussian(gaussian.model(witness)),
            Problem::Guided(guided) => Model::Guided(guided.model(witness)),
            Problem::Mixture(mixture) => Model::Mixture(mixture.model(witness)),
            Problem::Product(product) => Model::Product(product.model(witness)),
            Problem::Images(images) => Model::Images(images.model(witness)),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Gaussian(gaussian) => gaussian.fmt(f),
            Problem::Guided(guided) => guided.fmt(f),
            Problem::Mixture(mixture) => mixture.fmt(f),
            Problem::Product(product) => product.fmt(f),
            Problem::Images(images) => images.fmt(f),
        }
    }
}

/// A problem realised in one arithmetic.
#[derive(Clone, Debug)]
pub enum Model<T> {
    /// Independent normal components.
    Gaussian(GaussianModel<T>),
    /// Guidance between two normal distributions.
    Guided(GuidedModel<T>),
    /// A one-dimensional mixture.
    Mixture(MixtureModel<T>),
    /// Independent factors, rotated.
    Product(ProductModel<T>),
    /// Photographs of clothing, smoothed by a Gaussian.
    Images(ImagesModel<T>),
}

impl<T: Real> Model<T> {
    /// m(tau, z) = E[x_0 | x]: one number per component of `z`; tau > 0.
    ///
    /// # Errors
    /// `E-SHAPE` if `z` has another length than the problem.
    pub fn denoise(&self, tau: &T, z: &[T]) -> Result<Vec<T>> {
        match self {
            Model::Gaussian(gaussian) => gaussian.denoise(tau, z),
            Model::Guided(guided) => guided.denoise(tau, z),
            Model::Mixture(mixture) => mixture.denoise(tau, z),
            Model::Product(product) => product.denoise(tau, z),
            Model::Images(images) => images.denoise(tau, z),
        }
    }
}

impl<T: Special> Model<T> {
    /// The point at `tau_t` >= 0 of the flow line through `z` at `tau_s` > 0.
    ///
    /// # Errors
    /// `E-SHAPE` if `z` has another length than the problem; `E-UNDECIDED` if an enclosure cannot
    /// be certified at this precision.
    pub fn solution(&self, z: &[T], tau_s: &T, tau_t: &T) -> Result<Vec<T>> {
        match self {
            Model::Gaussian(gaussian) => gaussian.solution(z, tau_s, tau_t),
            Model::Guided(guided) => guided.solution(z, tau_s, tau_t),
            Model::Mixture(mixture) => mixture.solution(z, tau_s, tau_t),
            Model::Product(product) => product.solution(z, tau_s, tau_t),
            Model::Images(images) => images.solution(z, tau_s, tau_t),
        }
    }

    /// The named start x_T/alpha_T: the point at `tau` of the flow line that every error is measured on.
    ///
    /// # Errors
    /// As [`Model::solution`].
    pub fn start(&self, tau: &T) -> Result<Vec<T>> {
        match self {
            Model::Gaussian(gaussian) => Ok(gaussian.start(tau)),
            Model::Guided(guided) => Ok(guided.start(tau)),
            Model::Mixture(mixture) => mixture.start(tau),
            Model::Product(product) => product.start(tau),
            Model::Images(images) => images.start(tau),
        }
    }
}

/// `z` has as many components as the problem.
fn check_length<T>(z: &[T], dimension: usize) -> Result<()> {
    if z.len() == dimension {
        return Ok(());
    }
    Err(Error::new(
        Code::Shape,
        format!("{} components", z.len()),
        "state",
        format!("give {dimension}, as many as the problem has"),
    ))
}
