//! Degrees of a rational function's numerator, its denominator kept as a product of known factors.

use crate::arithmetic::{Field, Rational};
use std::collections::BTreeMap;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A power series in x whose coefficients are N_m/D, D the same for all m: bounds on the degrees of
/// the N_m in every variable, powers of it that divide them, and D as powers of affine functions of
/// the variables.
///
/// Running a formula on these bounds gives the degrees that its value can have at most. Sums are
/// brought to the least common denominator and nothing is cancelled, so a degree can be too large and
/// never too small, and a power that divides too small and never too large. Division is by affine
/// functions and phi is taken of x itself; what else a formula may do is unknown, and then it has no
/// bound.
#[derive(Clone, Debug)]
pub(super) struct Fraction {
    variables: usize,
    bound: Bound,
}

#[derive(Clone, Debug)]
enum Bound {
    /// Identically zero.
    Zero,
    /// Not zero, as far as known.
    Known(Known),
    /// Left what can be bounded.
    Unknown,
}

#[derive(Clone, Debug)]
struct Known {
    /// Degree of the numerator in each variable.
    degrees: Vec<u32>,
    /// A power of each variable that divides the numerator.
    powers: Vec<u32>,
    denominator: BTreeMap<Affine, u32>,
    /// The value itself, if it is affine and free of x.
    value: Option<Affine>,
}

/// The constant term, then the coefficient of each variable.
type Affine = Vec<rug::Rational>;

impl Fraction {
    /// x, with `variables` variables around.
    pub(super) fn power_variable(variables: usize) -> Self {
        let bound = Bound::Known(Known {
            degrees: vec![0; variables],
            powers: vec![0; variables],
            denominator: BTreeMap::new(),
            value: None,
        });
        Fraction { variables, bound }
    }

    /// The variable of index `at`.
    pub(super) fn variable(at: usize, variables: usize) -> Self {
        let unit = |i: usize| rug::Rational::from(u32::from(i == at + 1));
        Fraction {
            variables,
            bound: Known::affine((0..=variables).map(unit).collect()),
        }
    }

    /// Bounds on the numerators' degrees after division by the powers that divide them, which have
    /// no zero but 0; `None` if there are none.
    pub(super) fn degrees(&self) -> Option<Vec<u32>> {
        match &self.bound {
            Bound::Zero => Some(vec![0; self.variables]),
            Bound::Known(known) => {
                let pairs = known.degrees.iter().zip(&known.powers);
                Some(pairs.map(|(degree, power)| degree - power).collect())
            }
            Bound::Unknown => None,
        }
    }

    fn combine(self, other: &Self, operation: impl Fn(Known, &Known) -> Bound) -> Self {
        let bound = match (self.bound, &other.bound) {
            (Bound::Known(x), Bound::Known(y)) => operation(x, y),
            _ => Bound::Unknown,
        };
        Fraction { bound, ..self }
    }
}

impl Known {
    fn affine(value: Affine) -> Bound {
        if value.iter().all(|c| c.is_zero()) {
            return Bound::Zero;
        }
        Bound::Known(Known {
            degrees: degrees(&value),
            powers: powers(&value),
            denominator: BTreeMap::new(),
            value: Some(value),
        })
    }

    /// The value, if it is a constant.
    fn constant(&self) -> Option<&rug::Rational> {
        let value = self.value.as_ref()?;
        value[1..].iter().all(|c| c.is_zero()).then_some(&value[0])
    }

    fn scaled(value: &Affine, factor: &rug::Rational) -> Affine {
        value.iter().map(|c| c.clone() * factor).collect()
    }

    fn plus(mut self, other: &Known) -> Bound {
        if let (Some(x), Some(y)) = (&self.value, &other.value) {
            return Known::affine(x.iter().zip(y).map(|(x, y)| (x + y).into()).collect());
        }
        let mut common = self.denominator.clone();
        for (factor, power) in &other.denominator {
            let entry = common.entry(factor.clone()).or_insert(0);
            *entry = (*entry).max(*power);
        }
        let merged = |left: Vec<u32>, right: Vec<u32>, one: fn(u32, u32) -> u32| {
            left.into_iter()
                .zip(right)
                .map(|(x, y)| one(x, y))
                .collect()
        };
        let (mine, others) = (self.missing(&common), other.missing(&common));
        self.degrees = merged(
            raised(&self.degrees, &mine, degrees),
            raised(&other.degrees, &others, degrees),
            u32::max,
        );
        self.powers = merged(
            raised(&self.powers, &mine, powers),
            raised(&other.powers, &others, powers),
            u32::min,
        );
        self.denominator = common;
        self.value = None;
        Bound::Known(self)
    }

