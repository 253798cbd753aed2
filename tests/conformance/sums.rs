//! What predictions of some degree are carried to, told beside the integral that it should be.

use crate::ask::{self, found};
use crate::bent::{Bent, Of, straight};
use dpm_spec::arithmetic::{Real, Unit, Widened};
use dpm_spec::conformance::{Case, Convention, Finding, Precision, Reference, Verdict};
use dpm_spec::plan::{Instruction, Operand, derive};
use dpm_spec::schedule::Curve;
use dpm_spec::solver::{Side, Step};

/// Unit roundoff of f32.
const U: f64 = 1.0 / (1_u64 << 24) as f64;

/// alpha, sigma and lambda.
type At = [f64; 3];

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

/// Where the nodes of a case stand for a sampler of that format.
fn places(case: &Case, precision: Precision) -> Vec<At> {
    let task = case.task(&straight(precision).declaration).unwrap();
    let curve = Curve::new(&task.schedule, &1.0_f64);
    let place = |time: &f64| {
        let point = curve.at_time(time);
        [point.alpha, point.sigma, *point.lambda.finite().unwrap()]
    };
    task.times.iter().map(place).collect()
}

fn asked(case: &Case, precision: Precision, added: &[(Of, f64)]) -> Finding {
    let mut bent = Bent {
        added: added.to_vec(),
        ..straight(precision)
    };
    found(&mut bent, case)
}

/// The numbers of a message that starts with these words.
fn numbers(finding: &Finding, words: &str) -> [f64; 2] {
    assert_eq!(finding.verdict, Verdict::Deviates, "{finding:?}");
    let [got, right, off] = ask::beside(&finding.message, words, ", not to ");
    assert!((off / finding.max_error_u.unwrap() - 1.0).abs() < 1e-3);
    [got, right]
}

#[test]
fn what_a_constant_prediction_is_carried_to_is_told_beside_alpha_or_sigma() {
    for (solver, axis) in [("dpmpp-2m", 0), ("dpm-2m", 1)] {
        let case = ask::case(&format!("core/{solver}/sums/vp-linear:n=5:grid=lambda"));
        let places = places(&case, Precision::F64);
        let (first, last) = (places[0][axis], places[5][axis]);
        for (added, effect) in [((Of::Start, 0.5), 0.5 * first), ((Of::Output(0), 0.5), 0.5)] {
            let finding = asked(&case, Precision::F64, &[added]);
            let words = "the result: a constant prediction is carried to ";
            let [got, right] = numbers(&finding, words);
            assert!(
                near(right, last) && near(got, last + effect),
                "{got} {right}"
            );
            assert!(finding.message.ends_with(" ulps"), "{finding:?}");
            // In units of the largest term.
            let row = reference(&case, Precision::F64).rows.pop().unwrap();
            let terms = row.iter().take(6).map(|x| x.to_f64().abs());
            let size = terms.enumerate().map(|(k, x)| match k {
                0 => x * first,
                _ => x,
            });
            let units = effect / (Unit::F64.relative * size.fold(last, f64::max));
            let found = finding.max_error_u.unwrap();
            assert!((found / units - 1.0).abs() < 1e-9, "{found} {units}");
        }
    }
}

/// What u^degree / degree! is carried to over a step of length h in lambda, u from its start.
fn integral(side: Side, degree: usize, from: At, to: At) -> f64 {
    let (h, steps) = (to[2] - from[2], 2000);
    let kernel = |u: f64| match side {
        Side::Data => to[0] * (u - h).exp(),
        Side::Noise => -to[1] * (h - u).exp(),
    };
    let power = |u: f64| if degree == 1 { u } else { u * u / 2.0 };
    // Simpson's rule.
    let weight = |k: usize| match k {
        0 => 1.0,
        k if k == steps => 1.0,
        k => (2 + 2 * (k % 2)) as f64,
    };
    let at = |k: usize| h * k as f64 / steps as f64;
    let values = (0..=steps).map(|k| weight(k) * kernel(at(k)) * power(at(k)));
    values.sum::<f64>() * h / (3 * steps) as f64
}

/// The largest of what the last step's condition adds up: the integral, each output's term, and the
/// coefficients before and after the step that its weight is taken from.
fn largest_term(case: &Case, degree: usize, integral: f64) -> f64 {
    let Reference { request, rows, .. } = reference(case, Precision::F64);
    let plan = derive(&request, &1.0_f64).unwrap();
    let lambda = |k: usize| *plan.nodes[k].point.lambda.finite().unwrap();
    let Some(Instruction::Combine { terms, .. }) = plan.program.last() else {
        panic!("{case}");
    };
    let of = |wanted: fn(&Operand) -> bool| terms.iter().filter(move |it| wanted(&it.0));
    let (_, part) = of(|it| matches!(it, Operand::State(_))).next().unwrap();
    let outputs = of(|it| matches!(it, Operand::Output(_))).map(|(operand, weight)| {
        let Operand::Output(k) = operand else {
            panic!("{operand:?}");
        };
        let distance = lambda(*k) - lambda(4);
        let value = if degree == 1 {
            distance
        } else {
            distance * distance / 2.0
        };
        let [before, after] = [4, 5].map(|row: usize| rows[row][1 + k].to_f64());
        let parts = [*weight, after, part * before].map(|it| (it * value).abs());
        parts.into_iter().fold(0.0, f64::max)
    });
    outputs.fold(integral.abs(), f64::max)
}

