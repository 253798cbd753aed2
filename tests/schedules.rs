//! Schedules against their definitions, evaluated naively with many digits, and against PyTorch.
#![cfg(feature = "oracle")]

use dpm_spec::Code;
use dpm_spec::arithmetic::{Ball, Rational, Real, parse_rational, rational};
use dpm_spec::schedule::{Curve, Lambda, Point, Schedule};
use rug::Float;
use rug::float::Constant;
use std::collections::BTreeMap;

const NAIVE: u32 = 700;
const DERIVED: u32 = 200;

fn schedule(id: &str) -> Schedule {
    Schedule::parse(id).unwrap()
}

fn number(value: Rational) -> Float {
    Float::with_val(NAIVE, *value.numer()) / Float::with_val(NAIVE, *value.denom())
}

fn one() -> Float {
    Float::with_val(NAIVE, 1)
}

fn cosine_angle(t: &Float, s: &Float) -> Float {
    let pi = Float::with_val(NAIVE, Constant::Pi);
    pi / 2u32 * (t.clone() + s) / (one() + s)
}

/// (alpha, sigma) by the definition in the papers, cancellation and all.
fn defined(id: &str, t: Rational) -> (Float, Float) {
    let t = number(t);
    let vp = |alpha: Float| {
        let sigma = (one() - alpha.clone().square()).sqrt();
        (alpha, sigma)
    };
    match id {
        "vp-linear" => vp(
            (-(t.clone().square() * number(parse_rational("19.9").unwrap()) / 4u32
                + t * number(rational(1, 10)) / 2u32))
                .exp(),
        ),
        "vp-cosine" => {
            let s = number(rational(8, 1000));
            let zero = Float::with_val(NAIVE, 0);
            vp(cosine_angle(&t, &s).cos() / cosine_angle(&zero, &s).cos())
        }
        "edm" => (one(), t),
        "flow:shift=3" => {
            let s = t.clone() * 3u32 / (one() + t * 2u32);
            (one() - s.clone(), s)
        }
        _ => unreachable!("{id} has no definition here"),
    }
}

const CONTINUOUS: &[(&str, &[&str])] = &[
    (
        "vp-linear",
        &["1e-6", "1e-3", "0.01", "1/3", "0.7", "0.999", "1"],
    ),
    (
        "vp-cosine",
        &["1e-6", "1e-3", "0.01", "1/3", "0.7", "0.9946", "0.999999"],
    ),
    ("edm", &["1e-9", "0.002", "0.5", "1", "80", "1e9"]),
    (
        "flow:shift=3",
        &["1e-6", "1e-3", "1/3", "1/4", "0.999", "0.999999"],
    ),
];

fn lambda<T: Clone>(point: &Point<T>) -> T {
    point.lambda.finite().expect("a finite lambda").clone()
}

fn relative(computed: &Float, exact: &Float) -> f64 {
    let error = Float::with_val(NAIVE, computed - exact);
    if exact.is_zero() {
        return error.abs().to_f64();
    }
    (error / exact).abs().to_f64()
}

/// alpha, sigma, lambda of `computed` are right to `unit` relative; lambda to `unit` absolute where
/// it is small, because it is a logarithm of a ratio near 1 there.
#[track_caller]
fn check(what: &str, computed: [Float; 3], (alpha, sigma): (Float, Float), unit: f64) {
    let exact = (alpha.clone() / &sigma).ln();
    let scale = exact.clone().abs().to_f64().max(1.0);
    assert!(
        relative(&computed[0], &alpha) < unit,
        "{what}: alpha = {}, not {alpha}",
        computed[0]
    );
    assert!(
        relative(&computed[1], &sigma) < unit,
        "{what}: sigma = {}, not {sigma}",
        computed[1]
    );
    let off = Float::with_val(NAIVE, &computed[2] - &exact).abs().to_f64();
    assert!(
        off < unit * scale,
        "{what}: lambda = {}, not {exact}",
        computed[2]
    );
}

fn floats<T: Real>(point: &Point<T>, float: impl Fn(&T) -> Float) -> [Float; 3] {
    [
        float(&point.alpha),
        float(&point.sigma),
        float(&lambda(point)),
    ]
}

