//! Promises of the proofs by trees: the orders of the single-step methods, which conditions hold
//! identically, and what is said of a scheme that is wrong.

use dpm_spec::arithmetic::{ExponentialPolynomial, Field, Rational, rational};
use dpm_spec::order::elementary::{exact, exact_series};
use dpm_spec::order::trees::{Examination, VERTICES, examine};
use dpm_spec::order::{Progressive, Scheme, Tree};
use dpm_spec::solver::{Method, Solver, Step, Tableau};

/// Data form, noise form, and the stochastic data form at eta = 1/2 and 1.
pub(crate) fn linear_coefficients() -> [Rational; 4] {
    [
        rational(-1, 1),
        rational(1, 1),
        rational(-3, 2),
        rational(-2, 1),
    ]
}

pub(crate) fn method(id: &str) -> Method {
    Solver::parse(id).unwrap().method
}

fn fraction(value: Rational) -> rug::Rational {
    rug::Rational::from((*value.numer(), *value.denom()))
}

/// Power and coefficient of scheme less exact.
fn leading(examination: &Examination, tree: &str) -> Option<(u32, rug::Rational)> {
    let found = examination.conditions.iter().find(|c| c.tree.name == tree);
    let (power, coefficient) = found.unwrap().leading()?;
    Some((power, coefficient.unwrap()))
}

fn first_failing(examination: &Examination) -> (String, rug::Rational) {
    let condition = examination.first_failing().unwrap();
    let (_, coefficient) = condition.leading().unwrap();
    (condition.tree.name.clone(), coefficient.unwrap())
}

#[test]
fn trees_of_one_to_five_vertices_number_1_2_5_13_37() {
    let trees = Tree::all(5);
    let count = |n| trees.iter().filter(|tree| tree.vertices == n).count();
    assert_eq!([1, 2, 3, 4, 5].map(count), [1, 2, 5, 13, 37]);
    let mut names: Vec<&str> = trees.iter().map(|tree| tree.name.as_str()).collect();
    assert_eq!(names[..4], [".", "[l]", "[.]", "[l,l]"]);
    assert!(names.contains(&"[l,[.]]"));
    for tree in &trees {
        let vertices = tree.name.matches(['l', '.', '[']).count();
        assert_eq!(vertices, tree.vertices, "{}", tree.name);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), trees.len());
}

#[test]
fn both_routes_to_the_exact_solution_agree() {
    let trees = Tree::all(4);
    for c in linear_coefficients() {
        let h = ExponentialPolynomial::variable();
        let step = Step::new(h.clone(), &h.constant(c));
        let series = exact_series(&fraction(c), 9, &trees);
        for ((tree, closed), series) in trees.iter().zip(exact(&step, &trees)).zip(series) {
            for j in 0..9 {
                let name = &tree.name;
                assert_eq!(closed.coefficient(j), series.coefficient(j), "{name} h^{j}");
            }
        }
    }
}

#[test]
fn orders_are_the_known_ones_at_every_c() {
    let known = [
        ("ddim", 1, 1),
        ("dpmpp-2s", 2, 1),
        ("dpmpp-2s:r1=2/3", 2, 1),
        ("dpmpp-2s:r1=1", 2, 1),
        ("dpmpp-2s-taylor", 2, 2),
        ("dpmpp-2s-taylor:r1=1", 2, 2),
        ("dpmpp-3s", 3, 2),
        ("dpmpp-3s:r1=1/2", 3, 2),
        ("dpmpp-3s:r1=1/2,r2=3/4", 2, 2),
        ("dpmpp-3s:r1=1/2,r2=1", 2, 2),
        ("dpmpp-3s-taylor", 3, 2),
        ("dpmpp-3s-taylor:r1=1/7", 3, 2),
        ("dpmpp-3s-taylor:r2=1", 2, 2),
    ];
    for (id, order, stiff) in known {
        for c in linear_coefficients() {
            let examination = examine(&method(id), c);
            assert_eq!(examination.order, order, "{id} at c = {c}");
            assert_eq!(examination.stiff_order, stiff, "{id} at c = {c}");
            assert!(examination.shift.iter().all(|s| s.identical), "{id}");
            assert_eq!(examination.shift.len(), method(id).outputs());
        }
    }
}

