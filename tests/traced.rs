//! Numbers that lie exactly between two floats are decided by their exact value, never by luck.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::{Ball, Field, Real, Traced};
use dpm_spec::golden::certify;
use dpm_spec::grid::Grid;
use dpm_spec::plan::{PlanFile, Request};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use rug::Float;

fn witness() -> Traced {
    Traced::of(Ball::exact(Float::with_val(128, 1)))
}

fn certified(schedule: &str, grid: &str, steps: usize) -> PlanFile {
    let schedule = Schedule::parse(schedule).unwrap();
    let recipe = Recipe::new(Solver::parse("ddim").unwrap(), &schedule);
    certify(&Request::new(
        recipe,
        schedule,
        Grid::parse(grid).unwrap(),
        steps,
    ))
    .unwrap()
}

#[test]
fn a_label_half_way_between_two_binary16_numbers_rounds_to_the_even_one() {
    // 1000 (1 - 5/20 0.999) = 750.25; binary16 holds 750 = 2^9 (1 + 476/1024) and 750.5 around it.
    let file = certified("flow", "flow", 20);
    let label = file.plan.nodes[5].label.as_ref().unwrap();
    assert_eq!(label.dec.as_deref(), Some("7.5025e2"));
    assert_eq!(
        (label.f64, label.f32, label.f16),
        (750.25, 750.25, 0x6000 | 476)
    );
}

#[test]
fn an_index_half_way_between_two_whole_numbers_rounds_to_the_even_one() {
    let file = certified("discrete-linear", "time:rounding=index", 2);
    let labels: Vec<f64> = file
        .plan
        .nodes
        .iter()
        .map(|node| node.label.as_ref().unwrap().f64)
        .collect();
    assert_eq!(labels, [999.0, 500.0, 0.0]);
}

#[test]
fn rationals_stay_exact_and_everything_else_is_a_ball() {
    let one = witness();
    let half = one.like(1, 3) + &one.like(1, 6);
    assert!(half.tightest().radius().is_zero());
    assert_eq!(half.tightest().mid(), &0.5);
    let product = -(one.like(3, 7) * &one.like(7, 3)) / &one.like(-1, 4);
    assert_eq!(product.tightest().mid(), &4.0);
    assert!(
        !one.like(1, 3).tightest().radius().is_zero(),
        "no binary fraction"
    );
    let grown = half.exp() - &half.exp();
    assert!(!grown.tightest().radius().is_zero(), "exp is not rational");
    assert!(!(one.like(1, 1) / &one.like(0, 1)).is_finite());
}

#[test]
fn ties_round_to_even_on_both_sides_of_zero() {
    let one = witness();
    let nearest = |num: i128, den: i128| one.like(num, den).nearest_integer();
    let cases = [
        (1, 2, 0),
        (3, 2, 2),
        (5, 2, 2),
        (-1, 2, 0),
        (-3, 2, -2),
        (-5, 2, -2),
        (7, 3, 2),
        (-7, 3, -2),
        (8, 3, 3),
    ];
    for (num, den, integer) in cases {
        assert_eq!(nearest(num, den), Some(integer), "{num}/{den}");
    }
}
