//! `discrete-linear`, `discrete-scaled-linear`, `discrete-cosine`: a list of betas.
//!
//! abar_i = prod_{j<=i} (1 - beta_j), alpha = sqrt(abar), sigma = sqrt(1 - abar). The noise level is
//! carried as 1 - abar_i = (1 - abar_{i-1}) + abar_{i-1} beta_i: only positive terms, nothing cancels.
//! Between indices the chosen quantity is interpolated linearly; that is only Lipschitz, so no order
//! above one is claimed across knots.

use super::table::Table;
use super::torch;
use crate::arithmetic::{Field, Rational, Real, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use std::fmt;

/// The shape of the list of betas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BetaCurve {
    /// beta linear in the index (Ho et al. 2020, arXiv 2006.11239, section 4).
    Linear,
    /// sqrt(beta) linear in the index (latent diffusion).
    ScaledLinear,
    /// beta from a squared cosine, at most 0.999 (Nichol and Dhariwal 2021, eq. 17).
    Cosine,
}

/// Whether the betas are the formula's or PyTorch's float32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Betas {
    /// Exact rationals and algebraic numbers.
    Exact,
    /// float32 linspace and cumprod as PyTorch rounds them.
    F32,
}

/// What is linear between two indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// ln alpha (the DPM-Solver authors).
    LogAlpha,
    /// ln(sigma/alpha) (k-diffusion; diffusers for labels).
    LogSigma,
    /// sigma/alpha (diffusers, forward direction).
    Sigma,
}

/// Rescaling to zero terminal signal-to-noise ratio (Lin et al. 2023, arXiv 2305.08891, Alg. 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZeroSnr {
    /// None.
    Off,
    /// abar of the last index is 0.
    On,
    /// abar of the last index is 2^-24, as diffusers' DPMSolverMultistepScheduler sets it.
    Floor,
}

/// A discrete schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discrete {
    /// Shape of the betas.
    pub curve: BetaCurve,
    /// How many betas, 2 to 100,000.
    pub count: usize,
    /// First beta (unused by the cosine curve).
    pub beta_start: Rational,
    /// Last beta (unused by the cosine curve).
    pub beta_end: Rational,
    /// Exact or float32.
    pub betas: Betas,
    /// What is linear between indices.
    pub interpolation: Interpolation,
    /// Rescaled to zero terminal signal-to-noise ratio, or not.
    pub zero_snr: ZeroSnr,
}

const ZERO_SNR: &[(&str, ZeroSnr)] = &[
    ("off", ZeroSnr::Off),
    ("on", ZeroSnr::On),
    ("floor", ZeroSnr::Floor),
];
const BETAS: &[(&str, Betas)] = &[("exact", Betas::Exact), ("f32", Betas::F32)];
const INTERPOLATIONS: &[(&str, Interpolation)] = &[
    ("log-alpha", Interpolation::LogAlpha),
    ("log-sigma", Interpolation::LogSigma),
    ("sigma", Interpolation::Sigma),
];

impl Interpolation {
    /// The interpolated quantity from abar and 1 - abar; ln alpha^2 and ln (sigma/alpha)^2 for the logarithms.
    pub(crate) fn coordinate<T: Real>(self, abar: &T, noise: &T) -> T {
        match self {
            Interpolation::LogAlpha => abar.ln(),
            Interpolation::LogSigma => (noise.clone() / abar).ln(),
            Interpolation::Sigma => (noise.clone() / abar).sqrt(),
        }
    }

    /// tau = (sigma/alpha)^2 from the interpolated quantity.
    pub(crate) fn tau<T: Real>(self, value: &T) -> T {
        match self {
            Interpolation::LogAlpha => (-value.clone()).exp_m1(),
            Interpolation::LogSigma => value.exp(),
            Interpolation::Sigma => value.clone() * value,
        }
    }

    /// The interpolated quantity from tau.
    pub(crate) fn at_tau<T: Real>(self, tau: &T) -> T {
        match self {
            Interpolation::LogAlpha => -tau.ln_1p(),
            Interpolation::LogSigma => tau.ln(),
            Interpolation::Sigma => tau.sqrt(),
        }
    }
}

