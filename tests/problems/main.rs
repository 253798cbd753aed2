//! Problems with known solutions: the solution solves dz/dlambda = m - z, whatever the denoiser.

mod full;
mod gaussian;
mod guided;
mod images;
mod kernel;
mod mixture;
mod moments;
mod product;
mod starts;

use dpm_spec::arithmetic::{DoubleDouble, Field, Real};
use dpm_spec::problem::{Model, Problem};

pub(crate) type Number = DoubleDouble;

pub(crate) fn number(value: f64) -> Number {
    DoubleDouble::ZERO.from_f64(value)
}

/// tau = e^(-2 lambda).
pub(crate) fn tau(lambda: Number) -> Number {
    (lambda * number(-2.0)).exp()
}

/// The derivative of the solution through the named start, by a central difference of sixth order,
/// is m - z. At a step of 1e-3 the difference itself is off by about 1e-17.
#[track_caller]
pub(crate) fn assert_solves_the_flow(problem: &str) {
    let model: Model<Number> = Problem::parse(problem).unwrap().model(&number(1.0));
    let first = tau(number(-2.5));
    let start = model.start(&first).unwrap();
    let at = |lambda: Number| model.solution(&start, &first, &tau(lambda)).unwrap();
    let step = number(1e-3);
    for lambda in [-2.0, -0.7, 0.0, 0.9, 2.0] {
        let lambda = number(lambda);
        let z = at(lambda);
        let m = model.denoise(&tau(lambda), &z).unwrap();
        for i in 0..z.len() {
            let mut slope = number(0.0);
            for (k, weight) in [(1, (3, 4)), (2, (-3, 20)), (3, (1, 60))] {
                let ahead = at(lambda + step * number(f64::from(k)))[i];
                let behind = at(lambda - step * number(f64::from(k)))[i];
                slope = slope + (ahead - behind) * number(1.0).like(weight.0, weight.1);
            }
            let residual = (slope / step - (m[i] - z[i])).to_f64();
            assert!(
                residual.abs() < 1e-15,
                "{problem}, component {i}, lambda {lambda:?}: {residual:e}"
            );
        }
    }
}
