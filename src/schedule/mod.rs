//! Noise schedules: alpha, sigma and lambda = ln(alpha/sigma) as functions of time, and inverses.
//!
//! A [`Schedule`] is exact data (rational parameters); a [`Curve`] is that schedule realised in one
//! arithmetic. Clauses: `spec/schedules.md`.

mod curve;
pub(crate) mod discrete;
mod edm;
pub(crate) mod flow;
mod table;
mod torch;
pub(crate) mod vp_cosine;
pub(crate) mod vp_linear;

pub use curve::{Curve, Lambda, Point};
pub use discrete::{BetaCurve, Betas, Discrete, Interpolation, ZeroSnr};
pub use edm::Edm;
pub use flow::{Flow, shifted};
pub use vp_cosine::VpCosine;
pub use vp_linear::VpLinear;

use crate::arithmetic::{Rational, rational};
use crate::error::{Code, Error, Result};
use crate::id::{Id, suggestion};
use std::fmt;

/// A noise schedule with exact parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// `vp-linear`: beta linear in continuous time.
    VpLinear(VpLinear),
    /// `vp-cosine`: alpha a cosine of continuous time.
    VpCosine(VpCosine),
    /// `discrete-*`: a list of betas.
    Discrete(Discrete),
    /// `edm`: alpha = 1, sigma = t.
    Edm(Edm),
    /// `flow`: alpha = 1 - s, sigma = s, optionally shifted.
    Flow(Flow),
}

/// Own parameters, and the ones of every discrete schedule.
macro_rules! discrete {
    ($own:literal) => {
        concat!(
            $own,
            "betas=exact|f32,interp=log-alpha|log-sigma|sigma,zero_snr=off|on|floor"
        )
    };
}

impl Schedule {
    /// The ids of all schedules, with their parameters' defaults.
    pub const IDS: &'static [(&'static str, &'static str)] = &[
        ("vp-linear", "beta_min=0.1,beta_max=20"),
        ("vp-cosine", "s=0.008"),
        (
            "discrete-linear",
            discrete!("n=1000,beta_start=0.0001,beta_end=0.02,"),
        ),
        (
            "discrete-scaled-linear",
            discrete!("n=1000,beta_start=0.00085,beta_end=0.012,"),
        ),
        ("discrete-cosine", discrete!("n=1000,")),
        ("edm", "sigma_data=0.5"),
        ("flow", "shift=1"),
    ];

    /// Parses a schedule id.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN`, `E-PARAMETER`, `E-NUMBER`.
    pub fn parse(text: &str) -> Result<Self> {
        let id = Id::parse(text)?;
        match id.name.as_str() {
            "vp-linear" => VpLinear::parse(id).map(Schedule::VpLinear),
            "vp-cosine" => VpCosine::parse(id).map(Schedule::VpCosine),
            "discrete-linear" | "discrete-scaled-linear" | "discrete-cosine" => {
                Discrete::parse(id).map(Schedule::Discrete)
            }
            "edm" => Edm::parse(id).map(Schedule::Edm),
            "flow" => Flow::parse(id).map(Schedule::Flow),
            name => {
                let names: Vec<&str> = Self::IDS.iter().map(|(name, _)| *name).collect();
                Err(Error::new(
                    Code::UnknownId,
                    format!("unknown schedule `{name}`"),
                    "schedule",
                    suggestion(name, &names),
                ))
            }
        }
    }

    /// The default domain in the schedule's own time, from noise to data.
    pub fn domain(&self) -> (Rational, Rational) {
        match self {
            Schedule::VpLinear(_) => (rational(1, 1), rational(1, 1000)),
            Schedule::VpCosine(_) => (rational(9946, 10000), rational(1, 1000)),
            Schedule::Discrete(discrete) => {
                (rational(discrete.count as i128 - 1, 1), rational(0, 1))
            }
            Schedule::Edm(_) => (rational(80, 1), rational(2, 1000)),
            Schedule::Flow(_) => (rational(1, 1), rational(1, 1000)),
        }
    }

    /// Checks that a time lies where the schedule is defined and sigma > 0.
    ///
    /// # Errors
    /// `E-DOMAIN`.
    pub fn check_time(&self, t: Rational) -> Result<()> {
        let (zero, one) = (rational(0, 1), rational(1, 1));
        let inside = match self {
            Schedule::VpLinear(_) | Schedule::Flow(_) => t > zero && t <= one,
            Schedule::VpCosine(_) => t > zero && t < one,
            Schedule::Discrete(d) => {
                let last = rational(d.count as i128 - 1, 1);
                let gap = d.ends_without_signal() && t > last - one && t < last;
                t >= zero && t <= last && !gap
            }
            Schedule::Edm(_) => t > zero,
        };
        match inside {
            true => Ok(()),
            false => Err(self.outside(&t)),
        }
    }

    /// As [`Schedule::check_time`], for a time found by an inverse: half an index, or 1e-6 in
    /// continuous time, is allowed beyond the ends, because a library prints its sigmas rounded.
    pub(crate) fn check_found_time(&self, t: f64) -> Result<()> {
        let inside = match self {
            Schedule::VpLinear(_) => t > 0.0 && t <= 1.0 + 1e-6,
            Schedule::VpCosine(_) | Schedule::Flow(_) => t > 0.0 && t <= 1.0,
            Schedule::Discrete(d) => t >= -0.5 && t <= d.count as f64 - 0.5,
            Schedule::Edm(_) => t > 0.0 && t.is_finite(),
        };
        match inside {
            true => Ok(()),
            false => Err(self.outside(&t)),
        }
    }

    fn outside(&self, t: &dyn fmt::Display) -> Error {
        let domain = match self {
            Schedule::VpLinear(_) => "0 < t <= 1".to_owned(),
            Schedule::VpCosine(_) => "0 < t < 1".to_owned(),
            Schedule::Discrete(d) if d.ends_without_signal() => format!(
                "0 <= index <= {}, or {} where alpha = 0; nothing is interpolated between them",
                d.count - 2,
                d.count - 1
            ),
            Schedule::Discrete(d) => format!("0 <= index <= {}", d.count - 1),
            Schedule::Edm(_) => "sigma > 0".to_owned(),
            Schedule::Flow(_) => "0 < s <= 1".to_owned(),
        };
        Error::new(
            Code::Domain,
            format!("time {t} is outside the domain of `{self}`"),
            "time",
            format!("choose {domain}"),
        )
    }

    /// True where alpha = 0: flow at s = 1, the last index of an exact zero-SNR table.
    pub(crate) fn lacks_signal(&self, t: Rational) -> bool {
        match self {
            Schedule::Flow(_) => t == rational(1, 1),
            Schedule::Discrete(d) => {
                d.ends_without_signal() && t == rational(d.count as i128 - 1, 1)
            }
            _ => false,
        }
    }

    /// The discrete schedule inside, if it is one.
    pub fn discrete(&self) -> Option<&Discrete> {
        match self {
            Schedule::Discrete(discrete) => Some(discrete),
            _ => None,
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::VpLinear(x) => x.fmt(f),
            Schedule::VpCosine(x) => x.fmt(f),
            Schedule::Discrete(x) => x.fmt(f),
            Schedule::Edm(x) => x.fmt(f),
            Schedule::Flow(x) => x.fmt(f),
        }
    }
}