impl Discrete {
    pub(super) fn parse(mut id: Id) -> Result<Self> {
        let (curve, start, end) = match id.name.as_str() {
            "discrete-linear" => (BetaCurve::Linear, rational(1, 10_000), rational(2, 100)),
            "discrete-scaled-linear" => (
                BetaCurve::ScaledLinear,
                rational(85, 100_000),
                rational(12, 1000),
            ),
            _ => (BetaCurve::Cosine, rational(0, 1), rational(0, 1)),
        };
        let place = format!("`{}`", id.name);
        let (mut beta_start, mut beta_end) = (start, end);
        let mut known = vec!["n", "betas", "interp", "zero_snr"];
        if curve != BetaCurve::Cosine {
            beta_start = id.take_number("beta_start", start)?;
            beta_end = id.take_number("beta_end", end)?;
            known.extend(["beta_start", "beta_end"]);
        }
        let count = id.take_number("n", rational(1000, 1))?;
        let betas = id.take_choice("betas", BETAS, Betas::Exact)?;
        let interpolation = id.take_choice("interp", INTERPOLATIONS, Interpolation::LogAlpha)?;
        let zero_snr = id.take_choice("zero_snr", ZERO_SNR, ZeroSnr::Off)?;
        id.finish(&known)?;
        let parameter =
            |what: String, remedy: &str| Error::new(Code::Parameter, what, place.clone(), remedy);
        if !count.is_integer() || count < rational(2, 1) || count > rational(100_000, 1) {
            return Err(parameter(
                format!("n = {count}"),
                "choose a whole number from 2 to 100000",
            ));
        }
        let (zero, one) = (rational(0, 1), rational(1, 1));
        if curve != BetaCurve::Cosine
            && !(zero < beta_start && beta_start <= beta_end && beta_end < one)
        {
            return Err(parameter(
                format!("beta_start = {beta_start}, beta_end = {beta_end}"),
                "choose 0 < beta_start <= beta_end < 1",
            ));
        }
        let count = count.to_integer() as usize;
        Ok(Discrete {
            curve,
            count,
            beta_start,
            beta_end,
            betas,
            interpolation,
            zero_snr,
        })
    }

    /// abar_i and 1 - abar_i for every index, made like `like`.
    pub fn table<T: Real>(&self, like: &T) -> Table<T> {
        let (abar, noise) = match self.betas {
            Betas::F32 => self.float32_table(like),
            Betas::Exact => self.exact_table(like),
        };
        Table::new(abar, noise, self.interpolation)
    }

    /// abar of the last index after rescaling, if the schedule is rescaled.
    fn last_abar(&self) -> Option<Rational> {
        match self.zero_snr {
            ZeroSnr::Off => None,
            ZeroSnr::On => Some(rational(0, 1)),
            ZeroSnr::Floor => Some(rational(1, 1 << 24)),
        }
    }

    /// True if abar of the last index is exactly zero.
    pub fn ends_without_signal(&self) -> bool {
        self.zero_snr == ZeroSnr::On
    }

    fn float32_table<T: Real>(&self, like: &T) -> (Vec<T>, Vec<T>) {
        let [start, end] = [self.beta_start, self.beta_end].map(|beta| 0.0_f64.constant(beta));
        let mut bits = torch::alphas_cumprod(self.curve, self.count, start, end);
        if self.zero_snr != ZeroSnr::Off {
            bits = torch::rescaled(
                &bits,
                self.last_abar().map_or(0.0, |abar| 0.0_f32.constant(abar)),
            );
        }
        let abar: Vec<T> = bits.iter().map(|a| like.from_f64(f64::from(*a))).collect();
        let one = like.like(1, 1);
        let noise = abar.iter().map(|a| one.clone() - a).collect();
        (abar, noise)
    }

    fn exact_table<T: Real>(&self, like: &T) -> (Vec<T>, Vec<T>) {
        let (mut abar, mut noise) = (
            Vec::with_capacity(self.count),
            Vec::with_capacity(self.count),
        );
        let (mut a, mut n) = (like.like(1, 1), like.like(0, 1));
        let betas = self.exact_betas(like);
        for beta in betas {
            (a, n) = multiplied(&a, &n, &beta);
            abar.push(a.clone());
            noise.push(n.clone());
        }
        match self.last_abar() {
            Some(last) => rescaled(abar, last),
            None => (abar, noise),
        }
    }

