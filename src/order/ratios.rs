//! Orders for all stage positions at once: identities between rational functions of r1 and r2,
//! proved on a grid of points.
//!
//! Each coefficient of scheme less exact is a rational function of the ratios. If its numerator has
//! degree at most d1 in r1 and d2 in r2, it vanishes identically if and only if it vanishes on a
//! tensor grid of (d1 + 1) by (d2 + 1) points: for each r2 of the grid it is a polynomial in r1 with
//! too many roots, and then each of its coefficients is one in r2. `degree.rs` bounds the degrees by
//! running the scheme's own code. One c proves all c (see [`super::trees`]).

use super::degree::Degree;
use super::elementary::{by_scheme, exact_series};
use super::scheme::Scheme;
use super::tree::Tree;
use crate::arithmetic::{Field, Rational, Series, rational};
use crate::solver::{Method, Step};
use std::fmt;

/// The c at which ratios are proved.
pub const C: (i128, i128) = (1, 1);

/// A rational function of the ratios (r1, r2), up to a constant factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 1.
    One,
    /// 3 r2 - 2.
    TwoThirds,
    /// r1 (3 r2 - 2)/(r2 - r1).
    TwoThirdsOverGap,
}

impl Form {
    fn value<T: Field>(self, witness: &T, ratios: &[T]) -> T {
        let one = witness.like(1, 1);
        let (Form::TwoThirds | Form::TwoThirdsOverGap, [r1, r2]) = (self, ratios) else {
            return one;
        };
        let linear = witness.like(3, 1) * r2 - &witness.like(2, 1);
        match self {
            Form::TwoThirdsOverGap => r1.clone() * &linear / &(r2.clone() - r1),
            _ => linear,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::One => "1",
            Form::TwoThirds => "3 r2 - 2",
            Form::TwoThirdsOverGap => "r1 (3 r2 - 2)/(r2 - r1)",
        })
    }
}

/// One identity: the coefficient of h^`power` of scheme less exact, in the component of a tree, is
/// `factor` times `form`, for all ratios.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Name of the tree.
    pub tree: String,
    /// The power of h.
    pub power: u32,
    /// The constant factor; 0 where the condition holds for all ratios.
    pub factor: rug::Rational,
    /// The function of the ratios.
    pub form: Form,
    /// True if it holds at every point of the grid.
    pub holds: bool,
}

/// Identities for all ratios, the degrees that bound them and the grid that proves them.
#[derive(Clone, Debug)]
pub struct RatioProof {
    /// Bounds on the degree of every identity's numerator: in r1, in r2.
    pub degrees: Vec<u32>,
    /// The grid: values of r1, values of r2 (disjoint; every r1 below every r2).
    pub grid: Vec<Vec<Rational>>,
    /// The identities.
    pub identities: Vec<Identity>,
}

/// What is to be proved of a scheme for all its ratios.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The order for all ratios.
    pub order: u32,
    /// Every coefficient of h^(order + 1) is a multiple of this form: the order rises where, and
    /// only where, it is zero.
    pub rises_where_zero: Option<Form>,
}

impl Claim {
    /// What is claimed of a single-step method of the catalogue; [`prove`] decides. `None` for
    /// others.
    pub fn of(method: Method) -> Option<Self> {
        let rises_where_zero = match method {
            Method::TwoS(_) | Method::TwoSTaylor(_) => None,
            Method::ThreeS(..) => Some(Form::TwoThirds),
            Method::ThreeSTaylor(..) => Some(Form::TwoThirdsOverGap),
            _ => return None,
        };
        Some(Claim {
            order: 2,
            rises_where_zero,
        })
    }
}

impl RatioProof {
    /// True if every identity holds.
    pub fn holds(&self) -> bool {
        !self.identities.is_empty() && self.identities.iter().all(|identity| identity.holds)
    }
}

/// One coefficient that is looked at.
struct Target {
    tree: usize,
    power: u32,
    form: Form,
    /// False where the factor is claimed to be zero.
    free: bool,
}

/// Proves a claim for all ratios of a scheme of s stages, and that no ratios give more than order
/// s + 1: the tall tree of s + 2 vertices has the same coefficient of h^(s + 2) everywhere.
///
/// `None` if the degrees cannot be bounded.
pub fn prove(scheme: &impl Scheme, claim: Claim) -> Option<RatioProof> {
    let stages = scheme.stages().len();
    let trees = Tree::all_and_tall(claim.order as usize + 1, stages + 2);
    let targets = targets(&trees, claim, stages + 2);
    let degrees = degrees(scheme, &trees, &targets, stages)?;
    let grid = grid(&degrees);

    let exact = exact_series(&rug::Rational::from(C), stages + 3, &trees);
    let points = points(&grid).into_iter();
    let points: Vec<Point> = points
        .map(|at| Point::new(scheme, &trees, &exact, &at))
        .collect();
    let identities = targets
        .iter()
        .map(|target| identity(target, &trees, &points));
    let identities = identities.collect();
    Some(RatioProof {
        degrees,
        grid,
        identities,
    })
}

