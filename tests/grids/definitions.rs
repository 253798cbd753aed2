//! Spacings against their definitions.

use super::*;

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
fn a_flow_grid_of_trained_times_falls_to_zero_in_equal_parts() {
    for (grid, shift) in [
        ("flow:train=1000,ends=zero", 1.0),
        ("flow:shift=3,train=1000,ends=zero", 3.0),
    ] {
        assert!(nodes("flow", "flow:train=2,ends=zero", 1).is_ok());
        for steps in [1, 2, 7] {
            let points = nodes("flow", grid, steps).unwrap();
            assert_eq!(points.len(), steps + 1);
            assert_eq!(points[steps].lambda, Lambda::NoNoise);
            for (i, point) in points.iter().enumerate() {
                let s = 0.999 * (steps - i) as f64 / steps as f64;
                let expected = shift * s / (1.0 + (shift - 1.0) * s);
                assert!(close(point.sigma, expected, 1e-14), "{grid}, node {i}");
            }
        }
    }
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
