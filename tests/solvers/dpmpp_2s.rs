use crate::flow::shows_order;
use crate::moments::{COEFFICIENTS, STEPS, equal, h_phi, moment, number, ratio, step};
use dpm_spec::arithmetic::{DoubleDouble, Real, rational};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Request, derive};
use dpm_spec::prediction::Prediction;
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::{Method, Solver, final_weights, stage_weights};

#[test]
fn its_stage_is_a_ddim_step_and_its_weights_the_published_ones() {
    for c in COEFFICIENTS {
        for h in STEPS {
            for r1 in [(1, 2), (1, 3), (1, 1)] {
                let r = [ratio(r1.0, r1.1)];
                let method = Method::TwoS(rational(r1.0, r1.1));
                let stage = stage_weights(&step(h, c), &r, 1);
                let part = (r[0] * number(h)).phi_1(c);
                assert_eq!(stage.len(), 1);
                equal("stage", stage[0], part, part);
                let weights = final_weights(method, &step(h, c), &r);
                let nodes = [number(0.0), r[0]];
                moment("2s", &weights, &nodes, 0, h_phi(1, h, c));
                moment("2s", &weights, &nodes, 1, h_phi(1, h, c) / number(2.0));
            }
        }
    }
}

/// x phi_1(c x) = (e^(c x) - 1)/c.
trait PhiOne {
    fn phi_1(self, c: f64) -> Self;
}

impl PhiOne for crate::moments::Number {
    fn phi_1(self, c: f64) -> Self {
        self * crate::moments::phi(1, self * number(c))
    }
}

#[test]
fn its_order_is_two_for_every_stage() {
    for solver in [
        "dpmpp-2s",
        "dpm-2s",
        "dpmpp-2s:r1=1/5",
        "dpmpp-2s:r1=1",
        "dpm-2s:r1=9/10",
    ] {
        shows_order(solver, "", 2.0);
    }
    shows_order("dpmpp-2s", "final=euler", 2.0);
}

/// u = x / alpha, rho = sigma / alpha: u' = u + (rho' - rho) (eps + eps') / 2, where eps' is shown
/// Euler's step.
#[test]
fn dpm_2s_with_its_stage_at_the_end_is_heun_in_sigma_over_alpha() {
    let schedule = Schedule::parse("edm").unwrap();
    let recipe = Recipe {
        prediction: Prediction::Noise,
        ..Recipe::new(Solver::parse("dpm-2s:r1=1").unwrap(), &schedule)
    };
    let request = Request::new(recipe, schedule, Grid::parse("karras").unwrap(), 4);
    let plan = derive(&request, &DoubleDouble::ONE).unwrap();
    let ends = plan.nodes.iter().step_by(2);
    let rho: Vec<f64> = ends.map(|node| node.point.sigma.to_f64()).collect();
    assert_eq!((plan.nodes.len(), rho.len()), (9, 5));
    let matrix = plan.transfer();
    let row = |row: usize| -> Vec<f64> { matrix.row(row).iter().map(Real::to_f64).collect() };
    let mut u = vec![0.0; matrix.ncols()];
    u[0] = 1.0;
    for (step, pair) in rho.windows(2).enumerate() {
        let (first, second) = (1 + 2 * step, 2 + 2 * step);
        near(&row(2 * step), &u);
        let mut shown = u.clone();
        shown[first] += pair[1] - pair[0];
        near(&row(2 * step + 1), &shown);
        u[first] += (pair[1] - pair[0]) / 2.0;
        u[second] += (pair[1] - pair[0]) / 2.0;
    }
    near(&row(8), &u);
}

fn near(row: &[f64], expected: &[f64]) {
    let size = expected.iter().map(|x| x.abs()).fold(1.0, f64::max);
    let apart = row.iter().zip(expected).map(|(a, b)| (a - b).abs());
    assert!(
        apart.fold(0.0, f64::max) < 1e-14 * size,
        "{row:?} {expected:?}"
    );
}
