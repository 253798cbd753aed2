//! The two infinite ends: sigma = 0 and alpha = 0.

use super::*;

fn last_row(plan: &Plan<f64>) -> Vec<f64> {
    let matrix = plan.transfer();
    matrix.row(matrix.nrows() - 1).iter().copied().collect()
}

#[test]
fn the_step_to_sigma_zero_is_the_limit_of_small_sigma() {
    for entry in Solver::ENTRIES {
        let explicit = |last: &str, policy: &str| {
            let mut request = request(entry.id, "edm", "time", policy, 4);
            let values = ["80", "9", "2", "0.5", last].map(|s| parse_rational(s).unwrap());
            request.grid = Grid::explicit(Unit::Sigma, values.to_vec()).unwrap();
            request.recipe.prediction = Prediction::Noise;
            derive(&request, &1.0).unwrap()
        };
        // Explicit nodes that end at 0 say so themselves: zero=on and zero=off mean the same.
        let exact = explicit("0", "");
        assert_eq!(exact, explicit("0", "zero=on"), "{}", entry.id);
        assert_eq!(
            *exact.nodes.last().map(|n| &n.point.lambda).unwrap(),
            Lambda::NoNoise
        );
        let near = match entry.stem {
            "deis_rho" | "ipndm" => explicit("1e-13", ""),
            _ => explicit("1e-13", "final=euler"),
        };
        let (exact, near) = (last_row(&exact), last_row(&near));
        let outputs = exact.len().min(near.len());
        for (a, b) in exact[..outputs].iter().zip(&near[..outputs]) {
            assert!((a - b).abs() < 1e-10, "{}: {exact:?} {near:?}", entry.id);
        }
    }
}

#[test]
fn zero_on_needs_explicit_nodes_that_end_there() {
    for (unit, values, code) in [
        (Unit::Sigma, ["3", "2", "1"], Some(Code::PolicyZero)),
        (Unit::Time, ["3", "2", "1"], Some(Code::PolicyZero)),
        (Unit::Lambda, ["-1", "0", "1"], Some(Code::PolicyZero)),
        (Unit::Time, ["3", "2", "0"], None),
        (Unit::Sigma, ["3", "2", "0"], None),
    ] {
        let mut request = request("dpmpp-2m", "edm", "time", "zero=on", 2);
        request.grid =
            Grid::explicit(unit, values.map(|v| parse_rational(v).unwrap()).to_vec()).unwrap();
        assert_eq!(
            derive(&request, &1.0).err().map(|e| e.code),
            code,
            "{unit:?} {values:?}"
        );
    }
    let mut request = request("dpmpp-2m", "discrete-linear", "time", "zero=on", 2);
    request.grid = Grid::explicit(
        Unit::Time,
        vec![rational(9, 1), rational(5, 1), rational(0, 1)],
    )
    .unwrap();
    assert_eq!(
        derive(&request, &1.0).unwrap_err().code,
        Code::PolicyZero,
        "index 0 has noise"
    );
}

#[test]
fn starting_at_pure_noise_needs_a_prediction_that_says_something_there() {
    let at_one = |solver: &str, prediction: Prediction, policy: &str| -> Result<Plan<f64>> {
        let mut request = request(solver, "flow", "time", policy, 6);
        request.recipe.prediction = prediction;
        derive(&request, &1.0)
    };
    for entry in Solver::ENTRIES {
        let family = Solver::parse(entry.id).unwrap().method.family();
        let fits = entry.side == Side::Data && family == Family::Multistep;
        for prediction in [Prediction::Data, Prediction::Flow] {
            match at_one(entry.id, prediction, "") {
                Ok(plan) => assert!(fits && plan.nodes[0].point.alpha == 0.0, "{}", entry.id),
                Err(error) => assert!(
                    !fits && error.code == Code::PolicyZero,
                    "{}: {error}",
                    entry.id
                ),
            }
        }
        for prediction in [Prediction::Noise, Prediction::Score] {
            assert_eq!(
                at_one(entry.id, prediction, "").unwrap_err().code,
                Code::PolicyZero,
                "{}",
                entry.id
            );
        }
    }
    let mut zero_snr = request(
        "dpmpp-2m",
        "discrete-linear:zero_snr=on",
        "trailing:ends=zero",
        "",
        10,
    );
    zero_snr.recipe.prediction = Prediction::V;
    let plan = derive(&zero_snr, &1.0).unwrap();
    assert_eq!(
        (plan.nodes[0].point.alpha, plan.nodes[0].label),
        (0.0, Some(999.0))
    );
    zero_snr.recipe.state_space = dpm_spec::recipe::StateSpace::Ve;
    assert_eq!(derive(&zero_snr, &1.0).unwrap_err().code, Code::PolicyZero);
}