/// Weights on two outputs that a constant prediction cancels in.
#[test]
fn what_linear_and_quadratic_predictions_are_carried_to_is_told_beside_the_integral() {
    for (solver, side, degree, name) in [
        ("dpmpp-2m", Side::Data, 1, "linear"),
        ("dpmpp-2m-exact", Side::Data, 1, "linear"),
        ("dpm-2m", Side::Noise, 1, "linear"),
        ("dpmpp-3m-exact", Side::Data, 2, "quadratic"),
    ] {
        let case = ask::case(&format!("core/{solver}/sums/vp-linear:n=5:grid=lambda"));
        let places = places(&case, Precision::F64);
        let back = |k: usize| places[5 - 1 - k][2] - places[4][2];
        let (d1, d2) = (back(1), back(2));
        // Lower degrees stay: of the divided difference of as many outputs.
        let added = match degree {
            1 => vec![(Of::Output(3), 4.0), (Of::Output(4), -4.0)],
            _ => vec![
                (Of::Output(2), 4.0),
                (Of::Output(3), -4.0 * d2 / d1),
                (Of::Output(4), 4.0 * (d2 / d1 - 1.0)),
            ],
        };
        let effect = match degree {
            1 => 4.0 * d1,
            _ => 4.0 * (d2 * d2 - d2 * d1) / 2.0,
        };
        let finding = asked(&case, Precision::F64, &added);
        let words = format!("the result: a prediction {name} in lambda is carried to ");
        let [got, right] = numbers(&finding, &words);
        let clause = " ulps (CONFORM-SUMS-2)";
        assert!(finding.message.ends_with(clause), "{}", finding.message);
        let exact = integral(side, degree, places[4], places[5]);
        assert!(near(right, exact), "{solver}: {right} {exact}");
        // The formula of -2m is not exact for degree 1, but near.
        let short = if solver.ends_with("exact") { 1e-9 } else { 0.1 };
        let off = (got - right) / effect;
        assert!((off - 1.0).abs() < short, "{solver}: {off}");
        let size = largest_term(&case, degree, exact);
        let units = (got - right).abs() / (Unit::F64.relative * size);
        let found = finding.max_error_u.unwrap();
        assert!((found / units - 1.0).abs() < 1e-6, "{found} {units}");
    }
}

/// A formula that weighs the difference of its outputs with H_1/2 in place of H_2 is off by
/// |z| e^max(z, 0) h^2/12 at most: phi_2(z) - phi_1(z)/2 is the integral of e^{(1-s)z} (s - 1/2), by
/// parts z times that of e^{(1-s)z} (s - s^2)/2.
#[test]
fn a_formula_that_is_not_exact_for_degree_1_is_let_miss_it_by_its_bound() {
    for (solver, side) in [("dpmpp-2m", Side::Data), ("dpm-2m", Side::Noise)] {
        let case = ask::case(&format!("core/{solver}/sums/vp-linear:n=5:grid=lambda"));
        let places = places(&case, Precision::F64);
        let [before, from, to] = [3, 4, 5].map(|k: usize| places[k]);
        let (h, distance) = (to[2] - from[2], from[2] - before[2]);
        let short = match side {
            Side::Data => h.powi(3) * to[0] / 12.0,
            Side::Noise => h.powi(3) * h.exp() * to[1] / 12.0,
        };
        // As much in one direction as it misses on the other side.
        let limits = [1.0, -1.0].map(|sign| {
            ask::limit(|amount| {
                let added = [
                    (Of::Output(3), sign * amount),
                    (Of::Output(4), -sign * amount),
                ];
                asked(&case, Precision::F64, &added).verdict
            })
        });
        let found = distance * (limits[0] + limits[1]) / 2.0;
        assert!(near(found, short), "{solver}: {found} {short}");
    }
}

/// The first amount that a case does not let pass.
fn limit(case: &Case, added: impl Fn(f64) -> Vec<(Of, f64)>) -> f64 {
    ask::limit(|amount| asked(case, Precision::F32, &added(amount)).verdict)
}

fn reference(case: &Case, precision: Precision) -> Reference {
    let task = case.task(&straight(precision).declaration).unwrap();
    Reference::new(&task, Convention::Continuous, precision).unwrap()
}

