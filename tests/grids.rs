//! Grids against their definitions, written as the libraries' own loops, and against the libraries.

use dpm_spec::Code;
use dpm_spec::arithmetic::{Rational, parse_rational, rational};
use dpm_spec::error::Result;
use dpm_spec::grid::{Grid, Unit};
use dpm_spec::schedule::{Curve, Lambda, Point, Schedule};
use serde_json::Value;

fn nodes_on(
    schedule: &str,
    grid: &Grid,
    steps: usize,
    domain: Option<(&str, &str)>,
) -> Result<Vec<Point<f64>>> {
    let schedule = Schedule::parse(schedule)?;
    let number = |text: &str| parse_rational(text).unwrap();
    let domain = domain.map_or(schedule.domain(), |(start, end)| {
        (number(start), number(end))
    });
    grid.nodes(&Curve::new(&schedule, &1.0_f64), steps, domain)
}

fn nodes(schedule: &str, grid: &str, steps: usize) -> Result<Vec<Point<f64>>> {
    nodes_on(schedule, &Grid::parse(grid)?, steps, None)
}

fn rho(point: &Point<f64>) -> f64 {
    point.sigma / point.alpha
}

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * b.abs()
}

const CONTINUOUS: &[&str] = &["vp-linear", "vp-cosine", "edm", "flow"];
const COUNTS: &[usize] = &[1, 2, 3, 10, 1000];

/// What is linear along a grid, as a function of the point.
fn coordinate(grid: &str) -> fn(&Point<f64>) -> f64 {
    match grid {
        "time" => |p| p.t.unwrap(),
        "quadratic" => |p| p.t.unwrap().sqrt(),
        "lambda" | "exponential" | "polyexponential" => |p| (p.sigma / p.alpha).ln(),
        _ => |p| (p.sigma / p.alpha).powf(1.0 / 7.0),
    }
}

#[test]
fn the_named_coordinate_is_linear_from_end_to_end() {
    for schedule in CONTINUOUS {
        for grid in [
            "lambda",
            "exponential",
            "polyexponential",
            "time",
            "quadratic",
            "karras",
        ] {
            for &steps in COUNTS {
                let domain = (*schedule == "flow").then_some(("0.999", "0.001"));
                let points =
                    nodes_on(schedule, &Grid::parse(grid).unwrap(), steps, domain).unwrap();
                assert_eq!(points.len(), steps + 1);
                let along = coordinate(grid);
                let (first, last) = (along(&points[0]), along(&points[steps]));
                for (i, point) in points.iter().enumerate() {
                    let expected = first + (last - first) * i as f64 / steps as f64;
                    let scale = first.abs().max(last.abs());
                    assert!(
                        (along(point) - expected).abs() < 1e-13 * scale,
                        "{grid} on {schedule}, node {i} of {steps}"
                    );
                    assert!(
                        close(
                            (point.alpha / point.sigma).ln(),
                            *point.lambda.finite().unwrap(),
                            1e-12
                        ) || point.lambda.finite().unwrap().abs() < 1e-3
                    );
                }
            }
        }
    }
}

#[test]
fn karras_and_polyexponential_follow_k_diffusions_loops() {
    let (sigma_min, sigma_max) = (0.002_f64, 80.0_f64);
    for n in [2_usize, 7, 40] {
        for power in [1.0_f64, 7.0, 2.5] {
            let ramp = |i: usize| i as f64 / (n - 1) as f64;
            let karras = |i: usize| {
                let (low, high) = (sigma_min.powf(1.0 / power), sigma_max.powf(1.0 / power));
                (high + ramp(i) * (low - high)).powf(power)
            };
            let poly = |i: usize| {
                let falling = (1.0 - ramp(i)).powf(power);
                (falling * (sigma_max.ln() - sigma_min.ln()) + sigma_min.ln()).exp()
            };
            // ends=zero: n points down to sigma_min, then sigma = 0, as append_zero does.
            for (grid, expected) in [
                (
                    format!("karras:rho={power},ends=zero"),
                    &karras as &dyn Fn(usize) -> f64,
                ),
                (format!("polyexponential:p={power},ends=zero"), &poly),
            ] {
                let points = nodes("edm", &grid, n).unwrap();
                assert_eq!((points.len(), points[n].sigma), (n + 1, 0.0));
                assert!(points[n].lambda == Lambda::NoNoise);
                for (i, point) in points[..n].iter().enumerate() {
                    // high + (low - high), as the loop has it at the end, costs a unit of `high`.
                    let off = (point.sigma - expected(i)).abs();
                    assert!(
                        off <= 1e-13 * expected(i) + sigma_max * 2_f64.powi(-53),
                        "{grid}: node {i} is {}, not {}",
                        point.sigma,
                        expected(i)
                    );
                }
            }
        }
    }
}

