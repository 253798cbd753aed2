//! The noise levels of discrete schedules and their piecewise inverse, by other formulas than `src/schedule`.

use super::number::{Constants, Number};
use crate::arithmetic::rational;
use crate::schedule::{BetaCurve, Betas, Discrete, Interpolation, ZeroSnr};
use rug::ops::CompleteRound;
use rug::{Float, Rational};

/// abar at every index.
pub(super) struct Knots<'a> {
    discrete: &'a Discrete,
    constants: Constants,
    products: Products,
}

enum Products {
    Listed(Vec<Number>),
    /// The cosine products telescope: abar_k = cos^2 th_{k+1}/cos^2 th_0 until the betas are clipped.
    Cosine {
        /// How many betas stay below the clip.
        free: usize,
    },
}

impl<'a> Knots<'a> {
    pub(super) fn new(discrete: &'a Discrete, constants: Constants) -> Self {
        let products = match (discrete.betas, discrete.curve) {
            (Betas::F32, _) => Products::Listed(float32(discrete, constants)),
            (Betas::Exact, BetaCurve::Cosine) => Products::Cosine {
                free: unclipped(discrete.count, constants),
            },
            (Betas::Exact, curve) => {
                let mut product = constants.integer(1);
                let factor = |k| constants.integer(1) - beta(discrete, curve, constants, k);
                let listed = (0..discrete.count).map(|k| {
                    product = (&product * factor(k)).rounded();
                    product.clone()
                });
                Products::Listed(listed.collect())
            }
        };
        Knots {
            discrete,
            constants,
            products,
        }
    }

    fn last(&self) -> usize {
        self.discrete.count - 1
    }

    /// True for the index that the rescaling to zero terminal signal leaves without any.
    pub(super) fn is_silent(&self, k: usize) -> bool {
        self.discrete.zero_snr == ZeroSnr::On && k == self.last()
    }

    /// abar at an index.
    pub(super) fn abar(&self, k: usize) -> Number {
        let end = match self.discrete.zero_snr {
            ZeroSnr::Off => return self.product(k),
            ZeroSnr::On => self.constants.integer(0),
            ZeroSnr::Floor => self.constants.ratio(1, 1 << 24),
        };
        if k >= self.last() {
            return end;
        }
        if self.discrete.betas == Betas::F32 {
            return self.product(k);
        }
        // sqrt(abar) is moved and stretched so that the first stays and the last becomes 0.
        let root = |k| self.product(k).sqrt();
        let (first, last) = (root(0), root(self.last()));
        (&first * (root(k) - &last) / (&first - &last)).square()
    }

    fn product(&self, k: usize) -> Number {
        match &self.products {
            Products::Listed(listed) => listed[k.min(listed.len() - 1)].clone(),
            Products::Cosine { free } => {
                let (n, constants) = (self.discrete.count, self.constants);
                let smooth = (k + 1).min(*free);
                let clipped =
                    rug::ops::Pow::pow(Rational::from((1, 1000)), (k + 1 - smooth) as u32);
                squared_cosine(n, smooth, constants) / squared_cosine(n, 0, constants)
                    * constants.exact(clipped)
            }
        }
    }

    /// abar at a fractional index.
    pub(super) fn abar_between(&self, t: &Number) -> Number {
        let clamp = |k: i64| usize::try_from(k).unwrap_or(0).min(self.last() - 1);
        let Some((low, high)) = t.floors() else {
            return self.constants.within(super::interval::Interval::unbounded(
                self.constants.precision,
            ));
        };
        let below = self.on_segment(clamp(low), t);
        if low == high {
            return below;
        }
        // A knot lies within the enclosure; the interpolant is continuous there.
        below.hull(&self.on_segment(clamp(high), t))
    }

    fn on_segment(&self, k: usize, t: &Number) -> Number {
        let one = self.constants.integer(1);
        let fraction = t - self.constants.integer(k as i64);
        let (from, to) = (self.abar(k), self.abar(k + 1));
        let geometric = |from: &Number, to: &Number| from * ((to / from).ln() * &fraction).exp();
        let rho = match self.discrete.interpolation {
            Interpolation::LogAlpha => return geometric(&from, &to),
            Interpolation::LogSigma => geometric(&rho(&from), &rho(&to)),
            Interpolation::Sigma => {
                let (from, to) = (rho(&from), rho(&to));
                &from * (&one - &fraction) + to * fraction
            }
        };
        &one / (&one + rho.square())
    }

    /// The fractional index of the level with this abar and rho = sigma/alpha; end segments extend.
    pub(super) fn place(&self, abar: &Number, rho: &Number) -> Number {
        let (mut low, mut high) = (0, self.last());
        while high - low > 1 {
            let middle = low.midpoint(high);
            match abar.is_below(&self.abar(middle)) {
                Some(true) => low = middle,
                Some(false) => high = middle,
                // The level is the knot's or very near it: both segments hold it.
                None => {
                    let [before, after] = [middle - 1, middle].map(|k| self.place_on(k, abar, rho));
                    return before.hull(&after);
                }
            }
        }
        self.place_on(low, abar, rho)
    }

    fn place_on(&self, k: usize, abar: &Number, level: &Number) -> Number {
        let (from, to) = (self.abar(k), self.abar(k + 1));
        let geometric = |from: &Number, x: &Number, to: &Number| (x / from).ln() / (to / from).ln();
        let fraction = match self.discrete.interpolation {
            Interpolation::LogAlpha => geometric(&from, abar, &to),
            Interpolation::LogSigma => geometric(&rho(&from), level, &rho(&to)),
            Interpolation::Sigma => {
                let (from, to) = (rho(&from), rho(&to));
                (level - &from) / (to - &from)
            }
        };
        fraction + self.constants.integer(k as i64)
    }
}

