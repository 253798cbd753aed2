//! Orders of single-step schemes by rooted trees.
//!
//! A scheme has order p for every smooth g if and only if its step of the universal triangular
//! system agrees with the exact one through h^p in the component of every [`Tree`] of at most p
//! vertices. Components of trees with more vertices are O(h^(p+1)) on both sides, and depend on h
//! and c through h^vertices and z = c h alone, so one c != 0 decides for all c.
//!
//! The system starts at u = 0. That it decides for every start value needs one condition more: a
//! constant added to u must commute with every row, which is so if and only if the row's weights
//! sum to H_1 = h phi_1(c h) identically. [`Examination::shift`] has the defects.

use super::elementary::{by_scheme, exact, exact_series};
use super::scheme::Scheme;
use super::stiff::{shift_defect, stiff_order};
use super::tree::Tree;
use crate::arithmetic::{ExponentialPolynomial, Field, Rational, Series};
use crate::solver::{Step, Tableau};

/// Trees of up to so many vertices are compared: orders up to 4 can be told apart.
pub const VERTICES: usize = 5;
/// Identities are decided for trees of up to so many vertices.
pub const IDENTITY_VERTICES: usize = 4;
const TERMS: usize = VERTICES + 1;

/// Everything the trees tell about a scheme at one c.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The order for every smooth g, at most [`VERTICES`] (reached only if every condition holds).
    pub order: u32,
    /// Conditions in the order of [`Tree::all`].
    pub conditions: Vec<Condition>,
    /// The rows' shift conditions: the stages, then the step.
    pub shift: Vec<Shift>,
    /// The order whose conditions hold identically (Hochbruck and Ostermann 2010), at most 3.
    pub stiff_order: u32,
}

/// One tree: its component after one step, by the scheme and exactly.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The tree.
    pub tree: Tree,
    /// Coefficients of h^0, ..., h^[`VERTICES`] by the scheme; `None` where they are not known.
    pub scheme: Vec<Option<rug::Rational>>,
    /// The same of the exact solution.
    pub exact: Vec<rug::Rational>,
    /// True if both are the same function of h; false if not, undecided, or the tree is too large
    /// for [`IDENTITY_VERTICES`].
    pub identical: bool,
}

/// The sum of a row's weights less H_1.
#[derive(Clone, Debug)]
pub struct Shift {
    /// True if it is zero for every h.
    pub identical: bool,
    /// The first power of h with a non-zero or unknown coefficient, up to [`VERTICES`].
    pub power: Option<i64>,
}

impl Condition {
    /// Scheme less exact: the first power of h up to [`VERTICES`] with a coefficient that is not
    /// zero, and that coefficient (`None` if it is not known).
    pub fn leading(&self) -> Option<(u32, Option<rug::Rational>)> {
        let pairs = (0..).zip(self.scheme.iter().zip(&self.exact));
        pairs.into_iter().find_map(|(power, (scheme, exact))| {
            let difference = scheme.as_ref().map(|s| rug::Rational::from(s - exact));
            let zero = difference.as_ref().is_some_and(|d| d.is_zero());
            (!zero).then_some((power, difference))
        })
    }
}

impl Examination {
    /// The first tree whose condition for the next order fails.
    pub fn first_failing(&self) -> Option<&Condition> {
        self.principal().next()
    }

    /// The conditions whose leading terms make the principal error: those at h^(order + 1).
    pub fn principal(&self) -> impl Iterator<Item = &Condition> {
        let next = self.order + 1;
        let at_next = move |c: &&Condition| c.leading().is_some_and(|(power, _)| power == next);
        self.conditions.iter().filter(at_next)
    }

    /// The names of the trees that are exact for every h.
    pub fn identically_exact(&self) -> Vec<&str> {
        let identical = self.conditions.iter().filter(|c| c.identical);
        identical.map(|c| c.tree.name.as_str()).collect()
    }
}

/// Compares one step of `scheme` with the exact solution, tree by tree, for u' = c u + g.
pub fn examine(scheme: &impl Scheme, c: Rational) -> Examination {
    let trees = Tree::all(VERTICES);
    let (step, tableau) = realise(scheme, c, &Series::variable(TERMS));
    let (whole, closed) = realise(scheme, c, &ExponentialPolynomial::variable());
    let small = trees.partition_point(|tree| tree.vertices <= IDENTITY_VERTICES);

    let identical: Vec<bool> = by_scheme(&whole, &closed, &trees[..small])
        .into_iter()
        .zip(exact(&whole, &trees[..small]))
        .map(|(scheme, exact)| (scheme - &exact).is_zero())
        .collect();
    let scheme = by_scheme(&step, &tableau, &trees);
    let exact = exact_series(
        &rug::Rational::from((*c.numer(), *c.denom())),
        TERMS,
        &trees,
    );
    let conditions: Vec<Condition> = trees
        .into_iter()
        .zip(scheme.iter().zip(&exact))
        .enumerate()
        .map(|(i, (tree, (scheme, exact)))| Condition {
            tree,
            scheme: (0..TERMS as i64).map(|j| scheme.coefficient(j)).collect(),
            exact: (0..TERMS as i64)
                .map(|j| exact.coefficient(j).unwrap_or_default())
                .collect(),
            identical: identical.get(i).copied().unwrap_or(false),
        })
        .collect();
    let shift = shifts(&step, &tableau, &whole, &closed);

    Examination {
        order: order(&conditions, &shift),
        conditions,
        shift,
        stiff_order: stiff_order(&whole, &closed),
    }
}

/// The step of size `h` and the scheme's tableau for it.
pub(super) fn realise<T: Field>(scheme: &impl Scheme, c: Rational, h: &T) -> (Step<T>, Tableau<T>) {
    let step = Step::new(h.clone(), &h.constant(c));
    let ratios = scheme.stages().into_iter().map(|r| h.constant(r));
    let tableau = scheme.tableau(&step, ratios.collect());
    (step, tableau)
}

/// The smallest leading power less one. A defect O(h^q) of the step's own shift condition costs
/// as much as one of a tree; one of a stage enters with a weight O(h) before it.
fn order(conditions: &[Condition], shift: &[Shift]) -> u32 {
    let trees = conditions.iter().filter_map(|c| c.leading());
    let trees = trees.map(|(power, _)| i64::from(power) - 1);
    let stages = shift.len().saturating_sub(1);
    let shifts = shift.iter().enumerate();
    let shifts = shifts.filter_map(|(i, s)| s.power.map(|p| if i < stages { p } else { p - 1 }));
    let order = trees.chain(shifts).min().unwrap_or(VERTICES as i64);
    u32::try_from(order).unwrap_or(0)
}

fn shifts(
    step: &Step<Series>,
    tableau: &Tableau<Series>,
    whole: &Step<ExponentialPolynomial>,
    closed: &Tableau<ExponentialPolynomial>,
) -> Vec<Shift> {
    let defects = row_defects(step, tableau).into_iter();
    defects
        .zip(row_defects(whole, closed))
        .map(|(series, closed)| Shift {
            identical: closed.is_zero(),
            power: (0..TERMS as i64).find(|j| series.coefficient(*j).is_none_or(|c| !c.is_zero())),
        })
        .collect()
}

/// Shift defects of the stages, then of the step.
fn row_defects<T: Field>(step: &Step<T>, tableau: &Tableau<T>) -> Vec<T> {
    let rows = tableau.ratios.iter().zip(&tableau.stages);
    let stages = rows.map(|(r, row)| shift_defect(&step.part(r), row));
    stages
        .chain(std::iter::once(shift_defect(step, &tableau.last)))
        .collect()
}