#[test]
fn flow_shifts_compose_by_multiplication() {
    for (schedule, grid, product) in [
        ("flow:shift=3", "flow", 3.0),
        ("flow", "flow:shift=3", 3.0),
        ("flow:shift=3", "flow:shift=2", 6.0),
        ("flow", "flow:mu=1.15", 1.15_f64.exp()),
        ("flow:shift=3", "time", 3.0),
    ] {
        let points = nodes(schedule, grid, 10).unwrap();
        assert!(points[0].lambda == Lambda::NoSignal && points[0].alpha == 0.0);
        for (i, point) in points.iter().enumerate().skip(1) {
            let s = 1.0 + (0.001 - 1.0) * i as f64 / 10.0;
            assert!(
                close(
                    point.sigma,
                    product * s / (1.0 + (product - 1.0) * s),
                    1e-14
                ),
                "{grid} on {schedule}, node {i}"
            );
        }
    }
}

#[test]
fn a_terminal_flow_shift_ends_where_it_says() {
    let points = nodes_on(
        "flow",
        &Grid::parse("flow:mu=1.2,terminal=0.1").unwrap(),
        8,
        Some(("1", "0.125")),
    )
    .unwrap();
    let shift = 1.2_f64.exp();
    let shifted = |s: f64| shift * s / (1.0 + (shift - 1.0) * s);
    for (i, point) in points.iter().enumerate() {
        let s = 1.0 - 0.875 * i as f64 / 8.0;
        let expected = 1.0 - (1.0 - shifted(s)) * 0.9 / (1.0 - shifted(0.125));
        assert!((point.sigma - expected).abs() < 1e-15 * 4.0, "node {i}");
    }
    assert!(close(points[8].sigma, 0.1, 1e-14));
}

#[test]
fn end_rules_give_n_plus_one_nodes() {
    for (grid, steps) in [
        ("karras:ends=zero", 1),
        ("lambda:ends=zero", 1),
        ("time:ends=zero", 2),
        ("trailing:ends=zero", 1000),
        ("linspace:dpm,ends=min", 10),
        ("leading:ddim,offset=1", 10),
    ] {
        let points = nodes("discrete-linear", grid, steps).unwrap();
        assert_eq!(points.len(), steps + 1, "{grid}");
        let last = &points[steps];
        match grid.contains("zero") {
            true => assert!(last.sigma == 0.0 && last.alpha == 1.0 && last.t.is_none()),
            false => assert_eq!(last.t, Some(0.0)),
        }
    }
    assert_eq!(
        nodes("discrete-linear", "karras:ends=zero", 1).unwrap()[0].t,
        Some(999.0)
    );
}

fn library() -> Value {
    serde_json::from_str(&std::fs::read_to_string("tests/data/torch/grids.json").unwrap()).unwrap()
}

fn rows<'a>(library: &'a Value, section: &str) -> &'a Vec<Value> {
    library[section].as_array().unwrap()
}

fn hex(value: &Value) -> f64 {
    let text = value.as_str().unwrap();
    let (mantissa, exponent) = text.trim_start_matches("0x").split_once('p').unwrap();
    let digits = mantissa.replace('.', "");
    let fraction = mantissa.split_once('.').map_or(0, |(_, f)| f.len() as i32);
    u64::from_str_radix(&digits, 16).unwrap() as f64
        * 2_f64.powi(exponent.parse::<i32>().unwrap() - 4 * fraction)
}

