#[cfg(feature = "oracle")]
mod in_balls;
#[cfg(feature = "oracle")]
mod tails;

use crate::{Number, assert_solves_the_flow, number, tau};
use dpm_spec::arithmetic::{Field, Real, Special};
use dpm_spec::problem::{Model, Problem};
use proptest::prelude::*;

/// Skew, a point mass, one component, two nearly equal ones, and one far from the others.
pub(crate) const CASES: [&str; 5] = [
    "mixture",
    "mixture:w=1/3;2/3,mu=-1;1/2,s2=0;1/4",
    "mixture:w=1,mu=2,s2=3",
    "mixture:w=2/5;3/5,mu=1/3;0.333333333333334,s2=1/7;0.142857142857143",
    "mixture:w=1/100;99/100,mu=-30;1,s2=1/50;1/2",
];

/// Weights, means and variances (the first may be 0) as text, and as f64.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    components: Vec<[f64; 3]>,
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let component = (1..9_i32, -200..200_i32, 1..160_i32);
    let components = prop::collection::vec(component, 1..5);
    (components, any::<bool>()).prop_map(|(mut components, has_point_mass)| {
        if has_point_mass {
            components[0].2 = 0;
        }
        let total: i32 = components.iter().map(|c| c.0).sum();
        let texts = |text: &dyn Fn(&(i32, i32, i32)) -> String| {
            components.iter().map(text).collect::<Vec<_>>().join(";")
        };
        let w = texts(&|c| format!("{}/{total}", c.0));
        let (mu, s2) = (
            texts(&|c| format!("{}/64", c.1)),
            texts(&|c| format!("{}/64", c.2)),
        );
        let values = |c: &(i32, i32, i32)| {
            [
                f64::from(c.0) / f64::from(total),
                f64::from(c.1) / 64.0,
                f64::from(c.2) / 64.0,
            ]
        };
        Case {
            id: format!("mixture:w={w},mu={mu},s2={s2}"),
            components: components.iter().map(values).collect(),
        }
    })
}

impl Case {
    pub(crate) fn model<T: Real>(&self, witness: &T) -> Model<T> {
        Problem::parse(&self.id).unwrap().model(witness)
    }

    /// A point so many standard deviations from the mean of the first component.
    pub(crate) fn point(&self, deviations: f64, tau: f64) -> f64 {
        self.components[0][1] + deviations * (self.components[0][2] + tau).sqrt()
    }

    pub(crate) fn density(&self, tau: f64, z: f64) -> f64 {
        let normal = |[w, mu, s2]: &[f64; 3]| {
            let v = s2 + tau;
            w * (-(z - mu).powi(2) / (2.0 * v)).exp() / (2.0 * std::f64::consts::PI * v).sqrt()
        };
        self.components.iter().map(normal).sum()
    }

    /// The smaller of P(z' < z) and P(z' > z).
    pub(crate) fn tail(&self, tau: f64, z: f64) -> f64 {
        let tail = |sign: f64| -> f64 {
            let part = |[w, mu, s2]: &[f64; 3]| {
                w * Special::erfc(&(sign * (z - mu) / (2.0 * (s2 + tau)).sqrt())) / 2.0
            };
            self.components.iter().map(part).sum()
        };
        tail(1.0).min(tail(-1.0))
    }

    /// What relative errors of size 1 in z, the tail and the parameters on the way from `s` come to
    /// at `t`, each a pair (tau, z).
    pub(crate) fn condition(&self, s: (f64, f64), t: (f64, f64)) -> f64 {
        let reach = self
            .components
            .iter()
            .map(|c| c[1].abs())
            .fold(1.0 + s.1.abs(), f64::max);
        let density = self.density(t.0, t.1);
        let exponent = 1.0 - self.tail(s.0, s.1).ln();
        1.0 + t.1.abs()
            + (reach * self.density(s.0, s.1) + exponent * self.tail(s.0, s.1)) / density
    }
}

pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn solution_of_mixtures_solves_the_flow() {
    for problem in CASES {
        assert_solves_the_flow(problem);
    }
}