#[test]
fn alpha_sigma_lambda_are_those_of_the_papers() {
    for (id, times) in CONTINUOUS {
        let schedule = schedule(id);
        let (plain, big) = (
            Curve::new(&schedule, &1.0_f64),
            Curve::new(&schedule, &Float::with_val(DERIVED, 1)),
        );
        for t in times.iter().map(|t| parse_rational(t).unwrap()) {
            let what = format!("{id} at {t}");
            let float = |x: &f64| Float::with_val(NAIVE, *x);
            // f64: S(1) = 10.05 costs 10 roundings in alpha; 1 - t loses what t near 1 has not.
            let left = number(rational(1, 1) - t).to_f64();
            let conditioned = if left > 0.0 { left.min(1.0) } else { 1.0 };
            let slack = 40.0 * 2_f64.powi(-53) / conditioned;
            check(
                &what,
                floats(&plain.at_exact_time(t).unwrap(), float),
                defined(id, t),
                slack,
            );
            let wide = |x: &Float| Float::with_val(NAIVE, x);
            check(
                &what,
                floats(&big.at_exact_time(t).unwrap(), wide),
                defined(id, t),
                2_f64.powi(-165),
            );
        }
    }
}

#[test]
fn time_and_lambda_are_inverse_to_each_other() {
    let discrete = [
        "discrete-linear",
        "discrete-scaled-linear",
        "discrete-cosine",
    ];
    let modes = ["log-alpha", "log-sigma", "sigma"];
    let indices: &[&str] = &[
        "0.001",
        "0.5",
        "1",
        "10.25",
        "499.999",
        "500",
        "500.000001",
        "990.5",
        "998.5",
    ];
    let tables = discrete.iter().flat_map(|id| {
        modes
            .iter()
            .map(move |mode| (format!("{id}:interp={mode}"), indices))
    });
    let continuous = CONTINUOUS
        .iter()
        .map(|(id, times)| ((*id).to_owned(), *times));
    for (id, times) in continuous.chain(tables) {
        let curve = Curve::new(&schedule(&id), &Float::with_val(DERIVED, 1));
        for t in times.iter().map(|t| parse_rational(t).unwrap()) {
            let point = curve.at_exact_time(t).unwrap();
            let rho = point.sigma.clone() / &point.alpha;
            for (way, back) in [
                ("lambda", curve.at_lambda(&lambda(&point))),
                ("rho", curve.at_rho(&rho)),
            ] {
                let found = back.t.clone().unwrap();
                let off = relative(&found, &number(t));
                // Near alpha = 1 the time is a square root or worse of what is left of 1 - abar.
                assert!(
                    off < 2_f64.powi(-140),
                    "{id}: t = {t} came back by {way} as {found}"
                );
                assert!(
                    relative(&back.alpha, &Float::with_val(NAIVE, &point.alpha)) < 2_f64.powi(-170),
                    "{id} at {t}"
                );
                assert!(
                    relative(&back.sigma, &Float::with_val(NAIVE, &point.sigma)) < 2_f64.powi(-170),
                    "{id} at {t}"
                );
            }
        }
    }
}

#[test]
fn variance_is_kept_and_lambda_falls_with_time() {
    let ids = [
        "vp-linear",
        "vp-linear:beta_min=1,beta_max=1",
        "vp-cosine",
        "vp-cosine:s=2",
        "discrete-linear",
        "discrete-cosine:n=7",
        "edm",
        "flow",
        "flow:shift=12",
    ];
    for id in ids {
        let schedule = schedule(id);
        let curve = Curve::new(&schedule, &1.0_f64);
        let (start, end) = schedule.domain();
        let mut before = f64::INFINITY;
        for i in 1..=200 {
            let t = end + (start - end) * rational(i, 201);
            let point = curve.at_exact_time(t).unwrap();
            let now = lambda(&point);
            assert!(
                now < before,
                "{id}: lambda({t}) = {now} does not fall below {before}"
            );
            before = now;
            let (a, s) = (point.alpha, point.sigma);
            let total = match schedule {
                Schedule::Edm(_) => a,
                Schedule::Flow(_) => a + s,
                _ => a * a + s * s,
            };
            assert!((total - 1.0).abs() < 1e-15 * 4.0, "{id} at {t}: {total}");
        }
    }
}

