//! Weak order on Gaussian data, proved for every eta, variance and step ratio.

use dpm_spec::order::weak::{WeakProof, prove};
use dpm_spec::solver::Solver;
use rug::Rational;

fn proof(solver: &str) -> WeakProof {
    prove(&Solver::parse(solver).unwrap()).unwrap()
}

#[test]
fn weak_order_of_every_stochastic_solver_is_proved() {
    for (solver, order) in [
        ("sde-dpmpp-1", 1),
        ("sde-dpm-1", 1),
        ("ddim-eta", 1),
        ("sde-dpmpp-2m", 2),
        ("sde-dpmpp-2m-exact", 2),
        ("sde-dpmpp-3m", 2),
        ("sde-dpmpp-3m-exact", 2),
        ("sde-dpm-2m", 2),
        ("sde-dpm-2m-exact", 2),
    ] {
        assert_eq!(proof(solver).order, order, "{solver}");
    }
    for entry in Solver::ENTRIES {
        let solver = Solver::parse(entry.id).unwrap();
        assert_eq!(prove(&solver).is_some(), entry.stochastic, "{}", entry.id);
    }
}

/// Not zero on the whole of 0 < q < 1: a smaller order than claimed is impossible, a larger one too.
#[test]
fn leading_error_of_the_first_order_data_form_is_known_in_closed_form() {
    for solver in ["sde-dpmpp-1", "ddim-eta"] {
        for point in proof(solver).points {
            let [q, eta] =
                [point.share, point.eta].map(|x| Rational::from((*x.numer(), *x.denom())));
            let gain = Rational::from(1) + eta;
            let expected = Rational::from(&gain * &gain) * &q * (q.clone() - 1);
            assert_eq!(point.leading(1), Some(expected), "{solver}");
        }
    }
}

/// kappa at equal steps, from an independent symbolic expansion. It has one sign for
/// q < 2 (1 + eta)/(5 + 2 eta), so that the order is exactly 2 there.
#[test]
fn leading_error_of_2m_is_known_in_closed_form() {
    for point in proof("sde-dpmpp-2m").points {
        if point.ratios != [dpm_spec::arithmetic::rational(1, 1)] {
            continue;
        }
        let [q, e] = [point.share, point.eta].map(|x| Rational::from((*x.numer(), *x.denom())));
        let gain = Rational::from(&e + 1u32);
        let linear =
            Rational::from(&e * &q) * 2 - Rational::from(&e * 2) + Rational::from(&q * 5) - 2u32;
        let expected =
            Rational::from(&gain * &gain) * &q * (Rational::from(1) - &q) * linear / 2u32;
        assert_eq!(point.leading(2), Some(expected), "q = {q}, eta = {e}");
    }
}

/// Without the noise that the extrapolation carries on, the order would be 1: the lag's defect is
/// not zero, and what it is multiplied with is.
#[test]
fn past_noise_enters_the_extrapolation() {
    for point in proof("sde-dpmpp-2m").points {
        let lag = point.lags[0].order_of_vanishing().unwrap();
        let noisy = point.eta != dpm_spec::arithmetic::rational(0, 1);
        assert_eq!(lag == 2, noisy, "lag = O(h^{lag}) at eta = {}", point.eta);
    }
}

/// A third output does not make up for it: to order 2 the variance owes to the lags what it owes with two.
#[test]
fn three_outputs_need_their_lags_as_well() {
    for solver in ["sde-dpmpp-3m", "sde-dpmpp-3m-exact"] {
        let points = proof(solver).points;
        assert_eq!(points.len(), 324);
        for point in points {
            assert_eq!(point.lags.len(), 2);
            let noisy = point.eta != dpm_spec::arithmetic::rational(0, 1);
            let lag = point.lags[0].order_of_vanishing().unwrap();
            assert_eq!(lag == 2, noisy, "lag = O(h^{lag}) at eta = {}", point.eta);
            assert_eq!(point.leading(2), None);
        }
    }
}
