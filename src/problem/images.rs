//! `images`: 2,000 photographs of clothing, smoothed by a Gaussian; a class-conditional model
//! whose denoiser is exact without training.
//!
//! The data are 200 images of 28x28 pixels from each of the ten classes of Fashion-MNIST
//! (`src/problem/images/README.md`), and the distribution of class K is the mixture of
//! N(x_i, s^2 I) over its images with equal weights. Its denoiser is
//! m = (s^2 z + tau sum_i w_i x_i)/(s^2 + tau), w_i proportional to exp(-|z - x_i|^2/(2 (s^2 + tau))),
//! and guidance mixes m = G m_K + (1 - G) m_all.
//!
//! Everything here is computed in f64, whatever the arithmetic of the caller: in high precision this
//! problem is still an f64 one. No closed solution is known; see `reference.rs`.

mod data;
mod normal;
mod posterior;
mod reference;
mod sample;

pub use data::{CLASSES, EACH, PIXELS, SIDE};
pub use sample::{MEMORISED, Sample};

use super::check_length;
use crate::arithmetic::{Field, Rational, Real, Special, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use data::DataSet;
use posterior::posterior_mean;
use std::fmt;

/// Image `index` (0..200) of a class (0..10): rows from the top, pixels within [-15/16, 15/16].
///
/// # Errors
/// `E-PROBLEM` if there is no such image; `E-MANIFEST` if the data are not the published ones.
pub fn image(class: usize, index: usize) -> Result<&'static [f32; PIXELS]> {
    let data = DataSet::load()?;
    let known = class < CLASSES && index < EACH;
    let found = known.then(|| data.images(Some(class)).nth(index)).flatten();
    found.ok_or_else(|| {
        let what = format!("image {index} of class {class}");
        let remedy = "choose a class from 0 to 9 and an image from 0 to 199";
        Error::new(Code::Problem, what, "images", remedy)
    })
}

/// Class, guidance and bandwidth.
#[derive(Clone, Debug, PartialEq)]
pub struct Images {
    guidance: Rational,
    class: usize,
    bandwidth: Rational,
}

impl Images {
    /// Guidance G >= 0 (1: the class alone; 0: all images), class 0..=9, bandwidth s > 0 in units
    /// of pixel values, which lie within [-15/16, 15/16].
    ///
    /// # Errors
    /// `E-PROBLEM`.
    pub fn new(guidance: Rational, class: usize, bandwidth: Rational) -> Result<Self> {
        let malformed =
            |what: String, remedy: &str| Err(Error::new(Code::Problem, what, "images", remedy));
        if guidance < rational(0, 1) {
            return malformed(format!("G = {guidance}"), "choose a guidance of at least 0");
        }
        if class >= CLASSES {
            return malformed(format!("class = {class}"), "choose a class from 0 to 9");
        }
        if bandwidth < rational(1, 64) {
            let remedy =
                "choose a bandwidth of at least 1/64: below, images differ by one grey level";
            return malformed(format!("s = {bandwidth}"), remedy);
        }
        Ok(Images {
            guidance,
            class,
            bandwidth,
        })
    }

    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let guidance = id.take_number("G", rational(1, 1))?;
        let class = id.take_number("class", rational(7, 1))?;
        let bandwidth = id.take_number("s", rational(1, 4))?;
        id.finish(&["G", "class", "s"])?;
        let number = usize::try_from(*class.numer()).ok();
        let Some(class) = number.filter(|_| class.is_integer()) else {
            let what = format!("class = {class}");
            let remedy = "choose a class from 0 to 9";
            return Err(Error::new(Code::Problem, what, "images", remedy));
        };
        Images::new(guidance, class, bandwidth)
    }

    /// Realises the problem; its numbers stay f64, `witness` tells the arithmetic of the results.
    pub fn model<T: Real>(&self, witness: &T) -> ImagesModel<T> {
        ImagesModel {
            guidance: 1.0_f64.constant(self.guidance),
            class: self.class,
            bandwidth: 1.0_f64.constant(self.bandwidth),
            witness: witness.clone(),
        }
    }
}

impl fmt::Display for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (guidance, class, bandwidth) = (self.guidance, self.class, self.bandwidth);
        write!(f, "images:G={guidance},class={class},s={bandwidth}")
    }
}

/// [`Images`] realised: f64 inside, `T` outside.
#[derive(Clone, Debug)]
pub struct ImagesModel<T> {
    guidance: f64,
    class: usize,
    bandwidth: f64,
    witness: T,
}

impl<T: Real> ImagesModel<T> {
    /// (s^2 z + tau x)/(s^2 + tau) with x the expected image.
    pub(super) fn denoise(&self, tau: &T, z: &[T]) -> Result<Vec<T>> {
        check_length(z, PIXELS)?;
        let (tau, z) = (tau.to_f64(), plain(z));
        let s2 = self.bandwidth * self.bandwidth;
        let p = self.p(tau);
        let w: Vec<f64> = z.iter().map(|z| z * p).collect();
        let image = self.expected_image(p, &w)?;
        let mixed = |(z, x): (&f64, f64)| (s2 * z + tau * x) / (s2 + tau);
        Ok(self.lifted(z.iter().zip(image).map(mixed)))
    }

    /// 1/sqrt(s^2 + tau).
    fn p(&self, tau: f64) -> f64 {
        (self.bandwidth * self.bandwidth + tau).sqrt().recip()
    }

    /// G E_K[x_i | z] + (1 - G) E[x_i | z] for w = p z.
    fn expected_image(&self, p: f64, w: &[f64]) -> Result<Vec<f64>> {
        let guidance = self.guidance;
        if guidance == 0.0 {
            return posterior_mean(None, p, w);
        }
        let conditional = posterior_mean(Some(self.class), p, w)?;
        if guidance == 1.0 {
            return Ok(conditional);
        }
        let all = posterior_mean(None, p, w)?.into_iter();
        let mixed = |(c, u): (&f64, f64)| guidance * c + (1.0 - guidance) * u;
        Ok(conditional.iter().zip(all).map(mixed).collect())
    }

    fn lifted(&self, values: impl Iterator<Item = f64>) -> Vec<T> {
        values.map(|value| self.witness.from_f64(value)).collect()
    }
}

impl<T: Special> ImagesModel<T> {
    /// The reference of `reference.rs`: two runs agree to 1e-10 in every pixel.
    pub(super) fn solution(&self, z: &[T], tau_s: &T, tau_t: &T) -> Result<Vec<T>> {
        check_length(z, PIXELS)?;
        let (first, last) = (self.p(tau_s.to_f64()), self.p(tau_t.to_f64()));
        let w = plain(z).iter().map(|z| z * first).collect();
        self.flow(w, first, last)
    }

    /// On the flow line of the fixed normal vector xi number 0 of `normal.rs`: z/sqrt(tau) goes to
    /// xi as tau goes to infinity.
    pub(super) fn start(&self, tau: &T) -> Result<Vec<T>> {
        self.flow(normal::vector(0).collect(), 0.0, self.p(tau.to_f64()))
    }

    fn flow(&self, w: Vec<f64>, first: f64, last: f64) -> Result<Vec<T>> {
        let image = |p: f64, w: &[f64]| self.expected_image(p, w);
        let end = reference::flow(&image, w, first, last)?;
        Ok(self.lifted(end.into_iter()))
    }
}

fn plain<T: Real>(values: &[T]) -> Vec<f64> {
    values.iter().map(T::to_f64).collect()
}
