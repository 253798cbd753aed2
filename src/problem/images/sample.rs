//! Samples of the model, and which of them are copies of an image.

use super::data::{DataSet, EACH};
use super::posterior::squared_distance;
use super::{Images, normal};
use crate::arithmetic::{DoubleDouble, Real};
use crate::error::Result;
use crate::grid::Grid;
use crate::plan::{Plan, Request, derive};
use crate::prediction::Prediction;
use crate::recipe::Recipe;
use crate::schedule::Schedule;
use crate::solver::Solver;

/// A copy lies less than a third as far from its nearest image as from the second nearest (Gu et al.,
/// "On memorization in diffusion models", arXiv 2310.02664). Distances in units of s sqrt(784) do
/// not tell: at large s every image lies near every other.
pub const MEMORISED: f64 = 1.0 / 3.0;

/// What sampling from one noise vector led to.
#[derive(Clone, Debug)]
pub struct Sample {
    /// z = x/alpha at the end.
    pub z: Vec<f64>,
    /// The sample without the Gaussian that smooths the data: the expected image at the end. The
    /// sample itself lies about s sqrt(784) from its image however well it is remembered.
    pub image: Vec<f64>,
    /// Class and index of the nearest image.
    pub nearest: (usize, usize),
    /// The distance of `image` from it, over that from the second nearest.
    pub ratio: f64,
}

impl Sample {
    /// Whether `image` is a copy of its nearest image.
    pub fn is_memorised(&self) -> bool {
        self.ratio < MEMORISED
    }
}

impl Images {
    /// Samples by `dpmpp-2m` with 50 steps on the `lambda` grid of `vp-linear` over its default
    /// domain, from the fixed noise vectors 0, 1, .. (number 0 is that of the named start).
    ///
    /// With few images an exact denoiser remembers them: the share of memorised samples as a
    /// function of the bandwidth stands in `docs/images.md`.
    ///
    /// # Errors
    /// `E-MANIFEST` if the data are not the published ones.
    pub fn samples(&self, count: u64) -> Result<Vec<Sample>> {
        let plan = sampler()?;
        (0..count)
            .map(|number| self.sample(&plan, number))
            .collect()
    }

    fn sample(&self, plan: &Plan<f64>, number: u64) -> Result<Sample> {
        let model = self.model(&1.0_f64);
        let start = normal::vector(number).map(|xi| plan.initial.scale * xi);
        let network = |alpha: f64, sigma: f64, x: &[f64]| {
            let z: Vec<f64> = x.iter().map(|x| x / alpha).collect();
            model.denoise(&(sigma / alpha).powi(2), &z)
        };
        let end = plan.run(
            &[start.collect()],
            |call| network(call.node.point.alpha, call.node.point.sigma, call.input),
            |_| Ok(Vec::new()),
        )?;
        let last = plan.nodes.last().map(|node| &node.point);
        let (alpha, sigma) = last.map_or((1.0, 0.0), |point| (point.alpha, point.sigma));
        let z: Vec<f64> = end.iter().map(|x| x / alpha).collect();
        let p = model.p((sigma / alpha).powi(2));
        let w: Vec<f64> = z.iter().map(|z| z * p).collect();
        let image = model.expected_image(p, &w)?;
        let images = DataSet::load()?.images(None);
        let squares = images.map(|x| squared_distance(1.0, &image, x));
        let [nearest, second] = squares.enumerate().fold(
            [(0, f64::INFINITY); 2],
            |[first, second], next| match next.1 {
                square if square < first.1 => [next, first],
                square if square < second.1 => [first, next],
                _ => [first, second],
            },
        );
        let index = nearest.0;
        Ok(Sample {
            z,
            image,
            nearest: (index / EACH, index % EACH),
            ratio: (nearest.1 / second.1).sqrt(),
        })
    }
}

/// Derived in double-double and rounded once; the network predicts the data.
fn sampler() -> Result<Plan<f64>> {
    let schedule = Schedule::parse("vp-linear")?;
    let mut recipe = Recipe::new(Solver::parse("dpmpp-2m")?, &schedule);
    recipe.prediction = Prediction::Data;
    let request = Request::new(recipe, schedule, Grid::parse("lambda")?, 50);
    derive(&request, &DoubleDouble::ONE)?.try_map(|value, _| Ok(value.to_f64()))
}
