//! Prediction types: what a network's output means, as an affine map to the data or noise prediction.
//!
//! m = `state` x + `output` F(input_scale x). Clauses: `spec/predictions.md`.

use crate::arithmetic::{Field, Real};
use crate::error::{Code, Error, Result};
use crate::id::choose;
use crate::schedule::{Point, Schedule};
use crate::solver::Side;

/// What the network predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// eps.
    Noise,
    /// x_0.
    Data,
    /// v = alpha eps - sigma x_0 (Salimans and Ho 2022, arXiv 2202.00512).
    V,
    /// eps - x_0: the velocity of a rectified flow.
    Flow,
    /// The score -eps/sigma.
    Score,
    /// F of D = c_skip x + c_out F(c_in x) (Karras et al. 2022, arXiv 2206.00364, table 1).
    Edm,
}

/// m = `state` x + `output` F.
#[derive(Clone, Debug)]
pub struct Conversion<T> {
    /// Weight of the state.
    pub state: T,
    /// Weight of the network's output.
    pub output: T,
}

const NAMES: &[(&str, Prediction)] = &[
    ("noise", Prediction::Noise),
    ("data", Prediction::Data),
    ("v", Prediction::V),
    ("flow", Prediction::Flow),
    ("score", Prediction::Score),
    ("edm", Prediction::Edm),
];

impl Prediction {
    /// The ids of all predictions, with what the network returns.
    pub const IDS: &'static [(&'static str, &'static str)] = &[
        ("noise", "eps"),
        ("data", "x_0"),
        ("v", "alpha eps - sigma x_0"),
        ("flow", "eps - x_0"),
        ("score", "-eps/sigma"),
        ("edm", "F of D = c_skip x + c_out F(c_in x)"),
    ];

    /// Parses `noise`, `data`, `v`, `flow`, `score` or `edm`.
    ///
    /// # Errors
    /// `E-PREDICTION` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        choose(text, NAMES, Code::Prediction, "prediction")
    }

    /// The name as typed.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, p)| *p == self)
            .map_or("", |(name, _)| name)
    }

    /// What networks on this schedule predict unless told otherwise.
    pub fn default_for(schedule: &Schedule) -> Self {
        match schedule {
            Schedule::Flow(_) => Prediction::Flow,
            Schedule::Edm(_) => Prediction::Edm,
            _ => Prediction::Noise,
        }
    }

    /// Checks that networks with this prediction exist on the schedule.
    ///
    /// # Errors
    /// `E-PREDICTION`: v needs alpha^2 + sigma^2 = 1, edm the edm schedule.
    pub fn check(self, schedule: &Schedule) -> Result<()> {
        let fits = match self {
            Prediction::V => !matches!(schedule, Schedule::Edm(_) | Schedule::Flow(_)),
            Prediction::Edm => matches!(schedule, Schedule::Edm(_)),
            _ => true,
        };
        match fits {
            true => Ok(()),
            false => Err(self.unfit(schedule)),
        }
    }

    fn unfit(self, schedule: &Schedule) -> Error {
        let remedy = match self {
            Prediction::V => "v is defined for alpha^2 + sigma^2 = 1; choose noise, data or flow",
            _ => "choose the edm schedule, or another prediction",
        };
        Error::new(
            Code::Prediction,
            format!("prediction `{}` does not fit `{schedule}`", self.name()),
            "prediction",
            remedy,
        )
    }

    /// The factor of the network's input: c_in = 1/sqrt(sigma^2 + sigma_data^2) for edm, else none.
    pub fn input_scale<T: Real>(self, point: &Point<T>, schedule: &Schedule) -> Option<T> {
        match (self, schedule) {
            (Prediction::Edm, Schedule::Edm(edm)) => {
                let sigma_data = point.sigma.constant(edm.sigma_data);
                Some(edm_input_scale(&point.sigma, &sigma_data))
            }
            _ => None,
        }
    }

    /// The conversion to the data or noise prediction at a point of the schedule with sigma > 0.
    ///
    /// # Errors
    /// `E-PREDICTION` as [`Prediction::check`].
    pub fn conversion<T: Real>(
        self,
        to: Side,
        point: &Point<T>,
        schedule: &Schedule,
    ) -> Result<Conversion<T>> {
        self.check(schedule)?;
        let (alpha, sigma) = (&point.alpha, &point.sigma);
        let one = alpha.like(1, 1);
        let zero = alpha.like(0, 1);
        let total = alpha.clone() + sigma;
        let (state, output) = match (self, to) {
            (Prediction::Noise, Side::Noise) | (Prediction::Data, Side::Data) => (zero, one),
            (Prediction::Noise, Side::Data) => (one / alpha, -(sigma.clone() / alpha)),
            (Prediction::Data, Side::Noise) => (one / sigma, -(alpha.clone() / sigma)),
            (Prediction::V, Side::Data) => (alpha.clone(), -sigma.clone()),
            (Prediction::V, Side::Noise) => (sigma.clone(), alpha.clone()),
            (Prediction::Flow, Side::Data) => (one / &total, -(sigma.clone() / &total)),
            (Prediction::Flow, Side::Noise) => (one / &total, alpha.clone() / &total),
            (Prediction::Score, Side::Data) => (one / alpha, sigma.clone() * sigma / alpha),
            (Prediction::Score, Side::Noise) => (zero, -sigma.clone()),
            (Prediction::Edm, side) => match schedule {
                Schedule::Edm(edm) => edm_weights(side, sigma, &sigma.constant(edm.sigma_data)),
                _ => return Err(self.unfit(schedule)),
            },
        };
        Ok(Conversion { state, output })
    }
}

/// c_in = 1/sqrt(sigma^2 + sigma_data^2).
pub(crate) fn edm_input_scale<T: Real>(sigma: &T, sigma_data: &T) -> T {
    sigma.like(1, 1) / &edm_total(sigma, sigma_data).sqrt()
}

/// sigma^2 + sigma_data^2.
fn edm_total<T: Field>(sigma: &T, sigma_data: &T) -> T {
    sigma.clone() * sigma + &(sigma_data.clone() * sigma_data)
}

/// c_skip = sd^2/(sigma^2+sd^2), c_out = sigma sd/sqrt(sigma^2+sd^2); eps = (x - D)/sigma.
pub(crate) fn edm_weights<T: Real>(to: Side, sigma: &T, sd: &T) -> (T, T) {
    let total = edm_total(sigma, sd);
    let root = total.sqrt();
    match to {
        Side::Data => (sd.clone() * sd / &total, sigma.clone() * sd / &root),
        Side::Noise => (sigma.clone() / &total, -(sd.clone() / &root)),
    }
}
