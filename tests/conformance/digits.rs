//! Digits that are lost are lost by an expression that is named.

use crate::ask::{case, found};
use crate::paper::{Mistake as M, Paper};
use dpm_spec::arithmetic::rational;
use dpm_spec::conformance::{
    Check, Declaration, Model, Noise, Precision, Sampler, Stop, Task, Verdict, check, everything,
};
use dpm_spec::grid::{Spacing, Unit};
use dpm_spec::schedule::{Curve, Schedule};

/// What is computed in another way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    SigmaByCancellation,
    SigmaByCancellationInSingle,
    ExponentialInSingle,
    ExponentialMinusOne,
    ExponentialMinusOneInSingle,
    WeightsInSingle,
    LambdaInSingle,
    PointsInSingle,
    TableInSingle,
    /// By half of what the first loses at worst.
    SigmaUncertain,
}

fn single(x: f64) -> f64 {
    f64::from(x as f32)
}

/// DPM-Solver++(2M): x' = (sigma'/sigma) x - alpha' expm1(-h) D, where D is D_k + (D_k - D_{k-1})/(2r)
/// from the second step on, r the step before over this one; in f64 but for what is lost.
struct Loses {
    way: Way,
    declaration: Declaration,
}

impl Loses {
    /// alpha, sigma and lambda.
    fn place(&self, schedule: &Schedule, time: f64) -> [f64; 3] {
        let curve = Curve::new(schedule, &1.0_f64);
        let point = curve.at_time(&time);
        let (mut alpha, mut sigma) = (point.alpha, point.sigma);
        let is_single = self.declaration.precision == Precision::F32;
        match self.way {
            Way::SigmaByCancellation if is_single => {
                sigma = f64::from((1.0 - alpha as f32 * alpha as f32).sqrt());
            }
            Way::SigmaByCancellation => sigma = (1.0 - alpha * alpha).sqrt(),
            Way::SigmaByCancellationInSingle => {
                sigma = f64::from((1.0 - alpha as f32 * alpha as f32).sqrt());
                alpha = single(alpha);
            }
            Way::PointsInSingle => (alpha, sigma) = (single(alpha), single(sigma)),
            Way::SigmaUncertain => {
                sigma *= 1.0 + f64::exp2(-54.0) / (2.0 * sigma * sigma);
            }
            _ => return [alpha, sigma, *point.lambda.finite().unwrap()],
        }
        [alpha, sigma, (alpha / sigma).ln()]
    }

    fn expm1(&self, z: f64) -> f64 {
        match self.way {
            Way::ExponentialInSingle => single(z.exp_m1()),
            Way::ExponentialMinusOne if self.declaration.precision == Precision::F32 => {
                f64::from((z as f32).exp() - 1.0)
            }
            Way::ExponentialMinusOne => z.exp() - 1.0,
            Way::ExponentialMinusOneInSingle => f64::from((z as f32).exp() - 1.0),
            _ => z.exp_m1(),
        }
    }
}

impl Sampler for Loses {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        self.declaration.clone()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        _: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let mut schedule = task.schedule.clone();
        if self.way == Way::TableInSingle {
            let table = schedule.to_string().replace("betas=exact", "betas=f32");
            schedule = Schedule::parse(&table).unwrap();
        }
        let mut x = start;
        let mut before: Option<(f64, Vec<f64>)> = None;
        for ends in task.times.windows(2) {
            let [_, sigma_s, mut from] = self.place(&schedule, ends[0]);
            let [alpha, sigma, mut to] = self.place(&schedule, ends[1]);
            if self.way == Way::LambdaInSingle {
                (from, to) = (single(from), single(to));
            }
            let gain = -self.expm1(from - to);
            let part = before
                .as_ref()
                .map_or(0.0, |(h, _)| (to - from) / (2.0 * h));
            let mut weights = [gain + gain * part, -gain * part];
            if self.way == Way::WeightsInSingle {
                weights = weights.map(single);
            }
            let data = model.call(ends[0], &x)?;
            for (i, x) in x.iter_mut().enumerate() {
                let older = before.as_ref().map_or(0.0, |(_, older)| older[i]);
                *x = sigma / sigma_s * *x + alpha * (weights[0] * data[i] + weights[1] * older);
            }
            before = Some((to - from, data));
        }
        Ok(x)
    }
}

fn told(way: Way, precision: Precision, id: &str, nodes: &[i128]) -> (Verdict, String) {
    let declaration = everything("loses", precision).unwrap();
    let mut asked = case(id);
    if !nodes.is_empty() {
        asked.request.steps = nodes.len() - 1;
        let nodes = nodes
            .iter()
            .map(|millionths| rational(*millionths, 1_000_000));
        asked.request.grid.spacing = Spacing::Nodes(Unit::Time, nodes.collect());
    }
    let finding = found(&mut Loses { way, declaration }, &asked);
    (finding.verdict, finding.message)
}

/// In millionths: where lambda and sigma are of middle size, and where sigma is small.
const EVEN: &[i128] = &[500_000, 480_000, 460_000, 440_000];
const MIDDLE: &[i128] = &[50_000, 40_000, 30_000, 25_000];
const LESS_LATE: &[i128] = &[60_000, 50_000, 25_000, 20_000];
/// sigma where ln sigma is small, which is lambda of EDM.
const AROUND_ONE: &[i128] = &[4_000_000, 2_000_000, 1_000_000, 500_000];
const NEAR_ONE: &[i128] = &[1_010_000, 1_003_000, 997_000, 990_000];
const LATE: &[i128] = &[10_000, 5_000, 2_000, 1_000];