#[test]
fn identically_exact_trees_are_decided() {
    let exact = |id| {
        let examination = examine(&method(id), rational(-1, 1));
        let names = examination.identically_exact().into_iter();
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(exact("ddim"), ["."]);
    assert_eq!(exact("dpmpp-2s"), ["."]);
    assert_eq!(exact("dpmpp-2s-taylor"), [".", "[l]"]);
    assert_eq!(exact("dpmpp-3s"), [".", "[l]"]);
    assert_eq!(exact("dpmpp-3s-taylor"), [".", "[l]", "[l,l]"]);
    // Identical through h^5 at least, then; the converse is what a series can't say.
    let examination = examine(&method("dpmpp-3s-taylor"), rational(1, 1));
    for condition in examination.conditions.iter().filter(|c| c.identical) {
        assert_eq!(condition.leading(), None, "{}", condition.tree.name);
    }
}

#[test]
fn leading_coefficients_are_those_derived_by_hand() {
    // [l,l]: b_1 (r1 h)^2 = r1 h^3/2 against h^3/3; [[.]] has no path through one stage.
    for (r1, expected) in [((1, 2), (-1, 12)), ((1, 1), (1, 6)), ((1, 3), (-1, 6))] {
        let id = format!("dpmpp-2s:r1={}/{}", r1.0, r1.1);
        let examination = examine(&method(&id), rational(-1, 1));
        let expected = rug::Rational::from(expected);
        assert_eq!(leading(&examination, "[l,l]"), Some((3, expected)));
        let tall = Some((3, rug::Rational::from((-1, 6))));
        assert_eq!(leading(&examination, "[[.]]"), tall);
        // [l]: H_1/2 h against h^2 phi_2: h^3 c (1/4 - 1/6).
        let first = first_failing(&examination);
        assert_eq!(first, ("[l]".to_owned(), rug::Rational::from((-1, 12))));
    }
    let examination = examine(&method("dpmpp-3s:r2=1"), rational(1, 1));
    let quadrature = Some((3, rug::Rational::from((1, 6))));
    assert_eq!(leading(&examination, "[l,l]"), quadrature);
}

#[test]
fn one_c_decides_for_all() {
    // Components depend on h^vertices and c h: coefficients scale with c^(power - vertices).
    for id in ["dpmpp-2s", "dpmpp-2s-taylor", "dpmpp-3s", "dpmpp-3s-taylor"] {
        let unit = examine(&method(id), rational(1, 1));
        for c in linear_coefficients() {
            let scaled = examine(&method(id), c);
            for (one, other) in unit.conditions.iter().zip(&scaled.conditions) {
                for power in one.tree.vertices..=VERTICES {
                    let scale = (one.tree.vertices..power).map(|_| fraction(c));
                    let scale: rug::Rational = scale.fold(1.into(), |product, c| product * c);
                    let coefficient = one.scheme[power].clone().unwrap() * &scale;
                    assert_eq!(Some(coefficient), other.scheme[power]);
                    assert_eq!(one.exact[power].clone() * &scale, other.exact[power]);
                }
            }
        }
    }
}

#[test]
fn blocks_whose_stages_are_grid_nodes_keep_the_order_on_uniform_grids() {
    for (id, order) in [("dpmpp-2s", 2), ("dpmpp-3s", 3), ("dpmpp-3s-taylor", 3)] {
        let block = Progressive::uniform(method(id));
        assert_eq!(examine(&block, rational(-1, 1)).order, order, "{id}");
    }
    let uneven = Progressive {
        method: method("dpmpp-3s"),
        stages: vec![rational(1, 3), rational(3, 5)],
    };
    assert_eq!(examine(&uneven, rational(-1, 1)).order, 2);
}

/// A catalogue method with its tableau spoilt.
pub(crate) struct Wrong<F>(pub(crate) Method, pub(crate) F);

/// What spoils a tableau, in any arithmetic.
pub(crate) trait Spoil {
    fn spoil<T: Field>(&self, step: &Step<T>, tableau: &mut Tableau<T>);
}

impl<F: Spoil> Scheme for Wrong<F> {
    fn stages(&self) -> Vec<Rational> {
        self.0.stages()
    }
    fn tableau<T: Field>(&self, step: &Step<T>, ratios: Vec<T>) -> Tableau<T> {
        let mut tableau = Tableau::new(self.0, step, ratios);
        self.1.spoil(step, &mut tableau);
        tableau
    }
}

/// 2s with 1/r1 in place of 1/(2 r1).
pub(crate) struct FullSlope;

impl Spoil for FullSlope {
    fn spoil<T: Field>(&self, step: &Step<T>, tableau: &mut Tableau<T>) {
        let weight = tableau.last[1].clone();
        tableau.last[0] = tableau.last[0].clone() - &weight;
        tableau.last[1] = weight * &step.h.like(2, 1);
    }
}

/// 3s with its second stage by ddim.
pub(crate) struct FlatStage;

impl Spoil for FlatStage {
    fn spoil<T: Field>(&self, step: &Step<T>, tableau: &mut Tableau<T>) {
        tableau.stages[1] = vec![step.part(&tableau.ratios[1]).h_phi(1)];
    }
}

/// The first stage with r1 h in place of r1 h phi_1(r1 z).
struct EulerStage;

impl Spoil for EulerStage {
    fn spoil<T: Field>(&self, step: &Step<T>, tableau: &mut Tableau<T>) {
        tableau.stages[0] = vec![step.part(&tableau.ratios[0]).h];
    }
}

/// Weights that sum to h in place of H_1.
struct PlainSum;

impl Spoil for PlainSum {
    fn spoil<T: Field>(&self, step: &Step<T>, tableau: &mut Tableau<T>) {
        let excess = step.h_phi(1) - &step.h;
        tableau.last[0] = tableau.last[0].clone() - &excess;
    }
}

#[test]
fn a_wrong_scheme_is_caught_at_the_right_tree() {
    let c = rational(-1, 1);
    let doubled = examine(&Wrong(method("dpmpp-2s"), FullSlope), c);
    assert_eq!(doubled.order, 1);
    let half = rug::Rational::from((1, 2));
    assert_eq!(first_failing(&doubled), ("[l]".to_owned(), half));

    let flat = examine(&Wrong(method("dpmpp-3s"), FlatStage), c);
    assert_eq!(flat.order, 2);
    let missing = rug::Rational::from((-1, 6));
    assert_eq!(first_failing(&flat), ("[[l]]".to_owned(), missing));

    let plain = examine(&Wrong(method("dpmpp-2s"), PlainSum), c);
    assert_eq!(plain.order, 1);
    let sum = rug::Rational::from((1, 2));
    assert_eq!(first_failing(&plain), (".".to_owned(), sum));
    assert!(plain.shift[0].identical && !plain.shift[1].identical);
    assert_eq!(plain.shift[1].power, Some(2));
}

#[test]
fn a_row_that_does_not_commute_with_a_shift_costs_order() {
    let c = rational(1, 1);
    let two = examine(&Wrong(method("dpmpp-2s"), EulerStage), c);
    assert_eq!(two.order, 2);
    assert!(!two.shift[0].identical && two.shift[1].identical);
    assert_eq!(two.shift[0].power, Some(2));
    // The step never looks at the first stage of 3s but through the second.
    let three = examine(&Wrong(method("dpmpp-3s"), EulerStage), c);
    assert_eq!(three.shift[0].power, Some(2));
    assert_eq!(three.order, 2);
    assert_eq!(three.stiff_order, 1);
}

#[test]
fn a_scheme_whose_weights_are_not_known_proves_nothing() {
    let broken = examine(&Method::TwoS(rational(0, 1)), rational(-1, 1));
    assert_eq!(broken.order, 0);
    assert_eq!(broken.stiff_order, 0);
    assert!(broken.identically_exact().is_empty());
}