    fn exact_betas<T: Real>(&self, like: &T) -> Vec<T> {
        let last = self.count as i128 - 1;
        let (start, end) = (like.constant(self.beta_start), like.constant(self.beta_end));
        let ramp =
            |from: &T, to: &T, i: i128| from.clone() + &((to.clone() - from) * &like.like(i, last));
        let indices = 0..self.count as i128;
        match self.curve {
            BetaCurve::Linear => indices.map(|i| ramp(&start, &end, i)).collect(),
            BetaCurve::ScaledLinear => {
                let (start, end) = (start.sqrt(), end.sqrt());
                let square = |x: T| x.clone() * &x;
                indices.map(|i| square(ramp(&start, &end, i))).collect()
            }
            BetaCurve::Cosine => indices.map(|i| self.cosine_beta(like, i)).collect(),
        }
    }

    /// 1 - cos^2(b)/cos^2(a) = sin(b-a) sin(b+a)/cos^2(a), at most 0.999.
    fn cosine_beta<T: Real>(&self, like: &T, i: i128) -> T {
        // th_i / pi = (i/n + s) / (2 (1 + s)) with s = 0.008, so = (1000 i + 8 n) / (2016 n).
        let n = self.count as i128;
        let angle = |num: i128| like.like(num, 2016 * n);
        let (a, b) = (1000 * i + 8 * n, 1000 * (i + 1) + 8 * n);
        let cos = angle(a).cos_pi();
        let beta = angle(b - a).sin_pi() * &angle(a + b).sin_pi() / &(cos.clone() * &cos);
        // The clip may be decided on an approximation: the last beta is 1, the one before it at most
        // 3/4 (1 - 1/(4 cos^2 d), d the distance of its end from pi/2), and earlier ones are smaller.
        if beta.to_f64() > 0.999 {
            like.like(999, 1000)
        } else {
            beta
        }
    }
}

/// abar and 1 - abar with one more beta.
pub(crate) fn multiplied<T: Field>(abar: &T, noise: &T, beta: &T) -> (T, T) {
    let left = abar.like(1, 1) - beta;
    (abar.clone() * &left, noise.clone() + &(abar.clone() * beta))
}

/// abar rescaled to zero terminal signal-to-noise ratio, from sqrt(abar) of this, the first and the last index.
pub(crate) fn rescaled_abar<T: Field>(root: &T, first: &T, last: &T) -> T {
    let scale = first.clone() / &(first.clone() - last);
    let shifted = (root.clone() - last) * &scale;
    shifted.clone() * &shifted
}

fn rescaled<T: Real>(abar: Vec<T>, last_abar: Rational) -> (Vec<T>, Vec<T>) {
    let roots: Vec<T> = abar.iter().map(Real::sqrt).collect();
    let (Some(first), Some(last)) = (roots.first(), roots.last()) else {
        return (Vec::new(), Vec::new());
    };
    let square = |root: &T| rescaled_abar(root, first, last);
    let mut abar: Vec<T> = roots.iter().map(square).collect();
    if let Some(end) = abar.last_mut() {
        *end = first.constant(last_abar);
    }
    let noise = abar.iter().map(|a| a.like(1, 1) - a).collect();
    (abar, noise)
}

impl fmt::Display for Discrete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |choices: &[(&'static str, Interpolation)]| {
            choices
                .iter()
                .find(|(_, x)| *x == self.interpolation)
                .map_or("", |(name, _)| name)
        };
        let (curve, ends) = match self.curve {
            BetaCurve::Linear => (
                "linear",
                format!(",beta_start={},beta_end={}", self.beta_start, self.beta_end),
            ),
            BetaCurve::ScaledLinear => (
                "scaled-linear",
                format!(",beta_start={},beta_end={}", self.beta_start, self.beta_end),
            ),
            BetaCurve::Cosine => ("cosine", String::new()),
        };
        let betas = if self.betas == Betas::F32 {
            "f32"
        } else {
            "exact"
        };
        let zero_snr = match self.zero_snr {
            ZeroSnr::Off => "",
            ZeroSnr::On => ",zero_snr=on",
            ZeroSnr::Floor => ",zero_snr=floor",
        };
        write!(
            f,
            "discrete-{curve}:n={}{ends},betas={betas},interp={}{zero_snr}",
            self.count,
            name(INTERPOLATIONS)
        )
    }
}