/// abar by direct products of 1 - beta.
fn direct(curve: &str, n: i128, zero_snr: bool) -> Vec<Float> {
    let of = |text: &str| number(parse_rational(text).unwrap());
    let ramp = |from: &Float, to: &Float, i: i128| {
        from.clone()
            + (to.clone() - from) * Float::with_val(NAIVE, i) / Float::with_val(NAIVE, n - 1)
    };
    let bar = |i: i128| {
        cosine_angle(&number(rational(i, n)), &of("0.008"))
            .cos()
            .square()
    };
    let beta = |i: i128| match curve {
        "discrete-linear" => ramp(&of("0.0001"), &of("0.02"), i),
        "discrete-scaled-linear" => ramp(&of("0.00085").sqrt(), &of("0.012").sqrt(), i).square(),
        _ => (one() - bar(i + 1) / bar(i)).min(&of("0.999")),
    };
    let mut product = one();
    let mut abar: Vec<Float> = (0..n)
        .map(|i| {
            product *= one() - beta(i);
            product.clone()
        })
        .collect();
    if zero_snr {
        let (first, last) = (abar[0].clone().sqrt(), abar[n as usize - 1].clone().sqrt());
        for value in &mut abar {
            let root = (value.clone().sqrt() - &last) * &first / (first.clone() - &last);
            *value = root.square();
        }
    }
    abar
}

#[test]
fn discrete_tables_are_products_of_one_minus_beta() {
    for (id, n) in [
        ("discrete-linear", 1000),
        ("discrete-scaled-linear", 1000),
        ("discrete-cosine", 1000),
        ("discrete-linear", 2),
        ("discrete-cosine", 3),
    ] {
        for snr in ["off", "on", "floor"] {
            let abar = direct(id, n, snr != "off");
            let curve = Curve::new(
                &schedule(&format!("{id}:n={n},zero_snr={snr}")),
                &Float::with_val(DERIVED, 1),
            );
            for i in [0, 1, n / 3, n / 2, n - 2, n - 1] {
                let point = curve.at_exact_time(rational(i, 1)).unwrap();
                let square = point.alpha.clone().square();
                if snr != "off" && i == n - 1 {
                    let floor = if snr == "floor" { 2_f64.powi(-24) } else { 0.0 };
                    assert_eq!(point.lambda == Lambda::NoSignal, snr == "on");
                    assert!((square.to_f64() - floor).abs() < 1e-30);
                    continue;
                }
                let what = format!("{id}, n = {n}, zero_snr={snr}, index {i}");
                assert!(
                    relative(&square, &abar[i as usize]) < 2_f64.powi(-170),
                    "{what}"
                );
                let exact = (abar[i as usize].clone() / (one() - &abar[i as usize])).ln() / 2u32;
                let off = Float::with_val(NAIVE, lambda(&point)) - exact;
                assert!(off.abs() < 2_f64.powi(-170), "{what}");
            }
        }
    }
}

#[test]
fn the_named_quantity_is_linear_between_indices() {
    let abar = direct("discrete-scaled-linear", 1000, false);
    let quantity = |mode: &str, abar: &Float| {
        let rho = ((one() - abar) / abar).sqrt();
        match mode {
            "log-alpha" => abar.clone().ln() / 2u32,
            "log-sigma" => rho.ln(),
            _ => rho,
        }
    };
    for mode in ["log-alpha", "log-sigma", "sigma"] {
        let curve = Curve::new(
            &schedule(&format!("discrete-scaled-linear:interp={mode}")),
            &Float::with_val(DERIVED, 1),
        );
        for t in ["0.25", "10.5", "499.9999999999", "500.0000000001", "998.75"] {
            let t = parse_rational(t).unwrap();
            let point = curve.at_exact_time(t).unwrap();
            let k = t.to_integer() as usize;
            let (from, to) = (quantity(mode, &abar[k]), quantity(mode, &abar[k + 1]));
            let expected = from.clone() + (to - &from) * number(t.fract());
            let computed = quantity(mode, &Float::with_val(NAIVE, point.alpha.clone().square()));
            assert!(
                relative(&computed, &expected) < 2_f64.powi(-165),
                "{mode} at {t}"
            );
        }
    }
}

