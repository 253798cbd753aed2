//! The catalogue's types: sides, families, methods, and solvers as users name them.

use super::entries::ENTRIES;
use crate::arithmetic::{Rational, rational};
use crate::error::{Code, Error, Result};
use crate::id::{Id, suggestion};
use std::fmt;

/// Which prediction a solver integrates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// u = x/alpha, c = -1, g = x_0: the ++ family.
    Data,
    /// u = x/sigma, c = +1, g = -eps.
    Noise,
}

/// How a solver uses model outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// One output a step, older ones remembered.
    Multistep,
    /// Several outputs a step, nothing remembered.
    Singlestep,
}

/// A formula with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// [`super::ddim`]
    Ddim,
    /// [`super::ddim_eta`]
    DdimEta,
    /// [`super::dpmpp_2m`]
    TwoM,
    /// [`super::dpmpp_2m_exact`]
    TwoMExact,
    /// [`super::dpmpp_3m`]
    ThreeM,
    /// [`super::dpmpp_3m_exact`]
    ThreeMExact,
    /// [`super::adams`] through this many outputs.
    Adams(usize),
    /// [`super::deis_rho`] through this many outputs.
    DeisRho(usize),
    /// [`super::ipndm`] with this many outputs.
    Ipndm(usize),
    /// [`super::dpmpp_2s`] with its stage at r1.
    TwoS(Rational),
    /// [`super::dpmpp_2s_taylor`] with its stage at r1.
    TwoSTaylor(Rational),
    /// [`super::dpmpp_3s`] with its stages at r1, r2.
    ThreeS(Rational, Rational),
    /// [`super::dpmpp_3s_taylor`] with its stages at r1, r2.
    ThreeSTaylor(Rational, Rational),
}

impl Method {
    /// Model outputs that one full step combines.
    pub fn outputs(self) -> usize {
        match self {
            Method::Ddim | Method::DdimEta => 1,
            Method::TwoM | Method::TwoMExact | Method::TwoS(_) | Method::TwoSTaylor(_) => 2,
            Method::ThreeM
            | Method::ThreeMExact
            | Method::ThreeS(..)
            | Method::ThreeSTaylor(..) => 3,
            Method::Adams(points) | Method::DeisRho(points) | Method::Ipndm(points) => points,
        }
    }

    /// Multistep or single-step.
    pub fn family(self) -> Family {
        match self {
            Method::TwoS(_)
            | Method::TwoSTaylor(_)
            | Method::ThreeS(..)
            | Method::ThreeSTaylor(..) => Family::Singlestep,
            _ => Family::Multistep,
        }
    }

    /// The method of `order` outputs that takes this one's place where the order is lowered. What
    /// takes the place of a multistep method in lambda at order 2 is a policy: `plan::formulas` has it.
    #[must_use]
    pub fn lowered(self, order: usize) -> Method {
        match (order, self) {
            (1, _) => Method::Ddim,
            (3, Method::Adams(_)) => Method::ThreeMExact,
            (order, Method::Adams(_)) => Method::Adams(order),
            (order, Method::DeisRho(_)) => Method::DeisRho(order),
            (order, Method::Ipndm(_)) => Method::Ipndm(order),
            (2, Method::ThreeS(..)) => Method::TwoS(rational(1, 2)),
            (2, Method::ThreeSTaylor(..)) => Method::TwoSTaylor(rational(1, 2)),
            _ => self,
        }
    }

    /// True of a multistep method whose lower orders are its own: start-up and a lowered end take them.
    pub fn has_own_lower_orders(self) -> bool {
        matches!(self, Method::DeisRho(_) | Method::Ipndm(_))
    }

    /// Stage positions that part the step evenly.
    pub fn even_stages(self) -> Vec<Rational> {
        let calls = self.outputs() as i128;
        (1..calls).map(|i| rational(i, calls)).collect()
    }

    /// The stage positions of a single-step method.
    pub fn stages(self) -> Vec<Rational> {
        match self {
            Method::TwoS(r1) | Method::TwoSTaylor(r1) => vec![r1],
            Method::ThreeS(r1, r2) | Method::ThreeSTaylor(r1, r2) => vec![r1, r2],
            _ => Vec::new(),
        }
    }
}

/// What the catalogue knows of one id.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Stable id.
    pub id: &'static str,
    /// Parameters and their defaults, as typed.
    pub parameters: &'static str,
    /// Prediction integrated.
    pub side: Side,
    /// True if it takes eta and draws noise.
    pub stochastic: bool,
    /// Stem of the file in `src/solver/` that defines the formula.
    pub stem: &'static str,
    /// Names in other libraries and papers, separated by semicolons.
    pub also: &'static str,
    /// Papers as keys of `spec/references.bib` in brackets, each with its place in the paper.
    pub source: &'static str,
    /// Order on arbitrary bounded step ratios.
    pub order: &'static str,
}

/// A solver as a user names it: a catalogue entry and its formula.
#[derive(Clone, Copy, Debug)]
pub struct Solver {
    /// What the catalogue knows of it.
    pub entry: &'static Entry,
    /// Its formula with parameters.
    pub method: Method,
}

impl PartialEq for Solver {
    fn eq(&self, other: &Self) -> bool {
        self.entry.id == other.entry.id && self.method == other.method
    }
}

impl Solver {
    /// Every entry of the catalogue.
    pub const ENTRIES: &'static [Entry] = ENTRIES;