fn indices(n: u64, grid: &str, steps: usize) -> Vec<i32> {
    let points = nodes(&format!("discrete-linear:n={n}"), grid, steps)
        .unwrap_or_else(|e| panic!("{grid}, n = {n}, N = {steps}: {e}"));
    points[..steps]
        .iter()
        .map(|p| p.t.unwrap() as i32)
        .collect()
}

#[test]
fn index_spacings_are_diffusers_for_every_number_of_steps() {
    let library = library();
    for row in rows(&library, "indexed") {
        let (grid, n) = (row["grid"].as_str().unwrap(), row["n"].as_u64().unwrap());
        for (steps, expected) in row["indices"].as_object().unwrap() {
            let expected: Vec<i32> = serde_json::from_value(expected.clone()).unwrap();
            assert_eq!(
                indices(n, grid, steps.parse().unwrap()),
                expected,
                "{grid}, n = {n}, N = {steps}"
            );
        }
        let all =
            (1..=row["up_to"].as_u64().unwrap() as usize).flat_map(|steps| indices(n, grid, steps));
        let fnv = all
            .flat_map(i32::to_le_bytes)
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        assert_eq!(
            format!("{fnv:016x}"),
            row["fnv"].as_str().unwrap(),
            "{grid}, n = {n}, some N"
        );
    }
}

#[test]
fn sigma_grids_and_labels_are_diffusers() {
    let library = library();
    for row in rows(&library, "sigmas") {
        let (grid, steps) = (
            row["grid"].as_str().unwrap(),
            row["steps"].as_u64().unwrap() as usize,
        );
        let join = if grid.contains(':') { "," } else { ":" };
        let points = nodes(
            "discrete-scaled-linear:betas=f32",
            &format!("{grid}{join}ends=zero"),
            steps,
        )
        .unwrap();
        for (i, expected) in row["sigmas"].as_array().unwrap().iter().enumerate() {
            // float32: the library's table of sigmas is off by up to 2.2 units, plus one rounding.
            assert!(
                close(rho(&points[i]), hex(expected), 3.2 * 2_f64.powi(-24)),
                "{grid}, N = {steps}: node {i} is {}, not {}",
                rho(&points[i]),
                hex(expected)
            );
        }
        for (i, label) in row["labels"].as_array().unwrap().iter().enumerate() {
            let (t, label) = (points[i].t.unwrap(), label.as_f64().unwrap());
            // Karras labels are rounded, the others cut; a float32 sigma may be just below its index.
            let off = if grid == "karras" {
                t.round() - label
            } else {
                (t + 1e-4).floor() - label
            };
            assert!(
                off == 0.0 || (off == 1.0 && t.fract().min(1.0 - t.fract()) < 1e-3),
                "{grid}, N = {steps}: label {label} of node {i} at {t}"
            );
        }
    }
}

#[test]
fn flow_sigmas_are_diffusers() {
    let library = library();
    for row in rows(&library, "flow") {
        let steps = row["steps"].as_u64().unwrap() as usize;
        let grid = Grid::parse(&format!("flow:shift={}", row["shift"].as_str().unwrap())).unwrap();
        // use_flow_sigmas: s = i (1 - 1/n)/N for i = N..1, so from 0.999 down to 0.999/N.
        let end = format!("999/{}", 1000 * steps);
        let points = nodes_on("flow", &grid, steps - 1, Some(("0.999", &end))).unwrap();
        for (i, point) in points.iter().enumerate() {
            assert!(
                close(point.sigma, hex(&row["sigmas"][i]), 4.0 * 2_f64.powi(-24)),
                "shift {}, node {i}: {} {}",
                row["shift"],
                point.sigma,
                hex(&row["sigmas"][i])
            );
        }
    }
}