/// In the format itself e^z - 1 is off by half a unit of 1 at most: less than lambda may be off by,
/// whose differences the steps are.
#[test]
fn exp_minus_one_in_the_format_itself_loses_no_more_than_lambda_may() {
    for (ground, ends) in [
        ("vp-linear:n=3:grid=lambda", [EVEN, MIDDLE, LATE]),
        ("edm:n=3:grid=karras", [AROUND_ONE, NEAR_ONE, EVEN]),
        ("flow:n=3:grid=flow", [EVEN, MIDDLE, LATE]),
    ] {
        let id = format!("core/dpmpp-2m/rows/{ground}");
        for (precision, nodes) in [Precision::F64, Precision::F32]
            .into_iter()
            .flat_map(|it| ends.map(|nodes| (it, nodes)))
        {
            let (first, last) = (nodes[0], nodes[3]);
            let dense = (0..=100).map(|k| first + (last - first) * k / 100);
            let dense: Vec<i128> = dense.collect();
            for nodes in [nodes, &dense] {
                let (verdict, message) = told(Way::ExponentialMinusOne, precision, &id, nodes);
                let good = [Verdict::Exact, Verdict::Conforms].contains(&verdict);
                assert!(good, "{id} {precision:?} {first} {last}: {message}");
            }
        }
    }
}

/// What is explained by one expression is explained better by the one that it was.
#[test]
fn of_two_expressions_the_one_that_leaves_less_is_named() {
    let id = "core/dpmpp-2m/rows/vp-linear:n=3:grid=lambda";
    let (mut named, mut lost) = (0, 0);
    for k in 0..60 {
        let nodes = [
            500_000 - 3_000 * k,
            350_000 - 2_500 * k,
            250_000 - 2_000 * k,
        ];
        let (verdict, message) = told(Way::WeightsInSingle, Precision::F64, id, &nodes);
        lost += usize::from(verdict == Verdict::Imprecise);
        named += usize::from(message.ends_with("as by weights in f32"));
        assert!(
            !message.ends_with("as by expm1(z) in f32"),
            "{k}: {message}"
        );
    }
    assert!(lost > 50 && named + 5 > lost, "{named} of {lost}");
}

#[test]
fn the_expression_that_loses_digits_is_named() {
    let mut missed = Vec::new();
    let id = "core/dpmpp-2m/rows/vp-linear:n=3:grid=lambda";
    for (precision, way, nodes, name) in [
        (
            Precision::F64,
            Way::SigmaByCancellation,
            LATE,
            "as by sigma as sqrt(1 - alpha^2)",
        ),
        (
            Precision::F64,
            Way::ExponentialInSingle,
            EVEN,
            "as by expm1(z) in f32",
        ),
        (
            Precision::F64,
            Way::ExponentialMinusOneInSingle,
            EVEN,
            "as by exp(z) - 1 in f32",
        ),
        (
            Precision::F64,
            Way::WeightsInSingle,
            EVEN,
            "as by weights in f32",
        ),
        (
            Precision::F64,
            Way::LambdaInSingle,
            EVEN,
            "as by lambda in f32",
        ),
        (
            Precision::F64,
            Way::PointsInSingle,
            EVEN,
            "as by alpha and sigma in f32",
        ),
        (
            Precision::F64,
            Way::SigmaByCancellationInSingle,
            MIDDLE,
            "as by sigma as sqrt(1 - alpha^2) in f32",
        ),
        (
            Precision::F32,
            Way::SigmaByCancellation,
            LESS_LATE,
            "as by sigma as sqrt(1 - alpha^2)",
        ),
        (
            Precision::F64,
            Way::SigmaUncertain,
            LATE,
            "as many as sigma as sqrt(1 - alpha^2) may lose",
        ),
    ] {
        let (verdict, message) = told(way, precision, id, nodes);
        if verdict != Verdict::Imprecise || !message.ends_with(name) {
            missed.push(format!("{precision:?} {way:?}: {verdict} {message}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let id = "core/dpmpp-2m/rows/discrete-linear:n=5:grid=linspace";
    let (verdict, message) = told(Way::TableInSingle, Precision::F64, id, &[]);
    assert_eq!(verdict, Verdict::Imprecise, "{message}");
    let name = "as by betas and products of alphas in f32";
    assert!(message.ends_with(name), "{message}");
}

/// In the runs of a whole edition.
#[test]
fn lost_digits_are_imprecise_and_not_another_formula() {
    for (mistake, words) in [
        (M::WeightsInSinglePrecision, "as by expm1(z) in f32"),
        (M::SigmaByCancellation, "sigma as sqrt(1 - alpha^2)"),
    ] {
        let report = check(&mut Paper::new(mistake), |_| true).unwrap();
        assert!(report.passes(), "{report}");
        let rows = report
            .outcomes
            .iter()
            .filter(|it| it.finding.verdict == Verdict::Imprecise && it.case.check == Check::Rows);
        let messages: Vec<&str> = rows.map(|it| it.finding.message.as_str()).collect();
        let named = messages.iter().filter(|it| it.contains(words)).count();
        assert!(messages.len() > 50, "{mistake:?}: {report}");
        assert!(
            named * 10 >= messages.len() * 9,
            "{mistake:?}: {messages:#?}"
        );
    }
}
