//! Products of independent problems, rotated: y = Q z has independent components, z has not.
//!
//! Q is a product of reflections I - 2 v v'/(v'v) along rational v, so that big floats and balls
//! lose nothing but their own rounding. A sampler whose weights are numbers commutes with every
//! orthogonal Q: its run on the rotated problem is the rotated run.

use super::gaussian::{joined, list, numbers};
use super::{Gaussian, Mixture, Model, Problem, check_length};
use crate::arithmetic::{Rational, Real, Special, rational};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use std::fmt;

/// Independent factors in the coordinates y = Q z.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    factors: Factors,
    reflections: Vec<Vec<Rational>>,
}

/// What is multiplied.
#[derive(Clone, Debug, PartialEq)]
pub enum Factors {
    /// One normal distribution a component: `rotated-gaussian`.
    Gaussian(Gaussian),
    /// One mixture a component: `rotated-mixture`.
    Mixtures(Vec<Mixture>),
}

impl Product {
    /// The problem whose coordinates Q z are distributed as `factors`; Q applies the reflections
    /// along `reflections`, vectors as long as the problem has components, in the order given.
    ///
    /// # Errors
    /// `E-PROBLEM` without a factor, for a vector of another length or a zero vector.
    pub fn new(factors: Factors, reflections: Vec<Vec<Rational>>) -> Result<Self> {
        let malformed =
            |what: String, remedy: &str| Err(Error::new(Code::Problem, what, "rotation", remedy));
        let dimension = factors.dimension();
        if dimension == 0 {
            return malformed("no factors".to_owned(), "give at least one");
        }
        for v in &reflections {
            if v.len() != dimension {
                return malformed(
                    format!("v = {} has {} entries", joined(v), v.len()),
                    "give as many as there are factors, separated by `;`, and vectors separated by `|`",
                );
            }
            if v.iter().all(|entry| *entry == rational(0, 1)) {
                return malformed(
                    "v = 0 defines no reflection".to_owned(),
                    "give a vector with an entry other than 0",
                );
            }
        }
        Ok(Product {
            factors,
            reflections,
        })
    }

    /// `rotated-mixture`: three skew mixtures, and two reflections that mix every component with
    /// every other.
    pub(super) const MIXTURES: [&'static str; 4] = [
        "1/2;3/10;1/5|2/3;1/3|1/4;3/4",
        "-1;2/5;3/2|-1/2;1|-3/2;1/3",
        "1/10;1/20;1/5|1/8;1/4|1/5;1/12",
        "1;2;-1|2;-1;3",
    ];

    pub(super) fn parse_mixtures(mut id: Id) -> Result<Self> {
        let [w, mu, s2, v] = Self::MIXTURES;
        let (weights, means) = (lists(&mut id, "w", w)?, lists(&mut id, "mu", mu)?);
        let (variances, reflections) = (lists(&mut id, "s2", s2)?, lists(&mut id, "v", v)?);
        id.finish(&["w", "mu", "s2", "v"])?;
        if weights.len() != means.len() || weights.len() != variances.len() {
            let (w, m, s) = (weights.len(), means.len(), variances.len());
            return Err(Error::new(
                Code::Problem,
                format!("{w} lists of weights, {m} of means and {s} of variances"),
                "rotated-mixture",
                "give one of each a factor, separated by `|`",
            ));
        }
        let lists = weights.into_iter().zip(means).zip(variances);
        let factors = lists.enumerate().map(|(i, ((w, mu), s2))| {
            Mixture::new(w, mu, s2).map_err(|e| e.at(format!("factor {}", i + 1)))
        });
        Product::new(
            Factors::Mixtures(factors.collect::<Result<_>>()?),
            reflections,
        )
    }

