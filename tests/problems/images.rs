//! The images problem: an exact denoiser of real data, and a reference solution in f64.

use crate::{Number, number};
use dpm_spec::arithmetic::{Field, Real};
use dpm_spec::problem::images::{EACH, PIXELS, image};
use dpm_spec::problem::{Model, Problem};

fn model(id: &str) -> Model<f64> {
    Problem::parse(id).unwrap().model(&1.0)
}

fn tau(lambda: f64) -> f64 {
    (-2.0 * lambda).exp()
}

/// The largest difference of two components.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f64::max)
}

/// The weight of each image of `class` in double-double, from the definition, and their sum's logarithm.
fn weights(class: usize, variance: Number, z: &[Number]) -> (Vec<Number>, Number) {
    let exponent = |index: usize| {
        let mut square = number(0.0);
        for (z, x) in z.iter().zip(image(class, index).unwrap()) {
            let difference = *z - number(f64::from(*x));
            square = square + difference * difference;
        }
        square / variance * number(-0.5)
    };
    let exponents: Vec<Number> = (0..EACH).map(exponent).collect();
    let sum = |total: Number, e: &Number| total + e.exp();
    let total = exponents.iter().fold(number(0.0), sum);
    let weight = |e: &Number| e.exp() / total;
    (exponents.iter().map(weight).collect(), total.ln())
}

fn widened(values: &[f64]) -> Vec<Number> {
    values.iter().map(|z| number(*z)).collect()
}

#[test]
fn denoiser_of_a_class_is_that_of_the_mixture_over_its_images() {
    let model = model("images:class=3,s=1/4");
    for lambda in [-2.0, 0.4, 0.8] {
        let tau = tau(lambda);
        let z = model.start(&tau).unwrap();
        let found = model.denoise(&tau, &z).unwrap();
        let s2 = number(0.0625);
        let variance = s2 + number(tau);
        let (weights, _) = weights(3, variance, &widened(&z));
        for i in 0..PIXELS {
            let mut mean = number(0.0);
            for (index, weight) in weights.iter().enumerate() {
                mean = mean + *weight * number(f64::from(image(3, index).unwrap()[i]));
            }
            let expected = (s2 * number(z[i]) + number(tau) * mean) / variance;
            let error = (number(found[i]) - expected).to_f64();
            assert!(error.abs() < 2e-13, "lambda {lambda}, pixel {i}: {error:e}");
        }
    }
}

/// Tweedie: m = z + tau times the gradient of the logarithm of the density of z.
#[test]
fn denoiser_is_the_score_of_the_smoothed_density() {
    let model = model("images:class=8,s=1/2");
    let tau = tau(-1.0);
    let z = model.start(&tau).unwrap();
    let found = model.denoise(&tau, &z).unwrap();
    let (step, variance) = (number(1e-6), number(0.25) + number(tau));
    for pixel in [0, 300, 406] {
        let density = |shift: Number| {
            let mut z = widened(&z);
            z[pixel] = z[pixel] + shift;
            weights(8, variance, &z).1
        };
        let slope = (density(step) - density(-step)) / (step * number(2.0));
        let residual = (number(z[pixel]) + number(tau) * slope).to_f64() - found[pixel];
        assert!(residual.abs() < 1e-11, "pixel {pixel}: {residual:e}");
    }
}

#[test]
fn guidance_mixes_the_class_with_all_images() {
    let tau = tau(-1.6);
    let z = model("images").start(&tau).unwrap();
    let at = |id: &str| model(id).denoise(&tau, &z).unwrap();
    let (class, all) = (at("images:G=1"), at("images:G=0"));
    assert!(distance(&class, &all) > 0.1, "the class makes a difference");
    let mixed: Vec<f64> = class
        .iter()
        .zip(&all)
        .map(|(c, u)| 2.5 * c - 1.5 * u)
        .collect();
    assert!(distance(&mixed, &at("images:G=5/2")) < 1e-13);
    assert_eq!(
        at("images:G=0"),
        at("images:G=0,class=2"),
        "no class without guidance"
    );
}

/// By a central difference of sixth order.
#[test]
fn reference_solves_the_flow() {
    let model = model("images");
    let first = tau(-3.0);
    let start = model.start(&first).unwrap();
    let step = 0.005;
    for lambda in [-1.2, 0.1, 1.5] {
        let here = tau(lambda);
        let z = model.solution(&start, &first, &here).unwrap();
        let m = model.denoise(&here, &z).unwrap();
        let at = |lambda: f64| model.solution(&z, &here, &tau(lambda)).unwrap();
        let mut slope = vec![0.0; PIXELS];
        for (k, weight) in [(1.0, 0.75), (2.0, -0.15), (3.0, 1.0 / 60.0)] {
            let (ahead, behind) = (at(lambda + k * step), at(lambda - k * step));
            for (slope, (a, b)) in slope.iter_mut().zip(ahead.iter().zip(behind)) {
                *slope += weight * (a - b) / step;
            }
        }
        let expected: Vec<f64> = m.iter().zip(&z).map(|(m, z)| m - z).collect();
        let residual = distance(&slope, &expected);
        assert!(residual < 1e-9, "lambda {lambda}: {residual:e}");
    }
}