/// sigma/alpha from abar.
fn rho(abar: &Number) -> Number {
    (abar.constants().integer(1) / abar - abar.constants().integer(1)).sqrt()
}

/// beta_k: linear in k, or its square root linear in k.
fn beta(discrete: &Discrete, curve: BetaCurve, constants: Constants, k: usize) -> Number {
    let first = constants.parameter(discrete.beta_start);
    let last = constants.parameter(discrete.beta_end);
    let after = constants.ratio(k, discrete.count - 1);
    let before = constants.integer(1) - &after;
    match curve {
        BetaCurve::Linear => first * before + last * after,
        // (b sqrt(first) + a sqrt(last))^2 multiplied out: one root instead of two.
        _ => {
            let mixed = (&first * &last).sqrt() * &before * &after;
            first * before.square() + last * after.square() + mixed.scaled(2, 1)
        }
    }
}

/// cos^2 of (pi/2) (k/n + 0.008)/1.008.
fn squared_cosine(n: usize, k: usize, constants: Constants) -> Number {
    let position = constants.ratio(k, n) + constants.parameter(rational(1, 125));
    let turn = position * constants.parameter(rational(125, 252));
    (constants.pi() * turn).cos().square()
}

/// How many leading betas 1 - abar_{k+1}/abar_k of the cosine curve are at most 0.999; they increase.
fn unclipped(n: usize, constants: Constants) -> usize {
    let kept = |k: usize| {
        let ratio = squared_cosine(n, k + 1, constants) / squared_cosine(n, k, constants);
        ratio.is_below(&constants.parameter(rational(1, 1000))) == Some(false)
    };
    (0..n).rev().find(|k| kept(*k)).map_or(0, |k| k + 1)
}

/// PyTorch's float32 abar, each operation emulated in MPFR at the precision of its format.
///
/// `torch.linspace` rounds start + step k (first half) or end - step (n-1-k) once; `torch.cumprod`
/// accumulates in double and rounds every product; the cosine betas are Python doubles.
fn float32(discrete: &Discrete, constants: Constants) -> Vec<Number> {
    let n = discrete.count;
    let betas: Vec<Float> = match discrete.curve {
        BetaCurve::Cosine => (0..n).map(|k| cosine_beta(n, k)).collect(),
        BetaCurve::Linear => linspace(double(discrete.beta_start), double(discrete.beta_end), n),
        BetaCurve::ScaledLinear => {
            let root = |beta| double(beta).sqrt();
            linspace(root(discrete.beta_start), root(discrete.beta_end), n)
                .into_iter()
                .map(|root| root.square())
                .collect()
        }
    };
    let mut products = cumulative(betas.into_iter().map(one_minus));
    if discrete.zero_snr != ZeroSnr::Off {
        products = rescaled(&products);
    }
    let exact = products.iter().map(|p| p.to_rational().unwrap_or_default());
    exact.map(|p| constants.exact(p)).collect()
}

const SINGLE: u32 = 24;
const DOUBLE: u32 = 53;

fn double(value: crate::arithmetic::Rational) -> Float {
    Float::with_val(DOUBLE, Rational::from((*value.numer(), *value.denom())))
}

fn one_minus(x: Float) -> Float {
    Float::with_val(x.prec(), 1 - &x)
}

fn linspace(start: Float, end: Float, n: usize) -> Vec<Float> {
    let (start, end) = (Float::with_val(SINGLE, start), Float::with_val(SINGLE, end));
    let step = (&end - &start).complete(SINGLE) / (n - 1) as u32;
    let fused = |k: usize| match k < n / 2 {
        true => step
            .mul_add_ref(&Float::with_val(SINGLE, k), &start)
            .complete(SINGLE),
        false => -step
            .mul_sub_ref(&Float::with_val(SINGLE, n - 1 - k), &end)
            .complete(SINGLE),
    };
    (0..n).map(fused).collect()
}

fn cosine_beta(n: usize, k: usize) -> Float {
    let bar = |k: usize| {
        let t = Float::with_val(DOUBLE, k) / n as u32;
        let shifted = (t + 0.008_f64) / 1.008_f64;
        let angle = shifted * std::f64::consts::PI / 2_u32;
        angle.cos().square()
    };
    let beta = one_minus(bar(k + 1) / bar(k));
    Float::with_val(SINGLE, beta.min(&Float::with_val(DOUBLE, 0.999_f64)))
}

fn cumulative(factors: impl Iterator<Item = Float>) -> Vec<Float> {
    let mut product = Float::with_val(DOUBLE, 1);
    factors
        .map(|factor| {
            product *= factor;
            Float::with_val(SINGLE, &product)
        })
        .collect()
}

/// Lin et al. 2023, Algorithm 1, through betas and back as diffusers writes it.
fn rescaled(products: &[Float]) -> Vec<Float> {
    let roots: Vec<Float> = products.iter().map(|p| p.clone().sqrt()).collect();
    let (first, last) = (&roots[0], &roots[roots.len() - 1]);
    let stretch = first / (first - last).complete(SINGLE);
    let squares: Vec<Float> = roots
        .iter()
        .map(|root| ((root - last).complete(SINGLE) * &stretch).square())
        .collect();
    let alphas = squares.iter().enumerate().map(|(k, square)| match k {
        0 => square.clone(),
        _ => (square / &squares[k - 1]).complete(SINGLE),
    });
    let betas: Vec<Float> = alphas.map(one_minus).collect();
    cumulative(betas.into_iter().map(one_minus))
}