#[test]
fn parameters_that_make_no_mixture_are_refused() {
    for (text, code) in [
        ("mixture:w=1/2;1/2", "E-PROBLEM"),
        ("mixture:w=1/2;1/2;0", "E-PROBLEM"),
        ("mixture:w=1;1/2;-1/2", "E-PROBLEM"),
        ("mixture:w=0.3;0.3;0.3", "E-PROBLEM"),
        ("mixture:s2=1;1;-1", "E-PROBLEM"),
        ("mixture:w=1/2;1/2,mu=3;3,s2=0;0", "E-PROBLEM"),
        ("mixture:w=1/2;1/2,mu=1;1,s2=0", "E-PROBLEM"),
        (
            "mixture:w=1/170141183460469231731687303715884105;1/99999999999999999999999999999999989;1/2,mu=0;1;2,s2=1;1;1",
            "E-PROBLEM",
        ),
        ("mixture:w=nan", "E-NUMBER"),
        ("mixture:w=1/0;0;0", "E-NUMBER"),
        ("mixture:weights=1", "E-PARAMETER"),
    ] {
        assert_eq!(
            Problem::parse(text).unwrap_err().code.text(),
            code,
            "{text}"
        );
    }
    // a point mass inside a broad component is a distribution
    Problem::parse("mixture:w=1/2;1/2,mu=3;3,s2=0;1").unwrap();
}

#[test]
fn states_of_another_length_and_point_masses_at_tau_0_are_refused() {
    let model = Problem::parse(CASES[1]).unwrap().model(&1.0);
    assert_eq!(model.denoise(&1.0, &[]).unwrap_err().code.text(), "E-SHAPE");
    assert_eq!(
        model
            .solution(&[1.0, 2.0], &1.0, &0.5)
            .unwrap_err()
            .code
            .text(),
        "E-SHAPE"
    );
    assert_eq!(
        model.solution(&[1.0], &1.0, &0.0).unwrap_err().code.text(),
        "E-DOMAIN"
    );
}

#[test]
fn listed_defaults_are_the_published_parameters() {
    for (name, defaults) in Problem::IDS {
        let problem = Problem::parse(name).unwrap();
        assert_eq!(problem.to_string(), format!("{name}:{defaults}"));
    }
}

/// E[x_0 | x] = int x_0 p(x_0) N(z; x_0, tau) / int p(x_0) N(z; x_0, tau) by the trapezoidal rule,
/// which is off by about e^(-2 pi^2 (s/h)^2), s the width of the narrowest peak of the integrand.
#[test]
fn denoiser_of_mixtures_is_the_integral_over_the_posterior() {
    let components = [(0.5, -1.0, 0.1), (0.3, 0.4, 0.05), (0.2, 1.5, 0.2)].map(
        |(w, mu, s2): (f64, f64, f64)| {
            [w, mu, s2].map(|x| number(1.0).like((x * 20.0).round() as i128, 20))
        },
    );
    let model = Problem::parse("mixture").unwrap().model(&number(1.0));
    let bell = |d: Number, v: Number| (d * d / (v * number(-2.0))).exp();
    for (tau, z) in [(4.0, 1.0), (1.0, -0.5), (0.25, 0.7), (0.0625, -0.25)] {
        let (tau, z) = (number(tau), number(z));
        let (mut total, mut sum) = (number(0.0), number(0.0));
        for i in -512..=512 {
            let x = number(f64::from(i) / 64.0);
            let prior = components.iter().fold(number(0.0), |sum, [w, mu, s2]| {
                sum + *w / s2.sqrt() * bell(x - *mu, *s2)
            });
            let weight = prior * bell(z - x, tau);
            total = total + weight;
            sum = sum + weight * x;
        }
        let m = model.denoise(&tau, &[z]).unwrap()[0];
        let error = (m - sum / total).to_f64();
        assert!(error.abs() < 1e-28, "{tau:?} {z:?}: {error:e}");
    }
}

/// m = z + tau d/dz ln p (Tweedie), the derivative as a central difference of sixth order.
#[test]
fn denoiser_of_mixtures_obeys_tweedies_formula() {
    let components = [[0.5, -1.0, 0.0], [0.25, 0.5, 0.25], [0.25, 2.0, 0.75]];
    let id = "mixture:w=1/2;1/4;1/4,mu=-1;1/2;2,s2=0;1/4;3/4";
    let model = Problem::parse(id).unwrap().model(&number(1.0));
    for (tau, z) in [(8.0, 5.0), (1.0, -0.5), (0.5, 0.75), (0.25, -0.25)] {
        let (tau, z) = (number(tau), number(z));
        let log_density = |z: Number| {
            let density = components.iter().fold(number(0.0), |sum, [w, mu, s2]| {
                let (v, d) = (number(*s2) + tau, z - number(*mu));
                sum + number(*w) / v.sqrt() * (d * d / (v * number(-2.0))).exp()
            });
            density.ln()
        };
        let step = number(1e-3);
        let mut slope = number(0.0);
        for (k, num, den) in [(1.0, 3, 4), (2.0, -3, 20), (3.0, 1, 60)] {
            let (ahead, behind) = (z + step * number(k), z - step * number(k));
            slope = slope + (log_density(ahead) - log_density(behind)) * number(1.0).like(num, den);
        }
        let m = model.denoise(&tau, &[z]).unwrap()[0];
        let residual = (m - (z + tau * slope / step)).to_f64();
        assert!(residual.abs() < 1e-15, "{tau:?} {z:?}: {residual:e}");
    }
}