#[test]
fn reference_near_one_image_is_the_flow_of_that_image() {
    let model = model("images:class=0,s=1/8");
    let x = image(0, 17).unwrap();
    let z: Vec<f64> = (0..PIXELS)
        .map(|i| f64::from(x[i]) + 0.1 * (i as f64).sin())
        .collect();
    let (tau_s, tau_t) = (0.04, 0.0);
    let shrink = (0.015625_f64 / (0.015625 + tau_s)).sqrt();
    let exact: Vec<f64> = (0..PIXELS)
        .map(|i| f64::from(x[i]) + shrink * (z[i] - f64::from(x[i])))
        .collect();
    assert!(distance(&model.solution(&z, &tau_s, &tau_t).unwrap(), &exact) < 1e-13);
}

#[test]
fn reference_leads_back_to_where_it_came_from() {
    let model = model("images");
    let (first, last) = (tau(-1.0), tau(1.0));
    let start = model.start(&first).unwrap();
    let end = model.solution(&start, &first, &last).unwrap();
    let back = model.solution(&end, &last, &first).unwrap();
    assert!(
        distance(&start, &back) < 1e-7,
        "{:e}",
        distance(&start, &back)
    );
}

/// The figures come from `tests/cross/images.py`: NumPy for the images, Arb for the exponentials.
#[test]
fn denoiser_and_fixed_noise_are_those_that_arb_computes() {
    let file: serde_json::Value = serde_json::from_str(include_str!("images.json")).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        let texts = value.as_array().unwrap().iter();
        texts
            .map(|t| t.as_str().unwrap().parse().unwrap())
            .collect()
    };
    for case in file["denoiser"].as_array().unwrap() {
        let tau: f64 = case["tau"].as_str().unwrap().parse().unwrap();
        let (class, index) = (
            case["class"].as_u64().unwrap(),
            case["index"].as_u64().unwrap(),
        );
        let x = image(class as usize, index as usize).unwrap();
        let noise = |i: usize| ((i * 7919) % 1009) as f64 / 256.0 - 2.0;
        let z: Vec<f64> = (0..PIXELS)
            .map(|i| f64::from(x[i]) + tau.sqrt() * noise(i))
            .collect();
        let id = case["problem"].as_str().unwrap();
        let found = model(id).denoise(&tau, &z).unwrap();
        let seventh: Vec<f64> = found.iter().step_by(7).copied().collect();
        let error = distance(&seventh, &numbers(&case["every_seventh"]));
        assert!(error < 1e-12, "{id}, tau {tau}: {error:e}");
    }
    // p = 1e-15: the images have no weight yet
    let start = model("images").start(&1e30).unwrap();
    let noise: Vec<f64> = start[..8].iter().map(|z| z * 1e-15).collect();
    assert!(distance(&noise, &numbers(&file["noise"])) < 1e-14);
}

#[test]
fn parameters_that_name_no_distribution_are_refused() {
    for (text, code) in [
        ("images:class=10", "E-PROBLEM"),
        ("images:class=-1", "E-PROBLEM"),
        ("images:class=1/2", "E-PROBLEM"),
        ("images:s=0", "E-PROBLEM"),
        ("images:s=-1", "E-PROBLEM"),
        ("images:G=-1", "E-PROBLEM"),
        ("images:G=nan", "E-NUMBER"),
        ("images:classes=3", "E-PARAMETER"),
    ] {
        let error = Problem::parse(text).unwrap_err();
        assert_eq!(error.code.text(), code, "{text}");
    }
    assert_eq!(image(0, 200).unwrap_err().code.text(), "E-PROBLEM");
    let text = "images:G=2,class=4,s=1/8";
    assert_eq!(Problem::parse(text).unwrap().to_string(), text);
    let (model, nan) = (model("images"), vec![f64::NAN; PIXELS]);
    let refused = model.solution(&nan, &1.0, &0.5).unwrap_err();
    assert_eq!(refused.code.text(), "E-NONFINITE");
    assert_eq!(
        model.denoise(&1.0, &[0.0]).unwrap_err().code.text(),
        "E-SHAPE"
    );
}