/// The reference of a case in f32, row by row: the largest entry and radius.
fn rows(case: &Case) -> Vec<[f64; 2]> {
    let reference = reference(case, Precision::F32);
    let row = |row: &Vec<Widened>| {
        let largest = row.iter().map(|x| x.to_f64().abs());
        let radius = row.iter().map(|x| x.radius());
        [largest.fold(0.0, f64::max), radius.fold(0.0, f64::max)]
    };
    reference.rows.iter().map(row).collect()
}

/// A sampler that computes in f64 and says that it is f32 shows where its bounds end.
#[test]
fn a_row_is_let_pass_up_to_its_radius_or_four_units() {
    for solver in ["ddim", "dpmpp-2m", "dpmpp-3m-exact"] {
        let case = ask::case(&format!("core/{solver}/rows/vp-linear:n=5:grid=lambda"));
        let [largest, radius] = rows(&case).pop().unwrap();
        let right = radius.max(4.0 * U * largest);
        let found = limit(&case, |amount| vec![(Of::Start, amount)]);
        assert!(
            (found / right - 1.0).abs() < 1e-3,
            "{solver}: {found:e} {right:e}"
        );
    }
}

/// How far a linear prediction may be off after the last step of two outputs: the integral's own
/// radius, those of distance and factor, and what the rows at both ends of the step may be off.
fn allowed(case: &Case) -> [f64; 2] {
    let reference = reference(case, Precision::F32);
    let request = &reference.request;
    let form = request.recipe.form();
    let plan = derive(request, &Widened::exact(1.0, Unit::F32)).unwrap();
    let lambda = |k: usize| *plan.nodes[k].point.lambda.finite().unwrap();
    let h = lambda(5) - &lambda(4);
    let factors = form.transfer(&plan.nodes[4].point, &plan.nodes[5].point, &h);
    let step = Step::new(h, &form.c(&h));
    let exact = step.h_phi(2) * &h * &factors.output;
    let Some(Instruction::Combine { terms, .. }) = plan.program.last() else {
        panic!("{case}");
    };
    let rows = rows(case);
    let part = factors.state;
    let of = |k: usize| {
        let weight = terms
            .iter()
            .find(|(operand, _)| *operand == Operand::Output(k));
        let weight = weight.unwrap().1.to_f64().abs();
        // The step's own start is uncertain, too.
        let distance = lambda(k) - &lambda(4);
        let reach = distance.to_f64().abs() + distance.radius();
        let before = reference.rows[4][1 + k].to_f64().abs();
        let lost = rows[5][1] + part.to_f64() * rows[4][1] + part.radius() * before;
        reach * lost + distance.radius() * weight
    };
    [
        exact.radius() + of(3) + of(4),
        (lambda(3) - &lambda(4)).to_f64().abs(),
    ]
}

#[test]
fn sums_are_let_pass_up_to_what_their_rows_may_be_off() {
    for solver in ["dpmpp-2m-exact", "dpm-2m-exact"] {
        let case = ask::case(&format!("core/{solver}/sums/vp-linear:n=5:grid=lambda"));
        let [allowed, distance] = allowed(&case);
        let added = |amount: f64| vec![(Of::Output(3), amount), (Of::Output(4), -amount)];
        let found = limit(&case, added) * distance;
        assert!(
            (found / allowed - 1.0).abs() < 1e-2,
            "{solver}: {found:e} {allowed:e}"
        );
    }
}

/// The run's whole condition: alpha at both ends, and every coefficient of the result.
#[test]
fn a_constant_prediction_is_let_pass_up_to_what_its_coefficients_may_be_off() {
    let case = ask::case("core/dpmpp-2m/sums/vp-linear:n=5:grid=lambda");
    let reference = reference(&case, Precision::F32);
    let plan = derive(&reference.request, &Widened::exact(1.0, Unit::F32)).unwrap();
    let [first, last] = [0, 5].map(|k: usize| plan.nodes[k].point.alpha);
    let row = reference.rows.last().unwrap().iter().enumerate();
    let lost = row.map(|(k, x)| match k {
        0 => x.radius() * first.to_f64(),
        _ => x.radius(),
    });
    let allowed = last.radius() + first.radius() + lost.sum::<f64>();
    let found = limit(&case, |amount| vec![(Of::Start, amount)]) * first.to_f64();
    assert!(
        (found / allowed - 1.0).abs() < 1e-3,
        "{found:e} {allowed:e}"
    );
}

/// Added noise takes part of what a constant noise prediction carries: nothing is asked of it.
#[test]
fn right_stochastic_samplers_fulfil_what_is_asked_of_them() {
    for solver in ["sde-dpm-2m", "sde-dpmpp-1", "sde-dpmpp-2m"] {
        let id = format!("core/{solver}/sums/vp-linear:n=5:grid=lambda:eta=1");
        let finding = asked(&ask::case(&id), Precision::F64, &[]);
        let good = [Verdict::Exact, Verdict::Conforms].contains(&finding.verdict);
        assert!(good, "{id}: {finding:?}");
    }
}
