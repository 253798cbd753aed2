use crate::flow::shows_order;
use crate::moments::{Number, equal, number, ratio, step};
use dpm_spec::arithmetic::{Field, Real};
use dpm_spec::solver::{Method, ddim_eta, multistep_weights};

/// x' = alpha_t x_0 + sqrt(sigma_t^2 - s^2) (x - alpha_s x_0)/sigma_s + s xi on (alpha, sigma) with
/// alpha^2 + sigma^2 = 1 and the paper's s = eta sigma_t/sigma_s sqrt(1 - alpha_s^2/alpha_t^2).
#[test]
fn its_coefficients_are_those_of_the_paper() {
    for (lambda, h) in [
        (-4.0, 0.5),
        (-1.0, 0.03125),
        (0.0, 2.0),
        (3.0, 1.0 / 8192.0),
    ] {
        for eta in [ratio(0, 1), ratio(1, 3), ratio(1, 1)] {
            let vp = |lambda: f64| {
                let tau = number(-2.0 * lambda).exp();
                let total = (number(1.0) + tau).sqrt();
                (number(1.0) / total, tau.sqrt() / total)
            };
            let ((a, s), (a1, s1)) = (vp(lambda), vp(lambda + h));
            let noise: Number = eta * (s1 / s) * (number(1.0) - (a / a1) * (a / a1)).sqrt();
            let state = (s1 * s1 - noise * noise).sqrt() / s;
            let got = ddim_eta::coefficients(&number(h), &eta);
            let loose = number(1e6);
            equal("state", got.kept * a1 / a, state, loose * state);
            equal("data", got.data * a1, a1 - a * state, loose * a1);
            equal("noise", got.noise * s1, noise, loose * s1);
        }
    }
}

#[test]
fn without_noise_it_is_ddim() {
    for h in [1e-8, 0.1, 5.0] {
        let got = ddim_eta::coefficients(&number(h), &number(0.0));
        let ddim = multistep_weights(Method::Ddim, &step(h, -1.0), &[]);
        equal("state", got.kept, number(-h).exp(), got.kept);
        equal("data", got.data, ddim[0], got.data);
        assert_eq!(got.noise.to_f64(), 0.0);
    }
    shows_order("ddim-eta", "", 1.0);
}