    /// The factors, with their powers, that `common` has beyond this denominator.
    fn missing(&self, common: &BTreeMap<Affine, u32>) -> Vec<(Affine, u32)> {
        let beyond = |(factor, power): (&Affine, &u32)| {
            let here = self.denominator.get(factor).unwrap_or(&0);
            (factor.clone(), power - here)
        };
        common.iter().map(beyond).collect()
    }

    fn times(mut self, other: &Known) -> Bound {
        let value = match (self.constant(), other.constant()) {
            (Some(factor), _) => other.value.as_ref().map(|v| Known::scaled(v, factor)),
            (_, Some(factor)) => self.value.as_ref().map(|v| Known::scaled(v, factor)),
            _ => None,
        };
        for (mine, more) in [
            (&mut self.degrees, &other.degrees),
            (&mut self.powers, &other.powers),
        ] {
            for (count, more) in mine.iter_mut().zip(more) {
                *count += more;
            }
        }
        for (factor, power) in &other.denominator {
            *self.denominator.entry(factor.clone()).or_insert(0) += power;
        }
        self.value = value;
        Bound::Known(self)
    }

    fn over(mut self, divisor: &Known) -> Bound {
        let Some(value) = &divisor.value else {
            return Bound::Unknown;
        };
        if let Some(constant) = divisor.constant() {
            let factor = rug::Rational::from(constant.recip_ref());
            self.value = self.value.map(|v| Known::scaled(&v, &factor));
            return Bound::Known(self);
        }
        // Factors that differ by a constant are one.
        let Some(leading) = value[1..].iter().find(|c| !c.is_zero()) else {
            return Bound::Unknown;
        };
        let factor = Known::scaled(value, &rug::Rational::from(leading.recip_ref()));
        *self.denominator.entry(factor).or_insert(0) += 1;
        self.value = None;
        Bound::Known(self)
    }
}

/// Of an affine function in each variable.
fn degrees(value: &Affine) -> Vec<u32> {
    value[1..].iter().map(|c| u32::from(!c.is_zero())).collect()
}

/// Powers that divide it: 1 in the variable of which it is a multiple.
fn powers(value: &Affine) -> Vec<u32> {
    let single = value.iter().filter(|c| !c.is_zero()).count() == 1;
    let degrees = degrees(value).into_iter();
    degrees.map(|d| if single { d } else { 0 }).collect()
}

/// What the product with these factors has, `of` being what each factor has.
fn raised(counts: &[u32], factors: &[(Affine, u32)], of: fn(&Affine) -> Vec<u32>) -> Vec<u32> {
    let mut counts = counts.to_vec();
    for (factor, power) in factors {
        for (count, more) in counts.iter_mut().zip(of(factor)) {
            *count += power * more;
        }
    }
    counts
}

impl Neg for Fraction {
    type Output = Self;
    fn neg(self) -> Self {
        let minus_one = self.like(-1, 1);
        self * &minus_one
    }
}

impl Add<&Fraction> for Fraction {
    type Output = Self;
    fn add(self, other: &Self) -> Self {
        match (&self.bound, &other.bound) {
            (Bound::Zero, _) => other.clone(),
            (_, Bound::Zero) => self,
            _ => self.combine(other, Known::plus),
        }
    }
}

impl Sub<&Fraction> for Fraction {
    type Output = Self;
    fn sub(self, other: &Self) -> Self {
        self + &-other.clone()
    }
}

impl Mul<&Fraction> for Fraction {
    type Output = Self;
    fn mul(self, other: &Self) -> Self {
        match (&self.bound, &other.bound) {
            (Bound::Zero, Bound::Zero | Bound::Known(_)) => self,
            (Bound::Known(_), Bound::Zero) => other.clone(),
            _ => self.combine(other, Known::times),
        }
    }
}

impl Div<&Fraction> for Fraction {
    type Output = Self;
    fn div(self, other: &Self) -> Self {
        match (&self.bound, &other.bound) {
            (Bound::Zero, Bound::Known(divisor)) if divisor.value.is_some() => self,
            _ => self.combine(other, Known::over),
        }
    }
}

impl Field for Fraction {
    fn constant(&self, value: Rational) -> Self {
        let mut affine = vec![rug::Rational::new(); self.variables + 1];
        affine[0] = rug::Rational::from((*value.numer(), *value.denom()));
        Fraction {
            bound: Known::affine(affine),
            ..*self
        }
    }

    fn exp(&self) -> Self {
        self.phi(0)
    }

    fn exp_m1(&self) -> Self {
        self.phi(1) * self
    }

    /// A series in x with constant coefficients gives such a series; of anything else nothing is known.
    fn phi(&self, _: u32) -> Self {
        match &self.bound {
            Bound::Zero => self.like(1, 1),
            Bound::Known(known)
                if known.value.is_none()
                    && known.denominator.is_empty()
                    && known.degrees.iter().all(|degree| *degree == 0) =>
            {
                self.clone()
            }
            _ => Fraction {
                bound: Bound::Unknown,
                ..*self
            },
        }
    }
}