#[test]
fn enclosures_stay_narrow_at_and_near_the_knots() {
    let one = Ball::exact(Float::with_val(256, 1));
    for mode in ["log-alpha", "log-sigma", "sigma"] {
        let curve = Curve::new(&schedule(&format!("discrete-linear:interp={mode}")), &one);
        let precise = Curve::new(
            &schedule(&format!("discrete-linear:interp={mode}")),
            &Float::with_val(600, 1),
        );
        for t in [
            "0.0000000001",
            "500.0000000001",
            "499.9999999999",
            "500",
            "998.9999999999",
        ] {
            let t = parse_rational(t).unwrap();
            let (ball, exact) = (
                curve.at_exact_time(t).unwrap(),
                precise.at_exact_time(t).unwrap(),
            );
            let radius = |x: &Ball| x.radius().exponent().unwrap_or(i64::MIN);
            assert!(
                ball.alpha.contains(&exact.alpha) && ball.sigma.contains(&exact.sigma),
                "{mode} at {t}"
            );
            assert!(
                radius(&ball.sigma) < -220,
                "{mode} at {t}: sigma is only known to 2^{}",
                radius(&ball.sigma)
            );
            let back = curve.at_lambda(&lambda(&ball));
            let found = back.t.unwrap();
            assert!(
                found.contains(&number_at(600, t)),
                "{mode}: {t} is not in {found:?}"
            );
            assert!(
                radius(&found) < -190,
                "{mode}: time {t} is only known to 2^{}",
                radius(&found)
            );
        }
    }
}

fn number_at(precision: u32, value: Rational) -> Float {
    Float::with_val(precision, *value.numer()) / Float::with_val(precision, *value.denom())
}

#[derive(serde::Deserialize)]
struct Tables {
    tables: Vec<Table>,
}

#[derive(serde::Deserialize)]
struct Table {
    schedule: String,
    abar: BTreeMap<usize, String>,
    fnv: String,
}

#[test]
fn float32_betas_are_pytorchs_bit_for_bit() {
    let text = std::fs::read_to_string("tests/data/torch/betas.json").unwrap();
    let tables: Tables = serde_json::from_str(&text).unwrap();
    assert!(tables.tables.len() > 20);
    for table in tables.tables {
        let schedule = schedule(&table.schedule);
        let curve = Curve::new(&schedule, &1.0_f64);
        let bits = |i: usize| {
            let point = curve.at_exact_time(rational(i as i128, 1)).unwrap();
            ((point.alpha * point.alpha) as f32).to_bits()
        };
        for (i, hex) in &table.abar {
            let got = format!("{:08x}", bits(*i));
            assert_eq!(&got, hex, "{} at index {i}", table.schedule);
        }
        let n = schedule.discrete().unwrap().count;
        let fnv = (0..n)
            .flat_map(|i| bits(i).to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        assert_eq!(
            format!("{fnv:016x}"),
            table.fnv,
            "some entry of {}",
            table.schedule
        );
    }
}

#[test]
fn times_outside_the_domain_are_refused() {
    let cases = [
        ("vp-linear", "0"),
        ("vp-linear", "-1"),
        ("vp-linear", "1.0000001"),
        ("vp-cosine", "0"),
        ("vp-cosine", "1"),
        ("edm", "0"),
        ("edm", "-2"),
        ("flow", "0"),
        ("flow", "1.01"),
        ("discrete-linear", "-1"),
        ("discrete-linear", "1000"),
        ("discrete-linear", "170141183460469231731687303715884105"),
        ("discrete-linear:n=10", "9.5"),
        ("discrete-linear:zero_snr=on", "998.5"),
    ];
    for (id, t) in cases {
        let curve = Curve::new(&schedule(id), &1.0_f64);
        let error = curve
            .at_exact_time(parse_rational(t).unwrap())
            .expect_err(id);
        assert_eq!(error.code, Code::Domain, "{id} at {t}: {error}");
    }
}

#[test]
fn schedule_ids_out_of_range_are_refused() {
    let cases = [
        ("vp-linear:beta_min=0", Code::Parameter),
        ("vp-linear:beta_min=3,beta_max=2", Code::Parameter),
        ("vp-cosine:s=0", Code::Parameter),
        ("edm:sigma_data=-1", Code::Parameter),
        ("flow:shift=0", Code::Parameter),
        ("discrete-linear:n=1", Code::Parameter),
        ("discrete-linear:n=10.5", Code::Parameter),
        ("discrete-linear:n=1e6", Code::Parameter),
        ("discrete-linear:beta_end=1", Code::Parameter),
        ("discrete-cosine:beta_end=0.5", Code::Parameter),
        ("flow:shift=1e99", Code::Number),
        ("flow:shift=3,shift=4", Code::Parameter),
        ("vp-liner", Code::UnknownId),
    ];
    for (id, code) in cases {
        let error = Schedule::parse(id).expect_err(id);
        assert_eq!(error.code, code, "{id}: {error}");
    }
}