/// The plan at alpha = 0 is what plans tend to as their first lambda falls: the difference is of
/// size 1/|lambda| (history at a growing distance), so ten times the distance is a tenth of it.
#[cfg(feature = "oracle")]
#[test]
fn starting_at_pure_noise_is_the_limit_of_less_and_less_signal() {
    use rug::Float;
    let one = Float::with_val(300, 1);
    let rest = ["-1", "0", "1/2", "2", "3"].map(|l| parse_rational(l).unwrap());
    for entry in Solver::ENTRIES.iter().filter(|e| e.side == Side::Data) {
        if Solver::parse(entry.id).unwrap().method.family() == Family::Singlestep {
            continue;
        }
        let schedule = Schedule::parse("flow").unwrap();
        let mut recipe = Recipe::new(Solver::parse(entry.id).unwrap(), &schedule);
        recipe.prediction = Prediction::Data;
        if entry.stochastic {
            recipe.eta = rational(1, 2);
        }
        let row = |first: i128| {
            let values = std::iter::once(rational(first, 1)).chain(rest).collect();
            let grid = Grid::explicit(Unit::Lambda, values).unwrap();
            let plan = derive(
                &Request::new(recipe.clone(), schedule.clone(), grid, 5),
                &one,
            )
            .unwrap();
            let matrix = plan.transfer();
            matrix
                .row(matrix.nrows() - 1)
                .iter()
                .cloned()
                .collect::<Vec<Float>>()
        };
        let (far, farther, farthest) = (row(-1_000), row(-10_000), row(-100_000));
        for (i, ((a, b), c)) in far.iter().zip(&farther).zip(&farthest).enumerate() {
            let (first, second) = (
                Float::with_val(300, a - b).to_f64(),
                Float::with_val(300, b - c).to_f64(),
            );
            assert!(
                second.abs() <= first.abs() * 0.11 + 1e-40,
                "{}: entry {i} does not converge: {first:e}, {second:e}",
                entry.id
            );
        }
        let limit = at_pure_noise(&recipe, &schedule, &rest);
        for (i, (a, b)) in farthest.iter().zip(&limit).enumerate() {
            assert!(
                (a.to_f64() - b).abs() < 1e-4,
                "{}: entry {i}: {a} and {b}",
                entry.id
            );
        }
    }
}

/// The last row of the plan from s = 1 through nodes at the given lambdas, to 36 decimals of s.
#[cfg(feature = "oracle")]
fn at_pure_noise(
    recipe: &Recipe,
    schedule: &Schedule,
    lambdas: &[dpm_spec::arithmetic::Rational],
) -> Vec<f64> {
    use dpm_spec::arithmetic::Field;
    let s = |lambda: &dpm_spec::arithmetic::Rational| 1.0 / (1.0 + 0.0_f64.constant(*lambda).exp());
    let near = |value: f64| rational((value * 1e17).round() as i128, 100_000_000_000_000_000);
    let values = std::iter::once(rational(1, 1))
        .chain(lambdas.iter().map(|l| near(s(l))))
        .collect();
    let grid = Grid::explicit(Unit::Time, values).unwrap();
    last_row(
        &derive(
            &Request::new(recipe.clone(), schedule.clone(), grid, lambdas.len()),
            &1.0,
        )
        .unwrap(),
    )
}