#[test]
fn denoiser_of_mixtures_is_finite_in_f32_and_f64_wherever_z_and_tau_are() {
    for case in CASES {
        let problem = Problem::parse(case).unwrap();
        let (single, double) = (problem.model(&1.0_f32), problem.model(&1.0_f64));
        for tau in [1e-30_f32, 1e-12, 1e-3, 1.0, 1e6, 1e30] {
            for z in [0.0_f32, 0.1, 1.0 / 3.0, -1.0, 7.0, -40.0, 1e4, -1e12, 1e20] {
                let m = single.denoise(&tau, &[z]).unwrap()[0];
                assert!(m.is_finite(), "{case}, f32, tau {tau:e}, z {z}: {m}");
                let (tau, z) = (f64::from(tau), f64::from(z));
                let m = double.denoise(&tau, &[z]).unwrap()[0];
                assert!(m.is_finite(), "{case}, f64, tau {tau:e}, z {z}: {m}");
                let far = double.denoise(&tau.powi(4), &[z.powi(7)]).unwrap()[0];
                assert!(
                    far.is_finite(),
                    "{case}, f64, tau {tau:e}^4, z {z}^7: {far}"
                );
            }
        }
    }
}

/// As tau falls, data with variance keeps z, a point mass takes it; as tau grows, the mean is left.
#[test]
fn limits_of_the_mixture_denoiser() {
    let mixed = Problem::parse(CASES[1]).unwrap().model(&1.0);
    assert_eq!(mixed.denoise(&1e-30, &[-1.0]).unwrap(), [-1.0]);
    assert_eq!(mixed.denoise(&1e-30, &[0.25]).unwrap(), [0.25]);
    let points: Model<f64> = Problem::parse("mixture:w=1/4;3/4,mu=-1;2,s2=0;0")
        .unwrap()
        .model(&1.0);
    assert_eq!(points.denoise(&1e-12, &[0.499]).unwrap(), [-1.0]);
    assert_eq!(points.denoise(&1e-12, &[0.501]).unwrap(), [2.0]);
    assert!((points.denoise(&1e30, &[5.0]).unwrap()[0] - 1.25).abs() < 1e-14);
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn solution_of_mixtures_composes_and_returns(
        case in cases(), deviations in -8.0..8.0_f64, lambdas in [-3.0..3.0_f64, -3.0..3.0, -3.0..3.0]
    ) {
        let [s, r, t] = lambdas.map(|lambda| tau(number(lambda)));
        let model = case.model(&number(1.0));
        let start = [number(case.point(deviations, s.to_f64()))];
        let between = model.solution(&start, &s, &r).unwrap();
        let composed = model.solution(&between, &r, &t).unwrap()[0];
        let direct = model.solution(&start, &s, &t).unwrap()[0];
        let back = model.solution(&[direct], &t, &s).unwrap()[0];
        let [at_s, at_r, at_t] = [(s, start[0]), (r, between[0]), (t, direct)]
            .map(|(tau, z)| (tau.to_f64(), z.to_f64()));
        let unit = 2.0_f64.powi(-98);
        let allowed = unit * (case.condition(at_s, at_t) + case.condition(at_r, at_t)
            + case.condition(at_s, at_r) * case.density(at_r.0, at_r.1) / case.density(at_t.0, at_t.1));
        let error = (composed - direct).to_f64().abs();
        prop_assert!(error <= allowed, "composed: {error:e} of {allowed:e}");
        let allowed = unit * (case.condition(at_t, at_s)
            + case.condition(at_s, at_t) * case.density(at_t.0, at_t.1) / case.density(at_s.0, at_s.1));
        let error = (back - start[0]).to_f64().abs();
        prop_assert!(error <= allowed, "returned: {error:e} of {allowed:e}");
    }
}