#[test]
fn beta_quantiles_are_the_nearest_f64() {
    let library = library();
    // On edm from 1 to 2^-1000 the sigma at the quantile q is q itself, up to that end.
    for row in rows(&library, "beta_quantiles") {
        let (a, b) = (row["a"].as_str().unwrap(), row["b"].as_str().unwrap());
        let numerator: usize = row["p"]
            .as_str()
            .unwrap()
            .split_once('/')
            .unwrap()
            .0
            .parse()
            .unwrap();
        let points = nodes_on(
            "edm",
            &Grid::parse(&format!("beta:a={a},b={b},on=sigma")).unwrap(),
            1000,
            Some(("1", "1e-38")),
        );
        let expected = hex(&row["x"]);
        match points {
            Ok(points) => {
                let got = points[1000 - numerator].sigma;
                assert!(
                    (got - expected).abs() <= 1e-38 + expected * 2_f64.powi(-53),
                    "Beta({a}, {b}) at {}: {got:e}, not {expected:e}",
                    row["p"]
                );
            }
            // Quantiles below the end's resolution fall together: Beta(0.1, 3) and Beta(30, 0.7) do at 1.
            Err(error) => assert_eq!(error.code, Code::GridOrder, "{error}"),
        }
    }
    let points = nodes("edm", "beta:a=1,b=1,on=sigma", 8).unwrap();
    for (i, point) in points.iter().enumerate() {
        assert!(
            close(
                point.sigma,
                0.002 + (80.0 - 0.002) * (8 - i) as f64 / 8.0,
                1e-15
            ),
            "Beta(1, 1) is uniform"
        );
    }
}

#[test]
fn whole_beta_indices_are_comfyuis() {
    let library = library();
    for row in rows(&library, "comfy") {
        let expected: Vec<i32> = serde_json::from_value(row["indices"].clone()).unwrap();
        let steps = row["steps"].as_u64().unwrap() as usize;
        assert_eq!(
            indices(1000, "beta:on=whole-index,ends=zero", steps),
            expected
        );
    }
}

#[track_caller]
fn refused(schedule: &str, grid: &str, steps: usize, code: Code) {
    let error = nodes(schedule, grid, steps).expect_err(grid);
    assert_eq!(
        error.code, code,
        "{grid} on {schedule}, N = {steps}: {error}"
    );
    assert!(!error.what.is_empty() && !error.place.is_empty() && !error.remedy.is_empty());
}

#[test]
fn grids_that_make_no_sense_are_refused() {
    refused("vp-linear", "time", 0, Code::GridSteps);
    refused("vp-linear", "time", usize::MAX, Code::GridSteps);
    refused("discrete-linear", "time", 1001, Code::GridSteps);
    refused("vp-linear", "linspace:dpm", 10, Code::GridUnfit);
    refused("vp-linear", "beta:on=whole-index", 10, Code::GridUnfit);
    refused("vp-linear", "flow", 10, Code::GridUnfit);
    refused("flow", "lambda", 10, Code::GridUnfit);
    refused("discrete-linear:zero_snr=on", "karras", 10, Code::GridUnfit);
    refused("vp-linear", "karras:ends=min", 10, Code::GridOrder);
    refused("discrete-linear", "linspace:ddim", 10, Code::GridOrder);
    refused("discrete-linear", "leading:dpm", 1000, Code::GridOrder);
    refused(
        "discrete-linear:n=10",
        "leading:dpm,offset=9",
        5,
        Code::Domain,
    );
    refused(
        "discrete-linear",
        "beta:on=whole-index,ends=zero",
        900,
        Code::GridOrder,
    );
    refused("vp-linear", "polyexponential:p=1e6", 50, Code::GridOrder);
    refused(
        "discrete-linear:betas=f32,zero_snr=floor",
        "trailing:ends=zero",
        1000,
        Code::GridOrder,
    );
    refused("discrete-linear:n=10,zero_snr=on", "time", 10, Code::Domain);
    for (id, code) in [
        ("karras:rho=0", Code::Parameter),
        ("karras:rho=x", Code::Number),
        ("karras:p=7", Code::Parameter),
        ("beta:a=0.01", Code::Parameter),
        ("beta:b=1e3", Code::Parameter),
        ("leading:dpm,ddim", Code::Parameter),
        ("leading:offset=0.5", Code::Parameter),
        ("flow:shift=2,mu=1", Code::Parameter),
        ("flow:terminal=1", Code::Parameter),
        ("lamda", Code::UnknownId),
        ("time:ends=none", Code::Parameter),
        ("time:", Code::Parameter),
    ] {
        assert_eq!(Grid::parse(id).expect_err(id).code, code, "{id}");
    }
    let domain = |start, end| {
        nodes_on(
            "vp-linear",
            &Grid::parse("time").unwrap(),
            4,
            Some((start, end)),
        )
        .unwrap_err()
        .code
    };
    assert_eq!(domain("0.5", "0.5"), Code::GridOrder);
    assert_eq!(domain("0.1", "0.5"), Code::GridOrder);
    assert_eq!(domain("1", "0"), Code::Domain);
    assert_eq!(domain("2", "0.5"), Code::Domain);
    let (long, tiny) = ("0.999999999999999999999999999999999999", "7e-36");
    let time = Grid::parse("time").unwrap();
    let error = nodes_on("vp-linear", &time, 999, Some((long, tiny))).unwrap_err();
    assert_eq!(error.code, Code::Number, "too many digits: {error}");
}

