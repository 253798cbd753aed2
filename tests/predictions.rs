//! Prediction types: the affine maps against the definitions, and back and forth.

use dpm_spec::Code;
use dpm_spec::arithmetic::rational;
use dpm_spec::prediction::Prediction;
use dpm_spec::schedule::{Curve, Point, Schedule};
use dpm_spec::solver::Side;
use dpm_spec::threshold::Threshold;

/// (clean, noise) as the network sees them, and what it returns for each prediction type.
fn returned(
    prediction: Prediction,
    point: &Point<f64>,
    sigma_data: f64,
    (clean, noise): (f64, f64),
) -> f64 {
    let (alpha, sigma) = (point.alpha, point.sigma);
    let x = alpha * clean + sigma * noise;
    match prediction {
        Prediction::Noise => noise,
        Prediction::Data => clean,
        Prediction::V => alpha * noise - sigma * clean,
        Prediction::Flow => noise - clean,
        Prediction::Score => -noise / sigma,
        Prediction::Edm => {
            // Karras et al. 2022, table 1: D = c_skip x + c_out F.
            let total = sigma * sigma + sigma_data * sigma_data;
            let (c_skip, c_out) = (
                sigma_data * sigma_data / total,
                sigma * sigma_data / total.sqrt(),
            );
            (clean - c_skip * x) / c_out
        }
    }
}

const PREDICTIONS: [Prediction; 6] = [
    Prediction::Noise,
    Prediction::Data,
    Prediction::V,
    Prediction::Flow,
    Prediction::Score,
    Prediction::Edm,
];
const SCHEDULES: [&str; 5] = [
    "vp-linear",
    "vp-cosine",
    "flow:shift=3",
    "edm",
    "edm:sigma_data=2",
];

#[test]
fn conversions_recover_data_and_noise() {
    for id in SCHEDULES {
        let schedule = Schedule::parse(id).unwrap();
        let curve = Curve::new(&schedule, &1.0_f64);
        let sigma_data = if id.contains('2') { 2.0 } else { 0.5 };
        for t in [0.01, 0.3, 0.9] {
            let point = curve.at_time(&t);
            for prediction in PREDICTIONS
                .into_iter()
                .filter(|p| p.check(&schedule).is_ok())
            {
                let truth = (0.7, -1.3);
                let x = point.alpha * truth.0 + point.sigma * truth.1;
                let output = returned(prediction, &point, sigma_data, truth);
                for (side, expected) in [(Side::Data, truth.0), (Side::Noise, truth.1)] {
                    let weights = prediction.conversion(side, &point, &schedule).unwrap();
                    let got = weights.state * x + weights.output * output;
                    let size = (weights.state * x)
                        .abs()
                        .max((weights.output * output).abs())
                        .max(1.0);
                    assert!(
                        (got - expected).abs() < 1e-14 * size,
                        "{id} at {t}: {prediction:?} to {side:?} gives {got}"
                    );
                }
            }
        }
    }
}

#[test]
fn guidance_commutes_with_the_conversion_and_not_with_thresholding() {
    let guided = |scale: f64, [uncond, cond]: [f64; 2]| uncond + scale * (cond - uncond);
    // Same state, two opinions on the clean sample.
    let (x, opinions) = (0.8, [0.9, -1.7]);
    for id in SCHEDULES {
        let schedule = Schedule::parse(id).unwrap();
        let point = Curve::new(&schedule, &1.0_f64).at_time(&0.3);
        let sigma_data = if id.contains('2') { 2.0 } else { 0.5 };
        for prediction in PREDICTIONS
            .into_iter()
            .filter(|p| p.check(&schedule).is_ok())
        {
            let outputs = opinions.map(|clean| {
                let noise = (x - point.alpha * clean) / point.sigma;
                returned(prediction, &point, sigma_data, (clean, noise))
            });
            let weights = prediction
                .conversion(Side::Data, &point, &schedule)
                .unwrap();
            for scale in [0.0, 1.0, 7.5] {
                let got = weights.state * x + weights.output * guided(scale, outputs);
                let expected = guided(scale, opinions);
                assert!(
                    (got - expected).abs() < 1e-12,
                    "{id}, {prediction:?}, G = {scale}: {got}, not {expected}"
                );
            }
        }
    }
    let clipped = |clean: f64| {
        let bound = rational(1, 1);
        let mut sample = [clean];
        Threshold::Static { bound }.apply(&mut sample);
        sample[0]
    };
    let before = guided(0.5, opinions.map(clipped));
    assert!((before - clipped(guided(0.5, opinions))).abs() > 0.1);
}

#[test]
fn data_and_noise_weights_are_two_views_of_one_map() {
    // alpha x_0 + sigma eps = x for every output: the weights of x sum to 1, those of F to 0.
    for id in SCHEDULES {
        let schedule = Schedule::parse(id).unwrap();
        let point = Curve::new(&schedule, &1.0_f64).at_time(&0.4);
        for prediction in PREDICTIONS
            .into_iter()
            .filter(|p| p.check(&schedule).is_ok())
        {
            let [data, noise] = [Side::Data, Side::Noise]
                .map(|side| prediction.conversion(side, &point, &schedule).unwrap());
            let state = point.alpha * data.state + point.sigma * noise.state;
            let output = point.alpha * data.output + point.sigma * noise.output;
            assert!(
                (state - 1.0).abs() < 1e-14 && output.abs() < 1e-14,
                "{id}, {prediction:?}: {state}, {output}"
            );
        }
    }
}

#[test]
fn only_edm_scales_the_networks_input() {
    for id in SCHEDULES {
        let schedule = Schedule::parse(id).unwrap();
        let point = Curve::new(&schedule, &1.0_f64).at_time(&0.4);
        for prediction in PREDICTIONS {
            let scale = prediction.input_scale(&point, &schedule);
            let preconditioned = prediction == Prediction::Edm && id.starts_with("edm");
            assert_eq!(scale.is_some(), preconditioned, "{id}, {prediction:?}");
            if let Some(scale) = scale {
                let sigma_data: f64 = if id == "edm" { 0.5 } else { 2.0 };
                assert!((scale - 1.0 / (0.16 + sigma_data * sigma_data).sqrt()).abs() < 1e-15);
            }
        }
    }
}

#[test]
fn predictions_that_do_not_fit_the_schedule_are_refused() {
    for (prediction, id) in [
        (Prediction::Edm, "vp-linear"),
        (Prediction::Edm, "flow"),
        (Prediction::V, "edm"),
        (Prediction::V, "flow"),
    ] {
        let schedule = Schedule::parse(id).unwrap();
        let point = Curve::new(&schedule, &1.0_f64).at_time(&0.4);
        for side in [Side::Data, Side::Noise] {
            let error = prediction.conversion(side, &point, &schedule).unwrap_err();
            assert_eq!(error.code, Code::Prediction, "{error}");
            let remedy = match prediction {
                Prediction::V => "choose noise, data or flow",
                _ => "choose the edm schedule",
            };
            assert!(error.to_string().contains(remedy), "{error}");
        }
    }
    let error = Prediction::parse("velocity").unwrap_err();
    assert_eq!(error.code, Code::Prediction);
    for prediction in PREDICTIONS {
        assert_eq!(Prediction::parse(prediction.name()).unwrap(), prediction);
    }
}
