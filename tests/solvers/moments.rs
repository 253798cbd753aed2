//! What a rule's weights must integrate: moments of its nodes against the phi functions, which are
//! summed here as power series.

use dpm_spec::arithmetic::{DoubleDouble, Field, Real};
use dpm_spec::solver::{Method, Step, multistep_weights};

pub(crate) type Number = DoubleDouble;

pub(crate) fn number(value: f64) -> Number {
    DoubleDouble::ZERO.from_f64(value)
}

pub(crate) fn ratio(num: i128, den: i128) -> Number {
    DoubleDouble::ZERO.like(num, den)
}

/// phi_k(z) = sum z^j/(j+k)!, for |z| up to 8.
pub(crate) fn phi(k: u32, z: Number) -> Number {
    let mut term = number(1.0);
    for j in 1..=k {
        term = term / number(f64::from(j));
    }
    let mut sum = term;
    for j in 1..90 {
        term = term * z / number(f64::from(j + k));
        sum = sum + term;
    }
    sum
}

pub(crate) fn h_phi(k: u32, h: f64, c: f64) -> Number {
    number(h) * phi(k, number(h) * number(c))
}

/// The signed steps worth testing: both sides of the ODE, the SDE at eta 1/2 and 1.
pub(crate) const COEFFICIENTS: [f64; 4] = [-1.0, 1.0, -1.5, -2.0];
pub(crate) const STEPS: [f64; 4] = [1e-3, 0.1, 0.7, 3.0];
pub(crate) const RATIOS: [(f64, f64); 4] = [(1.0, 1.0), (0.3, 2.0), (2.5, 0.4), (8.0, 0.125)];

pub(crate) fn step(h: f64, c: f64) -> Step<Number> {
    Step::new(number(h), &number(c))
}

#[track_caller]
pub(crate) fn equal(what: &str, computed: Number, expected: Number, scale: Number) {
    let off = ((computed - expected).to_f64() / scale.to_f64()).abs();
    assert!(
        off < 2_f64.powi(-92),
        "{what}: {computed:?}, not {expected:?}"
    );
}

/// Calls `check` with a description, the weights, the step and the ratios.
pub(crate) fn for_multistep(
    method: Method,
    mut check: impl FnMut(&str, &[Number], (f64, f64), (f64, f64)),
) {
    for c in COEFFICIENTS {
        for h in STEPS {
            for (r0, r1) in RATIOS {
                let weights = multistep_weights(method, &step(h, c), &[number(r0), number(r1)]);
                check(
                    &format!("c = {c}, h = {h}, ratios {r0}, {r1}"),
                    &weights,
                    (h, c),
                    (r0, r1),
                );
            }
        }
    }
}

/// sum w_j n_j^k = factor k! H_{k+1}, n_j in units of h.
#[track_caller]
pub(crate) fn moment(what: &str, weights: &[Number], nodes: &[Number], k: u32, expected: Number) {
    let power = |n: Number| (0..k).fold(number(1.0), |p, _| p * n);
    let terms = weights.iter().zip(nodes).map(|(w, n)| *w * power(*n));
    let (mut sum, mut scale) = (number(0.0), expected.to_f64().abs());
    for term in terms {
        sum = sum + term;
        scale = scale.max(term.to_f64().abs());
    }
    equal(&format!("{what}, moment {k}"), sum, expected, number(scale));
}

/// Exact Adams: every moment below the number of points is that of the exponential integral.
#[track_caller]
pub(crate) fn exact_adams(method: Method, points: u32) {
    for_multistep(method, |what, weights, (h, c), (r0, r1)| {
        assert_eq!(weights.len(), points as usize);
        let nodes = [number(0.0), -number(r0), -number(r0) - number(r1)];
        let mut factorial = 1.0;
        for k in 0..points {
            factorial *= f64::from(k.max(1));
            moment(
                what,
                weights,
                &nodes,
                k,
                number(factorial) * h_phi(k + 1, h, c),
            );
        }
    });
}

/// Noise form at h is minus the data form at -h: the schedules (alpha, sigma) and (sigma, alpha).
pub(crate) fn dual(method: Method) {
    for h in STEPS {
        let ratios = [number(0.6), number(1.7)];
        let noise = multistep_weights(method, &step(h, 1.0), &ratios);
        let data = multistep_weights(method, &step(-h, -1.0), &ratios);
        for (a, b) in noise.iter().zip(&data) {
            equal("duality", *a, -*b, *a);
        }
    }
}

/// w/h at h = 1e-6 against a classical rule; the next term is of relative size z.
#[track_caller]
pub(crate) fn small_step(method: Method, ratios: [Number; 2], classical: &[(i128, i128)]) {
    for c in COEFFICIENTS {
        let h = 1e-6;
        let weights = multistep_weights(method, &step(h, c), &ratios);
        assert_eq!(weights.len(), classical.len());
        for (weight, (num, den)) in weights.iter().zip(classical) {
            let off = (*weight / number(h) - ratio(*num, *den)).to_f64();
            assert!(off.abs() < 4.0 * h, "{weight:?} is not h {num}/{den}");
        }
    }
}

#[test]
fn phi_functions_have_their_values_and_recurrence() {
    for z in [-6.0, -1.0, -0.3, 1e-9, 0.5, 1.0, 4.0] {
        for k in 0..5 {
            equal(
                &format!("phi_{k}({z})"),
                number(z).phi(k),
                phi(k, number(z)),
                phi(k, number(z)),
            );
            let factorial = (1..=k).map(f64::from).product::<f64>();
            let next = (phi(k, number(z)) - number(1.0) / number(factorial)) / number(z);
            let lost = (1.0 / z.abs()).max(1.0);
            let off = (next - phi(k + 1, number(z))).to_f64().abs();
            assert!(off < lost * 1e-29, "phi_{}({z})", k + 1);
        }
    }
    equal(
        "phi_1(1)",
        number(1.0).phi(1),
        number(1.0).exp() - number(1.0),
        number(1.0),
    );
}
