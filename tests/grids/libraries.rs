//! Grids against numbers of diffusers, scipy and ComfyUI (tests/data/torch/).

use super::*;

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
