//! Against MPFR: the quantile itself, far tails, narrow formats.

use super::{CASES, cases, config};
use dpm_spec::arithmetic::{Ball, DoubleDouble, Field, Real, parse_rational};
use dpm_spec::problem::{Model, Problem};
use proptest::prelude::*;
use rug::Float;

/// The lower or upper tail straight from the definition.
fn tail(id: &str, upper: bool, tau: &Float, z: &Float) -> Float {
    let lists: Vec<Vec<Float>> = id["mixture:w=".len()..]
        .split([',', '='])
        .filter(|part| !part.starts_with(['m', 's']))
        .map(|list| {
            list.split(';')
                .map(|x| z.constant(parse_rational(x).unwrap()))
                .collect()
        })
        .collect();
    let mut sum = Float::new(z.prec());
    for ((w, mu), s2) in lists[0].iter().zip(&lists[1]).zip(&lists[2]) {
        let mut x = Float::with_val(z.prec(), z - mu)
            / (Float::with_val(z.prec(), s2 + tau) * 2_u32).sqrt();
        if !upper {
            x = -x;
        }
        sum += x.erfc() * w / 2_u32;
    }
    sum
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn solution_of_mixtures_keeps_the_quantile(
        case in cases(), deviations in -30.0..30.0_f64, lambdas in [-3.0..3.0_f64, -3.0..3.0]
    ) {
        let one = Float::with_val(300, 1);
        let [s, t] = lambdas.map(|lambda| Float::with_val(300, -2.0 * lambda).exp());
        let model: Model<Float> = case.model(&one);
        let z = Float::with_val(300, case.point(deviations, s.to_f64()));
        let moved = model.solution(std::slice::from_ref(&z), &s, &t).unwrap().remove(0);
        let [lower, upper] = [false, true].map(|upper| tail(&case.id, upper, &s, &z));
        let (before, is_upper) = if upper < lower { (upper, true) } else { (lower, false) };
        let change = ((tail(&case.id, is_upper, &t, &moved) - &before) / before).abs();
        prop_assert!(change < 1e-80, "{change:.3}");
    }

    #[test]
    fn solution_and_denoiser_of_mixtures_agree_in_all_arithmetics(
        case in cases(), deviations in -7.0..7.0_f64, lambdas in [-3.0..3.0_f64, -3.0..3.0]
    ) {
        let [s, t] = lambdas.map(|lambda| (-2.0 * lambda).exp());
        let z = case.point(deviations, s);
        let float = |x: f64| Float::with_val(300, x);
        let exact: Model<Float> = case.model(&float(1.0));
        let moved = exact.solution(&[float(z)], &float(s), &float(t)).unwrap().remove(0);
        let data = exact.denoise(&float(s), &[float(z)]).unwrap().remove(0);

        let allowed = case.condition((s, z), (t, moved.to_f64()));
        let double = case.model(&1.0).solution(&[z], &s, &t).unwrap()[0];
        let error = (moved.clone() - double).abs().to_f64();
        prop_assert!(error <= allowed * 2.0_f64.powi(-48), "f64: {error:e}, condition {allowed:e}");
        let (dd, [z_dd, s_dd, t_dd]) = (DoubleDouble::ONE, [z, s, t].map(DoubleDouble::exact));
        let long = case.model(&dd).solution(&[z_dd], &s_dd, &t_dd).unwrap()[0];
        let error = (moved - long.hi() - long.lo()).abs().to_f64();
        prop_assert!(error <= allowed * 2.0_f64.powi(-98), "double-double: {error:e}, condition {allowed:e}");

        // an exponent d^2/(2v) is off by some units of itself, and the spread of the means is at stake
        let allowed = 30.0 * (1.0 + z.abs()) * (1.0 + z * z / s);
        let double = case.model(&1.0).denoise(&s, &[z]).unwrap()[0];
        let error = (data.clone() - double).abs().to_f64();
        prop_assert!(error <= allowed * f64::EPSILON, "denoiser in f64: {error:e}");
        let long = case.model(&dd).denoise(&s_dd, &[z_dd]).unwrap()[0];
        let error = (data - long.hi() - long.lo()).abs().to_f64();
        prop_assert!(error <= allowed * 2.0_f64.powi(-101), "denoiser in double-double: {error:e}");
    }
}

/// Forty standard deviations out erfc is 1e-350: no f64.
#[test]
fn far_tails_are_transported_in_every_arithmetic() {
    for case in CASES {
        let problem = Problem::parse(case).unwrap();
        for sign in [-1.0, 1.0] {
            for (s, t) in [(1.0, 0.0625), (0.0625, 16.0), (64.0, 1.0 / 1024.0)] {
                let z = sign * 40.0 * (3.0_f64 + s).sqrt();
                let float = |x: f64| Float::with_val(300, x);
                let model: Model<Float> = problem.model(&float(1.0));
                let exact = model
                    .solution(&[float(z)], &float(s), &float(t))
                    .unwrap()
                    .remove(0);
                let size = exact.to_f64().abs();

                let double = problem.model(&1.0).solution(&[z], &s, &t).unwrap()[0];
                let error = (exact.clone() - double).abs().to_f64();
                assert!(
                    error <= 1e-14 * size,
                    "{case}, f64, {z} from {s} to {t}: {error:e}"
                );

                let long = [z, s, t].map(DoubleDouble::exact);
                let long =
                    problem
                        .model(&DoubleDouble::ONE)
                        .solution(&long[..1], &long[1], &long[2]);
                let long = long.unwrap()[0];
                let error = (exact.clone() - long.hi() - long.lo()).abs().to_f64();
                assert!(
                    error <= 1e-29 * size,
                    "{case}, double-double, {z} from {s} to {t}: {error:e}"
                );

                let ball = |x: f64| Ball::exact(Float::with_val(256, x));
                let model: Model<Ball> = problem.model(&ball(1.0));
                let enclosure = model
                    .solution(&[ball(z)], &ball(s), &ball(t))
                    .unwrap()
                    .remove(0);
                assert!(
                    enclosure.contains(&exact),
                    "{case}, {z} from {s} to {t}: {enclosure:?}"
                );
                assert!(
                    enclosure.radius().exponent() < Some(-200),
                    "{case}: {enclosure:?}"
                );
            }
        }
    }
}

/// At 10^6 standard deviations erfc is below MPFR's least number, too.
#[test]
fn tails_beyond_every_exponent_range_are_transported() {
    let problem = Problem::parse("mixture").unwrap();
    let ball = |x: f64| Ball::exact(Float::with_val(256, x));
    let (z, s, t) = (1e6, 1.0, 0.25);
    let model = problem.model(&ball(1.0));
    let far = model
        .solution(&[ball(z)], &ball(s), &ball(t))
        .unwrap()
        .remove(0);
    assert!(far.radius().exponent() < Some(-180), "{far:?}");
    // out there the widest component is alone, and nearly as if it had all the weight
    let alone = 1.5 + (z - 1.5) * (0.45_f64 / 1.2).sqrt();
    assert!((far.to_f64() - alone).abs() < 1e-5, "{far:?}, {alone}");
    let double = problem.model(&1.0).solution(&[z], &s, &t).unwrap()[0];
    assert!((far.to_f64() - double).abs() < 1e-9, "{far:?}, {double}");
}
