//! Discrete schedules against products, between knots, and against PyTorch.

use super::*;

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

/// In f64 the segment of a knot's own noise level comes out on either side of it.
#[test]
fn the_time_of_every_knot_is_enclosed_narrowly() {
    for mode in ["log-alpha", "log-sigma", "sigma"] {
        let schedule = schedule(&format!("discrete-linear:n=300,interp={mode}"));
        let curve = Curve::new(&schedule, &Ball::exact(Float::with_val(256, 1)));
        for k in 0..300 {
            let point = curve.at_exact_time(rational(k, 1)).unwrap();
            let found = curve
                .at_rho(&(point.sigma.clone() / &point.alpha))
                .t
                .unwrap();
            assert!(
                found.contains(&number_at(600, rational(k, 1))),
                "{mode}, knot {k}: {found:?}"
            );
            let radius = found.radius().exponent().unwrap_or(i64::MIN);
            assert!(radius < -190, "{mode}, knot {k}: only known to 2^{radius}");
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