    /// `rotated-gaussian`: means, variances and the reflections of `rotated-mixture`.
    pub(super) const GAUSSIAN: [&'static str; 3] = ["1/2;-1;2", "1/4;2;1/16", Self::MIXTURES[3]];

    pub(super) fn parse_gaussian(mut id: Id) -> Result<Self> {
        let [mu, s2, v] = Self::GAUSSIAN;
        let (mean, variance) = (list(&mut id, "mu", mu)?, list(&mut id, "s2", s2)?);
        let reflections = lists(&mut id, "v", v)?;
        id.finish(&["mu", "s2", "v"])?;
        Product::new(
            Factors::Gaussian(Gaussian::new(mean, variance)?),
            reflections,
        )
    }

    /// Number of components.
    pub fn dimension(&self) -> usize {
        self.factors.dimension()
    }

    /// The independent problems, one after the other along y = Q z.
    pub fn factors(&self) -> Vec<Problem> {
        match &self.factors {
            Factors::Gaussian(gaussian) => vec![Problem::Gaussian(gaussian.clone())],
            Factors::Mixtures(mixtures) => mixtures.iter().cloned().map(Problem::Mixture).collect(),
        }
    }

    /// Q in the arithmetic of `witness`.
    pub fn rotation<T: Real>(&self, witness: &T) -> Rotation<T> {
        let realised = |v: &Vec<Rational>| Reflection::new(v, witness);
        Rotation(self.reflections.iter().map(realised).collect())
    }

    /// Realises the product in the arithmetic of `witness`.
    pub fn model<T: Real>(&self, witness: &T) -> ProductModel<T> {
        let factors = self.factors();
        ProductModel {
            dimensions: factors.iter().map(Problem::dimension).collect(),
            factors: factors.iter().map(|factor| factor.model(witness)).collect(),
            rotation: self.rotation(witness),
        }
    }
}

impl Factors {
    fn dimension(&self) -> usize {
        match self {
            Factors::Gaussian(gaussian) => gaussian.dimension(),
            Factors::Mixtures(mixtures) => mixtures.len(),
        }
    }
}

/// Lists separated by `|`, their numbers by `;`.
fn lists(id: &mut Id, key: &str, default: &str) -> Result<Vec<Vec<Rational>>> {
    let text = id.take(key).unwrap_or_else(|| default.to_owned());
    let place = format!("`{}`, {key}", id.name);
    text.split('|').map(|list| numbers(list, &place)).collect()
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |lists: Vec<&[Rational]>| {
            let texts: Vec<String> = lists.into_iter().map(joined).collect();
            texts.join("|")
        };
        match &self.factors {
            Factors::Gaussian(gaussian) => write!(f, "rotated-{gaussian}")?,
            Factors::Mixtures(mixtures) => {
                let [w, mu, s2] =
                    [0, 1, 2].map(|k| all(mixtures.iter().map(|m| m.parameters()[k]).collect()));
                write!(f, "rotated-mixture:w={w},mu={mu},s2={s2}")?;
            }
        }
        if self.reflections.is_empty() {
            return Ok(());
        }
        let v = all(self.reflections.iter().map(Vec::as_slice).collect());
        write!(f, ",v={v}")
    }
}

/// Q, realised.
#[derive(Clone, Debug)]
pub struct Rotation<T>(Vec<Reflection<T>>);

impl<T: Real> Rotation<T> {
    /// y = Q z, for z of the problem's dimension.
    pub fn turn(&self, z: &[T]) -> Vec<T> {
        self.0.iter().fold(z.to_vec(), |z, r| r.apply(z))
    }

    /// z = Q' y.
    pub fn turn_back(&self, y: &[T]) -> Vec<T> {
        self.0.iter().rev().fold(y.to_vec(), |y, r| r.apply(y))
    }
}

#[derive(Clone, Debug)]
struct Reflection<T> {
    along: Vec<T>,
    /// 2/(v'v).
    scale: T,
}

impl<T: Real> Reflection<T> {
    fn new(v: &[Rational], witness: &T) -> Self {
        let along: Vec<T> = v.iter().map(|entry| witness.constant(*entry)).collect();
        let scale = witness.like(2, 1) / &dot(&along, &along, witness);
        Reflection { along, scale }
    }

    /// z - v 2 (v'z)/(v'v).
    fn apply(&self, z: Vec<T>) -> Vec<T> {
        let share = dot(&self.along, &z, &self.scale) * &self.scale;
        let entries = z.into_iter().zip(&self.along);
        entries.map(|(z, v)| z - &(v.clone() * &share)).collect()
    }
}

fn dot<T: Real>(a: &[T], b: &[T], witness: &T) -> T {
    let products = a.iter().zip(b).map(|(a, b)| a.clone() * b);
    products.fold(witness.like(0, 1), |sum, product| sum + &product)
}

/// [`Product`] realised.
#[derive(Clone, Debug)]
pub struct ProductModel<T> {
    pub(super) factors: Vec<Model<T>>,
    /// Of each factor.
    pub(super) dimensions: Vec<usize>,
    pub(super) rotation: Rotation<T>,
}

impl<T: Real> ProductModel<T> {
    /// Q' m(tau, Q z).
    pub(super) fn denoise(&self, tau: &T, z: &[T]) -> Result<Vec<T>> {
        self.turned(z, |factor, y| factor.denoise(tau, y))
    }

    fn turned(&self, z: &[T], value: impl Fn(&Model<T>, &[T]) -> Result<Vec<T>>) -> Result<Vec<T>> {
        check_length(z, self.dimensions.iter().sum())?;
        let y = self.rotation.turn(z);
        let mut rest = y.as_slice();
        let mut values = Vec::with_capacity(y.len());
        for (factor, dimension) in self.factors.iter().zip(&self.dimensions) {
            let (own, others) = rest.split_at(*dimension);
            values.extend(value(factor, own)?);
            rest = others;
        }
        Ok(self.rotation.turn_back(&values))
    }
}

impl<T: Special> ProductModel<T> {
    pub(super) fn solution(&self, z: &[T], tau_s: &T, tau_t: &T) -> Result<Vec<T>> {
        self.turned(z, |factor, y| factor.solution(y, tau_s, tau_t))
    }

    pub(super) fn start(&self, tau: &T) -> Result<Vec<T>> {
        let starts: Vec<Vec<T>> = self
            .factors
            .iter()
            .map(|f| f.start(tau))
            .collect::<Result<_>>()?;
        Ok(self.rotation.turn_back(&starts.concat()))
    }
}
