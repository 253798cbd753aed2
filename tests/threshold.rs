//! Thresholding: the quantile's exact rank, bounds, idempotence, one sample at a time.

use dpm_spec::Code;
use dpm_spec::arithmetic::{DoubleDouble, Field, Real, parse_rational, rational};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Request, derive};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::threshold::Threshold;

fn dynamic(ratio: &str, max: Option<i128>) -> Threshold {
    Threshold::Dynamic {
        ratio: parse_rational(ratio).unwrap(),
        max: max.map(|max| rational(max, 1)),
    }
}

/// 1..=n with alternating signs, shuffled by a stride coprime to n.
fn sample(n: i64) -> Vec<f64> {
    (0..n)
        .map(|i| {
            let k = i * 7919 % n + 1;
            (if k % 2 == 0 { k } else { -k }) as f64
        })
        .collect()
}

fn largest(sample: &[f64]) -> f64 {
    sample.iter().fold(0.0, |m, x| m.max(x.abs()))
}

#[test]
fn the_quantile_lies_at_rank_p_times_n_minus_one() {
    // Of the magnitudes 1..n the quantile is 1 + p (n-1), so n is scaled to n/(1 + p (n-1)) or cut to 1.
    for (n, p) in [
        (1, 0.995),
        (2, 0.25),
        (101, 0.9),
        (1000, 0.995),
        (200, 1.0),
        (7, 0.0001),
    ] {
        let threshold = dynamic(&format!("{p}"), None);
        let mut values = sample(n);
        threshold.apply(&mut values);
        let s = 1.0 + p * (n - 1) as f64;
        for (got, x) in values.iter().zip(sample(n)) {
            assert!(
                (got - x.clamp(-s, s) / s).abs() < 1e-15,
                "n = {n}, p = {p}: {x} became {got}"
            );
        }
        assert_eq!(largest(&values), 1.0);
    }
}

#[test]
fn a_rank_that_is_whole_picks_one_magnitude() {
    // 0.07 (101 - 1) is 7 exactly; in float64 it is 7.000000000000001.
    let mut values = sample(101).iter().map(|x| x * 1e9).collect::<Vec<_>>();
    dynamic("0.07", None).apply(&mut values);
    assert!(
        values.iter().any(|x| x.abs() == 7.0 / 8.0),
        "8e9 is the quantile, so 7e9 becomes 7/8"
    );
}

#[test]
fn magnitudes_below_one_are_left_alone_and_the_bound_holds() {
    let small: Vec<f64> = sample(50).iter().map(|x| x / 50.0).collect();
    let mut values = small.clone();
    dynamic("0.5", None).apply(&mut values);
    let cut: Vec<f64> = small.iter().map(|x| x.clamp(-1.0, 1.0)).collect();
    assert_eq!(values, cut, "s is at least 1");
    let mut values = sample(50);
    dynamic("1", Some(4)).apply(&mut values);
    let cut: Vec<f64> = sample(50)
        .iter()
        .map(|x| x.clamp(-4.0, 4.0) / 4.0)
        .collect();
    assert_eq!(values, cut, "s is at most max");
    let mut values = sample(50);
    Threshold::Static {
        bound: rational(5, 2),
    }
    .apply(&mut values);
    let cut: Vec<f64> = sample(50).iter().map(|x| x.clamp(-2.5, 2.5)).collect();
    assert_eq!(values, cut);
}

#[test]
fn applying_twice_is_applying_once() {
    for threshold in [
        dynamic("0.995", None),
        dynamic("0.3", Some(2)),
        Threshold::Static {
            bound: rational(3, 1),
        },
    ] {
        let mut once = sample(333);
        threshold.apply(&mut once);
        let mut twice = once.clone();
        threshold.apply(&mut twice);
        assert_eq!(once, twice, "{threshold:?}");
    }
}

#[test]
fn empty_and_nan_samples_are_left_alone() {
    let mut empty: [f64; 0] = [];
    dynamic("0.9", None).apply(&mut empty);
    let mut values = [3.0, f64::NAN, -5.0];
    dynamic("0.9", None).apply(&mut values);
    assert!(values[0] == 3.0 && values[1].is_nan() && values[2] == -5.0);
}

#[test]
fn nothing_is_lost_to_f64_in_a_finer_arithmetic() {
    let third = DoubleDouble::ZERO.like(1, 3);
    let mut values = [
        third,
        DoubleDouble::ZERO.like(10, 3),
        DoubleDouble::ZERO.like(-7, 3),
    ];
    dynamic("1", None).apply(&mut values);
    for (got, (num, den)) in values.iter().zip([(1, 10), (1, 1), (-7, 10)]) {
        let off = (*got - DoubleDouble::ZERO.like(num, den)).to_f64().abs();
        assert!(off < 1e-30, "{got:?} is not {num}/{den}");
    }
}

#[test]
fn a_plan_thresholds_every_data_prediction_of_its_sample() {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let mut recipe = Recipe::new(Solver::parse("ddim").unwrap(), &schedule);
    recipe.prediction = dpm_spec::prediction::Prediction::Data;
    recipe.threshold = Some(dynamic("1", None));
    let grid = Grid::parse("time:ends=zero").unwrap();
    let plan = derive(&Request::new(recipe, schedule, grid, 3), &1.0).unwrap();
    // Two samples in two runs: each is scaled by its own largest magnitude.
    for size in [4.0, 40.0] {
        let end = plan
            .run(
                &[vec![0.0; 2]],
                |_| Ok(vec![size, -size / 2.0]),
                |_| unreachable!(),
            )
            .unwrap();
        assert_eq!(end, [1.0, -0.5]);
    }
    assert_eq!(
        plan.transfer().row(3).iter().copied().collect::<Vec<_>>(),
        [0.0, 0.0, 0.0, 1.0],
        "the matrix leaves it out"
    );
}

#[test]
fn parameters_out_of_range_are_refused() {
    let cases = [
        dynamic("0", None),
        dynamic("1.001", None),
        dynamic("-0.5", None),
        dynamic("0.0000000000000000001", None),
        Threshold::Dynamic {
            ratio: rational(1, 2),
            max: Some(rational(1, 2)),
        },
        Threshold::Static {
            bound: rational(0, 1),
        },
    ];
    for threshold in cases {
        assert_eq!(
            threshold.check().unwrap_err().code,
            Code::Threshold,
            "{threshold:?}"
        );
    }
    let schedule = Schedule::parse("vp-linear").unwrap();
    let mut recipe = Recipe::new(Solver::parse("dpm-2m").unwrap(), &schedule);
    recipe.threshold = Some(dynamic("0.995", None));
    assert_eq!(
        recipe.check(&schedule).unwrap_err().code,
        Code::Threshold,
        "the noise form has no data prediction"
    );
}