    /// Parses a solver id such as `dpmpp-2s:r1=1/2`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN`, `E-PARAMETER`, `E-NUMBER`, `E-SOLVER-RATIO`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut id = Id::parse(text)?;
        let Some(entry) = ENTRIES.iter().find(|entry| entry.id == id.name) else {
            let names: Vec<&str> = ENTRIES.iter().map(|entry| entry.id).collect();
            let remedy = suggestion(&id.name, &names);
            return Err(Error::new(
                Code::UnknownId,
                format!("unknown solver `{}`", id.name),
                "solver",
                remedy,
            ));
        };
        let method = match entry.stem {
            "ddim" => Method::Ddim,
            "ddim_eta" => Method::DdimEta,
            "dpmpp_2m" => Method::TwoM,
            "dpmpp_2m_exact" => Method::TwoMExact,
            "dpmpp_3m" => Method::ThreeM,
            "dpmpp_3m_exact" => Method::ThreeMExact,
            "adams" => Method::Adams(points_in(entry.id)),
            "deis_rho" => Method::DeisRho(points_in(entry.id)),
            "ipndm" => Method::Ipndm(points_in(entry.id)),
            stem => {
                let three = stem.starts_with("dpmpp_3s");
                let r1 = id.take_number(
                    "r1",
                    if three {
                        rational(1, 3)
                    } else {
                        rational(1, 2)
                    },
                )?;
                let r2 = if three {
                    id.take_number("r2", rational(2, 3))?
                } else {
                    rational(1, 1)
                };
                check_ratios(r1, r2, three, text)?;
                match stem {
                    "dpmpp_2s" => Method::TwoS(r1),
                    "dpmpp_2s_taylor" => Method::TwoSTaylor(r1),
                    "dpmpp_3s" => Method::ThreeS(r1, r2),
                    _ => Method::ThreeSTaylor(r1, r2),
                }
            }
        };
        let known: Vec<&str> = entry
            .parameters
            .split(',')
            .filter(|p| !p.is_empty())
            .collect();
        id.finish(&known)?;
        Ok(Solver { entry, method })
    }

    /// True if no step uses outputs of an earlier one: `start=` then changes nothing.
    pub fn needs_no_start_up(&self) -> bool {
        self.method.family() == Family::Singlestep || self.method.outputs() == 1
    }

    /// The order for these parameters on arbitrary bounded step ratios and from an exact start, as
    /// [`Entry::order`] claims it: `order::prove` proves it. Of mean and variance if that is weak, which
    /// `order::weak::prove` proves.
    pub fn order(&self) -> Option<u32> {
        claimed_order(self.entry.order, &self.to_string())
    }

    /// The order of a whole run with the default policy: its one step of `ddim` caps every
    /// multistep solver at 2 (clause `ORDER-RUN-1`).
    pub fn order_with_usual_start(&self) -> Option<u32> {
        let order = self.order()?;
        Some(match self.needs_no_start_up() {
            true => order,
            false => order.min(2),
        })
    }

    /// What a user should know of the order of this very parameter choice.
    pub fn order_note(&self) -> Option<String> {
        match self.method {
            Method::ThreeS(_, r2) | Method::ThreeSTaylor(_, r2) if r2 != rational(2, 3) => {
                Some(format!("2, not 3: r2 = {r2} is not 2/3"))
            }
            Method::Ipndm(_) => {
                Some("1 on arbitrary grids, 2 on smooth ones: its weights are fixed".to_owned())
            }
            Method::ThreeM => Some(
                "2, not 3: the published third-order multistep formula halves the last term"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// The number in an id such as `deis-rho-4` or `dpmpp-4m-exact`.
fn points_in(id: &str) -> usize {
    let mut parts = id.rsplit('-').map(|part| part.trim_end_matches('m'));
    parts.find_map(|part| part.parse().ok()).unwrap_or(1)
}

/// The order that a claim of the catalogue comes to for a solver with all its parameters.
pub(crate) fn claimed_order(claim: &str, solver: &str) -> Option<u32> {
    let claim = claim.trim_start_matches("weak ");
    let claim = claim.split(", drift ").next().unwrap_or(claim);
    let claim = match claim.split_once(" if r2 = 2/3, else ") {
        Some((then, _)) if solver.ends_with(",r2=2/3") => then,
        Some((_, otherwise)) => otherwise,
        None => claim,
    };
    claim.parse().ok()
}

fn check_ratios(r1: Rational, r2: Rational, three: bool, text: &str) -> Result<()> {
    let (zero, one) = (rational(0, 1), rational(1, 1));
    if zero < r1 && r1 <= one && r2 <= one && (!three || r1 < r2) {
        return Ok(());
    }
    let (what, remedy) = match three {
        true => (format!("r1 = {r1}, r2 = {r2}"), "choose 0 < r1 < r2 <= 1"),
        false => (format!("r1 = {r1}"), "choose 0 < r1 <= 1"),
    };
    Err(Error::new(
        Code::SolverRatio,
        what,
        format!("`{text}`"),
        remedy,
    ))
}

impl fmt::Display for Solver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.method.stages().as_slice() {
            [r1] => write!(f, "{}:r1={r1}", self.entry.id),
            [r1, r2] => write!(f, "{}:r1={r1},r2={r2}", self.entry.id),
            _ => f.write_str(self.entry.id),
        }
    }
}
