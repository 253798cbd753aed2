//! The first-order step where lambda is infinite at one end: the limits of `ddim`, of its stochastic
//! forms and of `ddim-eta` (`spec/policy.md`).

use super::Side;
use crate::arithmetic::Real;
use crate::schedule::Point;

/// x' = `state` x + `output` m + `noise` xi; what is none does not enter.
#[derive(Clone, Debug)]
pub struct Limit<T> {
    /// Factor of the state.
    pub state: Option<T>,
    /// Factor of the model's prediction.
    pub output: T,
    /// Standard deviation of the added noise.
    pub noise: Option<T>,
}

/// The step to sigma = 0: alpha_t x_0 in data form at any eta, (alpha_t/alpha_s) (x - sigma_s eps) in
/// noise form at eta = 0.
pub fn to_no_noise<T: Real>(side: Side, source: &Point<T>, target: &Point<T>) -> Limit<T> {
    match side {
        Side::Data => Limit {
            state: None,
            output: target.alpha.clone(),
            noise: None,
        },
        Side::Noise => {
            let state = target.alpha.clone() / &source.alpha;
            let output = -(state.clone() * &source.sigma);
            Limit {
                state: Some(state),
                output,
                noise: None,
            }
        }
    }
}

/// The step to sigma = 0 in noise form at eta > 0, from sigma_t (e^h - 1) -> alpha_t sigma_s/alpha_s:
/// (alpha_t/alpha_s) (x - (1 + eta) sigma_s eps + sqrt(eta) sigma_s xi). Its noise does not vanish.
pub fn sde_noise_to_no_noise<T: Real>(source: &Point<T>, target: &Point<T>, eta: &T) -> Limit<T> {
    let state = target.alpha.clone() / &source.alpha;
    let noise = state.clone() * &source.sigma;
    let gain = eta.like(1, 1) + eta;
    Limit {
        output: -(noise.clone() * &gain),
        noise: Some(noise * &eta.sqrt()),
        state: Some(state),
    }
}

/// The step from alpha = 0 in data form at eta = 0: the state's noise is kept.
pub fn from_no_signal<T: Real>(source: &Point<T>, target: &Point<T>) -> Limit<T> {
    Limit {
        state: Some(target.sigma.clone() / &source.sigma),
        output: target.alpha.clone(),
        noise: None,
    }
}

/// The same at eta > 0: all noise is drawn anew.
pub fn sde_from_no_signal<T: Real>(target: &Point<T>) -> Limit<T> {
    Limit {
        state: None,
        output: target.alpha.clone(),
        noise: Some(target.sigma.clone()),
    }
}

/// The step of `ddim-eta` from alpha = 0: noise kept and noise drawn as sqrt(1 - eta^2) to eta.
pub fn ddim_eta_from_no_signal<T: Real>(source: &Point<T>, target: &Point<T>, eta: &T) -> Limit<T> {
    let kept = (eta.like(1, 1) - &(eta.clone() * eta)).sqrt();
    Limit {
        state: Some(target.sigma.clone() / &source.sigma * &kept),
        output: target.alpha.clone(),
        noise: Some(target.sigma.clone() * eta),
    }
}