#[test]
fn explicit_nodes_are_taken_as_they_are() {
    let explicit = |schedule: &str, text: &str| {
        let grid = Grid::from_node_file(text)?;
        let steps = text.lines().filter(|line| !line.trim().is_empty()).count() - 2;
        nodes_on(schedule, &grid, steps, None)
    };
    let points = explicit("edm", "sigma\n80\n\n 1/3 \n0\n").unwrap();
    assert_eq!((points[1].sigma, points[2].sigma), (1.0 / 3.0, 0.0));
    let points = explicit("vp-linear", "lambda\n-3\n0\n2.5\n").unwrap();
    assert_eq!(
        points
            .iter()
            .map(|p| *p.lambda.finite().unwrap())
            .collect::<Vec<_>>(),
        [-3.0, 0.0, 2.5]
    );
    let points = explicit("discrete-linear", "t\n999\n500.5\n0\n").unwrap();
    assert!(points[2].sigma > 0.0, "index 0 is no end without noise");
    for (schedule, text, code) in [
        ("edm", "sigma\n1\n2\n", Code::GridOrder),
        ("edm", "sigma\n1\n1\n", Code::GridOrder),
        ("edm", "sigma\n1\n", Code::GridSteps),
        ("edm", "rho\n2\n1\n", Code::Format),
        ("edm", "", Code::Format),
        ("edm", "sigma\n2\nNaN\n", Code::Number),
        ("edm", "sigma\n2\n1e999\n", Code::Number),
        ("edm", "sigma\n1\n-1\n", Code::Domain),
        ("vp-linear", "t\n1.5\n1\n", Code::Domain),
        ("vp-linear", "lambda\n-9\n0\n", Code::Domain),
        ("vp-linear", "sigma\n1000\n1\n", Code::Domain),
        ("discrete-linear", "sigma\n200\n1\n", Code::Domain),
        ("discrete-linear", "sigma\n1\n0.001\n", Code::Domain),
        ("discrete-linear", "t\n1000\n1\n", Code::Domain),
        ("vp-linear", "lambda\n-1e30\n1e30\n", Code::Domain),
    ] {
        let error = explicit(schedule, text).expect_err(text);
        assert_eq!(error.code, code, "{schedule} {text:?}: {error}");
    }
    let two: Vec<Rational> = vec![rational(2, 1), rational(1, 1)];
    assert_eq!(
        nodes_on("edm", &Grid::explicit(Unit::Sigma, two).unwrap(), 5, None)
            .unwrap_err()
            .code,
        Code::GridSteps
    );
}