/// The identity of a target, its factor read off at the first point.
fn identity(target: &Target, trees: &[Tree], points: &[Point]) -> Identity {
    let factor_at = |point: &Point| Some(point.coefficient(target)? / point.form(target.form)?);
    let factor = points.first().filter(|_| target.free).and_then(factor_at);
    let factor = factor.unwrap_or_default();
    let holds = points.iter().all(|point| {
        let claimed = point.form(target.form).map(|form| form * &factor);
        claimed.is_some() && point.coefficient(target) == claimed
    });
    Identity {
        tree: trees[target.tree].name.clone(),
        power: target.power,
        factor,
        form: target.form,
        holds,
    }
}

/// Every tree of at most order + 1 vertices through h^order, those at h^(order + 1) if the claim
/// says so, and the tall tree.
fn targets(trees: &[Tree], claim: Claim, tall: usize) -> Vec<Target> {
    let mut targets = Vec::new();
    for (i, tree) in trees.iter().enumerate() {
        if tree.vertices <= claim.order as usize + 1 {
            targets.extend((0..=claim.order).map(|power| Target {
                tree: i,
                power,
                form: Form::One,
                free: false,
            }));
            targets.extend(claim.rises_where_zero.map(|form| Target {
                tree: i,
                power: claim.order + 1,
                form,
                free: true,
            }));
        }
        if tree.vertices == tall && i + 1 == trees.len() {
            targets.push(Target {
                tree: i,
                power: tall as u32,
                form: Form::One,
                free: true,
            });
        }
    }
    targets
}

/// A bound on the numerators' degrees in each ratio, the others held fixed.
fn degrees(
    scheme: &impl Scheme,
    trees: &[Tree],
    targets: &[Target],
    stages: usize,
) -> Option<Vec<u32>> {
    let h = Degree::step();
    let step = Step::new(h, &h.like(1, 1));
    let bound_in = |variable: usize| {
        let ratio = |i: usize| {
            if i == variable {
                Degree::ratio()
            } else {
                h.like(1, 1)
            }
        };
        let ratios: Vec<Degree> = (0..stages).map(ratio).collect();
        let tableau = scheme.tableau(&step, ratios.clone());
        let weights = by_scheme(&step, &tableau, trees);
        let bounds = targets.iter().map(|target| {
            // The exact solution is free of the ratios.
            let exact = h.like(1, 1);
            let form = target.form.value(&h, &ratios);
            let claimed = weights[target.tree] - &exact - &form;
            claimed.at_power(target.power)
        });
        let largest = bounds.collect::<Option<Vec<i64>>>()?.into_iter().max()?;
        u32::try_from(largest).ok()
    };
    (0..stages).map(bound_in).collect()
}

/// r1 = 1/3, 1/4, ..., r2 = 1/2, 2/3, 3/4, ...; one value more than each degree.
fn grid(degrees: &[u32]) -> Vec<Vec<Rational>> {
    let low = |n: &u32| (0..=i128::from(*n)).map(|i| rational(1, i + 3)).collect();
    let high = |n: &u32| {
        (0..=i128::from(*n))
            .map(|i| rational(i + 1, i + 2))
            .collect()
    };
    match degrees {
        [first, rest @ ..] => std::iter::once(low(first))
            .chain(rest.iter().map(high))
            .collect(),
        [] => Vec::new(),
    }
}

/// Every point of a tensor grid, the last variable fastest.
pub(super) fn points(grid: &[Vec<Rational>]) -> Vec<Vec<Rational>> {
    grid.iter().fold(vec![Vec::new()], |points, values| {
        let extend = |point: &Vec<Rational>| -> Vec<Vec<Rational>> {
            let with = |value: &Rational| point.iter().copied().chain([*value]).collect();
            values.iter().map(with).collect()
        };
        points.iter().flat_map(extend).collect()
    })
}

/// A point of the grid: the ratios there, and scheme less exact for every tree.
struct Point {
    ratios: Vec<Series>,
    differences: Vec<Series>,
}

impl Point {
    fn new(scheme: &impl Scheme, trees: &[Tree], exact: &[Series], at: &[Rational]) -> Self {
        let h = Series::variable(scheme.stages().len() + 3);
        let step = Step::new(h.clone(), &h.like(C.0, C.1));
        let ratios: Vec<Series> = at.iter().map(|r| h.constant(*r)).collect();
        let tableau = scheme.tableau(&step, ratios.clone());
        let weights = by_scheme(&step, &tableau, trees).into_iter();
        let differences = weights.zip(exact).map(|(scheme, exact)| scheme - exact);
        Point {
            differences: differences.collect(),
            ratios,
        }
    }

    fn coefficient(&self, target: &Target) -> Option<rug::Rational> {
        self.differences[target.tree].coefficient(i64::from(target.power))
    }

    fn form(&self, form: Form) -> Option<rug::Rational> {
        let witness = self.ratios.first()?;
        form.value(witness, &self.ratios).coefficient(0)
    }
}
